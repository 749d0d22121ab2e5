//! Turns, driven by hand: who is let in, who waits, and that nobody is forgotten.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake};

use super::{Turns, WAITERS_MAX};
use crate::model::secret::Digest;

#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Bell {
    fn rings(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn one_checks_at_a_time_and_the_next_is_woken() {
    let turns = Turns::default();
    let account = Digest::of(b"a");
    let bell = Arc::new(Bell::default());
    let waker = Arc::clone(&bell).into();
    let mut context = Context::from_waker(&waker);

    let mut first = pin!(turns.enter(account));
    let Poll::Ready(Some(checker)) = first.as_mut().poll(&mut context) else { panic!("nobody checks") };
    let mut second = pin!(turns.enter(account));
    assert!(second.as_mut().poll(&mut context).is_pending());
    assert_eq!(checker.taken(), 0);
    let turn = checker.take();
    assert_eq!(bell.rings(), 1, "the checker's place is free");

    let Poll::Ready(Some(checker)) = second.as_mut().poll(&mut context) else { panic!("still waiting") };
    assert_eq!(checker.taken(), 1);
    let mut given_back = pin!(checker.given_back(1));
    assert!(given_back.as_mut().poll(&mut context).is_pending());
    drop(turn);
    assert_eq!(bell.rings(), 2);
    assert!(given_back.as_mut().poll(&mut context).is_ready());
    assert_eq!(checker.taken(), 0);
}

#[test]
fn a_waiter_that_goes_away_does_not_keep_the_others_asleep() {
    let turns = Turns::default();
    let account = Digest::of(b"a");
    let bell = Arc::new(Bell::default());
    let waker = Arc::clone(&bell).into();
    let mut context = Context::from_waker(&waker);

    let mut first = Box::pin(turns.enter(account));
    let Poll::Ready(Some(checker)) = first.as_mut().poll(&mut context) else { panic!("nobody checks") };
    let mut gone = Box::pin(turns.enter(account));
    assert!(gone.as_mut().poll(&mut context).is_pending());
    let mut patient = pin!(turns.enter(account));
    assert!(patient.as_mut().poll(&mut context).is_pending());
    drop(checker);
    assert_eq!(bell.rings(), 1);
    drop(gone);
    assert_eq!(bell.rings(), 2, "the place was passed on");
    assert!(patient.as_mut().poll(&mut context).is_ready());
}

#[test]
fn the_queue_is_bounded_and_nothing_is_left_behind() {
    let turns = Turns::default();
    let account = Digest::of(b"a");
    let waker = Arc::new(Bell::default()).into();
    let mut context = Context::from_waker(&waker);
    let mut waiting: Vec<_> = (0..=WAITERS_MAX).map(|_| Box::pin(turns.enter(account))).collect();
    for (place, enter) in waiting.iter_mut().enumerate() {
        let polled = enter.as_mut().poll(&mut context);
        match polled {
            Poll::Ready(checker) => {
                assert_eq!(place, 0);
                // Kept: the checker's place stays taken.
                std::mem::forget(checker);
            }
            Poll::Pending => assert!(place > 0),
        }
    }
    let mut late = pin!(turns.enter(account));
    assert!(matches!(late.as_mut().poll(&mut context), Poll::Ready(None)));

    let other = Digest::of(b"b");
    let mut enter = Box::pin(turns.enter(other));
    let Poll::Ready(Some(checker)) = enter.as_mut().poll(&mut context) else { panic!("nobody checks") };
    drop(checker.take());
    assert!(!turns.lock().contains_key(&other));
}
