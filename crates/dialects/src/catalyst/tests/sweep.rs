//! The sweep: every endpoint of the contract that asks for a proof is called without one and with wrong ones.

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use http::{HeaderName, Request, StatusCode};

use super::json;
use crate::bed::Bed;
use crate::catalyst::server::admin;
use crate::catalyst::{Catalyst, wire};
use crate::dialect::{Dialect as _, Owned};

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"];
const OTHERS: [&str; 7] = [
    wire::TOKEN,
    wire::SERVER,
    wire::ABOUT,
    wire::CONTROLLERS,
    "/dataservice/admin/user/nothing/here",
    "/jwt/nothing",
    "/apigw/login",
];

/// Ways to show nothing that counts, and whether they leave the client with a cookie.
fn ways() -> [Option<(HeaderName, String)>; 7] {
    let unknown = format!("{}.{}", "a".repeat(40), "5a3c1d7e-0000-4000-8000-000000000001");
    [
        None,
        Some((COOKIE, format!("JSESSIONID={unknown}"))),
        Some((COOKIE, "JSESSIONID=".to_owned())),
        Some((AUTHORIZATION, "Bearer unknown".to_owned())),
        Some((AUTHORIZATION, "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.".to_owned())),
        Some((AUTHORIZATION, "Bearer".to_owned())),
        Some((AUTHORIZATION, "Basic YWRtaW46Y29ycmVjdCBob3JzZQ==".to_owned())),
    ]
}

#[tokio::test]
async fn nobody_gets_past_without_a_proof() {
    let bed = Bed::new().await;
    for path in admin::PATHS.iter().chain(&OTHERS) {
        let path = path.replace(['{', '}'], "");
        for method in METHODS {
            for way in ways() {
                let has_authorization = way.as_ref().is_some_and(|(name, _)| name == AUTHORIZATION);
                let mut request = Request::builder().method(method).uri(&path);
                if let Some((name, value)) = way {
                    request = request.header(name, value);
                }
                let answer = bed.send(&Catalyst, request.body(Bytes::new()).unwrap()).await;
                assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
                let cookie = answer.headers().get(SET_COOKIE).map(|it| it.to_str().unwrap());
                let ends =
                    cookie.is_some_and(|it| it.starts_with("JSESSIONID=expired;") && it.contains("Expires="));
                assert_eq!(ends, !has_authorization, "{method} {path}: {cookie:?}");
                if method != "HEAD" {
                    let error = &json(&answer)["error"];
                    assert!(["message", "details", "code"].iter().all(|it| error[it].is_string()), "{error}");
                }
            }
        }
    }
}

#[test]
fn every_endpoint_of_the_administrators_is_owned() {
    for path in admin::PATHS {
        assert_eq!(Catalyst.owns(path), Owned::Yes, "{path}");
    }
}
