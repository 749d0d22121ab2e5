//! Authorization codes at the token endpoint (RFC 6749 section 4.1.3, RFC 7636).

use http::StatusCode;
use identity::action::{ApplicationFields, AuthorizationRequest, Fields};
use identity::model::application::{ClientType, GrantType};
use identity::model::setting::SettingValue;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::oauth::Flavour;
use crate::oauth::bed::{FLAVOURS, Office, Registered, text};

/// The verifier of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Its challenge.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "https%3A%2F%2Fclient.example%2Fcb";

async fn application(office: &Office, name: &str, client_type: ClientType) -> Registered {
    let fields = ApplicationFields {
        client_type: Some(client_type),
        grant_type: Some(GrantType::AuthorizationCode),
        ..ApplicationFields::default()
    };
    office.register(name, fields).await
}

/// A code to which alice has consented.
async fn code(office: &Office, by: &Registered, code_challenge: Option<&str>) -> String {
    let principal = office.principal("alice").await;
    let authority = &office.bed.authority;
    let request = AuthorizationRequest {
        response_type: Some("code"),
        client_id: Some(&by.application.client_id),
        redirect_uri: Some("https://client.example/cb"),
        scope: Some("read"),
        code_challenge,
        code_challenge_method: code_challenge.map(|_| "S256"),
    };
    let authorization = authority.read_authorization(request).await.unwrap();
    let code = authority.give_code(&office.bed.context(), &principal, &authorization).await.unwrap();
    code.expose().to_owned()
}

async fn exchanged(office: &Office, by: &Registered, code: &str, rest: &str) -> (StatusCode, Value) {
    let form = format!("grant_type=authorization_code&code={code}{rest}");
    office.json(&Flavour::AWX, "/token/", by, &form).await
}

fn error(word: &str, text: Option<&str>) -> (StatusCode, Value) {
    let body = match text {
        Some(text) => json!({ "error": word, "error_description": text }),
        None => json!({ "error": word }),
    };
    (StatusCode::BAD_REQUEST, body)
}

#[tokio::test]
async fn a_code_is_good_once_and_a_second_time_ends_its_tokens() {
    let office = Office::new().await;
    let by = application(&office, "web", ClientType::Confidential).await;
    let code = code(&office, &by, None).await;
    let rest = format!("&redirect_uri={REDIRECT}");
    let (status, token) = exchanged(&office, &by, &code, &rest).await;
    assert_eq!((status, &token["scope"]), (StatusCode::OK, &json!("read")), "{token}");
    assert_eq!(exchanged(&office, &by, &code, &rest).await, error("invalid_grant", None));
    let form = format!("token={}", token["access_token"].as_str().unwrap());
    let (_, body) = office.json(&Flavour::AWX, "/introspect/", &by, &form).await;
    assert_eq!(body, json!({ "active": false }));
}

#[tokio::test]
async fn another_address_is_told_and_leaves_the_code_good() {
    let office = Office::new().await;
    let by = application(&office, "web", ClientType::Confidential).await;
    let code = code(&office, &by, None).await;
    let told = error("invalid_request", Some("Mismatching redirect URI."));
    let rest = "&redirect_uri=https%3A%2F%2Fevil.example%2F";
    assert_eq!(exchanged(&office, &by, &code, rest).await, told);
    // AWX contract section D4: it may be left out.
    assert_eq!(exchanged(&office, &by, &code, "").await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_address_that_is_taken_away_takes_its_codes_along() {
    let office = Office::new().await;
    let by = application(&office, "web", ClientType::Confidential).await;
    let operator = office.bed.authority.operator().await.unwrap();
    let move_to = async |uris: &str| {
        let fields =
            ApplicationFields { redirect_uris: Some(uris.to_owned()), ..ApplicationFields::default() };
        let (context, id) = (office.bed.context(), by.application.id.0);
        office
            .bed
            .authority
            .update(&context, &operator, id, Fields::Application(fields), false)
            .await
            .unwrap();
    };
    let code = code(&office, &by, None).await;
    move_to("https://elsewhere.example/cb").await;
    let rest = format!("&redirect_uri={REDIRECT}");
    for rest in ["", &rest] {
        assert_eq!(exchanged(&office, &by, &code, rest).await, error("invalid_grant", None));
    }
    move_to("https://elsewhere.example/cb https://client.example/cb").await;
    assert_eq!(exchanged(&office, &by, &code, &rest).await.0, StatusCode::OK, "nothing was taken");
}

#[tokio::test]
async fn a_code_is_of_no_use_to_others_nor_late() {
    let office = Office::new().await;
    let by = application(&office, "web", ClientType::Confidential).await;
    let other = application(&office, "other", ClientType::Confidential).await;
    let code_of_one = code(&office, &by, None).await;
    assert_eq!(exchanged(&office, &other, &code_of_one, "").await, error("invalid_grant", None));
    assert_eq!(exchanged(&office, &by, "unknown", "").await, error("invalid_grant", None));
    office.bed.clock.pass(SignedDuration::from_secs(601));
    assert_eq!(exchanged(&office, &by, &code_of_one, "").await, error("invalid_grant", None));
}

#[tokio::test]
async fn a_clock_that_was_ahead_gives_no_code_a_long_life() {
    let office = Office::new().await;
    let by = application(&office, "web", ClientType::Confidential).await;
    let principal = office.principal("alice").await;
    let authority = &office.bed.authority;
    let request = AuthorizationRequest {
        response_type: Some("code"),
        client_id: Some(&by.application.client_id),
        ..AuthorizationRequest::default()
    };
    let authorization = authority.read_authorization(request).await.unwrap();
    let mut ahead = office.bed.context();
    ahead.now += SignedDuration::from_hours(24);
    let code = authority.give_code(&ahead, &principal, &authorization).await.unwrap();
    assert_eq!(exchanged(&office, &by, code.expose(), "").await, error("invalid_grant", None));
}

#[tokio::test]
async fn a_challenge_must_be_met() {
    let office = Office::new().await;
    let by = application(&office, "app", ClientType::Public).await;
    let code_of = code(&office, &by, Some(CHALLENGE)).await;
    let public = |rest: String| {
        format!("client_id={}&grant_type=authorization_code&code={code_of}{rest}", by.application.client_id)
    };
    for flavour in FLAVOURS {
        let missing = office.post(flavour, "/token/", None, &public(String::new())).await;
        assert_eq!(
            text(&missing),
            r#"{"error": "invalid_request", "error_description": "Code verifier required."}"#
        );
        let wrong = format!("&code_verifier={CHALLENGE}");
        let wrong = office.post(flavour, "/token/", None, &public(wrong)).await;
        assert_eq!(text(&wrong), r#"{"error": "invalid_grant"}"#);
    }
    let code_of = code(&office, &by, Some(CHALLENGE)).await;
    let form = format!(
        "client_id={}&grant_type=authorization_code&code={code_of}&code_verifier={VERIFIER}",
        by.application.client_id
    );
    let response = office.post(&Flavour::AAP, "/token/", None, &form).await;
    assert_eq!(response.status(), StatusCode::CREATED, "{}", text(&response));
}

#[tokio::test]
async fn a_changed_life_of_codes_counts_at_once() {
    let office = Office::new().await;
    let by = application(&office, "web", ClientType::Confidential).await;
    office.bed.set("oauth2.AUTHORIZATION_CODE_EXPIRE_SECONDS", SettingValue::Integer(30)).await;
    let code = code(&office, &by, None).await;
    office.bed.clock.pass(SignedDuration::from_secs(31));
    assert_eq!(exchanged(&office, &by, &code, "").await, error("invalid_grant", None));
}
