//! What an earlier process left behind.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use super::fake::{ENDLESS, Fake};
use super::{Bed, TestVault, account, service};

#[tokio::test]
async fn sessions_that_live_are_taken_up_without_a_login() {
    let (fake, vault) = (Fake::start().await, Arc::<TestVault>::default());
    let services = [service(&[&fake.base], account())];
    let before = Bed::with(&services, &vault, |_| &ENDLESS).await;
    before.keeper().open(None).await.unwrap();
    before.keeper().open(Some("a")).await.unwrap();
    let kept = vault.secrets.lock().unwrap().clone();
    assert!(kept.keys().filter(|it| it.starts_with("upstream-session/manager/")).count() == 2);
    let after = Bed::with(&services, &vault, |_| &ENDLESS).await;
    let keeper = after.keeper();
    assert!(keeper.live(None).is_some() && keeper.live(Some("a")).is_some());
    keeper.open(Some("a")).await.unwrap();
    assert_eq!((fake.logins.load(SeqCst), keeper.report().held), (2, 2));
    after.keepers.drain().await;
    assert_eq!((fake.held(), vault.records()), (0, 0));
}

#[tokio::test]
async fn those_that_died_meanwhile_are_forgotten() {
    let (fake, vault) = (Fake::start().await, Arc::<TestVault>::default());
    let services = [service(&[&fake.base], account())];
    Bed::with(&services, &vault, |_| &ENDLESS).await.keeper().open(None).await.unwrap();
    fake.expire();
    let after = Bed::with(&services, &vault, |_| &ENDLESS).await;
    assert!(after.keeper().live(None).is_none());
    assert_eq!((vault.records(), after.keeper().report().held), (0, 0));
    after.keeper().open(None).await.unwrap();
    assert_eq!((fake.logins.load(SeqCst), vault.records()), (2, 1));
}

#[tokio::test]
async fn those_of_another_account_are_signed_out() {
    let (fake, vault) = (Fake::start().await, Arc::<TestVault>::default());
    let services = [service(&[&fake.base], account())];
    Bed::with(&services, &vault, |_| &ENDLESS).await.keeper().open(None).await.unwrap();
    let mut other = account();
    other.username = "other".to_owned();
    let after = Bed::with(&[service(&[&fake.base], other)], &vault, |_| &ENDLESS).await;
    assert!(after.keeper().live(None).is_none());
    assert_eq!((fake.held(), fake.logouts.load(SeqCst), vault.records()), (0, 1, 0));
}

#[tokio::test]
async fn a_record_that_is_none_is_thrown_away() {
    let (fake, vault) = (Fake::start().await, Arc::<TestVault>::default());
    vault.set_password("right");
    let name = "upstream-session/manager/0";
    vault.secrets.lock().unwrap().insert(name.to_owned(), identity::model::secret::Secret::new("{}"));
    let bed = Bed::with(&[service(&[&fake.base], account())], &vault, |_| &ENDLESS).await;
    assert_eq!(vault.records(), 0);
    assert!(bed.keeper().open(None).await.is_ok());
}

#[tokio::test]
async fn a_broken_vault_stops_nobody() {
    let (fake, vault) = (Fake::start().await, Arc::<TestVault>::default());
    vault.is_broken.store(true, SeqCst);
    let bed = Bed::with(&[service(&[&fake.base], account())], &vault, |_| &ENDLESS).await;
    bed.keeper().open(None).await.unwrap();
    bed.keepers.drain().await;
    assert_eq!(fake.held(), 0);
}

#[tokio::test]
async fn leftovers_of_an_account_that_is_ours_alone_are_ended_once() {
    let fake = Fake::start().await;
    fake.sessions.lock().unwrap().extend(["left-1".to_owned(), "left-2".to_owned()]);
    let mut ours = account();
    ours.is_exclusive = true;
    let bed = Bed::new(&[service(&[&fake.base], ours)]).await;
    let keeper = bed.keeper();
    let first = keeper.open(None).await.unwrap();
    assert_eq!((fake.held(), fake.cleanings.load(SeqCst)), (1, 1));
    fake.expire();
    keeper.replace(&first, super::fake::dead()).await.unwrap();
    keeper.open(Some("a")).await.unwrap();
    assert_eq!((fake.held(), fake.cleanings.load(SeqCst)), (2, 1));
}
