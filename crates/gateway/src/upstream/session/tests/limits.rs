//! Limits: sessions, the queue, waits.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use futures_util::future::join_all;

use super::super::NoSession;
use super::fake::Fake;
use super::{Bed, account, service};

#[tokio::test]
async fn there_are_never_more_sessions_than_allowed_and_the_least_used_one_makes_room() {
    let fake = Fake::start().await;
    let mut few = account();
    few.sessions_max = 2;
    let bed = Bed::new(&[service(&[&fake.base], few)]).await;
    let keeper = bed.keeper();
    keeper.open(Some("a")).await.unwrap();
    bed.clock.advance(1);
    keeper.open(Some("b")).await.unwrap();
    assert!(matches!(keeper.open(Some("c")).await, Err(NoSession::Full)));
    bed.clock.advance(20);
    let held = keeper.live(Some("b")).unwrap();
    keeper.open(Some("c")).await.unwrap();
    assert!(keeper.live(Some("a")).is_none());
    assert_eq!((fake.held(), fake.logouts.load(SeqCst), fake.sessions_most.load(SeqCst)), (2, 1, 2));
    bed.clock.advance(20);
    // One that a request uses at the moment stays.
    keeper.open(Some("a")).await.unwrap();
    assert!(keeper.live(Some("c")).is_none());
    assert_eq!(keeper.live(Some("b")).unwrap().generation, held.generation);
    assert_eq!(fake.sessions_most.load(SeqCst), 2);
}

#[tokio::test]
async fn an_account_that_is_bound_to_a_tenant_has_one_session_for_all() {
    let fake = Fake::start().await;
    let mut bound = account();
    bound.tenant = Some("t".to_owned());
    let bed = Bed::new(&[service(&[&fake.base], bound)]).await;
    let keeper = bed.keeper();
    for tenant in [None, Some("a"), Some("b")] {
        assert_eq!(keeper.open(tenant).await.unwrap().generation, 1);
    }
    assert_eq!(fake.held(), 1);
    assert!(fake.sessions.lock().unwrap().contains("t-1"));
}

/// Lets no login through.
fn hold(fake: &Fake) {
    fake.gate.forget_permits(usize::MAX);
}

#[tokio::test]
async fn as_many_wait_as_may() {
    let fake = Fake::start().await;
    hold(&fake);
    let mut narrow = account();
    narrow.queue_max = 3;
    let bed = Bed::new(&[service(&[&fake.base], narrow)]).await;
    let keeper = bed.keeper();
    let opening = join_all((0..10).map(|_| keeper.open(None)));
    let release = async {
        while keeper.report().waiting < 3 || fake.attempts.load(SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        fake.gate.add_permits(10);
    };
    let (outcomes, ()) = tokio::join!(opening, release);
    // One flies, three wait.
    assert_eq!(outcomes.iter().filter(|it| it.is_ok()).count(), 4);
    assert_eq!(outcomes.iter().filter(|it| matches!(it, Err(NoSession::Busy(_)))).count(), 6);
    assert_eq!((keeper.report().waiting, fake.logins.load(SeqCst)), (0, 1));
}

#[tokio::test]
async fn nobody_waits_longer_than_the_queue_allows_and_the_login_goes_on() {
    let fake = Fake::start().await;
    hold(&fake);
    let mut hasty = account();
    hasty.queue_timeout = Duration::from_millis(20);
    let bed = Bed::new(&[service(&[&fake.base], hasty)]).await;
    let keeper = bed.keeper();
    let outcomes = join_all((0..3).map(|_| keeper.open(None))).await;
    assert!(outcomes.iter().all(|it| matches!(it, Err(NoSession::Timeout))));
    fake.gate.add_permits(10);
    super::landed(&keeper).await;
    assert!(keeper.live(None).is_some());
    assert_eq!(fake.attempts.load(SeqCst), 1);
}
