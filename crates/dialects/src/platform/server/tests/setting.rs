//! Settings read, written, reset.

use bytes::Bytes;
use http::{Method, Response};
use serde_json::Value;

use super::{ask, text};
use crate::bed::Bed;

struct Admin {
    bed: Bed,
    bearer: String,
}

impl Admin {
    async fn new() -> Self {
        let bed = Bed::new().await;
        let bearer = format!("Bearer {}", bed.token("admin", "write").await);
        Self { bed, bearer }
    }

    async fn ask(&self, method: Method, path: &str, body: &str) -> Response<Bytes> {
        let headers = [("authorization", self.bearer.as_str()), ("content-type", "application/json")];
        ask(&self.bed, method, path, &headers, body).await
    }

    async fn json(&self, path: &str) -> Value {
        let response = self.ask(Method::GET, path, "{}").await;
        assert_eq!(response.status(), 200, "{}", text(&response));
        serde_json::from_slice(response.body()).unwrap()
    }
}

#[tokio::test]
async fn sections_are_listed_and_read() {
    let admin = Admin::new().await;
    let list = admin.json("settings/").await;
    assert_eq!(list["count"], 4);
    assert_eq!(list["results"][0]["url"], "/api/gateway/v1/settings/all/");
    let all = admin.json("settings/all/").await;
    assert_eq!(all["SESSION_COOKIE_AGE"], 900);
    assert_eq!(all["gateway_basic_auth_enabled"], true);
    assert_eq!(all["CSRF_TRUSTED_ORIGINS"], serde_json::json!([]));
    assert_eq!(all["jwt_private_key"], "$encrypted$");
    assert!(!all.to_string().contains("\"awx.") && !all.to_string().contains("\"oauth2."), "{all}");
    assert!(all["jwt_public_key"].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY-----"));
    let proxy = admin.json("settings/proxy/").await;
    assert!(proxy.get("request_timeout").is_some() && proxy.get("SESSION_COOKIE_AGE").is_none());
    let one = admin.json("settings/all/SESSION_COOKIE_AGE/").await;
    assert_eq!(one.to_string(), r#"{"section":"configuration","name":"SESSION_COOKIE_AGE","value":900}"#);
    for absent in [
        "settings/controller/",
        "settings/all/awx.SESSION_COOKIE_AGE/",
        "settings/nope/",
        "settings/all/nope/",
        "settings/proxy/SESSION_COOKIE_AGE/",
    ] {
        assert_eq!(admin.ask(Method::GET, absent, "").await.status(), 404, "{absent}");
    }
}

#[tokio::test]
async fn a_part_is_written_and_the_whole_comes_back() {
    let admin = Admin::new().await;
    let body =
        r#"{"SESSION_COOKIE_AGE": "120", "gateway_basic_auth_enabled": false, "REDHAT_PASSWORD": "s3cret"}"#;
    let written = admin.ask(Method::PUT, "settings/all/", body).await;
    assert_eq!(written.status(), 200, "{}", text(&written));
    let all: Value = serde_json::from_slice(written.body()).unwrap();
    assert_eq!((&all["SESSION_COOKIE_AGE"], &all["REDHAT_PASSWORD"]), (&120.into(), &"$encrypted$".into()));
    // Everything that was shown can be sent back: nothing changes.
    let same = admin.ask(Method::PUT, "settings/all/", &all.to_string()).await;
    assert_eq!(same.status(), 200, "{}", text(&same));
    let settings = admin.bed.authority.settings();
    assert_eq!(settings.text("REDHAT_PASSWORD"), "s3cret");
    assert!(!settings.is_basic_enabled);
    let basic = [("authorization", "Basic YWxpY2U6Y29ycmVjdCBob3JzZQ==")];
    assert_eq!(ask(&admin.bed, Method::GET, "me/", &basic, "").await.status(), 401);
    assert_eq!(
        admin.ask(Method::DELETE, "settings/configuration/SESSION_COOKIE_AGE/", "").await.status(),
        204
    );
    assert_eq!(admin.json("settings/all/").await["SESSION_COOKIE_AGE"], 900);
    assert_eq!(admin.ask(Method::DELETE, "settings/all/SESSION_COOKIE_AGE/", "").await.status(), 400);
    assert_eq!(admin.ask(Method::DELETE, "settings/proxy/", "").await.status(), 204);
    assert!(admin.bed.authority.settings().is_basic_enabled);
    assert_eq!(admin.bed.authority.settings().text("REDHAT_PASSWORD"), "s3cret");
}

#[tokio::test]
async fn impossible_values_change_nothing() {
    let admin = Admin::new().await;
    for (body, answer) in [
        (r#"{"nope": 1}"#, r#"{"nope":["There is no such setting in this section."]}"#),
        (
            r#"{"SESSION_COOKIE_AGE": 59}"#,
            r#"{"SESSION_COOKIE_AGE":["Ensure this value is greater than or equal to 60."]}"#,
        ),
        (r#"{"SESSION_COOKIE_AGE": "x"}"#, r#"{"SESSION_COOKIE_AGE":["A valid integer is required."]}"#),
        (r#"{"SESSION_COOKIE_AGE": 90.5}"#, r#"{"SESSION_COOKIE_AGE":["A valid integer is required."]}"#),
        (r#"{"SESSION_COOKIE_AGE": null}"#, r#"{"SESSION_COOKIE_AGE":["This field may not be null."]}"#),
        (
            r#"{"gateway_basic_auth_enabled": "maybe"}"#,
            r#"{"gateway_basic_auth_enabled":["Must be a valid boolean."]}"#,
        ),
        (
            r#"{"CSRF_TRUSTED_ORIGINS": "x"}"#,
            r#"{"CSRF_TRUSTED_ORIGINS":["Expected a list of items but got type \"str\"."]}"#,
        ),
        (
            r#"{"awx.SESSIONS_PER_USER": 1}"#,
            r#"{"awx.SESSIONS_PER_USER":["There is no such setting in this section."]}"#,
        ),
        (r#"{"jwt_public_key": "x"}"#, r#"{"jwt_public_key":["This setting is read-only."]}"#),
        (
            r#"{"SESSION_COOKIE_AGE": 70, "nope": 1}"#,
            r#"{"nope":["There is no such setting in this section."]}"#,
        ),
    ] {
        let refused = admin.ask(Method::PUT, "settings/all/", body).await;
        assert_eq!((refused.status().as_u16(), text(&refused)), (400, answer), "{body}");
    }
    assert_eq!(admin.json("settings/all/").await["SESSION_COOKIE_AGE"], 900);
    let dry = admin.ask(Method::PUT, "settings/all/?validate=true", r#"{"SESSION_COOKIE_AGE": 70}"#).await;
    assert_eq!(
        (dry.status().as_u16(), text(&dry)),
        (202, r#"{"detail":"Request would have been accepted"}"#)
    );
    assert_eq!(admin.json("settings/all/").await["SESSION_COOKIE_AGE"], 900);
}

#[tokio::test]
async fn others_neither_read_nor_write() {
    let admin = Admin::new().await;
    let bearer = format!("Bearer {}", admin.bed.token("alice", "write").await);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    for (method, path) in [
        (Method::GET, "settings/"),
        (Method::GET, "settings/proxy/"),
        (Method::PUT, "settings/proxy/"),
        (Method::PATCH, "settings/all/"),
        (Method::DELETE, "settings/all/"),
        (Method::GET, "settings/all/jwt_public_key/"),
        (Method::DELETE, "settings/proxy/request_timeout/"),
    ] {
        let refused = ask(&admin.bed, method.clone(), path, &headers, r#"{"request_timeout": 1}"#).await;
        assert_eq!(refused.status(), 403, "{method} {path}");
    }
    assert_eq!(admin.bed.authority.settings().integer("request_timeout"), 30);
}
