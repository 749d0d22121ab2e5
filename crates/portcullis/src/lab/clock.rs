//! A clock that can be set: the machine's own, and how far from it.

use std::sync::atomic::{AtomicI64, Ordering};

use identity::port::Clock;
use jiff::{SignedDuration, Timestamp};

use crate::clock::SystemClock;

/// Furthest that a laboratory's clock may be from the machine's: ten years, in microseconds.
const OFFSET_MAX: i64 = 10 * 366 * 24 * 3600 * 1_000_000;

/// The machine's clock with an offset, in microseconds.
#[derive(Debug, Default)]
pub struct LabClock(AtomicI64);

impl LabClock {
    /// Lets time pass, or go back. None if that is too far.
    pub fn advance(&self, time: SignedDuration) -> Option<Timestamp> {
        let step = i64::try_from(time.as_micros()).ok()?;
        self.offset(self.0.load(Ordering::Relaxed).checked_add(step)?)
    }

    /// Makes it that time now. None if that is too far.
    pub fn set(&self, now: Timestamp) -> Option<Timestamp> {
        self.offset(now.as_microsecond().checked_sub(SystemClock.now().as_microsecond())?)
    }

    /// Makes it the machine's time again.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn offset(&self, offset: i64) -> Option<Timestamp> {
        if offset.abs() > OFFSET_MAX {
            return None;
        }
        self.0.store(offset, Ordering::Relaxed);
        Some(self.now())
    }
}

impl Clock for LabClock {
    fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_micros(self.0.load(Ordering::Relaxed));
        SystemClock.now().checked_add(offset).unwrap_or(Timestamp::MAX)
    }
}
