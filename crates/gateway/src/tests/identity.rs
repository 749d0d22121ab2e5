//! What a service learns of who asks: cases 122, 123, 126, 127, and the tokens' life.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::rig::{Rig, service, status};
use super::upstream::{Seen, Upstream};
use crate::config::IdentityProof;

fn claims(seen: &Seen) -> Value {
    let token = seen.one("x-dab-jw-token");
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

const SPOOFED: &str = "X-DAB-JW-TOKEN: evil\r\nX_DAB_JW_TOKEN: evil\r\nX.DAB.JW.TOKEN: evil\r\nX-Trusted-Proxy: evil\r\nX_Trusted-Proxy: evil\r\nRemote-User: evil\r\nRemote_User: evil\r\nX-Forwarded-User: evil\r\nX-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nX-Original-URL: /evil\r\nX-Rewrite-URL: /evil\r\nX-Envoy-External-Address: 6.6.6.6\r\nX-ANSIBLE-SERVICE-AUTH: evil\r\n";

fn assert_clean(seen: &Seen) {
    assert!(!seen.head.contains("evil") && !seen.head.contains("6.6.6.6"), "{}", seen.head);
    assert_eq!(seen.one("x-forwarded-for"), "127.0.0.1");
    assert_eq!(seen.one("x-envoy-external-address"), "127.0.0.1");
    assert_eq!(seen.one("x-forwarded-proto"), "http");
    assert_eq!(seen.one("x-forwarded-host"), "gw");
    assert_eq!(seen.one("x-request-id").len(), 36);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_122_only_our_identity_reaches_a_service() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let ann = rig.user("ann", false).await;
    let token = rig.token(&ann, "write").await;
    let lines = format!("{SPOOFED}Authorization: Bearer {token}\r\n");
    assert_eq!(status(&rig.get("/api/controller/v2/me/", &lines).await), 200);
    let seen = upstream.only();
    assert_clean(&seen);
    let claims = claims(&seen);
    assert_eq!(claims["sub"], ann.user().stable_id.0);
    assert_eq!(claims["iss"], "ansible-issuer");
    assert_eq!(claims["aud"], "ansible-services");
    assert_eq!(claims["version"], "1");
    assert_eq!(claims["user_data"]["username"], "ann");
    assert_eq!(claims["user_data"]["email"], "ann@example.com");
    assert_eq!(claims["user_data"]["is_superuser"], false);
    assert_eq!(claims["claims_hash"].as_str().unwrap().len(), 64);
    assert!(
        claims["objects"].is_object()
            && claims["object_roles"].is_object()
            && claims["global_roles"].is_array()
    );
    let left = claims["exp"].as_i64().unwrap() - rig.context().now.as_second();
    assert!((1..=600).contains(&left), "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_123_nobody_s_identity_reaches_a_public_path() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    assert_eq!(status(&rig.get("/api/controller/v2/ping/", SPOOFED).await), 200);
    let seen = upstream.only();
    assert_clean(&seen);
    assert!(seen.all("x-dab-jw-token").is_empty());
    assert!(seen.one("x-trusted-proxy").starts_with("17"), "signed by us");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_127_no_proof_of_the_user_reaches_a_service() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    rig.user("ann", false).await;
    let session = rig.session("ann").await;
    let secret = session.secret.expose();
    let lines = format!(
        "Cookie: a=1; gateway_sessionid={secret}; csrftoken=x; b=2\r\nProxy-Authorization: Basic eA==\r\n"
    );
    assert_eq!(status(&rig.get("/api/controller/v2/me/", &lines).await), 200);
    let seen = upstream.only();
    assert!(!seen.head.contains(secret));
    assert!(seen.all("authorization").is_empty() && seen.all("proxy-authorization").is_empty());
    assert_eq!(seen.one("cookie"), "a=1; b=2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_used_again_until_half_its_life_or_a_change() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let ann = rig.user("ann", false).await;
    let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "write").await);
    for wait in [0, 200, 200] {
        rig.advance(wait);
        assert_eq!(status(&rig.get("/api/controller/v2/me/", &lines).await), 200);
    }
    let fields = identity::action::UserFields { is_superuser: Some(true), ..Default::default() };
    let operator = rig.authority.operator().await.unwrap();
    let fields = identity::action::Fields::User(fields);
    rig.authority.update(&rig.context(), &operator, ann.user().id.0, fields, false).await.unwrap();
    assert_eq!(status(&rig.get("/api/controller/v2/me/", &lines).await), 200);
    let seen = upstream.seen();
    let tokens: Vec<&str> = seen.iter().map(|it| it.one("x-dab-jw-token")).collect();
    assert_eq!(tokens[0], tokens[1], "after 200 of 600 seconds");
    assert_ne!(tokens[1], tokens[2], "after 400 of 600 seconds");
    assert_eq!(claims(&seen[2])["user_data"]["is_superuser"], false);
    assert_eq!(claims(&seen[3])["user_data"]["is_superuser"], true, "a change is told at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_128_plain_headers_carry_any_name() {
    let upstream = Upstream::ok().await;
    let mut plain = service(&[upstream.address]);
    plain.identity = IdentityProof::Headers;
    let rig = Rig::before(plain).await;
    let ann = rig.user("ann@example", false).await;
    let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "write").await);
    assert_eq!(status(&rig.get("/api/controller/v2/me/", &lines).await), 200);
    let seen = upstream.only();
    assert_eq!(seen.one("x-forwarded-user"), "ann@example");
    assert_eq!(seen.one("x-forwarded-email"), "ann@example@example.com");
    assert!(seen.all("x-dab-jw-token").is_empty() && seen.all("x-trusted-proxy").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_is_kept_if_it_is_one() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let id = "5CFE1f44-27a6-4b4a-8d8e-1a3d5d1b0001";
    rig.get("/api/controller/v2/ping/", &format!("X-Request-Id: {id}\r\n")).await;
    rig.get("/api/controller/v2/ping/", "X-Request-Id: evil\"}\r\n").await;
    assert_eq!(upstream.seen()[0].one("x-request-id"), id);
    assert_eq!(upstream.seen()[1].one("x-request-id").len(), 36);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_echo_component_shows_the_identity() {
    let mut echo = service(&[]);
    echo.target = crate::config::Target::Echo;
    let rig = Rig::before(echo).await;
    let ann = rig.user("ann", true).await;
    let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "write").await);
    let answer = rig.post("/api/controller/v2/x/?q=1", &lines, "hello").await;
    let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(
        (&body["method"], &body["path"], &body["query"]),
        (&"POST".into(), &"/api/controller/v2/x/".into(), &"q=1".into())
    );
    assert_eq!(body["body_length"], 5);
    assert_eq!(body["identity"]["user_data"]["username"], "ann");
    assert!(body["headers"].get("authorization").is_none());
}
