//! Changes: what they do, what they contradict, and the trail they leave.

use identity::model::entry::Operation;
use identity::model::object::{ApplicationId, Noun, Object, OrganizationId, TeamId, UserId};
use identity::model::query::Sight;
use identity::model::role::ManagedRole;
use identity::model::secret::Digest;
use identity::model::setting::SettingValue;
use identity::model::user::User;
use identity::port::{Change, Conflict, SettingWrite, Store as _, StoreError, Trail};

use super::{application, at, bench, entry, everything, hash, organization, team, token, trail, user};

fn change(before: &User, after: &User) -> Change {
    Change::Update {
        before: Object::User(before.clone()),
        after: Object::User(after.clone()),
        password: None,
        keep_session: None,
    }
}

fn conflict<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Conflict {
    match result {
        Err(StoreError::Conflict(conflict)) => conflict,
        other => panic!("no conflict but {other:?}"),
    }
}

#[tokio::test]
async fn a_user_is_made_with_a_source_and_changed() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    assert_eq!(anna.sources.len(), 1);
    assert_eq!((anna.sources[0].uid.as_str(), anna.sources[0].authenticator.0), ("anna", 1));
    assert_eq!(anna.external_source(), None);
    let found = bench.store.find_by_stable_id(Noun::User, &anna.stable_id).await.unwrap();
    assert_eq!(found, Some(anna.id.0));
    assert!(bench.store.find_by_stable_id(Noun::Team, &anna.stable_id).await.unwrap().is_none());
    let mut after = anna.clone();
    after.username = "anne".to_owned();
    after.first_name = "Anne".to_owned();
    let (object, references) = bench.store.apply(change(&anna, &after), trail(3)).await.unwrap().unwrap();
    let Object::User(changed) = object else { panic!() };
    assert_eq!((changed.username.as_str(), changed.first_name.as_str()), ("anne", "Anne"));
    assert_eq!(changed.sources[0].uid, "anne");
    assert_eq!(changed.credential_version, 1);
    assert_eq!(references.users[&UserId(2)].username, "_system");
    assert!(bench.store.find_credential("anna").await.unwrap().is_none());
    assert!(bench.store.find_credential("anne").await.unwrap().is_some());
}

#[tokio::test]
async fn a_second_change_of_the_same_state_is_stale() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let mut after = anna.clone();
    after.last_name = "One".to_owned();
    bench.store.apply(change(&anna, &after), trail(1)).await.unwrap();
    after.last_name = "Two".to_owned();
    // The clock has not moved: the stamps differ all the same.
    assert_eq!(conflict(bench.store.apply(change(&anna, &after), trail(1)).await), Conflict::Stale);
    bench.delete(Object::User(anna.clone())).await;
    assert_eq!(conflict(bench.store.apply(change(&anna, &after), trail(1)).await), Conflict::Stale);
    let again = bench.store.apply(Change::Delete(Object::User(anna)), trail(1)).await;
    assert_eq!(conflict(again), Conflict::Stale);
}

#[tokio::test]
async fn what_is_taken_is_a_duplicate_and_what_is_gone_dangles() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let made = bench.organization("Red").await;
    bench.team("ops", made.id).await;
    bench.team("ops", OrganizationId(1)).await;
    bench.application("portal", made.id).await;
    bench.token("secret", anna.id, None).await;
    bench.give(ManagedRole::OrganizationMember, anna.id, Some(1)).await;
    let mut same_client = application("other", OrganizationId(1));
    same_client.client_id = "client of portal".to_owned();
    let Object::UserAssignment(given) =
        bench.page(Noun::UserAssignment, &everything(), Sight::All).await.objects[0].clone()
    else {
        panic!()
    };
    for object in [
        Object::User(user("anna")),
        Object::Organization(organization("Red")),
        Object::Team(team("ops", made.id)),
        Object::Application(application("portal", made.id)),
        Object::Application(same_client),
        Object::Token(token("secret", anna.id, None)),
        Object::UserAssignment(given.clone()),
    ] {
        assert_eq!(conflict(bench.try_create(object).await), Conflict::Duplicate);
    }
    let mut to_nobody = given.clone();
    to_nobody.user = UserId(99);
    let mut on_nothing = given;
    on_nothing.object_id = Some(99);
    for object in [
        Object::Team(team("ops", OrganizationId(99))),
        Object::Application(application("new", OrganizationId(99))),
        Object::Token(token("new", UserId(99), None)),
        Object::Token(token("newer", anna.id, Some(ApplicationId(99)))),
        Object::UserAssignment(to_nobody),
        Object::UserAssignment(on_nothing),
    ] {
        assert_eq!(conflict(bench.try_create(object).await), Conflict::Dangling);
    }
}

#[tokio::test]
async fn a_failed_change_leaves_nothing_behind() {
    let bench = bench().await;
    bench.user("anna").await;
    let told = Trail { entries: vec![entry(Operation::Create, Noun::User)], ..trail(1) };
    let result = bench.store.apply(Change::Create(Object::User(user("anna")), None), told).await;
    assert_eq!(conflict(result), Conflict::Duplicate);
    assert!(bench.page(Noun::Entry, &everything(), Sight::All).await.objects.is_empty());
}

#[tokio::test]
async fn the_trail_names_the_new_number() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let mut second = entry(Operation::Associate, Noun::Organization);
    second.object_id = "1".to_owned();
    second.related_noun = Some(Noun::Team);
    second.related_id = Some("7".to_owned());
    let trail =
        Trail { at: at(77), by: Some(anna.id), entries: vec![entry(Operation::Create, Noun::Team), second] };
    let made = team("ops", OrganizationId(1));
    let made = bench.store.apply(Change::Create(Object::Team(made), None), trail).await.unwrap().unwrap().0;
    let page = bench.page(Noun::Entry, &everything(), Sight::All).await;
    let [Object::Entry(first), Object::Entry(second)] = &page.objects[..] else { panic!() };
    assert_eq!(first.object_id, made.id().to_string());
    assert_eq!((first.operation, first.noun), (Operation::Create, Noun::Team));
    assert_eq!(first.changes, entry(Operation::Create, Noun::Team).changes);
    assert_eq!((first.created_at, first.created_by), (at(77), Some(anna.id)));
    assert_eq!(second.object_id, "1");
    assert_eq!((second.related_noun, second.related_id.as_deref()), (Some(Noun::Team), Some("7")));
    assert_eq!(page.references.users[&anna.id].username, "anna");
    assert_eq!(page.references.teams[&TeamId(made.id())], "ops");
}

#[tokio::test]
async fn removal_takes_along_what_is_nothing_without_it() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let red = bench.organization("Red").await;
    let ops = bench.team("ops", red.id).await;
    let portal = bench.application("portal", red.id).await;
    bench.give(ManagedRole::OrganizationMember, anna.id, Some(red.id.0)).await;
    bench.give(ManagedRole::TeamMember, anna.id, Some(ops.id.0)).await;
    bench.token("of the portal", anna.id, Some(portal.id)).await;
    bench.token("personal", anna.id, None).await;
    let key = Digest::of(b"of the portal");
    bench.store.find_token(&key, at(5)).await.unwrap().unwrap();
    bench.delete(Object::Organization(red)).await;
    assert!(bench.store.recall_token(&key, at(6)).is_none());
    assert!(bench.store.find_token(&key, at(6)).await.unwrap().is_none());
    for noun in [Noun::Team, Noun::Application, Noun::UserAssignment] {
        assert!(bench.page(noun, &everything(), Sight::All).await.objects.is_empty(), "{noun:?}");
    }
    assert_eq!(bench.page(Noun::Token, &everything(), Sight::All).await.objects.len(), 1);
    bench.delete(Object::User(anna)).await;
    assert!(bench.page(Noun::Token, &everything(), Sight::All).await.objects.is_empty());
}

#[tokio::test]
async fn hashes_are_upgraded_only_while_they_are_the_same() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    bench.store.upgrade_credential(anna.id, &hash("another"), hash("new")).await.unwrap();
    let first = hash("hash of the first password");
    assert_eq!(bench.store.find_credential("anna").await.unwrap().unwrap().hash, Some(first.clone()));
    bench.store.upgrade_credential(anna.id, &first, hash("new")).await.unwrap();
    assert_eq!(bench.store.find_credential("anna").await.unwrap().unwrap().hash, Some(hash("new")));
    let subject = bench.store.find_subject(anna.id).await.unwrap().unwrap();
    assert_eq!(subject.user.credential_version, 1);
}

#[tokio::test]
async fn settings_are_effective_at_once_and_survive() {
    let bench = bench().await;
    assert_eq!(bench.store.settings().integer("SESSION_COOKIE_AGE"), 900);
    let writes = vec![
        SettingWrite { name: "SESSION_COOKIE_AGE", value: Some(SettingValue::Integer(1800)) },
        SettingWrite { name: "custom_login_info", value: Some(SettingValue::Text("a \"b\"".to_owned())) },
        SettingWrite { name: "resource_client_request_timeout", value: Some(SettingValue::Float(2.0)) },
        SettingWrite {
            name: "CSRF_TRUSTED_ORIGINS",
            value: Some(SettingValue::List(vec!["https://a.example".to_owned()])),
        },
    ];
    bench.store.write_settings(writes, trail(1)).await.unwrap();
    bench.store.close().await.unwrap();
    let store = bench.directory.open().await.unwrap();
    let settings = store.settings();
    assert_eq!(settings.integer("SESSION_COOKIE_AGE"), 1800);
    assert_eq!(settings.text("custom_login_info"), "a \"b\"");
    assert_eq!(settings.get("resource_client_request_timeout"), Some(&SettingValue::Float(2.0)));
    assert_eq!(settings.trusted_origins, ["https://a.example"]);
    let reset = vec![SettingWrite { name: "SESSION_COOKIE_AGE", value: None }];
    store.write_settings(reset, trail(1)).await.unwrap();
    assert_eq!(store.settings().integer("SESSION_COOKIE_AGE"), 900);
}

#[tokio::test]
async fn the_last_enabled_administrator_stays() {
    let bench = bench().await;
    let (first, second) = (bench.superuser("first").await, bench.superuser("second").await);
    let mut demoted = first.clone();
    demoted.is_superuser = false;
    bench.store.apply(change(&first, &demoted), trail(3)).await.unwrap();
    let mut off = second.clone();
    off.is_enabled = false;
    let mut plain = second.clone();
    plain.is_superuser = false;
    for after in [off, plain] {
        let refused = bench.store.apply(change(&second, &after), trail(3)).await;
        assert_eq!(conflict(refused), Conflict::LastAdministrator);
    }
    let refused = bench.store.apply(Change::Delete(Object::User(second.clone())), trail(3)).await;
    assert_eq!(conflict(refused), Conflict::LastAdministrator);
    assert_eq!(bench.store.find_subject(second.id).await.unwrap().unwrap().user, second);
    bench.delete(Object::User(first)).await;
}
