//! Tokens: granted, refreshed, looked at, revoked.

use http::StatusCode;
use identity::action::ApplicationFields;
use identity::model::application::Allowances;
use identity::model::setting::SettingValue;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::oauth::Flavour;
use crate::oauth::bed::{FLAVOURS, Office, Registered, password_fields, public_fields, text};

const BY_PASSWORD: &str = "grant_type=password&username=alice&password=correct+horse";

/// Grants a token by password; the whole answer.
async fn granted(office: &Office, by: &Registered, form: &str) -> Value {
    let (status, body) = office.json(&Flavour::AWX, "/token/", by, &format!("{BY_PASSWORD}{form}")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body
}

async fn refreshed(office: &Office, by: &Registered, token: &Value, rest: &str) -> (StatusCode, Value) {
    let form = format!("grant_type=refresh_token&refresh_token={}{rest}", token.as_str().unwrap());
    office.json(&Flavour::AWX, "/token/", by, &form).await
}

async fn introspected(office: &Office, by: &Registered, token: &Value) -> Value {
    let form = format!("token={}", token.as_str().unwrap());
    let (status, body) = office.json(&Flavour::AWX, "/introspect/", by, &form).await;
    assert_eq!(status, StatusCode::OK);
    body
}

async fn revoked(office: &Office, by: &Registered, token: &Value) {
    let form = format!("token={}", token.as_str().unwrap());
    let response = office.post(&Flavour::AAP, "/revoke_token/", Some(&by.basic()), &form).await;
    assert_eq!((response.status(), text(&response)), (StatusCode::OK, ""));
}

#[tokio::test]
async fn the_answer_is_exact() {
    let office = Office::new().await;
    let by = office.password_application().await;
    for flavour in FLAVOURS {
        let form = format!("{BY_PASSWORD}&scope=read");
        let response = office.post(flavour, "/token/", Some(&by.basic()), &form).await;
        let status = if flavour.root == "/o" { StatusCode::CREATED } else { StatusCode::OK };
        assert_eq!(response.status(), status);
        let headers = response.headers();
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["pragma"], "no-cache");
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let value = |name: &str| body[name].as_str().unwrap();
        for name in ["access_token", "refresh_token"] {
            assert_eq!(value(name).len(), 30);
            assert!(value(name).bytes().all(|it| it.is_ascii_alphanumeric()));
        }
        let exact = format!(
            "{{\"access_token\": \"{}\", \"expires_in\": 31536000, \"token_type\": \"Bearer\", \
             \"scope\": \"read\", \"refresh_token\": \"{}\"}}",
            value("access_token"),
            value("refresh_token"),
        );
        assert_eq!(text(&response), exact);
    }
}

#[tokio::test]
async fn nothing_said_is_read_and_write() {
    let office = Office::new().await;
    let by = office.password_application().await;
    assert_eq!(granted(&office, &by, "").await["scope"], "read write");
    assert_eq!(granted(&office, &by, "&scope=").await["scope"], "read write");
    assert_eq!(granted(&office, &by, "&scope=write").await["scope"], "write");
}

#[tokio::test]
async fn a_refresh_replaces_both() {
    let office = Office::new().await;
    let by = office.password_application().await;
    let first = granted(&office, &by, "&scope=read").await;
    let (status, second) = refreshed(&office, &by, &first["refresh_token"], "").await;
    assert_eq!((status, &second["scope"]), (StatusCode::OK, &json!("read")));
    assert_ne!(first["access_token"], second["access_token"]);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(introspected(&office, &by, &first["access_token"]).await, json!({ "active": false }));
    assert_eq!(introspected(&office, &by, &second["access_token"]).await["active"], true);
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_a_second_time_ends_everything() {
    let office = Office::new().await;
    let by = office.password_application().await;
    let first = granted(&office, &by, "").await;
    let (_, second) = refreshed(&office, &by, &first["refresh_token"], "").await;
    let invalid = (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" }));
    assert_eq!(refreshed(&office, &by, &first["refresh_token"], "").await, invalid);
    assert_eq!(refreshed(&office, &by, &second["refresh_token"], "").await, invalid);
    assert_eq!(introspected(&office, &by, &second["access_token"]).await, json!({ "active": false }));
}

#[tokio::test]
async fn a_refresh_gives_no_more_than_there_was() {
    let office = Office::new().await;
    let by = office.password_application().await;
    let other = office.register("other", password_fields()).await;
    let first = granted(&office, &by, "&scope=read").await;
    let refresh = &first["refresh_token"];
    let wider = refreshed(&office, &by, refresh, "&scope=read+write").await;
    assert_eq!(wider, (StatusCode::BAD_REQUEST, json!({ "error": "invalid_scope" })));
    let foreign = refreshed(&office, &other, refresh, "").await;
    assert_eq!(foreign, (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" })));
    assert_eq!(refreshed(&office, &by, refresh, "&scope=read").await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_old_refresh_token_is_told_in_words() {
    let office = Office::new().await;
    let by = office.password_application().await;
    let first = granted(&office, &by, "").await;
    office.bed.clock.pass(SignedDuration::from_secs(2_628_001));
    for flavour in FLAVOURS {
        let form =
            format!("grant_type=refresh_token&refresh_token={}", first["refresh_token"].as_str().unwrap());
        let response = office.post(flavour, "/token/", Some(&by.basic()), &form).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        assert_eq!(text(&response), "The refresh token has expired.");
    }
}

#[tokio::test]
async fn revoking_ends_the_whole_grant_and_nothing_of_others() {
    let office = Office::new().await;
    let by = office.password_application().await;
    let other = office.register("other", password_fields()).await;
    let dead = json!({ "active": false });
    for revoke_by in ["access_token", "refresh_token"] {
        let first = granted(&office, &by, "").await;
        revoked(&office, &other, &first[revoke_by]).await;
        assert_eq!(introspected(&office, &by, &first["access_token"]).await["active"], true);
        revoked(&office, &by, &first[revoke_by]).await;
        assert_eq!(introspected(&office, &by, &first["access_token"]).await, dead, "{revoke_by}");
        let again = refreshed(&office, &by, &first["refresh_token"], "").await;
        assert_eq!(again, (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" })), "{revoke_by}");
        revoked(&office, &by, &first[revoke_by]).await;
    }
}

#[tokio::test]
async fn a_personal_token_is_no_application_s() {
    let office = Office::new().await;
    let by = office.password_application().await;
    let personal = json!(office.bed.token("alice", "write").await);
    revoked(&office, &by, &personal).await;
    assert_eq!(introspected(&office, &by, &personal).await, json!({ "active": false }));
    let allowances = Allowances { introspection: true, ..Allowances::default() };
    let fields = ApplicationFields { allowances: Some(allowances), ..password_fields() };
    let service = office.register("service", fields).await;
    let body = introspected(&office, &service, &personal).await;
    assert_eq!((&body["active"], &body["username"]), (&json!(true), &json!("alice")));
    assert!(body.get("client_id").is_none());
}

#[tokio::test]
async fn a_token_that_its_user_made_for_an_application_is_the_application_s() {
    let office = Office::new().await;
    let by = office.password_application().await;
    for is_by_refresh in [false, true] {
        let (token, refresh) = office.token_for("admin", &by).await;
        assert_eq!(introspected(&office, &by, &token).await["active"], true);
        let refresh = refresh.expect("a token for an application has a refresh token");
        revoked(&office, &by, if is_by_refresh { &refresh } else { &token }).await;
        assert_eq!(introspected(&office, &by, &token).await, json!({ "active": false }), "{is_by_refresh}");
        let again = refreshed(&office, &by, &refresh, "").await;
        assert_eq!(again, (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" })));
    }
}

#[tokio::test]
async fn a_disabled_user_s_tokens_are_dead() {
    let office = Office::new().await;
    let by = office.password_application().await;
    let token = granted(&office, &by, "").await;
    office.disable("alice").await;
    assert_eq!(introspected(&office, &by, &token["access_token"]).await, json!({ "active": false }));
    let again = refreshed(&office, &by, &token["refresh_token"], "").await;
    assert_eq!(again, (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" })));
}

#[tokio::test]
async fn an_application_alone_speaks_for_its_owner() {
    let office = Office::new().await;
    let allowances = Allowances { client_credentials: true, ..Allowances::default() };
    let owner = office.user("alice").await;
    let fields =
        ApplicationFields { allowances: Some(allowances), user: Some(Some(owner)), ..password_fields() };
    let by = office.register("robot", fields).await;
    let form = "grant_type=client_credentials&scope=read";
    let (status, token) = office.json(&Flavour::AAP, "/token/", &by, form).await;
    assert_eq!((status, &token["scope"]), (StatusCode::CREATED, &json!("read")), "{token}");
    // RFC 6749 section 4.4.3: there is nothing to refresh.
    assert!(token.get("refresh_token").is_none());
    assert_eq!(introspected(&office, &by, &token["access_token"]).await["username"], "alice");
}

#[tokio::test]
async fn what_is_told_of_a_token_is_exact() {
    let office = Office::new().await;
    let by = office.password_application().await;
    let token = granted(&office, &by, "&scope=read").await;
    let now = office.bed.context().now.as_second();
    for flavour in FLAVOURS {
        let form = format!("token={}&token_type_hint=refresh_token", token["access_token"].as_str().unwrap());
        let response = office.post(flavour, "/introspect/", Some(&by.basic()), &form).await;
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let exact = format!(
            "{{\"active\": true, \"scope\": \"read\", \"client_id\": \"{}\", \"username\": \"alice\", \
             \"token_type\": \"Bearer\", \"exp\": {}, \"iat\": {now}, \"sub\": \"{}\", \
             \"iss\": \"https://gateway.example.com{}\"}}",
            by.application.client_id,
            now + 31_536_000,
            body["sub"].as_str().unwrap(),
            flavour.root,
        );
        assert_eq!(text(&response), exact);
        assert_eq!(response.headers()["cache-control"], "no-store");
    }
    office.bed.clock.pass(SignedDuration::from_hours(24 * 365));
    assert_eq!(introspected(&office, &by, &token["access_token"]).await, json!({ "active": false }));
}

#[tokio::test]
async fn a_public_application_may_not_ask_about_tokens() {
    let office = Office::new().await;
    let by = office.register("public", public_fields(Allowances::default())).await;
    let form = format!("token=x&client_id={}", by.application.client_id);
    let response = office.post(&Flavour::AAP, "/introspect/", None, &form).await;
    assert_eq!((response.status().as_u16(), text(&response)), (401, r#"{"error": "invalid_client"}"#));
}

#[tokio::test]
async fn guessed_passwords_close_the_door_quietly() {
    let office = Office::new().await;
    let by = office.password_application().await;
    let wrong = json!({ "error": "invalid_grant", "error_description": "Invalid credentials given." });
    for _ in 0..200 {
        let form = "grant_type=password&username=alice&password=guess";
        let given = office.json(&Flavour::AAP, "/token/", &by, form).await;
        assert_eq!(given, (StatusCode::BAD_REQUEST, wrong.clone()));
    }
    let given = office.json(&Flavour::AAP, "/token/", &by, BY_PASSWORD).await;
    assert_eq!(given, (StatusCode::BAD_REQUEST, wrong));
}

#[tokio::test]
async fn a_changed_life_counts_at_once() {
    let office = Office::new().await;
    let by = office.password_application().await;
    assert_eq!(granted(&office, &by, "").await["expires_in"], 31_536_000);
    office.bed.set("oauth2.ACCESS_TOKEN_EXPIRE_SECONDS", SettingValue::Integer(60)).await;
    let token = granted(&office, &by, "").await;
    assert_eq!(token["expires_in"], 60);
    office.bed.clock.pass(SignedDuration::from_secs(61));
    assert_eq!(introspected(&office, &by, &token["access_token"]).await, json!({ "active": false }));
}
