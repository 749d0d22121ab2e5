//! Users that are known elsewhere (contract sections A.3, D.8).

use identity::model::authenticator::Authenticator;
use identity::model::object::{AuthenticatorId, Noun, Object, Stamp};
use identity::model::query::Sight;
use identity::model::setting::SettingValue;
use identity::model::user::Source;
use identity::port::{Change, Clock as _, Trail};
use serde_json::{Value, json};

use super::{Hand, number};
use crate::bed::Bed;

/// Lets these sources vouch for `alice`, each with the name that it knows her by.
async fn known_to(bed: &Bed, sources: &[(&str, &str)]) {
    let store = &bed.authority.store;
    let at = bed.clock.now();
    let trail = || Trail { at, by: None, entries: Vec::new() };
    let mut known = Vec::new();
    for (order, (name, uid)) in (2..).zip(sources) {
        let authenticator = Authenticator {
            id: AuthenticatorId::NEW,
            name: (*name).to_owned(),
            is_enabled: false,
            plugin: format!("plugins.{name}"),
            order,
            slug: (*name).to_owned(),
            stamp: Stamp::new(at, None),
        };
        let made = store.apply(Change::Create(Object::Authenticator(authenticator), None), trail()).await;
        let id = AuthenticatorId(made.unwrap().unwrap().0.id());
        let (name, uid) = ((*name).to_owned(), (*uid).to_owned());
        known.push(Source { authenticator: id, name, uid, email: String::new() });
    }
    let found = store.find(Noun::User, number(bed, "alice").await, Sight::All).await;
    let Some((Object::User(before), _)) = found.unwrap() else { panic!("there is no alice") };
    let mut after = before.clone();
    after.sources = known;
    let (before, after) = (Object::User(before), Object::User(after));
    let change = Change::Update { before, after, password: None, keep_session: None };
    store.apply(change, trail()).await.unwrap();
}

#[tokio::test]
async fn row_103_marks_outrank_each_other() {
    let ldap = ("ldap", "cn=alice,dc=example");
    let (social, enterprise) = (("social", "github:42"), ("enterprise", "radius"));
    for (sources, word) in
        [(vec![ldap], "ldap"), (vec![ldap, social], "social"), (vec![social, enterprise, ldap], "enterprise")]
    {
        let bed = Bed::new().await;
        known_to(&bed, &sources).await;
        let (_, user) = Hand::of(&bed, "admin").get("users/alice/").await;
        assert_eq!(user["external_account"], word);
        assert_eq!(user.get("password"), None::<&Value>);
        if sources.contains(&ldap) {
            assert_eq!(user["ldap_dn"], "cn=alice,dc=example");
        }
        let auth = if sources.contains(&social) {
            json!([{ "provider": "github", "uid": "42" }])
        } else {
            json!([])
        };
        assert_eq!(user["auth"], auth);
    }
}

#[tokio::test]
async fn row_002_003_004_005_external_users_get_no_tokens_until_they_may() {
    let bed = Bed::new().await;
    let alice = Hand::of(&bed, "alice");
    known_to(&bed, &[("enterprise", "radius")]).await;
    let text = "(access_denied) OAuth2 Tokens cannot be created by users associated with an external \
                authentication provider (enterprise)";
    for path in ["tokens/", "users/alice/personal_tokens/"] {
        assert_eq!(alice.post(path, "{}").await, (403, json!({ "detail": text })), "{path}");
    }
    assert_eq!(alice.get("tokens/").await.1["count"], 0);
    bed.set("ALLOW_OAUTH2_FOR_EXTERNAL_USERS", SettingValue::Boolean(true)).await;
    let (status, token) = alice.post("tokens/", "{}").await;
    assert_eq!(status, 201);
    bed.set("ALLOW_OAUTH2_FOR_EXTERNAL_USERS", SettingValue::Boolean(false)).await;
    let (status, me) = Hand::with(&bed, token["token"].as_str().unwrap()).get("me/").await;
    assert_eq!((status, &me["results"][0]["username"]), (200, &json!("alice")));
}

#[tokio::test]
async fn a_password_for_an_external_user_is_overlooked() {
    let bed = Bed::new().await;
    known_to(&bed, &[("ldap", "cn=alice")]).await;
    let body = r#"{"password": "another horse", "first_name": "A"}"#;
    let (status, user) = Hand::of(&bed, "admin").patch("users/alice/", body).await;
    assert_eq!((status, &user["first_name"]), (200, &json!("A")));
    assert_eq!(Hand::of(&bed, "alice").get("me/").await.0, 200, "the old password is still right");
}
