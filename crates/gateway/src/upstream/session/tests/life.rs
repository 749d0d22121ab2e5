//! The life of a session: kept alive, renewed, dropped, signed out.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use super::super::State;
use super::fake::{Fake, MORTAL, RENEWED};
use super::{Bed, account, landed, pair, service};

#[tokio::test]
async fn it_is_kept_alive_while_it_is_used_and_left_to_its_end_otherwise() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    keeper.open(None).await.unwrap();
    let after = async |seconds| {
        bed.clock.advance(seconds);
        keeper.tend().await;
        fake.upkeeps.load(SeqCst)
    };
    bed.clock.advance(1);
    keeper.live(None).unwrap();
    assert_eq!(after(599).await, 0);
    assert_eq!(after(1).await, 1);
    // Once is enough until somebody uses it again.
    assert_eq!(after(6000).await, 1);
    keeper.live(None).unwrap();
    assert_eq!(after(300).await, 1);
    keeper.live(None).unwrap();
    assert_eq!(after(300).await, 1);
    assert_eq!(after(301).await, 2);
}

#[tokio::test]
async fn that_it_died_is_noticed_when_it_is_kept_alive() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    keeper.open(None).await.unwrap();
    bed.clock.advance(1);
    keeper.live(None).unwrap();
    fake.expire();
    bed.clock.advance(601);
    keeper.tend().await;
    assert!(keeper.live(None).is_none());
    assert_eq!((keeper.report().held, keeper.report().state), (0, State::None));
    assert_eq!(keeper.open(None).await.unwrap().generation, 2);
}

#[tokio::test]
async fn the_new_one_is_there_before_the_old_one_goes() {
    let fake = Fake::start().await;
    let bed = Bed::with(&[service(&[&fake.base], account())], &Arc::default(), |_| &MORTAL).await;
    let keeper = bed.keeper();
    let old = keeper.open(None).await.unwrap();
    bed.clock.advance(3000);
    keeper.live(None).unwrap();
    keeper.tend().await;
    landed(&keeper).await;
    assert_eq!(fake.logins.load(SeqCst), 1);
    bed.clock.advance(310);
    keeper.tend().await;
    // Whoever comes now is served by the old one.
    assert!(keeper.live(None).is_some());
    landed(&keeper).await;
    assert_eq!(keeper.live(None).unwrap().generation, 2);
    assert_eq!((fake.held(), fake.logouts.load(SeqCst)), (2, 0));
    bed.clock.advance(10);
    keeper.tend().await;
    assert_eq!(fake.held(), 2, "somebody still uses the old one");
    drop(old);
    keeper.tend().await;
    assert_eq!((fake.held(), fake.logouts.load(SeqCst), fake.sessions_most.load(SeqCst)), (1, 1, 2));
}

#[tokio::test]
async fn where_it_can_be_lengthened_there_is_no_login_and_no_sign_out() {
    let fake = Fake::start().await;
    let bed = Bed::with(&[service(&[&fake.base], account())], &Arc::default(), |_| &RENEWED).await;
    let keeper = bed.keeper();
    let end = keeper.open(None).await.unwrap().holding.expires_at.unwrap();
    for _ in 0..3 {
        bed.clock.advance(3310);
        keeper.live(None).unwrap();
        keeper.tend().await;
        landed(&keeper).await;
    }
    let live = keeper.live(None).unwrap();
    assert!(live.holding.expires_at.unwrap() > end);
    assert_eq!((fake.logins.load(SeqCst), fake.logouts.load(SeqCst), live.generation), (1, 0, 4));
    assert_eq!((bed.vault.records(), keeper.report().held), (1, 1));
}

#[tokio::test]
async fn one_that_nobody_uses_is_not_renewed_and_ends() {
    let fake = Fake::start().await;
    let bed = Bed::with(&[service(&[&fake.base], account())], &Arc::default(), |_| &MORTAL).await;
    let keeper = bed.keeper();
    keeper.open(None).await.unwrap();
    bed.clock.advance(3400);
    keeper.tend().await;
    landed(&keeper).await;
    assert_eq!(fake.logins.load(SeqCst), 1);
    bed.clock.advance(200);
    keeper.tend().await;
    assert!(keeper.live(None).is_none());
    assert_eq!((keeper.report().held, bed.vault.records()), (0, 0));
}

#[tokio::test]
async fn an_old_one_lives_on_while_the_new_one_is_refused() {
    let fake = Fake::start().await;
    let bed = Bed::with(&[service(&[&fake.base], account())], &Arc::default(), |_| &MORTAL).await;
    let keeper = bed.keeper();
    keeper.open(None).await.unwrap();
    bed.vault.set_password("wrong");
    for _ in 0..5 {
        bed.clock.advance(if fake.attempts.load(SeqCst) == 1 { 3310 } else { 1 });
        keeper.live(None).unwrap();
        keeper.tend().await;
        landed(&keeper).await;
    }
    assert_eq!(fake.attempts.load(SeqCst), 2);
    assert!(keeper.live(None).is_some());
    assert_eq!(keeper.report().state.as_str(), "refused");
    assert_eq!(keeper.report().sessions[0].state, State::Open);
}

#[tokio::test]
async fn at_the_end_all_are_signed_out_and_no_new_one_begins() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    for tenant in [None, Some("a"), Some("b")] {
        keeper.open(tenant).await.unwrap();
    }
    assert_eq!((fake.held(), bed.vault.records()), (3, 3));
    bed.keepers.drain().await;
    assert_eq!((fake.held(), bed.vault.records(), fake.logouts.load(SeqCst)), (0, 0, 3));
    assert!(keeper.open(None).await.is_err());
    assert_eq!(fake.logins.load(SeqCst), 3);
}

#[tokio::test]
async fn a_reload_keeps_what_has_not_changed_and_signs_out_what_is_gone() {
    let (fake, bed) = pair().await;
    let keeper = bed.keeper();
    let live = keeper.open(None).await.unwrap();
    let mut wider = account();
    wider.sessions_max = 9;
    bed.load(&[service(&[&fake.base], wider)]);
    assert!(Arc::ptr_eq(&bed.keeper(), &keeper));
    assert_eq!(keeper.report().sessions_max, 9);
    assert!(Arc::ptr_eq(&bed.keeper().live(None).unwrap(), &live));
    drop(live);
    let mut other = account();
    other.username = "other".to_owned();
    bed.load(&[service(&[&fake.base], other)]);
    assert!(!Arc::ptr_eq(&bed.keeper(), &keeper));
    bed.keeper().open(None).await.unwrap();
    bed.load(&[]);
    assert!(bed.keepers.find("manager").is_none());
    bed.keepers.drain().await;
    assert_eq!((fake.held(), fake.logins.load(SeqCst), fake.logouts.load(SeqCst)), (0, 2, 2));
}

#[tokio::test]
async fn a_reload_reads_the_certificates_again() {
    let (fake, bed) = pair().await;
    let file = std::env::temp_dir().join(format!("keeper-ca-{}.pem", std::process::id()));
    let renew = || std::fs::write(&file, rcgen::generate_simple_self_signed([]).unwrap().cert.pem()).unwrap();
    let mut service = service(&[&fake.base], account());
    if let crate::config::Target::Upstream { ca, .. } = &mut service.target {
        *ca = Some(file.clone());
    }
    let services = [service];
    renew();
    bed.load(&services);
    let first = bed.keeper();
    bed.load(&services);
    assert!(Arc::ptr_eq(&bed.keeper(), &first), "nothing has changed");
    renew();
    bed.load(&services);
    assert!(!Arc::ptr_eq(&bed.keeper(), &first), "the file is the same, and what is in it is not");
    std::fs::remove_file(&file).unwrap();
}

#[tokio::test]
async fn the_headers_that_show_it_are_those_of_the_contract() {
    let (_, bed) = pair().await;
    let live = bed.keeper().open(None).await.unwrap();
    let (mut parts, ()) = http::Request::post("/dataservice/x").body(()).unwrap().into_parts();
    live.write(&mut parts);
    assert_eq!(parts.headers["x-session"], "-1");
    assert_eq!(parts.headers.len(), 1);
    assert!(!format!("{live:?}{:?}", bed.keeper()).contains("-1"));
}
