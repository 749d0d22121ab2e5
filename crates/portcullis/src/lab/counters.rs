//! What a laboratory counts: what was asked at its door, what came through to the resources, what became of
//! sessions and tokens, which faults were played. By these numbers a test proves what its client did.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use identity::model::audit::{Event, EventKind};
use identity::port::AuditLog;
use serde_json::{Value, json};

/// Most names that are counted apart; all further ones are counted together.
const NAMES_MAX: usize = 10_000;
/// The name for those.
const OTHERS: &str = "others";
/// Most sessions that are counted.
pub const SESSIONS_SHOWN: u32 = 100_000;

/// The numbers.
#[derive(Debug, Default)]
pub struct Counters(Mutex<Numbers>);

/// How often something happened, by name.
type Tally = BTreeMap<String, u64>;

#[derive(Debug, Default)]
struct Numbers {
    logins: u64,
    failed_logins: u64,
    logouts: u64,
    evictions: u64,
    tokens_made: u64,
    tokens_revoked: u64,
    refusals: u64,
    sessions_highest: usize,
    asked: Tally,
    asked_keys: Tally,
    ran: Tally,
    ran_keys: Tally,
    statuses: Tally,
    faults: Tally,
}

impl Counters {
    /// A request came to the door.
    pub fn asked(&self, method: &str, path: &str, key: Option<&str>) {
        let mut numbers = self.lock();
        count(&mut numbers.asked, format!("{method} {path}"));
        if let Some(key) = key {
            count(&mut numbers.asked_keys, key.to_owned());
        }
    }

    /// A request ran at the resources.
    pub fn ran(&self, method: &str, path: &str, key: Option<&str>) {
        let mut numbers = self.lock();
        count(&mut numbers.ran, format!("{method} {path}"));
        if let Some(key) = key {
            count(&mut numbers.ran_keys, key.to_owned());
        }
    }

    /// A request was answered.
    pub fn answered(&self, status: u16) {
        count(&mut self.lock().statuses, status.to_string());
    }

    /// A fault was played.
    pub fn played(&self, kind: &str) {
        count(&mut self.lock().faults, kind.to_owned());
    }

    /// So many sessions live.
    pub fn alive(&self, sessions: usize) {
        let mut numbers = self.lock();
        numbers.sessions_highest = numbers.sessions_highest.max(sessions);
    }

    /// How many logins there were.
    pub fn logins(&self) -> u64 {
        self.lock().logins
    }

    /// Forgets everything.
    pub fn reset(&self) {
        *self.lock() = Numbers::default();
    }

    /// All of them.
    pub fn shown(&self, alive: usize) -> Value {
        let numbers = self.lock();
        json!({
            "logins": numbers.logins,
            "failed_logins": numbers.failed_logins,
            "logouts": numbers.logouts,
            "evictions": numbers.evictions,
            "refusals": numbers.refusals,
            "tokens": { "made": numbers.tokens_made, "revoked": numbers.tokens_revoked },
            "sessions": { "alive": alive, "highest": numbers.sessions_highest.max(alive) },
            "requests": {
                "total": total(&numbers.asked),
                "paths": numbers.asked,
                "keys": numbers.asked_keys,
                "statuses": numbers.statuses,
            },
            "resources": {
                "total": total(&numbers.ran),
                "paths": numbers.ran,
                "keys": numbers.ran_keys,
            },
            "faults_played": numbers.faults,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Numbers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The gateway's audit log goes here: it tells what became of sessions and tokens.
impl AuditLog for Counters {
    fn record(&self, event: &Event) {
        // What the laboratory itself does is nobody's request.
        if event.door == "shell" {
            return;
        }
        let mut numbers = self.lock();
        match event.kind {
            EventKind::SignIn => numbers.logins += 1,
            EventKind::SignOut => numbers.logouts += 1,
            EventKind::SignInFailure => numbers.failed_logins += 1,
            EventKind::SessionEvict(_) => numbers.evictions += 1,
            EventKind::TokenCreate(_) => numbers.tokens_made += 1,
            EventKind::TokenRevoke(_) => numbers.tokens_revoked += 1,
            EventKind::Refusal => numbers.refusals += 1,
            EventKind::Lock
            | EventKind::Unlock
            | EventKind::TokenUse(_)
            | EventKind::TokenUpdate(_)
            | EventKind::SessionElsewhere(_)
            | EventKind::SessionExpire(_)
            | EventKind::PasswordChange
            | EventKind::SettingChange
            | EventKind::ObjectChange
            | EventKind::UpstreamChange
            | EventKind::Grant
            | EventKind::Replay => {}
        }
    }
}

fn count(tally: &mut Tally, name: String) {
    let name = if tally.len() < NAMES_MAX || tally.contains_key(&name) { name } else { OTHERS.to_owned() };
    *tally.entry(name).or_default() += 1;
}

fn total(tally: &Tally) -> u64 {
    tally.values().sum()
}
