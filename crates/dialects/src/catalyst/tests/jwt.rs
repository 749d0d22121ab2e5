//! The JWT login beyond one exchange.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::json as body_of;
use crate::bed::{Bed, PASSWORD};
use crate::catalyst::Catalyst;

async fn post(bed: &Bed, path: &str, body: &Value) -> Response<Bytes> {
    let request = Request::post(path).header(CONTENT_TYPE, "application/json");
    bed.send(&Catalyst, request.body(Bytes::from(body.to_string())).unwrap()).await
}

async fn login(bed: &Bed, duration: i64) -> Value {
    let body = json!({ "username": "alice", "password": PASSWORD, "duration": duration });
    body_of(&post(bed, "/jwt/login", &body).await)
}

/// The status of the token's address, asked with such a token.
async fn status(bed: &Bed, token: &Value) -> StatusCode {
    let request = Request::get("/dataservice/client/token");
    let request = request.header(AUTHORIZATION, format!("Bearer {}", token.as_str().unwrap()));
    bed.send(&Catalyst, request.body(Bytes::new()).unwrap()).await.status()
}

/// The status of a change, with a token and an XSRF token.
async fn change(bed: &Bed, token: &Value, csrf: &Value) -> StatusCode {
    let request = Request::post("/dataservice/client/server/x");
    let request = request.header(AUTHORIZATION, format!("Bearer {}", token.as_str().unwrap()));
    let request = request.header("X-XSRF-TOKEN", csrf.as_str().unwrap());
    bed.send(&Catalyst, request.body(Bytes::new()).unwrap()).await.status()
}

fn claims(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn an_access_token_lives_as_long_as_was_asked() {
    let bed = Bed::new().await;
    let answer = login(&bed, 60).await;
    bed.clock.pass(SignedDuration::from_secs(59));
    assert_eq!(status(&bed, &answer["token"]).await, StatusCode::OK);
    bed.clock.pass(SignedDuration::from_secs(1));
    assert_eq!(status(&bed, &answer["token"]).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_refreshed_token_goes_with_the_xsrf_token_of_the_login() {
    let bed = Bed::new().await;
    let answer = login(&bed, 60).await;
    bed.clock.pass(SignedDuration::from_secs(61));
    let refreshed = body_of(&post(&bed, "/jwt/refresh", &json!({ "refresh": answer["refresh"] })).await);
    assert_eq!(refreshed["refresh"], answer["refresh"]);
    assert_ne!(refreshed["token"], answer["token"]);
    // There is nothing at that address, which only those are told who may change something.
    assert_eq!(change(&bed, &refreshed["token"], &answer["csrf"]).await, StatusCode::NOT_FOUND);
    assert_eq!(change(&bed, &refreshed["token"], &json!("0")).await, StatusCode::FORBIDDEN);
    assert_eq!(claims(&refreshed["token"])["csrf"], answer["csrf"]);
}

#[tokio::test]
async fn tokens_say_what_the_contract_lists() {
    let bed = Bed::new().await;
    let answer = login(&bed, 60).await;
    let access = claims(&answer["token"]);
    for name in
        ["sub", "iss", "aud", "userGroup", "tenant", "duration", "exp", "csrf", "isAPIKey", "tenantId"]
    {
        assert_eq!(access[name], answer[name], "{name}");
    }
    let refresh = claims(&answer["refresh"]);
    assert_eq!(refresh["sub"], "alice");
    assert_eq!(refresh["csrf"], answer["csrf"]);
    // A day for each second of the access token's life.
    let lives = refresh["exp"].as_i64().unwrap() - answer["exp"].as_i64().unwrap() + 60;
    assert_eq!(lives, 60 * 24 * 60 * 60);
}

#[tokio::test]
async fn two_logins_of_one_instant_give_two_tokens() {
    let bed = Bed::new().await;
    let (first, second) = (login(&bed, 60).await, login(&bed, 60).await);
    assert_ne!(first["token"], second["token"]);
    assert_eq!(status(&bed, &first["token"]).await, StatusCode::OK);
    assert_eq!(status(&bed, &second["token"]).await, StatusCode::OK);
}

#[tokio::test]
async fn a_logout_ends_no_token() {
    let bed = Bed::new().await;
    let answer = login(&bed, 60).await;
    let key = json!(bed.token("alice", "write").await);
    for token in [&answer["token"], &key] {
        let request = Request::post("/logout");
        let request = request.header(AUTHORIZATION, format!("Bearer {}", token.as_str().unwrap()));
        let left = bed.send(&Catalyst, request.body(Bytes::new()).unwrap()).await;
        assert_eq!(left.status(), StatusCode::FOUND);
        assert_eq!(status(&bed, token).await, StatusCode::OK);
    }
}
