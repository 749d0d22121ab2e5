//! How the nodes of a service fare, as requests tell: a node that cannot be reached is left out for a
//! while, longer each time.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The first pause.
const PAUSE_MIN: Duration = Duration::from_millis(250);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// How one node fares.
pub struct Health {
    began: Instant,
    failures: AtomicU32,
    /// Milliseconds after `began` before which it is left out.
    pause_until: AtomicU64,
}

impl Default for Health {
    fn default() -> Self {
        Self { began: Instant::now(), failures: AtomicU32::new(0), pause_until: AtomicU64::new(0) }
    }
}

impl Health {
    /// Whether it is worth a try.
    pub fn is_up(&self) -> bool {
        self.failures.load(Ordering::Relaxed) == 0
            || self.elapsed() >= self.pause_until.load(Ordering::Relaxed)
    }

    /// It could be reached.
    pub fn succeeded(&self) {
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
    }

    /// It could not be reached.
    pub fn failed(&self) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).min(8);
        let pause = (PAUSE_MIN * 2_u32.pow(failures)).min(PAUSE_MAX);
        let until = self.elapsed().saturating_add(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        self.pause_until.store(until, Ordering::Relaxed);
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Health;

    #[test]
    fn a_node_is_left_out_after_it_failed_and_back_after_a_success() {
        let health = Health::default();
        assert!(health.is_up());
        health.failed();
        assert!(!health.is_up());
        health.succeeded();
        assert!(health.is_up());
    }
}
