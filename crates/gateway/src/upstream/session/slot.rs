//! The place of one tenant's session: the session, the flight that brings the next one, and when one may start again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::attempts::{LOST, is_ahead};
use super::live::Live;
use super::no_session::NoSession;

/// What a flight ends with.
pub(super) type Outcome = Result<Arc<Live>, NoSession>;
/// What those who wait for a flight look at.
pub(super) type Arrival = watch::Receiver<Option<Outcome>>;

/// The first pause after a node could not be reached, and the longest.
const AWAY: (SignedDuration, SignedDuration) =
    (SignedDuration::from_millis(250), SignedDuration::from_secs(5));
/// A session that died younger than this died of something that another login may not help.
const YOUNG: SignedDuration = SignedDuration::from_secs(10);
/// So many young deaths in a row are replaced without a pause.
const YOUNG_DEATHS_FREE: u32 = 3;
/// For so long a session that was said to be dead and lives is not asked about again.
const SPARED_FOR: SignedDuration = SignedDuration::from_secs(10);

/// The place of one tenant's session.
#[derive(Debug)]
pub(super) struct Slot {
    /// The tenant; none is the account's own.
    pub tenant: Option<Box<str>>,
    current: ArcSwapOption<Live>,
    inner: Mutex<Inner>,
}

/// What changes together.
#[derive(Debug, Default)]
pub(super) struct Inner {
    /// The flight in the air.
    pub flight: Option<Arrival>,
    /// Since when it is in the air.
    pub flying_since: Option<Timestamp>,
    /// Until when no flight starts, and why.
    pub gate: Option<Gate>,
    /// How many flights in a row came back without a session.
    pub failures: u32,
    /// The node with which the next flight begins.
    pub first_node: usize,
    /// Whether the slot was taken out of the keeper's.
    pub is_gone: bool,
    young_deaths: u32,
    spared: Option<(u64, Timestamp)>,
}

/// A pause.
#[derive(Debug)]
pub(super) struct Gate {
    pub until: Timestamp,
    pub since: Timestamp,
    pub why: NoSession,
    /// How long it is: an end that is further away than that was set by another clock.
    pause: SignedDuration,
}

impl Gate {
    /// Whether it still counts.
    fn is_shut(&self, now: Timestamp) -> bool {
        is_ahead(self.until, self.pause, now)
    }
    /// Whether it was a refusal, and there is another secret since.
    pub(super) fn is_lifted(&self, lifted_at: Option<Timestamp>) -> bool {
        matches!(self.why, NoSession::Refused { .. }) && lifted_at.is_some_and(|it| it >= self.since)
    }
}

impl Slot {
    pub(super) fn new(tenant: Option<&str>) -> Arc<Self> {
        let tenant = tenant.map(Into::into);
        Arc::new(Self { tenant, current: ArcSwapOption::empty(), inner: Mutex::default() })
    }

    /// The session.
    pub(super) fn current(&self) -> Option<Arc<Live>> {
        self.current.load_full()
    }

    /// Puts a session in the place of whatever was there, which comes back.
    pub(super) fn replace(&self, live: Option<Arc<Live>>) -> Option<Arc<Live>> {
        self.current.swap(live)
    }

    /// Takes the session away if it is of this generation.
    pub(super) fn take(&self, generation: u64) -> Option<Arc<Live>> {
        // The lock keeps a flight from landing in between.
        let _inner = self.lock();
        let is_that = self.current.load().as_ref().is_some_and(|it| it.generation == generation);
        if is_that { self.current.swap(None) } else { None }
    }

    /// Takes the session away if nobody uses it and nobody did since then.
    pub(super) fn take_idle(&self, unused_since: Timestamp) -> Option<Arc<Live>> {
        let inner = self.lock();
        if inner.flight.is_some() || self.current.load().as_ref().is_none_or(|it| it.used_at() > unused_since)
        {
            return None;
        }
        let live = self.current.swap(None)?;
        // Whoever got it before the swap still holds it.
        if Arc::strong_count(&live) > 1 {
            self.current.store(Some(live));
            return None;
        }
        Some(live)
    }

    /// Whether nothing is lost with it; then no flight starts here any more.
    pub(super) fn leave_if_spent(&self, now: Timestamp) -> bool {
        let mut inner = self.lock();
        let is_free = inner.flight.is_none() && self.current.load().is_none();
        inner.is_gone |= is_free && inner.gate.as_ref().is_none_or(|it| !it.is_shut(now));
        inner.is_gone
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Why no flight may start now; refusals of the account count no more where they were lifted.
    pub(super) fn gate(&self, now: Timestamp, lifted_at: Option<Timestamp>) -> Option<NoSession> {
        let gate = self.gate.as_ref().filter(|it| it.is_shut(now) && !it.is_lifted(lifted_at))?;
        Some(gate.why.with_retry_after(gate.until.duration_since(now).unsigned_abs()))
    }

    /// Notes how a flight ended; whether that is news.
    pub(super) fn note(&mut self, outcome: &Outcome, now: Timestamp) -> bool {
        let Err(why) = outcome else {
            self.failures = 0;
            self.gate = None;
            return true;
        };
        let (first, last) = match why {
            NoSession::Unreachable { .. } | NoSession::NoSecret { .. } => AWAY,
            NoSession::Lost { .. } => LOST,
            NoSession::Refused { retry_after, .. } => {
                let pause = SignedDuration::try_from(*retry_after).unwrap_or(LOST.1);
                (pause, pause)
            }
            NoSession::Busy(_) | NoSession::Full | NoSession::Timeout | NoSession::Closed => return false,
        };
        let is_news = self.gate.as_ref().is_none_or(|it| it.why.to_string() != why.to_string());
        let pause = first.saturating_mul(1 << self.failures.min(8)).min(last);
        self.failures = self.failures.saturating_add(1);
        let until = now.checked_add(pause).unwrap_or(Timestamp::MAX);
        let since = self.gate.as_ref().filter(|_| !is_news).map_or(now, |it| it.since);
        self.gate = Some(Gate { until, since, why: why.clone(), pause });
        is_news || matches!(why, NoSession::Refused { .. })
    }

    /// Notes that a session died; how long the next login is to wait if sessions die as soon as they are born.
    pub(super) fn note_death(&mut self, since: Timestamp, now: Timestamp) -> SignedDuration {
        let is_young = now.duration_since(since) < YOUNG;
        self.young_deaths = if is_young { self.young_deaths.saturating_add(1) } else { 0 };
        match self.young_deaths.checked_sub(YOUNG_DEATHS_FREE) {
            None | Some(0) => SignedDuration::ZERO,
            Some(more) => AWAY.0.saturating_mul(1 << more.min(8)).min(AWAY.1),
        }
    }

    /// Notes that the session of this generation lives, whatever an answer looked like.
    pub(super) fn spare(&mut self, generation: u64, now: Timestamp) {
        self.spared = now.checked_add(SPARED_FOR).ok().map(|until| (generation, until));
    }

    /// Whether it was found a moment ago that the session of this generation lives.
    pub(super) fn is_spared(&self, generation: u64, now: Timestamp) -> bool {
        self.spared.is_some_and(|it| it.0 == generation && is_ahead(it.1, SPARED_FOR, now))
    }
}
