//! Opening and replacing: one login, whoever asks and however many do.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use futures_util::future::join_all;

use super::super::{NoSession, State};
use super::fake::{Fake, dead};
use super::{Bed, account, landed, pair, service};

#[tokio::test]
async fn two_hundred_that_come_at_once_cause_one_login() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    assert!(keeper.live(None).is_none());
    let lives = join_all((0..200).map(|_| keeper.open(None))).await;
    let generations: Vec<u64> = lives.into_iter().map(|it| it.unwrap().generation).collect();
    assert_eq!(generations, vec![1; 200]);
    assert_eq!((fake.logins.load(SeqCst), fake.attempts.load(SeqCst)), (1, 1));
    assert!(keeper.live(None).is_some());
}

#[tokio::test]
async fn two_hundred_that_see_a_session_die_cause_one_login_and_latecomers_none() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    let old = keeper.open(None).await.unwrap();
    fake.expire();
    let lives = join_all((0..200).map(|_| keeper.replace(&old, dead()))).await;
    assert!(lives.iter().all(|it| it.as_ref().unwrap().generation == 2));
    let late = keeper.replace(&old, dead()).await.unwrap();
    assert_eq!((late.generation, fake.logins.load(SeqCst)), (2, 2));
    let report = keeper.report();
    assert_eq!(report.ends[0], ("unauthorized", 1));
    assert_eq!((report.held, report.state), (1, State::Open));
}

#[tokio::test]
async fn a_session_that_only_looked_dead_is_kept_and_not_asked_about_each_time() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    let live = keeper.open(None).await.unwrap();
    for _ in 0..20 {
        let again = keeper.replace(&live, dead()).await.unwrap();
        assert_eq!(again.generation, live.generation);
    }
    assert_eq!((fake.logins.load(SeqCst), fake.upkeeps.load(SeqCst)), (1, 1));
    bed.clock.advance(11);
    fake.expire();
    assert_eq!(keeper.replace(&live, dead()).await.unwrap().generation, 2);
}

#[tokio::test]
async fn a_stale_session_is_replaced_and_signed_out() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    let stale = keeper.open(None).await.unwrap();
    let new = keeper.replace(&stale, dialects::Verdict::Stale).await.unwrap();
    assert_eq!((new.generation, fake.held(), fake.logouts.load(SeqCst)), (2, 2, 0));
    drop(stale);
    bed.clock.advance(3);
    keeper.tend().await;
    assert_eq!((fake.held(), fake.logouts.load(SeqCst)), (1, 1));
}

#[tokio::test]
async fn a_refused_password_is_tried_once_a_minute_whoever_the_session_is_for() {
    let (fake, bed) = pair().await;
    bed.vault.set_password("wrong");
    let keeper = bed.keeper();
    for tenant in [None, Some("a"), Some("b"), None] {
        let why = keeper.open(tenant).await.unwrap_err();
        assert!(matches!(why, NoSession::Refused { .. }), "{why}");
        assert!(why.to_string().contains("name and password"), "{why}");
    }
    assert_eq!(fake.attempts.load(SeqCst), 1);
    let all = join_all(["c", "d", "e"].map(|it| keeper.open(Some(it)))).await;
    assert!(all.iter().all(Result::is_err));
    bed.clock.advance(59);
    keeper.tend().await;
    assert_eq!(keeper.open(None).await.unwrap_err().retry_after().as_secs(), 1);
    assert_eq!(fake.attempts.load(SeqCst), 1);
    assert_eq!(keeper.report().state.as_str(), "refused");
    bed.clock.advance(2);
    let all = join_all([None, Some("a"), Some("b")].map(|it| keeper.open(it))).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(fake.attempts.load(SeqCst), 2);
    assert_eq!(keeper.report().counts[2], ("refusals", 2));
}

#[tokio::test]
async fn another_secret_is_tried_at_once_and_a_reload_is_no_way_to_try_the_same_again() {
    let (fake, bed) = pair().await;
    bed.vault.set_password("wrong");
    assert!(bed.keeper().open(None).await.is_err());
    let mut other = account();
    other.tenant = Some("t".to_owned());
    bed.load(&[service(&[&fake.base], other)]);
    assert!(bed.keeper().open(None).await.is_err());
    assert_eq!(fake.attempts.load(SeqCst), 1);
    bed.vault.set_password("right");
    bed.keeper().tend().await;
    assert!(bed.keeper().open(None).await.is_ok());
    assert_eq!(fake.attempts.load(SeqCst), 2);
}

#[tokio::test]
async fn another_secret_lifts_the_refusal_of_every_slot() {
    let (fake, bed) = pair().await;
    bed.vault.set_password("wrong");
    let keeper = bed.keeper();
    for tenant in [None, Some("a")] {
        assert!(keeper.open(tenant).await.is_err());
    }
    bed.clock.advance(1);
    bed.vault.set_password("right");
    keeper.tend().await;
    assert_eq!(keeper.report().state.as_str(), "none");
    for tenant in [None, Some("a")] {
        assert!(keeper.open(tenant).await.is_ok());
    }
    assert_eq!((fake.attempts.load(SeqCst), keeper.report().state.as_str()), (3, "open"));
}

#[tokio::test]
async fn an_unknown_tenant_is_refused_and_others_are_not() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    for _ in 0..3 {
        let why = keeper.open(Some("none")).await.unwrap_err();
        assert!(matches!(why, NoSession::Refused { .. }), "{why}");
    }
    assert_eq!(fake.attempts.load(SeqCst), 1);
    assert!(keeper.open(Some("some")).await.is_ok());
}

#[tokio::test]
async fn nodes_are_tried_in_order_and_the_session_lives_at_the_first_that_answers() {
    let (down, up) = (Fake::start().await, Fake::start().await);
    let bed = Bed::new(&[service(&[&down.base, &up.base], account())]).await;
    let keeper = bed.keeper();
    let first = keeper.open(None).await.unwrap();
    assert_eq!(first.node, 0);
    down.stop();
    let moved = keeper.relocate(&first).await.unwrap();
    assert_eq!((moved.node, up.logins.load(SeqCst)), (1, 1));
    assert_eq!(moved.holding.base, up.base);
    assert!(Arc::ptr_eq(&keeper.relocate(&first).await.unwrap(), &moved));
}

#[tokio::test]
async fn while_nothing_can_be_reached_logins_pause_and_then_go_on() {
    let fake = Fake::start().await;
    let port = fake.base.clone();
    fake.stop();
    let bed = Bed::new(&[service(&[&port], account())]).await;
    let keeper = bed.keeper();
    let why = keeper.open(None).await.unwrap_err();
    assert!(matches!(why, NoSession::Unreachable { .. }), "{why}");
    let now = bed.keepers.find("manager").unwrap().world.clock.now();
    assert!(keeper.own.lock().gate(now, None).is_some());
    assert!(keeper.open(None).await.is_err());
    assert_eq!(keeper.report().counts[3], ("failures", 1));
    assert_eq!(keeper.report().state.as_str(), "unreachable");
    bed.clock.advance(5);
    assert!(keeper.open(None).await.is_err());
    assert_eq!(keeper.report().counts[3], ("failures", 2));
    assert!(matches!(
        keeper.relocate(&pair().await.1.keeper().open(None).await.unwrap()).await,
        Err(NoSession::Unreachable { .. })
    ));
}

#[tokio::test]
async fn an_answer_that_nobody_understands_is_not_provoked_again_at_once() {
    let (fake, bed) = pair().await;
    fake.is_odd.store(true, SeqCst);
    let keeper = bed.keeper();
    assert!(matches!(keeper.open(None).await, Err(NoSession::Lost { .. })));
    assert!(matches!(keeper.open(None).await, Err(NoSession::Lost { .. })));
    assert_eq!(fake.attempts.load(SeqCst), 1);
    fake.is_odd.store(false, SeqCst);
    bed.clock.advance(2);
    assert!(keeper.open(None).await.is_ok());
}

#[tokio::test]
async fn who_goes_away_while_waiting_takes_nothing_from_the_others() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    let gone = tokio::time::timeout(std::time::Duration::ZERO, keeper.open(None)).await;
    assert!(gone.is_err());
    landed(&keeper).await;
    assert!(keeper.live(None).is_some());
    assert_eq!(fake.logins.load(SeqCst), 1);
}
