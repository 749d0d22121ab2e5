//! How a dead session is answered: rule 12 of the contract's section 0, and the older ways.

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, LOCATION, SET_COOKIE};
use http::{Request, Response, StatusCode};
use identity::model::session::SessionKind;
use identity::{Denial, Ended, Refusal};
use jiff::SignedDuration;

use super::{get, json, signed_in};
use crate::bed::Bed;
use crate::catalyst::Catalyst;
use crate::dialect::{Dialect as _, Doorway, ExpiredSession};

fn refused(style: ExpiredSession, header: Option<(http::HeaderName, &str)>) -> Response<Bytes> {
    let mut request = Request::get("/dataservice/device");
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let doorway = Doorway { is_secure: true, expired_session: style, ..Doorway::default() };
    Catalyst.refuse(&Refusal::Denied(Denial::NoProof(Some(Ended::UNKNOWN))), &parts, &doorway)
}

const GONE: &str =
    "JSESSIONID=expired; Path=/; Secure; HttpOnly; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT";

#[test]
fn usually_with_an_error_and_an_expiring_cookie() {
    let answer = refused(ExpiredSession::Unauthorized, Some((COOKIE, "JSESSIONID=x")));
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers()[SET_COOKIE], GONE);
    let error = &json(&answer)["error"];
    assert!(["message", "details", "code"].iter().all(|it| error[it].is_string()), "{error}");
}

#[test]
fn or_with_the_login_page() {
    let answer = refused(ExpiredSession::LoginPage, None);
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.body().starts_with(b"<html>"));
    assert_eq!(answer.headers()[SET_COOKIE], GONE);
}

#[test]
fn or_with_a_redirect() {
    let answer = refused(ExpiredSession::Redirect, None);
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(answer.headers()[LOCATION], "/welcome.html");
    assert_eq!(answer.headers()[SET_COOKIE], GONE);
}

#[test]
fn who_shows_a_token_gets_an_error_whatever_the_service_wants() {
    for style in [ExpiredSession::Unauthorized, ExpiredSession::LoginPage, ExpiredSession::Redirect] {
        let answer = refused(style, Some((AUTHORIZATION, "Bearer eyJ.a.b")));
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert!(!answer.headers().contains_key(SET_COOKIE));
        assert!(json(&answer)["error"].is_object());
    }
}

#[tokio::test]
async fn a_session_that_rests_too_long_is_dead() {
    let bed = Bed::new().await;
    let secret = signed_in(&bed, "alice").await;
    bed.clock.pass(SignedDuration::from_secs(30 * 60 - 1));
    assert_eq!(get(&bed, "/dataservice/client/server", &secret).await.status(), StatusCode::OK);
    bed.clock.pass(SignedDuration::from_secs(30 * 60));
    let answer = get(&bed, "/dataservice/client/server", &secret).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers()[SET_COOKIE], GONE);
}

#[tokio::test]
async fn the_secret_of_another_contract_opens_nothing() {
    let bed = Bed::new().await;
    for kind in [SessionKind::Gateway, SessionKind::Controller, SessionKind::Cloud] {
        let session = bed.sign_in_as("alice", kind).await;
        let answer = get(&bed, "/dataservice/client/server", session.secret.expose()).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{kind:?}");
    }
}
