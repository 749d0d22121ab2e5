//! Plays every transcript against the server half, the recorded logins against the client half, and what no
//! single exchange shows.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{Request, Response, StatusCode};

use super::Catalyst;
use crate::bed::{Bed, PASSWORD, transcript};

mod abuse;
mod client;
mod expiry;
mod jwt;
mod login;
mod owned;
mod proof;
mod sweep;
mod tenant;

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn the_server_half_answers_as_recorded() {
    transcript::play_all(&Catalyst).await;
}

/// The answer to a GET that shows this cookie.
async fn get(bed: &Bed, path: &str, secret: &str) -> Response<Bytes> {
    let request = Request::get(path).header(COOKIE, format!("JSESSIONID={secret}"));
    bed.send(&Catalyst, request.body(Bytes::new()).unwrap()).await
}

/// A login by the form, with such a cookie in hand.
async fn enter(bed: &Bed, name: &str, password: &str, cookie: Option<&str>) -> Response<Bytes> {
    let password = password.replace(' ', "+");
    let mut request = Request::post("/j_security_check").header(CONTENT_TYPE, FORM);
    if let Some(secret) = cookie {
        request = request.header(COOKIE, format!("JSESSIONID={secret}"));
    }
    let body = Bytes::from(format!("j_username={name}&j_password={password}"));
    bed.send(&Catalyst, request.body(body).unwrap()).await
}

/// The secret of the session that a login gives.
async fn signed_in(bed: &Bed, name: &str) -> String {
    let answer = enter(bed, name, PASSWORD, None).await;
    assert_eq!((answer.status(), answer.body().len()), (StatusCode::OK, 0));
    secret_of(&answer)
}

fn secret_of(answer: &Response<Bytes>) -> String {
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    cookie.strip_prefix("JSESSIONID=").unwrap().split(';').next().unwrap().to_owned()
}

fn json(answer: &Response<Bytes>) -> serde_json::Value {
    serde_json::from_slice(answer.body()).unwrap()
}
