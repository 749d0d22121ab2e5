//! How fast a service is asked.

use std::time::Duration;

use dialects::client_half::Rates;
use identity::model::pace::{Load, Rate};
use jiff::{SignedDuration, Timestamp};

use super::super::budget::Budget;

fn rates(ordinary: u32, bulk: u32) -> Rates {
    let of = |requests, seconds| Rate { requests, period: SignedDuration::from_secs(seconds) };
    Rates { ordinary: of(ordinary, 1), bulk: of(bulk, 60) }
}

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_800_000_000_000 + milliseconds).unwrap()
}

#[test]
fn in_no_second_there_are_more_than_the_rate_allows() {
    let (budget, rates) = (Budget::default(), rates(10, 0));
    let mut taken = Vec::new();
    for now in 0..5000 {
        if budget.take(&rates, Load::Ordinary, at(now)).is_ok() {
            taken.push(now);
        }
    }
    assert_eq!(taken.len(), 50);
    for from in 0..4000 {
        assert!(taken.iter().filter(|it| (from..from + 1000).contains(*it)).count() <= 10, "{from}");
    }
}

#[test]
fn a_bulk_request_counts_as_an_ordinary_one_too_and_a_refused_one_as_none() {
    let (budget, rates) = (Budget::default(), rates(3, 2));
    assert_eq!(budget.take(&rates, Load::Bulk, at(0)), Ok(()));
    assert_eq!(budget.take(&rates, Load::Bulk, at(0)), Ok(()));
    assert_eq!(budget.take(&rates, Load::Bulk, at(0)), Err(Duration::from_secs(60)));
    assert_eq!(budget.take(&rates, Load::Ordinary, at(0)), Ok(()));
    assert_eq!(budget.take(&rates, Load::Ordinary, at(0)), Err(Duration::from_secs(1)));
    assert_eq!(budget.take(&rates, Load::Uncounted, at(0)), Ok(()));
    assert_eq!(budget.take(&rates, Load::Bulk, at(60_000)), Ok(()));
}

#[test]
fn those_who_wait_are_promised_one_instant_after_the_other() {
    let (budget, rates) = (Budget::default(), rates(2, 0));
    let wait = |max| budget.promise(&rates, Load::Ordinary, at(0), Duration::from_secs(max));
    assert_eq!([wait(9), wait(9)], [Ok(Duration::ZERO); 2]);
    assert_eq!([wait(9), wait(9)], [Ok(Duration::from_secs(1)); 2]);
    assert_eq!(wait(1), Err(Duration::from_secs(2)));
    // Nothing was promised to the one who would not wait.
    assert_eq!([wait(9), wait(9)], [Ok(Duration::from_secs(2)); 2]);
    assert!(budget.take(&rates, Load::Ordinary, at(500)).is_err());
}

#[test]
fn without_a_rate_there_is_no_limit_and_a_clock_that_is_set_back_locks_nobody_out() {
    let budget = Budget::default();
    for _ in 0..1000 {
        assert_eq!(budget.take(&rates(0, 0), Load::Bulk, at(0)), Ok(()));
    }
    assert_eq!(budget.take(&rates(1, 0), Load::Ordinary, at(0)), Ok(()));
    assert_eq!(budget.take(&rates(1, 0), Load::Ordinary, at(-3_600_000)), Ok(()));
}
