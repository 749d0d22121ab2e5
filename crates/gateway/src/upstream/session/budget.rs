//! How fast one service may be asked: an exact count of the requests of the last second or minute, so that whoever
//! counts at the other end never counts more.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dialects::client_half::Rates;
use identity::model::pace::{Load, Rate};
use jiff::{SignedDuration, Timestamp};

/// Most instants that are kept for one rate; a rate of more is kept in shorter periods.
const KEPT_MAX: u32 = 50_000;

/// The requests of the last period.
#[derive(Debug, Default)]
pub(super) struct Budget {
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    ordinary: Window,
    bulk: Window,
}

/// The instants of the last requests in order, in microseconds. Those in the future are promised to somebody who waits.
#[derive(Debug, Default)]
struct Window {
    instants: VecDeque<i64>,
    /// The time when it was looked at last.
    seen: i64,
}

impl Budget {
    /// Takes one request now, or tells how long to wait for it.
    pub(super) fn take(&self, rates: &Rates, load: Load, now: Timestamp) -> Result<(), Duration> {
        let Some((ordinary, bulk)) = counted(rates, load) else { return Ok(()) };
        let now = now.as_microsecond();
        let mut taken = self.lock();
        let at = taken.ordinary.next(ordinary, now).max(taken.bulk.next(bulk, now));
        if at > now {
            return Err(Duration::from_micros(at.abs_diff(now)));
        }
        taken.ordinary.book(ordinary, now);
        taken.bulk.book(bulk, now);
        Ok(())
    }

    /// Promises the next free instant of one kind to somebody who waits for it, if that is no further away than this;
    /// tells how far it is. Of a bulk request the one kind is promised first, the other when its time has come.
    pub(super) fn promise(
        &self,
        rates: &Rates,
        load: Load,
        now: Timestamp,
        wait_max: Duration,
    ) -> Result<Duration, Duration> {
        let rate = match load {
            Load::Uncounted => return Ok(Duration::ZERO),
            Load::Ordinary => Bounds::of(rates.ordinary),
            Load::Bulk => Bounds::of(rates.bulk),
        };
        let now = now.as_microsecond();
        let mut taken = self.lock();
        let window = if load == Load::Bulk { &mut taken.bulk } else { &mut taken.ordinary };
        let at = window.next(rate, now);
        let wait = Duration::from_micros(at.abs_diff(now));
        if wait > wait_max {
            return Err(wait);
        }
        window.book(rate, at);
        Ok(wait)
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a request of this load counts for; none if for nothing.
fn counted(rates: &Rates, load: Load) -> Option<(Option<Bounds>, Option<Bounds>)> {
    let (ordinary, bulk) = match load {
        Load::Uncounted => return None,
        Load::Ordinary => (Bounds::of(rates.ordinary), None),
        Load::Bulk => (Bounds::of(rates.ordinary), Bounds::of(rates.bulk)),
    };
    (ordinary.is_some() || bulk.is_some()).then_some((ordinary, bulk))
}

/// So many in so many microseconds.
#[derive(Clone, Copy)]
struct Bounds {
    count: usize,
    period: i64,
}

impl Bounds {
    /// The bounds of a rate; none without limit.
    fn of(rate: Rate) -> Option<Self> {
        let period = i64::try_from(rate.period.max(SignedDuration::ZERO).as_micros()).unwrap_or(i64::MAX);
        if rate.requests == 0 || period == 0 {
            return None;
        }
        let parts = rate.requests.div_ceil(KEPT_MAX);
        let count = usize::try_from(rate.requests / parts).unwrap_or(1);
        Some(Self { count, period: period / i64::from(parts) })
    }
}

impl Window {
    /// The next instant at which there may be one more.
    fn next(&mut self, bounds: Option<Bounds>, now: i64) -> i64 {
        let Some(Bounds { count, period }) = bounds else { return now };
        if self.seen > now.saturating_add(period) {
            // The clock was set back: it counts anew.
            self.instants.clear();
        }
        self.seen = now;
        while self.instants.len() > count {
            self.instants.pop_front();
        }
        match self.instants.front() {
            Some(first) if self.instants.len() == count => now.max(first.saturating_add(period)),
            _ => now.max(self.instants.back().copied().unwrap_or(now)),
        }
    }

    fn book(&mut self, bounds: Option<Bounds>, at: i64) {
        let Some(Bounds { count, .. }) = bounds else { return };
        if self.instants.len() >= count {
            self.instants.pop_front();
        }
        self.instants.push_back(at);
    }
}
