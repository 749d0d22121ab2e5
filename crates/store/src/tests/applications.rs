//! Applications by their public names: in memory as long as nothing about them has changed.

use std::sync::Arc;

use identity::model::application::{Allowances, Application};
use identity::model::object::{ApplicationId, Noun, Object};
use identity::model::query::Sight;
use identity::port::{Change, Store as _};

use super::{Bench, application, bench, trail};
use crate::cache::Effect;

async fn update(bench: &Bench, before: &Application, after: Application) -> Application {
    let change = Change::Update {
        before: Object::Application(before.clone()),
        after: Object::Application(after),
        password: None,
        keep_session: None,
    };
    match bench.store.apply(change, trail(5)).await.unwrap() {
        Some((Object::Application(it), _)) => it,
        other => panic!("no application but {other:?}"),
    }
}

async fn found(bench: &Bench, client_id: &str) -> Option<Arc<Application>> {
    bench.store.find_application(client_id).await.unwrap()
}

#[tokio::test]
async fn an_application_is_found_once_and_recalled() {
    let bench = bench().await;
    let organization = bench.organization("Acme").await;
    let allowances = Allowances { device: true, introspection: true, ..Allowances::default() };
    let made = Application { allowances, requires_pkce: true, ..application("app", organization.id) };
    let Object::Application(made) = bench.create(Object::Application(made)).await else { panic!() };
    assert_eq!((made.allowances, made.requires_pkce), (allowances, true));
    assert!(bench.store.recall_application(&made.client_id).is_none());
    assert_eq!(*found(&bench, &made.client_id).await.unwrap(), made);
    assert_eq!(*bench.store.recall_application(&made.client_id).unwrap(), made);
    assert!(bench.store.recall_application_of(made.id).is_none());
    assert_eq!(*bench.store.find_application_of(made.id).await.unwrap().unwrap(), made);
    assert_eq!(*bench.store.recall_application_of(made.id).unwrap(), made);
    assert!(bench.store.find_application_of(ApplicationId(99)).await.unwrap().is_none());
    assert!(found(&bench, "nobody").await.is_none());
    assert!(found(&bench, &"x".repeat(1_000_000)).await.is_none());

    let allowances = Allowances { client_credentials: true, ..Allowances::default() };
    let after = Application { allowances, requires_pkce: false, ..made.clone() };
    let changed = update(&bench, &made, after).await;
    assert_eq!((changed.allowances, changed.requires_pkce), (allowances, false));
    assert!(bench.store.recall_application(&made.client_id).is_none());
    assert!(bench.store.recall_application_of(made.id).is_none());
    assert_eq!(*found(&bench, &made.client_id).await.unwrap(), changed);
    assert_eq!(*bench.store.find_application_of(made.id).await.unwrap().unwrap(), changed);
    bench.delete(Object::Application(changed)).await;
    assert!(bench.store.recall_application(&made.client_id).is_none());
    assert!(bench.store.recall_application_of(made.id).is_none());
    assert!(found(&bench, &made.client_id).await.is_none());
}

#[tokio::test]
async fn an_application_goes_with_its_organization_and_loses_its_owner() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let organization = bench.organization("Acme").await;
    let owned = Application { user: Some(anna.id), ..application("app", organization.id) };
    let Object::Application(owned) = bench.create(Object::Application(owned)).await else { panic!() };
    assert_eq!(found(&bench, &owned.client_id).await.unwrap().user, Some(anna.id));
    bench.delete(Object::User(anna)).await;
    assert!(bench.store.recall_application(&owned.client_id).is_none());
    assert_eq!(found(&bench, &owned.client_id).await.unwrap().user, None);
    let gone = bench.store.find(Noun::Organization, organization.id.0, Sight::All).await.unwrap().unwrap().0;
    bench.delete(gone).await;
    assert!(bench.store.recall_application(&owned.client_id).is_none());
    assert!(found(&bench, &owned.client_id).await.is_none());
}

#[tokio::test]
async fn a_secret_takes_another_form_only_if_it_is_still_the_same() {
    let bench = bench().await;
    let organization = bench.organization("Acme").await;
    let made = bench.application("app", organization.id).await;
    let old = made.client_secret_hash.clone().unwrap();
    let hash = async || found(&bench, &made.client_id).await.unwrap().client_secret_hash.clone();
    assert_eq!(hash().await.as_ref(), Some(&old));
    bench.store.upgrade_client_secret(made.id, "another", "lost".to_owned()).await.unwrap();
    assert_eq!(hash().await.as_ref(), Some(&old));
    bench.store.upgrade_client_secret(made.id, &old, "new form".to_owned()).await.unwrap();
    assert!(bench.store.recall_application(&made.client_id).is_none());
    assert_eq!(hash().await.as_deref(), Some("new form"));
    bench.store.close().await.unwrap();
    let again = bench.directory.open().await.unwrap();
    let kept = again.find_application(&made.client_id).await.unwrap().unwrap();
    assert_eq!(kept.client_secret_hash.as_deref(), Some("new form"));
}

#[tokio::test]
async fn case_197_an_application_read_before_a_change_is_not_kept() {
    let bench = bench().await;
    let organization = bench.organization("Acme").await;
    let made = bench.application("app", organization.id).await;
    let key = made.client_id.clone();
    for is_single in [true, false] {
        let caches = Arc::clone(&bench.store.caches);
        let (old, id, key) = (made.clone(), made.id, key.clone());
        let load = async move {
            // The change is acknowledged while the reading is under way.
            let effect = if is_single { Effect::DropApplication(id, key) } else { Effect::DropApplications };
            caches.apply(effect, true);
            Ok(Some(old))
        };
        bench.store.caches.application_or(made.client_id.clone(), load).await.unwrap().unwrap();
        let caches = Arc::clone(&bench.store.caches);
        let old = made.clone();
        let load = async move {
            caches.apply(Effect::DropApplications, true);
            Ok(Some(old))
        };
        bench.store.caches.application_of_or(made.id, load).await.unwrap().unwrap();
        assert!(bench.store.recall_application_of(made.id).is_none());
        assert!(bench.store.recall_application(&made.client_id).is_none());
    }
}
