//! Tokens: whose they are, what they say, who may do what with them (contract section A.4).

use http::Method;
use identity::model::setting::SettingValue;
use serde_json::{Value, json};

use super::{Hand, World, body_of, forbidden, header, keys};
use crate::bed::Bed;

const KEYS: [&str; 14] = [
    "id",
    "type",
    "url",
    "related",
    "summary_fields",
    "created",
    "modified",
    "description",
    "user",
    "token",
    "refresh_token",
    "application",
    "expires",
    "scope",
];

#[tokio::test]
async fn a_token_is_shown_once() {
    let bed = Bed::new().await;
    let alice = Hand::of(&bed, "alice");
    let made = alice.send(Method::POST, "tokens/", r#"{"description": "d1", "scope": "read"}"#).await;
    let token = body_of(&made);
    assert_eq!((made.status().as_u16(), header(&made, "location")), (201, token["url"].as_str()));
    assert_eq!(keys(&token), KEYS);
    assert_eq!(token["token"].as_str().unwrap().len(), 30);
    assert_eq!((&token["refresh_token"], &token["application"]), (&Value::Null, &Value::Null));
    assert_eq!(keys(&token["related"]), ["user", "activity_stream"]);
    assert_eq!(keys(&token["summary_fields"]["user"]), ["id", "username", "first_name", "last_name"]);
    let (_, shown) = alice.get(&format!("tokens/{}/", token["id"])).await;
    assert_eq!((keys(&shown), &shown["token"]), (KEYS.to_vec(), &json!("************")));
}

#[tokio::test]
async fn a_request_without_a_body_makes_a_token_too() {
    let bed = Bed::new().await;
    let (status, token) = Hand::of(&bed, "alice").post("tokens/", "").await;
    assert_eq!((status, &token["scope"], &token["description"]), (201, &json!("write"), &json!("")));
}

#[tokio::test]
async fn who_looks_after_an_application_takes_but_never_gives() {
    let world = World::new().await;
    let application = world.application("oa", "a").await;
    let list = format!("applications/{application}/tokens/");
    for (scope, wider) in [("read", r#"{"scope": "write"}"#), ("read", r#"{"scope": "read write"}"#)] {
        let path = format!(
            "tokens/{}/",
            world.hand("admin").made(&list, &format!(r#"{{"scope": "{scope}"}}"#)).await
        );
        assert_eq!(world.hand("oa").patch(&path, wider).await, forbidden());
        assert_eq!(world.hand("oa").patch(&path, r#"{"scope": "read", "description": "x"}"#).await.0, 200);
        assert_eq!(world.hand("admin").patch(&path, wider).await.0, 200, "its own user may");
        assert_eq!(world.hand("oa").patch(&path, r#"{"scope": "read"}"#).await.0, 200);
    }
}

#[tokio::test]
async fn row_006_007_015_tokens_of_an_application() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let application = world.application("admin", "a").await;
    let body = format!(r#"{{"application": {application}, "scope": "read"}}"#);
    let (status, token) = admin.post("tokens/", &body).await;
    assert_eq!((status, &token["scope"]), (201, &json!("read")));
    assert_eq!(token["refresh_token"].as_str().unwrap().len(), 30);
    assert_eq!(keys(&token["related"]), ["user", "application", "activity_stream"]);
    assert_eq!(token["summary_fields"]["application"], json!({ "id": application, "name": "a" }));
    let (_, token) = admin.post("tokens/", &format!(r#"{{"application": {application}}}"#)).await;
    assert_eq!(token["scope"], "write");
    let (_, shown) = admin.get(&format!("tokens/{}/", token["id"])).await;
    assert_eq!(shown["refresh_token"], "************");
}

#[tokio::test]
async fn row_012_013_014_018_an_application_lists_its_tokens() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let application = world.application("admin", "a").await;
    let list = format!("applications/{application}/tokens/");
    let token = admin.made(&list, r#"{"scope": "read"}"#).await;
    assert_eq!(admin.get(&list).await.1["count"], 1);
    let tokens = |shown: &Value| shown["summary_fields"]["tokens"].clone();
    let (_, shown) = admin.get(&format!("applications/{application}/")).await;
    let entry = json!({ "id": token, "token": "************", "scope": "read" });
    assert_eq!(tokens(&shown), json!({ "count": 1, "results": [entry] }));
    assert_eq!(admin.delete(&format!("tokens/{token}/")).await, 204);
    assert_eq!(admin.get(&list).await.1["count"], 0);
    let (_, shown) = admin.get(&format!("applications/{application}/")).await;
    assert_eq!(tokens(&shown), json!({ "count": 0, "results": [] }));
}

#[tokio::test]
async fn row_016_authorized_tokens_want_an_application() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let application = world.application("admin", "a").await;
    let (status, said) = admin.post("users/admin/authorized_tokens/", "{}").await;
    assert_eq!((status, said), (400, json!({ "application": ["This field is required."] })));
    let body = format!(r#"{{"application": {application}}}"#);
    let (status, token) = admin.post("users/admin/authorized_tokens/", &body).await;
    assert_eq!((status, token["refresh_token"].is_string()), (201, true));
    let (status, token) = admin.post("users/admin/personal_tokens/", &body).await;
    assert_eq!((status, &token["application"]), (201, &Value::Null));
    assert_eq!(admin.get("users/admin/authorized_tokens/").await.1["count"], 1);
    assert_eq!(admin.get("users/admin/personal_tokens/").await.1["count"], 1);
    assert_eq!(admin.get("users/admin/tokens/").await.1["count"], 2);
}

#[tokio::test]
async fn row_017_a_scope_may_grow() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let path = format!("tokens/{}/", admin.made("tokens/", r#"{"scope": "read", "description": "d"}"#).await);
    assert_eq!(admin.patch(&path, r#"{"scope": "write"}"#).await.1["scope"], "write");
    let (status, token) = admin.ask(Method::PUT, &path, r#"{"scope": "read"}"#).await;
    assert_eq!((status, &token["description"], &token["scope"]), (200, &json!(""), &json!("read")));
    let (_, token) = admin.ask(Method::PUT, &path, "{}").await;
    assert_eq!(token["scope"], "write");
}

#[tokio::test]
async fn row_020_everybody_finds_the_own_tokens() {
    let world = World::new().await;
    let (admin, alice) = (world.hand("admin"), world.hand("alice"));
    admin.made("users/admin/tokens/", "{}").await;
    // Whatever the address says, a token belongs to the one who makes it.
    let (_, token) = admin.post("users/alice/tokens/", "{}").await;
    assert_ne!(token["user"], world.alice);
    alice.made("users/alice/tokens/", "{}").await;
    assert_eq!(admin.get("users/admin/tokens/").await.1["count"], 2);
    assert_eq!(admin.get("users/alice/tokens/").await.1["count"], 1);
    assert_eq!(alice.get("users/alice/tokens/").await.1["count"], 1);
    // A user who is not seen is as if there were none; to one who is seen the own tokens are shown.
    let absent = (404, json!({ "detail": "No User matches the given query." }));
    for list in ["tokens", "personal_tokens", "authorized_tokens"] {
        for user in [world.oa.to_string(), "oa".to_owned(), "99999".to_owned(), "ghost".to_owned()] {
            assert_eq!(alice.get(&format!("users/{user}/{list}/")).await, absent, "{user} {list}");
        }
    }
    world.hand("oa").made("users/oa/tokens/", "{}").await;
    let om = world.hand("om");
    om.made("users/om/tokens/", "{}").await;
    let (_, page) = om.get(&format!("users/{}/tokens/", world.oa)).await;
    assert_eq!((&page["count"], &page["results"][0]["user"]), (&json!(1), &json!(world.om)));
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_said() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let scope = json!({ "scope": ["Must be a simple space-separated string with allowed scopes ['read', 'write']."] });
    for text in ["", "read read", "read rainbow", "Write", "openid", "read  write"] {
        let body = json!({ "scope": text }).to_string();
        assert_eq!(admin.post("tokens/", &body).await, (400, scope.clone()), "{text:?}");
    }
    assert_eq!(admin.post("tokens/", r#"{"scope": null}"#).await, (400, scope));
    assert_eq!(admin.post("tokens/", r#"{"scope": "write read"}"#).await.0, 201);
    for (body, text) in [
        (r#"{"application": 77}"#, "OAuth2Application matching query does not exist."),
        (r#"{"application": "x"}"#, "Bad data found in related field application."),
    ] {
        assert_eq!(admin.post("tokens/", body).await, (400, json!({ "detail": text })), "{body}");
    }
    let application = world.application("admin", "a").await;
    let body = format!(r#"{{"application": {application}}}"#);
    assert_eq!(world.hand("alice").post("tokens/", &body).await, forbidden());
}

#[tokio::test]
async fn a_read_token_changes_nothing() {
    let bed = Bed::new().await;
    let token = bed.token("admin", "read").await;
    let hand = Hand::with(&bed, &token);
    assert_eq!(hand.get("users/").await.0, 200);
    assert_eq!(hand.post("tokens/", "{}").await, forbidden());
    assert_eq!(hand.delete("tokens/1/").await, 403);
}

#[tokio::test]
async fn row_034_administrators_manage_tokens_of_applications() {
    let world = World::new().await;
    let application = world.application("admin", "a").await;
    let token = world.hand("admin").made(&format!("applications/{application}/tokens/"), "{}").await;
    let path = format!("tokens/{token}/");
    for name in ["om", "alice"] {
        assert_eq!(world.hand(name).get(&path).await.0, 404, "{name}");
        assert_eq!(world.hand(name).patch(&path, r#"{"description": "x"}"#).await.0, 404, "{name}");
        assert_eq!(world.hand(name).delete(&path).await, 404, "{name}");
    }
    assert_eq!(world.hand("oa").get(&path).await.0, 200);
    assert_eq!(world.hand("oa").patch(&path, r#"{"description": "x"}"#).await.0, 200);
    assert_eq!(world.hand("oa").delete(&path).await, 204);
}

#[tokio::test]
async fn row_035_036_an_auditor_reads_tokens() {
    let world = World::new().await;
    let application = world.application("admin", "a").await;
    let mut tokens = Vec::new();
    for name in ["admin", "oa", "om"] {
        tokens.push(world.hand(name).made(&format!("applications/{application}/tokens/"), "{}").await);
    }
    for token in &tokens {
        let path = format!("tokens/{token}/");
        assert_eq!(world.hand("sa").get(&path).await.0, 200);
        assert_eq!(world.hand("sa").patch(&path, r#"{"description": "x"}"#).await.0, 403);
        assert_eq!(world.hand("sa").delete(&path).await, 403);
    }
    let path = format!("organizations/{}/admins/", world.organization);
    world.hand("admin").post(&path, &format!(r#"{{"id": {}}}"#, world.sa)).await;
    let path = format!("tokens/{}/", tokens[0]);
    assert_eq!(world.hand("sa").patch(&path, r#"{"description": "x"}"#).await.0, 200);
    assert_eq!(world.hand("sa").delete(&path).await, 204);
}

#[tokio::test]
async fn row_037_038_a_personal_token_is_its_owners() {
    let world = World::new().await;
    let token = world.hand("om").made("tokens/", r#"{"application": null}"#).await;
    let path = format!("tokens/{token}/");
    for name in ["oa", "alice"] {
        assert_eq!(world.hand(name).get(&path).await.0, 404, "{name}");
        assert_eq!(world.hand(name).delete(&path).await, 404, "{name}");
    }
    for name in ["admin", "om"] {
        assert_eq!(world.hand(name).get(&path).await.0, 200, "{name}");
        assert_eq!(world.hand(name).patch(&path, r#"{"description": "x"}"#).await.0, 200, "{name}");
    }
    assert_eq!(world.hand("om").delete(&path).await, 204);
    let (status, said) = world.hand("om").ask(Method::DELETE, &path, "").await;
    assert_eq!((status, said), (404, json!({ "detail": "No OAuth2AccessToken matches the given query." })));
}

#[tokio::test]
async fn row_039_040_members_make_tokens_of_applications() {
    let world = World::new().await;
    let application = world.application("admin", "a").await;
    let path = format!("applications/{application}/tokens/");
    for name in ["admin", "oa", "om"] {
        assert_eq!(world.hand(name).post(&path, r#"{"scope": "read"}"#).await.0, 201, "{name}");
    }
    assert_eq!(world.hand("alice").post(&path, r#"{"scope": "read"}"#).await, forbidden());
}

#[tokio::test]
async fn a_token_keeps_its_application() {
    let world = World::new().await;
    let application = world.application("admin", "a").await;
    let alice = world.hand("om");
    let token = alice.made(&format!("applications/{application}/tokens/"), "{}").await;
    let path = format!("tokens/{token}/");
    let (status, shown) = alice.patch(&path, r#"{"application": null, "user": 1, "token": "x"}"#).await;
    assert_eq!((status, &shown["application"]), (200, &json!(application)));
}

#[tokio::test]
async fn a_life_of_a_thousand_years_is_a_date() {
    let bed = Bed::new().await;
    bed.set("oauth2.ACCESS_TOKEN_EXPIRE_SECONDS", SettingValue::Integer(31_536_000_000)).await;
    let (status, token) = Hand::of(&bed, "alice").post("tokens/", "{}").await;
    assert_eq!(status, 201);
    assert!(token["expires"].as_str().unwrap() > "2027-01-01");
}
