//! How often an account is tried: one login at a time, and one in a minute once the service has said no, whichever
//! service, tenant or session it is for. Accounts lock after a few wrong passwords.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use identity::model::secret::{Digest, Secret, equal};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::budget::Budget;
use super::no_session::NoSession;

/// The first pause after an answer that nobody understands, and the longest: it may have been a refusal.
pub(super) const LOST: (SignedDuration, SignedDuration) =
    (SignedDuration::from_secs(1), SignedDuration::from_secs(60));
/// The pause after a refusal.
pub(super) const REFUSED_FOR: SignedDuration = SignedDuration::from_secs(60);
/// The longest pause that a service can ask for.
const REFUSED_FOR_MAX: SignedDuration = SignedDuration::from_hours(1);

/// Most refused secrets of one account that are kept in mind beside the last.
const SPENT_MAX: usize = 16;

/// The attempts with one account.
#[derive(Debug)]
pub(super) struct Attempts {
    turn: Semaphore,
    refused: Mutex<Option<Refusal>>,
    /// Refusals of secrets, where another service has another secret of the account: they keep nobody else out.
    spent: Mutex<Vec<Refusal>>,
    doubted: Mutex<Doubt>,
    lifted_at: Mutex<Option<Timestamp>>,
    is_cleaned: AtomicBool,
    /// How fast the service is asked with it, where that is left to the contract: there all its requests count.
    pub(super) budget: Arc<Budget>,
    /// The sessions that are held with it.
    pub(super) sessions: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Refusal {
    until: Timestamp,
    /// An end that is further away than this was set by another clock.
    pause: SignedDuration,
    why: Arc<str>,
    /// What was refused: another secret may be tried at once.
    secret: Secret,
}

/// What may have been refusals, in words that nobody understands.
#[derive(Debug, Default)]
struct Doubt {
    /// How many in a row.
    count: u32,
    last: Option<(Timestamp, Arc<str>)>,
}

impl Refusal {
    fn counts(&self, now: Timestamp) -> bool {
        is_ahead(self.until, self.pause, now)
    }

    fn is_of(&self, secret: &Secret) -> bool {
        equal(self.secret.expose().as_bytes(), secret.expose().as_bytes())
    }

    fn told(&self, now: Timestamp) -> NoSession {
        let retry_after = self.until.duration_since(now).unsigned_abs();
        NoSession::Refused { retry_after, why: Arc::clone(&self.why) }
    }
}

impl Doubt {
    fn pause(&self) -> SignedDuration {
        LOST.0.saturating_mul(1 << self.count.saturating_sub(1).min(8)).min(LOST.1)
    }
}

/// Whether the end of a pause is still to come. One that is further away than the pause is long was set by a clock
/// that has been set back since.
pub(super) fn is_ahead(until: Timestamp, pause: SignedDuration, now: Timestamp) -> bool {
    until > now && until.duration_since(now) <= pause
}

impl Attempts {
    fn new() -> Arc<Self> {
        let (refused, lifted_at, is_cleaned) = (Mutex::default(), Mutex::default(), AtomicBool::new(false));
        Arc::new(Self {
            turn: Semaphore::new(1),
            refused,
            spent: Mutex::default(),
            doubted: Mutex::default(),
            lifted_at,
            is_cleaned,
            budget: Arc::default(),
            sessions: Arc::default(),
        })
    }

    /// Waits for the turn of one login.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turn.acquire().await.ok()
    }

    /// Notes a refusal of this secret.
    pub(super) fn refuse(
        &self,
        why: &Arc<str>,
        secret: Secret,
        pause: Option<Duration>,
        now: Timestamp,
    ) -> Duration {
        let asked = pause.and_then(|it| SignedDuration::try_from(it).ok()).unwrap_or(REFUSED_FOR);
        let pause = asked.clamp(REFUSED_FOR, REFUSED_FOR_MAX);
        let until = now.checked_add(pause).unwrap_or(Timestamp::MAX);
        *self.lock() = Some(Refusal { until, pause, why: Arc::clone(why), secret });
        pause.unsigned_abs()
    }

    /// Notes that the account is let in with this secret.
    pub(super) fn accept(&self, secret: &Secret, now: Timestamp) {
        if let Some(refusal) = self.lock().take() {
            self.put_aside(refusal, now);
        }
        self.spent().retain(|it| !it.is_of(secret));
        *self.doubt() = Doubt::default();
    }

    /// Whether just this secret was refused, while another one is not.
    pub(super) fn refusal_of(&self, secret: &Secret, now: Timestamp) -> Option<NoSession> {
        self.spent().iter().find(|it| it.is_of(secret) && it.counts(now)).map(|it| it.told(now))
    }

    fn put_aside(&self, refusal: Refusal, now: Timestamp) {
        let mut spent = self.spent();
        spent.retain(|it| it.counts(now) && !it.is_of(&refusal.secret));
        if spent.len() < SPENT_MAX {
            spent.push(refusal);
        }
    }

    /// Notes that a login came back without anybody knowing whether it was refused.
    pub(super) fn doubted(&self, why: &Arc<str>, now: Timestamp) {
        let mut doubt = self.doubt();
        doubt.count = doubt.count.saturating_add(1);
        doubt.last = now.checked_add(doubt.pause()).ok().map(|until| (until, Arc::clone(why)));
    }

    /// Why nobody may try the account now, whatever for.
    pub(super) fn obstacle(&self, now: Timestamp) -> Option<NoSession> {
        self.refusal(now).or_else(|| {
            let doubt = self.doubt();
            let (until, why) = doubt.last.as_ref().filter(|it| is_ahead(it.0, doubt.pause(), now))?;
            let retry_after = until.duration_since(now).unsigned_abs();
            Some(NoSession::Lost { retry_after, why: Arc::clone(why) })
        })
    }

    /// The refusal that still counts.
    pub(super) fn refusal(&self, now: Timestamp) -> Option<NoSession> {
        let refused = self.lock();
        refused.as_ref().filter(|it| it.counts(now)).map(|it| it.told(now))
    }

    /// When the refusal that still counts ends.
    pub(super) fn refused_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.lock().as_ref().filter(|it| it.counts(now)).map(|it| it.until)
    }

    /// Lifts the refusal if it was of another secret.
    pub(super) fn reconsider(&self, secret: &Secret, now: Timestamp) {
        let lifted = self.lock().take_if(|it| !it.is_of(secret));
        if let Some(refusal) = lifted {
            self.put_aside(refusal, now);
            *self.doubt() = Doubt::default();
            *self.lifted_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        }
    }

    /// When a refusal was lifted last, because there is another secret.
    pub(super) fn lifted_at(&self) -> Option<Timestamp> {
        *self.lifted_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the account's other sessions are still to be ended: once in the life of the process.
    pub(super) fn wants_cleaning(&self) -> bool {
        !self.is_cleaned.swap(true, Ordering::Relaxed)
    }

    fn spent(&self) -> MutexGuard<'_, Vec<Refusal>> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn doubt(&self) -> MutexGuard<'_, Doubt> {
        self.doubted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Refusal>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The attempts with all accounts. They outlive the keepers, so that a reload is no way to try once more.
#[derive(Debug, Default)]
pub(super) struct AllAttempts(Mutex<Vec<Known>>);

/// An account, and the nodes at which it is known to be the same.
#[derive(Debug)]
struct Known {
    account: Digest,
    nodes: Vec<String>,
    attempts: Arc<Attempts>,
}

impl AllAttempts {
    /// The attempts with the account that these parts name, at these nodes. Two services that share a node share the
    /// account there.
    pub(super) fn of(&self, account: Digest, nodes: &[String]) -> Arc<Attempts> {
        let nodes: Vec<String> = nodes.iter().map(|it| plain(it)).collect();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |it: &&mut Known| it.account == account && it.nodes.iter().any(|it| nodes.contains(it));
        if let Some(known) = all.iter_mut().find(is_it) {
            known.nodes.extend(nodes);
            known.nodes.sort_unstable();
            known.nodes.dedup();
            return Arc::clone(&known.attempts);
        }
        let attempts = Attempts::new();
        all.push(Known { account, nodes, attempts: Arc::clone(&attempts) });
        attempts
    }
}

/// A base in one spelling: in small letters and without the port that its scheme has anyway.
fn plain(base: &str) -> String {
    let base = base.to_ascii_lowercase();
    let port = if base.starts_with("https:") { ":443" } else { ":80" };
    base.strip_suffix(port).map_or_else(|| base.clone(), str::to_owned)
}
