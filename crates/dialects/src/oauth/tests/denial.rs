//! How every denial is spelled.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use http::{Method, Request, StatusCode};
use identity::model::csrf::Forgery;
use identity::model::grant::GrantDenial;
use identity::model::object::Noun;
use identity::{Denial, Fault, Malformed, Origin, Refusal};
use jiff::{SignedDuration, Timestamp};
use tower::ServiceExt as _;

use crate::bed::Bed;
use crate::dialect::Broken;
use crate::oauth::denial::refuse;

async fn check(refusal: Refusal, status: u16, body: &str) {
    let response = refuse(&refusal);
    assert_eq!(response.status(), StatusCode::from_u16(status).unwrap(), "{refusal:?}");
    let is_client = matches!(refusal, Refusal::Denied(Denial::Grant(GrantDenial::InvalidClient)));
    if is_client {
        assert_eq!(response.headers()["www-authenticate"], "Bearer error=\"invalid_client\"");
    }
    if body.starts_with('{') {
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["pragma"], "no-cache");
    } else {
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    }
    let given = to_bytes(response.into_body(), 4096).await.unwrap();
    assert_eq!(std::str::from_utf8(&given).unwrap(), body, "{refusal:?}");
}

#[tokio::test]
async fn denials_of_grants_are_told_in_the_words_of_the_standards() {
    for (denial, status, body) in [
        (
            GrantDenial::InvalidRequest("Missing token parameter."),
            400,
            r#"{"error": "invalid_request", "error_description": "Missing token parameter."}"#,
        ),
        (GrantDenial::InvalidClient, 401, r#"{"error": "invalid_client"}"#),
        (
            GrantDenial::InvalidGrant(Some("Invalid credentials given.")),
            400,
            r#"{"error": "invalid_grant", "error_description": "Invalid credentials given."}"#,
        ),
        (GrantDenial::InvalidGrant(None), 400, r#"{"error": "invalid_grant"}"#),
        (GrantDenial::UnauthorizedClient, 400, r#"{"error": "unauthorized_client"}"#),
        (GrantDenial::UnsupportedGrantType, 400, r#"{"error": "unsupported_grant_type"}"#),
        (GrantDenial::InvalidScope, 400, r#"{"error": "invalid_scope"}"#),
        (GrantDenial::AccessDenied, 400, r#"{"error": "access_denied"}"#),
        (GrantDenial::AuthorizationPending, 400, r#"{"error": "authorization_pending"}"#),
        (GrantDenial::SlowDown, 400, r#"{"error": "slow_down"}"#),
        (GrantDenial::ExpiredToken, 400, r#"{"error": "expired_token"}"#),
        (GrantDenial::RefreshExpired, 403, "The refresh token has expired."),
    ] {
        check(Denial::Grant(denial).into(), status, body).await;
    }
}

#[tokio::test]
async fn a_user_who_may_not_sign_in_reads_like_a_wrong_password() {
    let body = r#"{"error": "invalid_grant", "error_description": "Invalid credentials given."}"#;
    for denial in [
        Denial::WrongPassword,
        Denial::Disabled,
        Denial::Locked(Timestamp::UNIX_EPOCH),
        Denial::TooManyAttempts(SignedDuration::from_secs(60)),
        Denial::MethodOff,
    ] {
        check(denial.into(), 400, body).await;
    }
}

#[tokio::test]
async fn users_of_other_sources_are_told_in_plain_words() {
    let text = "(access_denied) OAuth2 Tokens cannot be created by users associated with an external \
                authentication provider (social)";
    check(Denial::ExternalUser("social".to_owned()).into(), 403, text).await;
}

#[tokio::test]
async fn what_should_not_come_here_is_told_without_detail() {
    check(Denial::NoProof(None).into(), 401, r#"{"error": "invalid_client"}"#).await;
    check(Denial::MalformedProof(Malformed::Several).into(), 401, r#"{"error": "invalid_client"}"#).await;
    check(Denial::TokenExpired.into(), 400, r#"{"error": "invalid_grant"}"#).await;
    check(Denial::NotPermitted.into(), 400, r#"{"error": "unauthorized_client"}"#).await;
    check(Denial::Forged(Forgery::RefererAbsent).into(), 400, r#"{"error": "invalid_request"}"#).await;
    check(Refusal::Absent(Noun::Token), 400, r#"{"error": "invalid_grant"}"#).await;
    let fault = Fault::new(Origin::Store, "the disk of /srv is full");
    check(Refusal::Broken(fault), 500, r#"{"error": "server_error"}"#).await;
}

#[tokio::test]
async fn what_broke_is_kept_for_the_log() {
    let cause = std::io::Error::other("the disk of /srv is full");
    let fault = Fault::caused(Origin::Store, "the reading failed", cause);
    let noted = refuse(&Refusal::Broken(fault)).extensions_mut().remove::<Broken>().unwrap();
    assert_eq!(&*noted.0, "Store: the reading failed: the disk of /srv is full");
    assert!(refuse(&Denial::TokenExpired.into()).extensions().get::<Broken>().is_none());
    // It passes all layers that an answer passes. A request without its context is our own mistake.
    let bed = Bed::new().await;
    for (name, path) in [
        ("aap", "/o/token/"),
        ("aap", "/o/authorize/"),
        ("aap", "/api/gateway/v1/me/"),
        ("aap", "/api/gateway/v1/login/"),
        ("awx", "/api/o/token/"),
        ("awx", "/api/v2/me/"),
        ("awx", "/api/login/"),
    ] {
        let routes = crate::named(name).unwrap().routes(Arc::clone(&bed.authority));
        let method = if path.ends_with("/token/") { Method::POST } else { Method::GET };
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = routes.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500, "{path}");
        let noted = response.extensions().get::<Broken>().expect(path);
        assert_eq!(&*noted.0, "Internal: a request came without its context", "{path}");
    }
}

#[tokio::test]
async fn a_busy_server_says_when_to_come_again() {
    let refusal = Refusal::Busy(SignedDuration::from_secs(3));
    assert_eq!(refuse(&refusal).headers()["retry-after"], "3");
    check(refusal, 503, r#"{"error": "temporarily_unavailable"}"#).await;
    let soon = Refusal::Busy(SignedDuration::from_millis(10));
    assert_eq!(refuse(&soon).headers()["retry-after"], "1");
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let refusal = Refusal::from(Denial::TooManyRequests(SignedDuration::from_millis(1200)));
    assert_eq!(refuse(&refusal).headers()["retry-after"], "2");
    let body = r#"{"error": "temporarily_unavailable", "error_description": "Request was throttled. Expected available in 2 seconds."}"#;
    check(refusal, 429, body).await;
}
