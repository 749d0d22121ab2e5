//! When a flight may start again.

use std::time::Duration;

use identity::port::Clock as _;
use jiff::SignedDuration;

use super::super::no_session::NoSession;
use super::super::slot::Slot;
use super::TestClock;

#[test]
fn pauses_grow_and_end_and_a_session_forgets_them() {
    let (slot, clock) = (Slot::new(None), TestClock::default());
    let away = || NoSession::Unreachable { retry_after: Duration::ZERO, why: "gone".into() };
    let mut pauses = Vec::new();
    for round in 0..8 {
        let now = clock.now();
        let mut inner = slot.lock();
        // The same reason is news once.
        assert_eq!(inner.note(&Err(away()), now), round == 0);
        pauses.push(inner.gate(now, None).unwrap().retry_after());
        assert!(inner.gate(now + SignedDuration::from_secs(5), None).is_none());
    }
    assert!(pauses.is_sorted());
    assert_eq!(pauses[7], Duration::from_secs(5));
}

#[test]
fn sessions_that_die_young_are_replaced_three_times_and_then_after_pauses() {
    let (slot, clock) = (Slot::new(None), TestClock::default());
    let now = clock.now();
    let mut inner = slot.lock();
    for _ in 0..3 {
        assert_eq!(inner.note_death(now, now), SignedDuration::ZERO);
    }
    let first = inner.note_death(now, now);
    assert!(first > SignedDuration::ZERO && inner.note_death(now, now) > first);
    for _ in 0..20 {
        assert!(inner.note_death(now, now) <= SignedDuration::from_secs(5));
    }
    // One that had lived for a while is another matter.
    assert_eq!(inner.note_death(now - SignedDuration::from_mins(1), now), SignedDuration::ZERO);
}
