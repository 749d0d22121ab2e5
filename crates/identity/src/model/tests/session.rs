//! Sessions over time: two timeouts, used at any instants, under a clock that may be set back.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::denial::SessionEnd;
use crate::model::object::{SessionId, UserId};
use crate::model::secret::Digest;
use crate::model::session::{LastUse, Session, SessionKind, end_of};
use crate::model::session_policy::SessionPolicy;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn seconds(number: i64) -> SignedDuration {
    SignedDuration::from_secs(number)
}

/// A session that begins at 0 under this policy.
fn session(policy: &SessionPolicy) -> Session {
    Session {
        id: SessionId(1),
        kind: SessionKind::Manager,
        digest: Digest([0; 32]),
        user: UserId(1),
        created_at: at(0),
        expires_at: end_of(at(0), policy.overall_timeout.unwrap_or(SignedDuration::MAX)),
        inactivity_timeout: policy.inactivity_timeout,
        last_use: LastUse::new(at(0)),
        address: String::new(),
    }
}

fn both(overall: i64, inactivity: i64) -> SessionPolicy {
    SessionPolicy {
        overall_timeout: Some(seconds(overall)),
        inactivity_timeout: Some(seconds(inactivity)),
        caps: Vec::new(),
    }
}

#[test]
fn a_fixed_length_is_not_moved_by_use_and_a_sliding_one_is() {
    let fixed = session(&SessionPolicy::of_length(seconds(100), false));
    let sliding = session(&SessionPolicy::of_length(seconds(100), true));
    for it in [&fixed, &sliding] {
        assert_eq!((it.ended(at(99)), it.remaining(at(40))), (None, seconds(60)));
        it.last_use.note(at(50));
    }
    assert_eq!((fixed.ended(at(99)), fixed.ended(at(100))), (None, Some(SessionEnd::Overall)));
    assert_eq!((sliding.ended(at(149)), sliding.ended(at(150))), (None, Some(SessionEnd::Inactive)));
    assert_eq!((fixed.overall_left(at(60)), fixed.inactivity_left(at(60))), (Some(seconds(40)), None));
    assert_eq!((sliding.overall_left(at(60)), sliding.inactivity_left(at(60))), (None, Some(seconds(90))));
}

#[test]
fn whichever_timeout_is_over_first_ends_it() {
    let it = session(&both(100, 30));
    assert_eq!(it.ended(at(29)), None);
    assert_eq!(it.ended(at(30)), Some(SessionEnd::Inactive));
    it.last_use.note(at(95));
    assert_eq!((it.ended(at(99)), it.remaining(at(96))), (None, seconds(4)));
    assert_eq!(it.ended(at(100)), Some(SessionEnd::Overall), "over for good, however much it is used");
    assert_eq!((it.overall_left(at(200)), it.inactivity_left(at(200))), (Some(seconds(0)), Some(seconds(0))));
}

#[test]
fn a_session_without_end_says_so() {
    let it = session(&SessionPolicy { overall_timeout: None, inactivity_timeout: None, caps: Vec::new() });
    assert_eq!((it.overall_left(at(0)), it.inactivity_left(at(0))), (None, None));
    assert_eq!(it.ended(Timestamp::MAX - SignedDuration::from_hours(48)), None);
    assert!(it.remaining(at(0)) > SignedDuration::from_hours(24 * 365 * 1000));
}

#[test]
fn a_clock_set_back_ends_what_comes_from_the_future_but_for_minutes() {
    let it = session(&both(10_000, 1_000));
    assert_eq!((it.ended(at(-300)), it.ended(at(-301))), (None, Some(SessionEnd::Overall)));
    let it = session(&SessionPolicy::of_length(seconds(1_000), true));
    it.last_use.note(at(900));
    assert_eq!((it.ended(at(600)), it.ended(at(599))), (None, Some(SessionEnd::Inactive)));
    assert_eq!(it.inactivity_left(at(600)), Some(seconds(1_000)), "no longer than it may rest");
}

#[test]
fn a_last_use_is_taken_once_and_never_goes_back() {
    let last_use = LastUse::new(at(10));
    assert!(last_use.note(at(20)) && !last_use.note(at(15)));
    assert_eq!(last_use.take(), at(20));
    assert!(last_use.note(at(5)), "noted anew");
    assert_eq!(last_use.take(), at(20));
}

proptest! {
    #[test]
    fn it_lives_exactly_until_one_of_its_timeouts_is_over(
        overall in prop::option::of(1..5_000_i64),
        inactivity in prop::option::of(1..2_000_i64),
        mut uses in prop::collection::vec(0..6_000_i64, 0..40),
        asked in 0..8_000_i64,
    ) {
        let policy = SessionPolicy {
            overall_timeout: overall.map(seconds),
            inactivity_timeout: inactivity.map(seconds),
            caps: Vec::new(),
        };
        let it = session(&policy);
        uses.sort_unstable();
        let mut last = 0;
        // Only a session that lives is used.
        for used_at in uses.into_iter().filter(|used_at| *used_at <= asked) {
            if it.ended(at(used_at)).is_none() {
                it.last_use.note(at(used_at));
                last = used_at;
            }
        }
        let expected = if overall.is_some_and(|most| asked >= most) {
            Some(SessionEnd::Overall)
        } else if inactivity.is_some_and(|most| asked >= last + most) {
            Some(SessionEnd::Inactive)
        } else {
            None
        };
        prop_assert_eq!(it.ended(at(asked)), expected);
        // What remains is over exactly when the session is, and not before.
        let remaining = it.remaining(at(asked));
        prop_assert_eq!(remaining.is_zero(), expected.is_some());
        prop_assert!(it.overall_left(at(asked)).is_none_or(|left| remaining <= left));
        prop_assert!(it.inactivity_left(at(asked)).is_none_or(|left| remaining <= left));
        if expected.is_none() && overall.or(inactivity).is_some() {
            let end = at(asked) + remaining;
            prop_assert_eq!(it.ended(end - SignedDuration::from_micros(1)), None);
            prop_assert!(it.ended(end).is_some());
        }
    }

    #[test]
    fn once_over_it_stays_over_while_nobody_uses_it(
        overall in prop::option::of(1..5_000_i64),
        inactivity in prop::option::of(1..2_000_i64),
        used_at in 0..3_000_i64,
        asked in 0..8_000_i64,
        later in 0..8_000_i64,
    ) {
        let policy = SessionPolicy {
            overall_timeout: overall.map(seconds),
            inactivity_timeout: inactivity.map(seconds),
            caps: Vec::new(),
        };
        let it = session(&policy);
        it.last_use.note(at(used_at));
        if asked >= used_at && it.ended(at(asked)).is_some() {
            prop_assert!(it.ended(at(asked + later)).is_some());
        }
    }

    #[test]
    fn no_clock_makes_it_live_longer_than_its_timeouts_and_some_minutes(
        overall in 1..5_000_i64,
        inactivity in 1..2_000_i64,
        used_at in 0..5_000_i64,
        asked in -10_000..20_000_i64,
    ) {
        let it = session(&both(overall, inactivity));
        it.last_use.note(at(used_at));
        if it.ended(at(asked)).is_none() {
            prop_assert!(asked >= -300 && asked < overall);
            prop_assert!(asked >= used_at - 300 && asked < used_at + inactivity);
        }
        prop_assert!(it.remaining(at(asked)) <= seconds(inactivity));
    }
}
