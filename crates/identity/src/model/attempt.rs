//! Attempts: how failures slow a guesser down. One count for all doors, per account and per address.

use jiff::{SignedDuration, Timestamp};

/// How failures are counted (configuration section `[limits]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptPolicy {
    /// Failures of an account that cost nothing.
    pub free_max: u32,
    /// The waits after each further failure; the last one repeats.
    pub steps: Vec<SignedDuration>,
    /// Failures of an account a day; then it is closed until its day ends.
    pub day_max: u32,
    /// Failures of an address a minute.
    pub address_minute_max: u32,
}

impl Default for AttemptPolicy {
    fn default() -> Self {
        Self {
            free_max: 10,
            steps: [1, 3, 5, 10].map(SignedDuration::from_secs).to_vec(),
            day_max: 100,
            address_minute_max: 400,
        }
    }
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// How far a failure may lie after a request that is judged later. A request has the time at which it came; it
/// may have sent its body slowly, and waited behind others. What lies further ahead comes from a clock that was
/// set back.
const ARRIVALS_DIFFER_MAX: SignedDuration = SignedDuration::from_mins(5);

/// The failures of one account or one address in their running window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Failures in the window.
    pub failures: u32,
    /// When the window began.
    pub began_at: Timestamp,
    /// When the last one happened.
    pub failed_at: Timestamp,
}

/// How often somebody may try now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// This many passwords may be looked at side by side.
    Open(u32),
    /// None before then.
    Closed(Timestamp),
}

impl AttemptPolicy {
    /// How an account with these failures stands. No tally means no failures.
    ///
    /// A clock that was set back closes nobody for much longer than the wait itself.
    pub fn account(&self, tally: Option<&Tally>, now: Timestamp) -> Standing {
        let Some(tally) = tally.filter(|tally| !is_over(tally, DAY, now)) else {
            return Standing::Open(self.free_max.max(1));
        };
        if tally.failures >= self.day_max {
            return Standing::Closed(later(tally.began_at, DAY));
        }
        if tally.failures < self.free_max {
            return Standing::Open(self.free_max - tally.failures);
        }
        let step = usize::try_from(tally.failures - self.free_max).unwrap_or(usize::MAX);
        let wait = self.steps.get(step).or(self.steps.last()).copied().unwrap_or(SignedDuration::ZERO);
        let until = later(tally.failed_at, wait);
        let is_closed = now < until && !is_set_back(tally.failed_at, now);
        if is_closed { Standing::Closed(until) } else { Standing::Open(1) }
    }

    /// How an address with these failures stands.
    pub fn address(&self, tally: Option<&Tally>, now: Timestamp) -> Standing {
        match tally.filter(|tally| !is_over(tally, MINUTE, now)) {
            Some(tally) if tally.failures >= self.address_minute_max => {
                Standing::Closed(later(tally.began_at, MINUTE))
            }
            Some(tally) => Standing::Open(self.address_minute_max - tally.failures),
            None => Standing::Open(self.address_minute_max.max(1)),
        }
    }

    /// An account's tally after one more failure.
    pub fn account_failed(tally: Option<Tally>, now: Timestamp) -> Tally {
        counted(tally, DAY, now)
    }

    /// An address's tally after one more failure.
    pub fn address_failed(tally: Option<Tally>, now: Timestamp) -> Tally {
        counted(tally, MINUTE, now)
    }
}

fn is_over(tally: &Tally, window: SignedDuration, now: Timestamp) -> bool {
    // A window that begins in the future is one from before the clock was set back: it counts on.
    now >= later(tally.began_at, window)
}

fn counted(tally: Option<Tally>, window: SignedDuration, now: Timestamp) -> Tally {
    match tally.filter(|tally| !is_over(tally, window, now)) {
        Some(tally) => Tally {
            failures: tally.failures.saturating_add(1),
            began_at: if is_set_back(tally.began_at, now) { now } else { tally.began_at },
            failed_at: if is_set_back(tally.failed_at, now) { now } else { tally.failed_at.max(now) },
        },
        None => Tally { failures: 1, began_at: now, failed_at: now },
    }
}

/// Whether something happened so far ahead that the clock must have been set back since.
fn is_set_back(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) > ARRIVALS_DIFFER_MAX
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
