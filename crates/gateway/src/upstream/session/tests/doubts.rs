//! What a service that misbehaves, a clock that is set and a gateway that stops do to sessions and to the account.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use dialects::Verdict;
use dialects::client_half::{Death, Style};
use identity::model::secret::Secret;

use super::super::login::is_unanswered;
use super::fake::{Fake, dead};
use super::{Bed, NoSession, account, landed, pair, service};
use crate::config::{IdentityProof, SecretSource};

#[tokio::test]
async fn an_answer_that_asks_for_another_password_is_not_believed_while_the_session_lives() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    let live = keeper.open(None).await.unwrap();
    let verdict = Verdict::Dead(Death { style: Style::PasswordChange, is_unrun: true });
    let again = keeper.replace(&live, verdict).await.unwrap();
    assert_eq!((again.generation, fake.logins.load(SeqCst)), (1, 1));
    fake.expire();
    bed.clock.advance(11);
    let why = keeper.replace(&live, verdict).await.unwrap_err();
    assert!(matches!(why, NoSession::Refused { .. }), "{why}");
    assert_eq!(fake.attempts.load(SeqCst), 1);
}

#[tokio::test]
async fn whoever_makes_tokens_look_stale_again_and_again_causes_few_logins() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    let mut live = keeper.open(None).await.unwrap();
    let many = async {
        for _ in 0..50 {
            live = keeper.replace(&live, Verdict::Stale).await.unwrap();
        }
    };
    assert!(tokio::time::timeout(Duration::from_millis(1500), many).await.is_err());
    assert!(fake.logins.load(SeqCst) <= 6, "{}", fake.logins.load(SeqCst));
    // Those who only read still have a session meanwhile.
    assert!(keeper.live(None).is_some());
}

#[tokio::test]
async fn a_session_of_which_nothing_is_known_is_signed_out_when_another_takes_its_place() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    let live = keeper.open(None).await.unwrap();
    fake.is_busy.store(true, SeqCst);
    let next = keeper.replace(&live, dead()).await.unwrap();
    assert_eq!((next.generation, fake.held()), (2, 2));
    drop(live);
    bed.clock.advance(3);
    keeper.tend().await;
    assert_eq!((fake.held(), fake.logouts.load(SeqCst)), (1, 1));
}

#[tokio::test]
async fn what_may_have_been_a_refusal_is_provoked_by_no_other_tenant_or_service_either() {
    let fake = Fake::start().await;
    let mut other = service(&[&fake.base], account());
    other.name = "other".into();
    let bed = Bed::new(&[service(&[&fake.base], account()), other]).await;
    fake.is_odd.store(true, SeqCst);
    let keeper = bed.keeper();
    for tenant in [None, Some("a"), Some("b"), Some("c")] {
        assert!(matches!(keeper.open(tenant).await, Err(NoSession::Lost { .. })));
    }
    assert!(bed.keepers.find("other").unwrap().open(None).await.is_err());
    assert_eq!(fake.attempts.load(SeqCst), 1);
    assert_eq!(keeper.report().state.as_str(), "unreachable");
    fake.is_odd.store(false, SeqCst);
    bed.clock.advance(2);
    assert!(keeper.open(Some("c")).await.is_ok());
    assert!(bed.keepers.find("other").unwrap().open(None).await.is_ok());
}

#[tokio::test]
async fn case_129_two_services_that_share_one_node_share_the_attempts_with_an_account() {
    let (first, second) = (Fake::start().await, Fake::start().await);
    let mut other = service(&[&second.base, &first.base], account());
    other.name = "other".into();
    let bed = Bed::new(&[service(&[&first.base], account()), other]).await;
    bed.vault.set_password("wrong");
    assert!(bed.keeper().open(None).await.is_err());
    assert!(bed.keepers.find("other").unwrap().open(None).await.is_err());
    assert_eq!(first.attempts.load(SeqCst) + second.attempts.load(SeqCst), 1);
}

#[tokio::test]
async fn a_right_secret_at_one_service_is_no_reason_to_try_a_wrong_one_at_another() {
    let fake = Fake::start().await;
    let mut other = service(&[&fake.base], account());
    other.name = "other".into();
    if let IdentityProof::Session(account) = &mut other.identity {
        Arc::make_mut(account).secret = SecretSource::Stored("new".to_owned());
    }
    let bed = Bed::new(&[service(&[&fake.base], account()), other]).await;
    bed.vault.set_password("old");
    bed.vault.secrets.lock().unwrap().insert("new".to_owned(), Secret::new("right"));
    let (first, other) = (bed.keeper(), bed.keepers.find("other").unwrap());
    assert!(first.open(None).await.is_err());
    for tenant in ["a", "b", "c", "d"] {
        other.tend().await;
        assert!(other.open(Some(tenant)).await.is_ok());
        first.tend().await;
        assert!(matches!(first.open(None).await, Err(NoSession::Refused { .. })));
        bed.clock.advance(1);
    }
    assert_eq!((fake.attempts.load(SeqCst), fake.logins.load(SeqCst)), (5, 4));
    bed.clock.advance(61);
    assert!(first.open(None).await.is_err());
    assert_eq!(fake.attempts.load(SeqCst), 6);
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_nobody_out() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    bed.vault.set_password("wrong");
    assert!(keeper.open(None).await.is_err());
    bed.clock.advance(-86_400);
    assert!(keeper.open(None).await.is_err());
    assert_eq!(fake.attempts.load(SeqCst), 2);
    bed.vault.set_password("right");
    bed.clock.advance(-86_400);
    let live = keeper.open(None).await.unwrap();
    // It is said to be dead and lives; then the clock is set, and it dies.
    assert_eq!(keeper.replace(&live, dead()).await.unwrap().generation, live.generation);
    bed.clock.advance(-86_400);
    fake.expire();
    assert_ne!(keeper.replace(&live, dead()).await.unwrap().generation, live.generation);
}

#[tokio::test]
async fn a_login_that_is_under_way_when_the_gateway_stops_leaves_no_session_behind() {
    let fake = Fake::start().await;
    let bed = Bed::new(&[service(&[&fake.base], account())]).await;
    let keeper = bed.keeper();
    fake.gate.forget_permits(usize::MAX);
    let waiting = {
        let keeper = Arc::clone(&keeper);
        tokio::spawn(async move { keeper.open(None).await })
    };
    while fake.attempts.load(SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let opened = Arc::clone(&fake);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        opened.gate.add_permits(1);
    });
    bed.keepers.drain().await;
    let _ = waiting.await.unwrap();
    landed(&keeper).await;
    assert_eq!((fake.logins.load(SeqCst), fake.held(), bed.vault.records()), (1, 0, 0));
}

#[tokio::test]
async fn whoever_waits_for_a_login_while_the_service_is_reconfigured_can_use_what_it_wins() {
    let fake = Fake::start().await;
    let bed = Bed::new(&[service(&[&fake.base], account())]).await;
    let keeper = bed.keeper();
    fake.gate.forget_permits(usize::MAX);
    let waiting = {
        let keeper = Arc::clone(&keeper);
        tokio::spawn(async move { keeper.open(None).await })
    };
    while fake.attempts.load(SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let closing = tokio::spawn(Arc::clone(&keeper).close_at_leisure());
    tokio::time::sleep(Duration::from_millis(50)).await;
    fake.gate.add_permits(1);
    let live = waiting.await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!((fake.held(), fake.logouts.load(SeqCst)), (1, 0));
    drop(live);
    closing.await.unwrap();
    assert_eq!((fake.held(), fake.logouts.load(SeqCst)), (0, 1));
}

#[tokio::test]
async fn a_login_that_lands_after_its_service_is_gone_is_signed_out() {
    let fake = Fake::start().await;
    let bed = Bed::new(&[service(&[&fake.base], account())]).await;
    let keeper = bed.keeper();
    fake.gate.forget_permits(usize::MAX);
    let waiting = {
        let keeper = Arc::clone(&keeper);
        tokio::spawn(async move { keeper.open(None).await })
    };
    while fake.attempts.load(SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    keeper.close(Duration::ZERO).await;
    fake.gate.add_permits(1);
    let _ = waiting.await.unwrap();
    keeper.flights.wait().await;
    assert_eq!((fake.logins.load(SeqCst), fake.held(), bed.vault.records()), (1, 0, 0));
}

#[tokio::test]
async fn a_login_without_an_answer_may_have_been_refused_and_one_without_a_connection_was_not() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    let transport = client::Transport::new(None, true, Duration::from_millis(200)).unwrap();
    let ask = || http::Request::get(&base).body(bytes::Bytes::new()).unwrap();
    assert!(is_unanswered(&transport.send(ask()).await.unwrap_err()));
    drop(listener);
    assert!(!is_unanswered(&transport.send(ask()).await.unwrap_err()));
}
