//! Which sessions go when there are too many, and in which order: for every crowd and every cap.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::model::object::{SessionId, UserId};
use crate::model::session::SessionKind;
use crate::model::session_policy::{Cap, Eviction, Reach, SessionPolicy, Standing};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn policy(caps: Vec<Cap>) -> SessionPolicy {
    SessionPolicy { caps, ..SessionPolicy::of_length(SignedDuration::from_mins(30), true) }
}

fn cap(reach: Reach, sessions_max: u32, eviction: Eviction) -> Cap {
    Cap { reach, sessions_max, eviction }
}

fn standing(id: i64, kind: SessionKind, user: i64, created_at: i64, used_at: i64) -> Standing {
    Standing { id: SessionId(id), kind, user: UserId(user), created_at: at(created_at), used_at: at(used_at) }
}

const NEW: (SessionKind, UserId) = (SessionKind::Manager, UserId(1));

fn evicted(policy: &SessionPolicy, others: &[Standing]) -> Vec<i64> {
    policy.evicted(NEW.0, NEW.1, others).iter().map(|it| it.0).collect()
}

fn kinds() -> impl Strategy<Value = SessionKind> {
    prop::sample::select(vec![SessionKind::Manager, SessionKind::Cloud])
}

/// Crowds of few kinds, users and instants, so that equals are frequent.
fn crowds() -> impl Strategy<Value = Vec<Standing>> {
    prop::collection::vec((kinds(), 1..4_i64, 0..20_i64, 0..20_i64), 0..60).prop_map(|drawn| {
        let numbered = (1..).zip(drawn);
        numbered
            .map(|(id, (kind, user, began, used))| standing(id, kind, user, began, began + used))
            .collect()
    })
}

fn caps() -> impl Strategy<Value = Cap> {
    (
        prop::sample::select(vec![Reach::System, Reach::Platform, Reach::User]),
        0..40_u32,
        prop::sample::select(vec![Eviction::LeastRecentlyUsed, Eviction::OldestCreated]),
    )
        .prop_map(|(reach, sessions_max, eviction)| cap(reach, sessions_max, eviction))
}

fn most(cap: Cap) -> usize {
    usize::try_from(cap.sessions_max.max(1)).unwrap()
}

#[test]
fn the_hundred_and_first_ends_the_least_recently_used_of_its_kind() {
    let policy = policy(vec![cap(Reach::Platform, 100, Eviction::LeastRecentlyUsed)]);
    let mut others: Vec<Standing> =
        (1..100).map(|id| standing(id, SessionKind::Manager, id % 7, id, 1000 + id)).collect();
    others.push(standing(500, SessionKind::Cloud, 1, 0, 0));
    assert_eq!(evicted(&policy, &others), [0; 0], "with the new one there are a hundred");
    others.push(standing(100, SessionKind::Manager, 3, 900, 901));
    assert_eq!(evicted(&policy, &others), [100], "it was used before the others, though it began last");
    others[41].used_at = at(7);
    assert_eq!(evicted(&policy, &others), [42]);
}

#[test]
fn by_age_use_does_not_help() {
    let policy = policy(vec![cap(Reach::User, 2, Eviction::OldestCreated)]);
    let others = [
        standing(1, SessionKind::Manager, 1, 0, 999),
        standing(2, SessionKind::Manager, 1, 1, 1),
        standing(3, SessionKind::Manager, 2, 0, 0),
    ];
    assert_eq!(evicted(&policy, &others), [1]);
}

#[test]
fn of_equals_the_one_that_began_first_goes_and_then_the_lower_number() {
    let policy = policy(vec![cap(Reach::Platform, 1, Eviction::LeastRecentlyUsed)]);
    let others = [
        standing(7, SessionKind::Manager, 1, 5, 50),
        standing(9, SessionKind::Manager, 1, 4, 50),
        standing(3, SessionKind::Manager, 1, 5, 50),
    ];
    assert_eq!(evicted(&policy, &others), [9, 3, 7]);
}

#[test]
fn what_one_cap_takes_does_not_count_for_the_next() {
    let lru = Eviction::LeastRecentlyUsed;
    let policy = policy(vec![cap(Reach::User, 2, lru), cap(Reach::Platform, 3, lru)]);
    let others = [
        standing(1, SessionKind::Manager, 1, 0, 10),
        standing(2, SessionKind::Manager, 1, 0, 20),
        standing(3, SessionKind::Manager, 2, 0, 5),
    ];
    assert_eq!(evicted(&policy, &others), [1], "with it gone there are three");
    assert_eq!(policy.widest_reach(), Some(Reach::Platform));
}

#[test]
fn no_cap_ends_nobody_and_gives_no_place() {
    let others = [standing(1, SessionKind::Manager, 1, 0, 0)];
    let policy = policy(Vec::new());
    assert!(evicted(&policy, &others).is_empty() && policy.places(&others).is_empty());
    assert_eq!(policy.widest_reach(), None);
}

#[test]
fn the_smallest_place_counts_where_several_caps_hold() {
    let lru = Eviction::LeastRecentlyUsed;
    let policy = policy(vec![cap(Reach::User, 2, lru), cap(Reach::Platform, 9, lru)]);
    let all = [
        standing(1, SessionKind::Manager, 1, 0, 10),
        standing(2, SessionKind::Manager, 2, 0, 20),
        standing(3, SessionKind::Manager, 1, 0, 30),
        standing(4, SessionKind::Cloud, 1, 0, 5),
    ];
    let places = policy.places(&all);
    let of = |id| places[&SessionId(id)];
    assert_eq!([of(1), of(2), of(3), of(4)], [1, 1, 2, 1]);
}

proptest! {
    #[test]
    fn no_cap_is_ever_exceeded(others in crowds(), caps in prop::collection::vec(caps(), 0..4)) {
        let policy = policy(caps);
        let gone: HashSet<SessionId> = policy.evicted(NEW.0, NEW.1, &others).into_iter().collect();
        for cap in &policy.caps {
            let left = others.iter().filter(|it| cap.reach.has(it, NEW.0, NEW.1) && !gone.contains(&it.id));
            prop_assert!(left.count() < most(*cap), "the new one is one of them");
        }
    }

    #[test]
    fn nobody_goes_twice_or_from_outside_the_reach(
        others in crowds(),
        caps in prop::collection::vec(caps(), 0..4),
    ) {
        let policy = policy(caps);
        let gone = policy.evicted(NEW.0, NEW.1, &others);
        prop_assert_eq!(gone.iter().collect::<HashSet<_>>().len(), gone.len());
        for id in &gone {
            let it = others.iter().find(|it| it.id == *id).unwrap();
            prop_assert!(policy.caps.iter().any(|cap| cap.reach.has(it, NEW.0, NEW.1)));
        }
    }

    #[test]
    fn exactly_the_surplus_goes_and_it_is_the_least(others in crowds(), cap in caps()) {
        let gone = policy(vec![cap]).evicted(NEW.0, NEW.1, &others);
        let counted: Vec<&Standing> = others.iter().filter(|it| cap.reach.has(it, NEW.0, NEW.1)).collect();
        prop_assert_eq!(gone.len(), (counted.len() + 1).saturating_sub(most(cap)));
        // What goes was used (or began) no later than anything that stays.
        let key = |it: &Standing| match cap.eviction {
            Eviction::LeastRecentlyUsed => it.used_at,
            Eviction::OldestCreated => it.created_at,
        };
        let (going, staying): (Vec<&Standing>, Vec<&Standing>) =
            counted.into_iter().partition(|it| gone.contains(&it.id));
        if let (Some(last), Some(first)) =
            (going.iter().map(|it| key(it)).max(), staying.iter().map(|it| key(it)).min())
        {
            prop_assert!(last <= first);
        }
    }

    #[test]
    fn the_order_of_asking_does_not_matter(
        (others, shuffled) in crowds().prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
        caps in prop::collection::vec(caps(), 0..4),
    ) {
        let policy = policy(caps);
        prop_assert_eq!(
            policy.evicted(NEW.0, NEW.1, &others),
            policy.evicted(NEW.0, NEW.1, &shuffled)
        );
        prop_assert_eq!(policy.places(&others), policy.places(&shuffled));
    }

    #[test]
    fn places_number_each_group_in_the_order_in_which_it_goes(all in crowds(), cap in caps()) {
        let policy = policy(vec![cap]);
        let places = policy.places(&all);
        prop_assert_eq!(places.len(), all.len());
        let mut groups: HashMap<_, Vec<&Standing>> = HashMap::new();
        for it in &all {
            let group = match cap.reach {
                Reach::System => (None, None),
                Reach::Platform => (Some(it.kind), None),
                Reach::User => (Some(it.kind), Some(it.user)),
            };
            groups.entry(group).or_default().push(it);
        }
        for group in groups.values() {
            let mut found: Vec<u32> = group.iter().map(|it| places[&it.id]).collect();
            found.sort_unstable();
            let numbers: Vec<u32> = (1..).take(group.len()).collect();
            prop_assert_eq!(found, numbers);
        }
        // Who has place 1 is who goes when one too many begins.
        let in_reach = all.iter().filter(|it| cap.reach.has(it, NEW.0, NEW.1)).count();
        if let Ok(full) = u32::try_from(in_reach) && full > 0 {
            let tight = SessionPolicy { caps: vec![Cap { sessions_max: full, ..cap }], ..policy };
            let gone = tight.evicted(NEW.0, NEW.1, &all);
            prop_assert_eq!(gone.len(), 1);
            prop_assert_eq!(places[&gone[0]], 1);
        }
    }

    #[test]
    fn a_use_right_before_saves_a_session(others in crowds(), number in any::<prop::sample::Index>()) {
        let mut others: Vec<Standing> =
            others.into_iter().filter(|it| Reach::Platform.has(it, NEW.0, NEW.1)).collect();
        if others.len() >= 2 {
            let policy = policy(vec![cap(
                Reach::Platform,
                u32::try_from(others.len()).unwrap(),
                Eviction::LeastRecentlyUsed,
            )]);
            let saved = number.index(others.len());
            others[saved].used_at = at(1_000);
            prop_assert!(!policy.evicted(NEW.0, NEW.1, &others).contains(&others[saved].id));
        }
    }
}
