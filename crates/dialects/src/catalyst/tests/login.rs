//! The form login beyond one exchange: what becomes of older sessions, of plain connections, of crowds.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, RETRY_AFTER, SET_COOKIE};
use http::{Request, StatusCode};
use identity::Denial;
use identity::model::setting::SettingValue;

use super::{FORM, enter, get, secret_of, signed_in};
use crate::bed::{Bed, PASSWORD};
use crate::catalyst::Catalyst;
use crate::dialect::Refused;

const TOKEN: &str = "/dataservice/client/token";

#[tokio::test]
async fn a_login_replaces_the_session_that_the_client_holds() {
    let bed = Bed::new().await;
    let old = signed_in(&bed, "alice").await;
    let other = signed_in(&bed, "alice").await;
    let new = secret_of(&enter(&bed, "alice", PASSWORD, Some(&old)).await);
    assert_ne!(new, old);
    assert_eq!(get(&bed, TOKEN, &old).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(get(&bed, TOKEN, &new).await.status(), StatusCode::OK);
    assert_eq!(get(&bed, TOKEN, &other).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_failed_login_leaves_the_session_that_the_client_holds() {
    let bed = Bed::new().await;
    let held = signed_in(&bed, "alice").await;
    let failed = enter(&bed, "alice", "wrong", Some(&held)).await;
    assert!(!failed.headers().contains_key(SET_COOKIE));
    assert_eq!(get(&bed, TOKEN, &held).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_planted_cookie_never_becomes_a_session() {
    let bed = Bed::new().await;
    let planted = format!("{}.{}", "a".repeat(40), "5a3c1d7e-0000-4000-8000-000000000001");
    assert_ne!(secret_of(&enter(&bed, "alice", PASSWORD, Some(&planted)).await), planted);
    assert_eq!(get(&bed, TOKEN, &planted).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn secrets_have_the_form_of_the_contract() {
    let bed = Bed::new().await;
    let secret = signed_in(&bed, "alice").await;
    let (random, node) = secret.split_once('.').unwrap();
    assert_eq!(random.len(), 40);
    assert!(random.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_'));
    assert_eq!(node, bed.authority.world.platform.service_id());
    // A secret without its end is another one.
    assert_eq!(get(&bed, TOKEN, random).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn over_a_plain_connection_the_cookie_is_not_secure() {
    let mut bed = Bed::new().await;
    bed.is_secure = false;
    let answer = enter(&bed, "alice", PASSWORD, None).await;
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly"), "{cookie}");
    let dead = get(&bed, TOKEN, "nobody").await;
    let cookie = dead.headers()[SET_COOKIE].to_str().unwrap();
    assert_eq!(
        cookie,
        "JSESSIONID=expired; Path=/; HttpOnly; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
    );
}

#[tokio::test]
async fn every_failed_login_looks_the_same() {
    let bed = Bed::new().await;
    let wrong = enter(&bed, "alice", "wrong", None).await;
    assert!(wrong.body().starts_with(b"<html>"));
    for (name, password) in [("nobody", "wrong"), ("bob", PASSWORD), ("bob", "wrong"), ("ADMIN", PASSWORD)] {
        let failed = enter(&bed, name, password, None).await;
        assert_eq!(failed.status(), wrong.status(), "{name}");
        assert_eq!(failed.headers(), wrong.headers(), "{name}");
        assert_eq!(failed.body(), wrong.body(), "{name}");
    }
}

#[tokio::test]
async fn a_locked_account_looks_like_a_wrong_password() {
    let bed = Bed::new().await;
    let wrong = enter(&bed, "alice", "wrong", None).await;
    for _ in 0..200 {
        enter(&bed, "alice", "wrong", None).await;
    }
    let locked = enter(&bed, "alice", PASSWORD, None).await;
    assert_eq!((locked.status(), locked.body()), (wrong.status(), wrong.body()));
    assert_eq!(locked.headers(), wrong.headers());
}

#[tokio::test]
async fn a_failed_login_tells_whoever_asks_why() {
    let bed = Bed::new().await;
    let failed = enter(&bed, "alice", "wrong", None).await;
    assert_eq!(failed.extensions().get::<Refused>().map(|it| &it.0), Some(&Denial::WrongPassword));
}

#[tokio::test]
async fn a_form_that_is_too_long_is_no_login() {
    let bed = Bed::new().await;
    let body = format!("j_username=alice&j_password={PASSWORD}&x={}", "y".repeat(70 * 1024));
    let request = Request::post("/j_security_check").header(CONTENT_TYPE, FORM);
    let answer = bed.send(&Catalyst, request.body(Bytes::from(body)).unwrap()).await;
    assert!(answer.body().starts_with(b"<html>"));
    assert!(!answer.headers().contains_key(SET_COOKIE));
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_when_to_come_again() {
    let bed = Bed::new().await;
    bed.set("catalyst.requestsPerSecond", SettingValue::Integer(2)).await;
    let secret = signed_in(&bed, "alice").await;
    for _ in 0..2 {
        assert_eq!(get(&bed, TOKEN, &secret).await.status(), StatusCode::OK);
    }
    let answer = get(&bed, TOKEN, &secret).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()[RETRY_AFTER], "1");
    assert!(!answer.headers().contains_key(SET_COOKIE));
    let body = super::json(&answer);
    assert_eq!(body["error"]["message"], "Too many requests");
}

#[tokio::test]
async fn a_logout_ends_the_session_and_no_other() {
    for method in ["POST", "GET"] {
        let bed = Bed::new().await;
        let (mine, other) = (signed_in(&bed, "alice").await, signed_in(&bed, "alice").await);
        let request = Request::builder().method(method).uri("/logout");
        let request = request.header(COOKIE, format!("JSESSIONID={mine}")).body(Bytes::new()).unwrap();
        assert_eq!(bed.send(&Catalyst, request).await.status(), StatusCode::FOUND);
        assert_eq!(get(&bed, TOKEN, &mine).await.status(), StatusCode::UNAUTHORIZED, "{method}");
        assert_eq!(get(&bed, TOKEN, &other).await.status(), StatusCode::OK, "{method}");
    }
}

#[tokio::test]
async fn another_site_signs_nobody_out() {
    let bed = Bed::new().await;
    let mine = signed_in(&bed, "alice").await;
    for (method, mode) in [("GET", "no-cors"), ("POST", "navigate"), ("POST", "cors")] {
        let request = Request::builder().method(method).uri("/logout");
        let request = request.header(COOKIE, format!("JSESSIONID={mine}"));
        let request = request.header("sec-fetch-site", "cross-site").header("sec-fetch-mode", mode);
        let answer = bed.send(&Catalyst, request.body(Bytes::new()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{method} {mode}");
        assert_eq!(get(&bed, TOKEN, &mine).await.status(), StatusCode::OK, "{method} {mode}");
    }
}
