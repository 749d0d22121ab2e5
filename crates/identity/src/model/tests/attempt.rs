//! Attempts: the policy as a table, and what holds for every history.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::model::attempt::{AttemptPolicy, Standing, Tally};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn failed(times: u32, last: i64) -> Tally {
    Tally { failures: times, began_at: at(0), failed_at: at(last) }
}

#[test]
fn ten_failures_are_free_then_waits_grow_to_ten_seconds() {
    let policy = AttemptPolicy::default();
    assert_eq!(policy.account(None, at(0)), Standing::Open(10));
    assert_eq!(policy.account(Some(&failed(9, 5)), at(5)), Standing::Open(1));
    for (failures, wait) in [(10, 1), (11, 3), (12, 5), (13, 10), (14, 10), (99, 10)] {
        let tally = failed(failures, 100);
        assert_eq!(policy.account(Some(&tally), at(100)), Standing::Closed(at(100 + wait)));
        assert_eq!(policy.account(Some(&tally), at(100 + wait)), Standing::Open(1));
    }
    let full = failed(100, 100);
    assert_eq!(policy.account(Some(&full), at(5000)), Standing::Closed(at(86_400)));
    assert_eq!(policy.account(Some(&full), at(86_400)), Standing::Open(10));
}

#[test]
fn an_address_has_a_budget_each_minute() {
    let policy = AttemptPolicy::default();
    assert_eq!(policy.address(Some(&failed(399, 30)), at(30)), Standing::Open(1));
    assert_eq!(policy.address(Some(&failed(400, 30)), at(30)), Standing::Closed(at(60)));
    assert_eq!(policy.address(Some(&failed(400, 30)), at(60)), Standing::Open(400));
}

#[test]
fn case_219_a_clock_set_back_closes_nobody_for_long() {
    let policy = AttemptPolicy::default();
    // Failures from an hour that has not come yet.
    let future = Tally { failures: 12, began_at: at(3600), failed_at: at(3600) };
    assert_eq!(policy.account(Some(&future), at(0)), Standing::Open(1));
    let counted = AttemptPolicy::account_failed(Some(future), at(0));
    assert_eq!((counted.failures, counted.began_at), (13, at(0)));
}

#[test]
fn case_027_whoever_came_before_the_last_failure_is_not_let_through() {
    let policy = AttemptPolicy::default();
    // It came at 100 and was judged after a failure of one that came at 130.
    let tally = failed(12, 130);
    assert_eq!(policy.account(Some(&tally), at(100)), Standing::Closed(at(135)));
    let counted = AttemptPolicy::account_failed(Some(tally), at(100));
    assert_eq!((counted.failures, counted.began_at, counted.failed_at), (13, at(0), at(130)));
    // Nor does it make the window of its address end earlier.
    let counted = AttemptPolicy::address_failed(Some(Tally { began_at: at(120), ..tally }), at(100));
    assert_eq!((counted.began_at, counted.failures), (at(120), 13));
}

proptest! {
    /// Whatever the times of tries, no more than 100 a day and no two within the wait are looked at.
    #[test]
    fn no_history_gets_more_than_the_day_s_failures(gaps in prop::collection::vec(0_i64..30, 1..600)) {
        let policy = AttemptPolicy::default();
        let mut tally = None;
        let mut now = 0;
        let mut looked_at = 0;
        for gap in gaps {
            now += gap;
            if let Standing::Open(places) = policy.account(tally.as_ref(), at(now)) {
                prop_assert!(places >= 1);
                looked_at += 1;
                tally = Some(AttemptPolicy::account_failed(tally, at(now)));
            }
        }
        prop_assert!(looked_at <= 100);
    }

    #[test]
    fn no_instant_makes_the_arithmetic_panic(began in any::<i64>(), failed in any::<i64>(), now in any::<i64>(), failures: u32) {
        let instant = |it: i64| Timestamp::from_microsecond(it).unwrap_or(Timestamp::MAX);
        let tally = Tally { failures, began_at: instant(began), failed_at: instant(failed) };
        let policy = AttemptPolicy { steps: vec![SignedDuration::MAX], ..AttemptPolicy::default() };
        let _ = policy.account(Some(&tally), instant(now));
        let _ = policy.address(Some(&tally), instant(now));
        let counted = AttemptPolicy::account_failed(Some(tally), instant(now));
        prop_assert!(counted.failures >= 1);
    }
}
