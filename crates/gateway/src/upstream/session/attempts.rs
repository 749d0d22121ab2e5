//! How often an account is tried: one login at a time, and one in a minute once the service has said no, whichever
//! service, tenant or session it is for. Accounts lock after a few wrong passwords.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use identity::model::secret::{Digest, Secret, equal};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::budget::Budget;
use super::no_session::NoSession;

/// The pause after a refusal.
pub(super) const REFUSED_FOR: SignedDuration = SignedDuration::from_secs(60);
/// The longest pause that a service can ask for.
const REFUSED_FOR_MAX: SignedDuration = SignedDuration::from_hours(1);

/// The attempts with one account.
#[derive(Debug)]
pub(super) struct Attempts {
    turn: Semaphore,
    refused: Mutex<Option<Refusal>>,
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
    why: Arc<str>,
    /// What was refused: another secret may be tried at once.
    secret: Secret,
}

impl Attempts {
    fn new() -> Arc<Self> {
        let (refused, lifted_at, is_cleaned) = (Mutex::default(), Mutex::default(), AtomicBool::new(false));
        Arc::new(Self {
            turn: Semaphore::new(1),
            refused,
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
        *self.lock() = Some(Refusal { until, why: Arc::clone(why), secret });
        pause.unsigned_abs()
    }

    /// Notes that the account is let in.
    pub(super) fn accept(&self) {
        *self.lock() = None;
    }

    /// The refusal that still counts.
    pub(super) fn refusal(&self, now: Timestamp) -> Option<NoSession> {
        let refused = self.lock();
        let refusal = refused.as_ref().filter(|it| it.until > now)?;
        let retry_after = refusal.until.duration_since(now).unsigned_abs();
        Some(NoSession::Refused { retry_after, why: Arc::clone(&refusal.why) })
    }

    /// When the refusal that still counts ends.
    pub(super) fn refused_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.lock().as_ref().map(|it| it.until).filter(|it| *it > now)
    }

    /// Lifts the refusal if it was of another secret.
    pub(super) fn reconsider(&self, secret: &Secret, now: Timestamp) {
        let mut refused = self.lock();
        if refused
            .as_ref()
            .is_some_and(|it| !equal(it.secret.expose().as_bytes(), secret.expose().as_bytes()))
        {
            *refused = None;
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

    fn lock(&self) -> MutexGuard<'_, Option<Refusal>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The attempts with all accounts. They outlive the keepers, so that a reload is no way to try once more.
#[derive(Debug, Default)]
pub(super) struct AllAttempts(Mutex<HashMap<Digest, Arc<Attempts>>>);

impl AllAttempts {
    /// The attempts with the account that these parts name.
    pub(super) fn of(&self, account: Digest) -> Arc<Attempts> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(account).or_insert_with(Attempts::new))
    }
}
