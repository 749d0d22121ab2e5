//! Devices without a browser (RFC 8628).

use http::StatusCode;
use identity::model::application::Allowances;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::oauth::Flavour;
use crate::oauth::bed::{FLAVOURS, Office, Registered, public_fields};

async fn device(office: &Office) -> Registered {
    let allowances = Allowances { device: true, ..Allowances::default() };
    office.register("device", public_fields(allowances)).await
}

async fn begun(office: &Office, flavour: &'static Flavour, by: &Registered) -> Value {
    let form = format!("client_id={}&scope=read", by.application.client_id);
    let response = office.post(flavour, "/device_authorization/", None, &form).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["cache-control"], "no-store");
    serde_json::from_slice(response.body()).unwrap()
}

async fn polled(office: &Office, by: &Registered, begun: &Value) -> (StatusCode, Value) {
    let code = begun["device_code"].as_str().unwrap();
    let form = format!(
        "client_id={}&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code={code}",
        by.application.client_id
    );
    let response = office.post(&Flavour::AAP, "/token/", None, &form).await;
    (response.status(), serde_json::from_slice(response.body()).unwrap())
}

fn error(word: &str) -> (StatusCode, Value) {
    (StatusCode::BAD_REQUEST, json!({ "error": word }))
}

#[tokio::test]
async fn a_device_is_told_where_its_user_shall_go() {
    let office = Office::new().await;
    let by = device(&office).await;
    for flavour in FLAVOURS {
        let body = begun(&office, flavour, &by).await;
        let code = body["user_code"].as_str().unwrap();
        let page = format!("https://gateway.example.com{}/device/", flavour.root);
        assert_eq!(body["verification_uri"], page);
        assert_eq!(body["verification_uri_complete"], format!("{page}?user_code={code}"));
        assert_eq!((&body["expires_in"], &body["interval"]), (&json!(600), &json!(5)));
        assert!(body["device_code"].as_str().unwrap().len() >= 30);
        assert!(code.bytes().all(|it| it.is_ascii_uppercase() || it == b'-'), "{code}");
    }
}

#[tokio::test]
async fn a_device_waits_and_gets_its_token_once() {
    let office = Office::new().await;
    let by = device(&office).await;
    let begun = begun(&office, &Flavour::AAP, &by).await;
    assert_eq!(polled(&office, &by, &begun).await, error("authorization_pending"));
    assert_eq!(polled(&office, &by, &begun).await, error("slow_down"));
    office.bed.clock.pass(SignedDuration::from_secs(30));
    let principal = office.principal("alice").await;
    let code = begun["user_code"].as_str().unwrap();
    office.bed.authority.decide_device(&office.bed.context(), &principal, code, true).await.unwrap();
    let (status, body) = polled(&office, &by, &begun).await;
    assert_eq!((status, &body["scope"]), (StatusCode::CREATED, &json!("read")), "{body}");
    office.bed.clock.pass(SignedDuration::from_secs(30));
    let (status, body) = polled(&office, &by, &begun).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
}

#[tokio::test]
async fn a_user_may_say_no_and_time_may_pass() {
    let office = Office::new().await;
    let by = device(&office).await;
    let refused = begun(&office, &Flavour::AAP, &by).await;
    let principal = office.principal("alice").await;
    let code = refused["user_code"].as_str().unwrap();
    office.bed.authority.decide_device(&office.bed.context(), &principal, code, false).await.unwrap();
    assert_eq!(polled(&office, &by, &refused).await, error("access_denied"));
    let late = begun(&office, &Flavour::AAP, &by).await;
    office.bed.clock.pass(SignedDuration::from_secs(601));
    assert_eq!(polled(&office, &by, &late).await, error("expired_token"));
}

#[tokio::test]
async fn another_application_s_code_is_nobody_s() {
    let office = Office::new().await;
    let by = device(&office).await;
    let allowances = Allowances { device: true, ..Allowances::default() };
    let other = office.register("other", public_fields(allowances)).await;
    let begun = begun(&office, &Flavour::AAP, &by).await;
    assert_eq!(polled(&office, &other, &begun).await, error("invalid_grant"));
    office.bed.clock.pass(SignedDuration::from_secs(30));
    assert_eq!(polled(&office, &by, &begun).await, error("authorization_pending"));
}
