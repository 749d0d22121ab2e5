//! Pace: how many requests somebody may make in a time, counted without a lock.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// So many requests in such a time. They may come all at once; then one more each time a share of it has passed. Whoever
/// keeps to it in every such time is never refused; whoever does not gets through with twice as many at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many; 0 is without limit.
    pub requests: u32,
    /// In which time.
    pub period: SignedDuration,
}

/// How heavy a request is for the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Load {
    /// Not counted.
    #[default]
    Uncounted,
    /// One of many.
    Ordinary,
    /// One that asks for much at once (Catalyst contract section B). Counts as an ordinary one too.
    Bulk,
}

/// Where one caller stands: the instant until which its requests so far have used up its time (a generic cell
/// rate algorithm), in microseconds.
#[derive(Debug, Default)]
pub struct Pace {
    used_until: AtomicI64,
}

impl Pace {
    /// Takes one request now, or tells how long to wait for it.
    pub fn take(&self, rate: Rate, now: Timestamp) -> Result<(), SignedDuration> {
        let Some(share) = share(rate) else { return Ok(()) };
        let now = now.as_microsecond();
        let period = share.saturating_mul(i64::from(rate.requests));
        let mut before = self.used_until.load(Ordering::Relaxed);
        loop {
            // Further away than one period it cannot be, unless the clock was set back: then it counts anew.
            let since = if before > now.saturating_add(period) { now } else { before.max(now) };
            let after = since.saturating_add(share);
            let early = after.saturating_sub(now).saturating_sub(period);
            if early > 0 {
                return Err(SignedDuration::from_micros(early));
            }
            match self.used_until.compare_exchange_weak(before, after, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(other) => before = other,
            }
        }
    }
}

/// The time of one request in microseconds; none without limit.
fn share(rate: Rate) -> Option<i64> {
    let period = i64::try_from(rate.period.as_micros()).ok()?;
    period.checked_div(i64::from(rate.requests)).map(|it| it.max(1))
}

/// The paces of one caller. Every reading of the user has the same ones: whoever signs in anew, or changes something
/// of itself, gets no further requests by that.
#[derive(Debug, Default)]
pub struct Paces {
    /// Of all counted requests.
    pub ordinary: Pace,
    /// Of those that ask for much at once.
    pub bulk: Pace,
}
