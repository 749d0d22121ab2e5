//! Pace: what a caller may do in a time, whatever it does and whatever the clock says.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::model::pace::{Pace, Paces, Rate};

fn rate(requests: u32, seconds: i64) -> Rate {
    Rate { requests, period: SignedDuration::from_secs(seconds) }
}

/// An instant so many microseconds after the beginning of the tests.
fn at(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(1_800_000_000_000_000 + microseconds).unwrap()
}

const SECOND: i64 = 1_000_000;

#[test]
fn they_may_come_all_at_once_and_then_one_for_each_share() {
    let (pace, rate) = (Pace::default(), rate(100, 1));
    for _ in 0..100 {
        assert_eq!(pace.take(rate, at(0)), Ok(()));
    }
    assert_eq!(pace.take(rate, at(0)), Err(SignedDuration::from_millis(10)));
    assert_eq!(pace.take(rate, at(9_999)), Err(SignedDuration::from_micros(1)));
    assert_eq!(pace.take(rate, at(10_000)), Ok(()));
    assert!(pace.take(rate, at(10_000)).is_err());
    // Rested for a period, all at once again.
    assert!((0..100).all(|_| pace.take(rate, at(10_000 + SECOND)).is_ok()));
    assert!(pace.take(rate, at(10_000 + SECOND)).is_err());
}

#[test]
fn without_a_limit_everything_goes() {
    let pace = Pace::default();
    for rate in [rate(0, 1), rate(0, 0)] {
        assert!((0..10_000).all(|_| pace.take(rate, at(0)).is_ok()));
    }
}

#[test]
fn a_clock_set_back_locks_nobody_for_longer_than_a_period() {
    let (pace, rate) = (Pace::default(), rate(48, 60));
    for _ in 0..48 {
        pace.take(rate, at(3_600 * SECOND)).unwrap();
    }
    // An hour back, what was counted there says nothing.
    assert_eq!(pace.take(rate, at(0)), Ok(()));
}

#[test]
fn a_caller_has_two_paces() {
    let (paces, rate) = (Paces::default(), rate(1, 60));
    paces.ordinary.take(rate, at(0)).unwrap();
    assert!(paces.ordinary.take(rate, at(0)).is_err());
    assert!(paces.bulk.take(rate, at(0)).is_ok(), "each has its own");
}

#[test]
fn many_at_once_take_no_more_than_there_are() {
    let (pace, taken) = (Arc::new(Pace::default()), Arc::new(AtomicU32::new(0)));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let (pace, taken) = (Arc::clone(&pace), Arc::clone(&taken));
            scope.spawn(move || {
                for _ in 0..1_000 {
                    if pace.take(rate(100, 1), at(0)).is_ok() {
                        taken.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(taken.load(Ordering::Relaxed), 100);
}

/// Steps between requests: many at once, some near, some far.
fn steps() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(prop_oneof![4 => Just(0), 4 => 0..200_000_i64, 1 => 0..3 * SECOND], 1..400)
}

/// When each of these requests comes.
fn instants(steps: &[i64]) -> Vec<i64> {
    let sum = |now: &mut i64, step: &i64| {
        *now += step;
        Some(*now)
    };
    steps.iter().scan(0, sum).collect()
}

proptest! {
    #[test]
    fn over_any_time_no_more_get_through_than_at_once_and_one_for_each_share(
        requests in 1..50_u32,
        steps in steps(),
    ) {
        let (pace, rate) = (Pace::default(), rate(requests, 1));
        let through: Vec<i64> =
            instants(&steps).into_iter().filter(|now| pace.take(rate, at(*now)).is_ok()).collect();
        let share = SECOND / i64::from(requests);
        for (first, from) in through.iter().enumerate() {
            for (last, to) in through.iter().enumerate().skip(first) {
                let count = i64::try_from(last - first + 1).unwrap();
                prop_assert!(count <= i64::from(requests) + (to - from) / share);
            }
        }
    }

    #[test]
    fn who_keeps_within_the_rate_is_never_refused(requests in 1..50_u32, steps in steps()) {
        let (pace, rate) = (Pace::default(), rate(requests, 1));
        let mut made: Vec<i64> = Vec::new();
        for now in instants(&steps) {
            let recent = made.iter().filter(|it| **it > now - SECOND).count();
            // It waits until fewer than so many lie within the last period.
            if recent < requests as usize {
                prop_assert_eq!(pace.take(rate, at(now)), Ok(()));
                made.push(now);
            }
        }
    }

    #[test]
    fn who_waits_as_told_gets_through_and_not_a_moment_before(requests in 1..50_u32, steps in steps()) {
        let (pace, rate) = (Pace::default(), rate(requests, 1));
        let mut late = 0;
        for now in instants(&steps) {
            let now = now + late;
            if let Err(after) = pace.take(rate, at(now)) {
                let after = i64::try_from(after.as_micros()).unwrap();
                prop_assert!(after > 0 && after <= SECOND / i64::from(requests));
                prop_assert!(pace.take(rate, at(now + after - 1)).is_err());
                prop_assert_eq!(pace.take(rate, at(now + after)), Ok(()));
                late += after;
            }
        }
    }

    #[test]
    fn whatever_the_clock_does_nobody_waits_longer_than_a_period(
        requests in 1..50_u32,
        instants in prop::collection::vec(0..100 * SECOND, 1..200),
    ) {
        let (pace, rate) = (Pace::default(), rate(requests, 1));
        for now in instants {
            if let Err(after) = pace.take(rate, at(now)) {
                prop_assert!(after <= rate.period);
                prop_assert_eq!(pace.take(rate, at(now) + rate.period), Ok(()));
            }
        }
    }
}
