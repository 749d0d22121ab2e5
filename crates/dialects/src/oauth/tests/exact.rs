//! A table of requests and their exact answers, in both contracts.

use bytes::Bytes;
use http::{Method, Request, StatusCode};

use crate::bed::PASSWORD;
use crate::oauth::Flavour;
use crate::oauth::bed::{FLAVOURS, Office, basic, request, text};

const TOKEN: &str = "/token/";
const REVOKE: &str = "/revoke_token/";
const INTROSPECT: &str = "/introspect/";
const DEVICE: &str = "/device_authorization/";

/// What is asked without the right to it, or wrongly: path, whether the application shows itself, form, status,
/// body.
const WRONG: &[(&str, bool, &str, u16, &str)] = &[
    (TOKEN, true, "", 400, r#"{"error": "unsupported_grant_type"}"#),
    (TOKEN, true, "grant_type=magic", 400, r#"{"error": "unsupported_grant_type"}"#),
    (TOKEN, false, "grant_type=magic", 400, r#"{"error": "unsupported_grant_type"}"#),
    (TOKEN, true, "grant_type=implicit", 400, r#"{"error": "unsupported_grant_type"}"#),
    (
        TOKEN,
        true,
        "grant_type=password&username=alice",
        400,
        r#"{"error": "invalid_request", "error_description": "Request is missing password parameter."}"#,
    ),
    (
        TOKEN,
        true,
        "grant_type=password&username=alice&password=",
        400,
        r#"{"error": "invalid_request", "error_description": "Request is missing password parameter."}"#,
    ),
    (
        TOKEN,
        true,
        "grant_type=password&password=x",
        400,
        r#"{"error": "invalid_request", "error_description": "Request is missing username parameter."}"#,
    ),
    (
        TOKEN,
        true,
        "grant_type=password&username=alice&username=admin&password=x",
        400,
        r#"{"error": "invalid_request", "error_description": "Duplicate username parameter."}"#,
    ),
    (
        TOKEN,
        true,
        "grant_type=password&username=alice&password=wrong",
        400,
        r#"{"error": "invalid_grant", "error_description": "Invalid credentials given."}"#,
    ),
    (
        TOKEN,
        true,
        "grant_type=password&username=nobody&password=wrong",
        400,
        r#"{"error": "invalid_grant", "error_description": "Invalid credentials given."}"#,
    ),
    (
        TOKEN,
        true,
        "grant_type=password&username=bob&password=correct+horse",
        400,
        r#"{"error": "invalid_grant", "error_description": "Invalid credentials given."}"#,
    ),
    (
        TOKEN,
        true,
        "grant_type=password&username=alice&password=correct+horse&scope=admin",
        400,
        r#"{"error": "invalid_scope"}"#,
    ),
    (
        TOKEN,
        false,
        "grant_type=password&username=alice&password=correct+horse",
        401,
        r#"{"error": "invalid_client"}"#,
    ),
    (TOKEN, true, "grant_type=client_credentials", 400, r#"{"error": "unauthorized_client"}"#),
    (TOKEN, true, "grant_type=authorization_code&code=x", 400, r#"{"error": "unauthorized_client"}"#),
    (
        TOKEN,
        true,
        "grant_type=authorization_code",
        400,
        r#"{"error": "invalid_request", "error_description": "Missing code parameter."}"#,
    ),
    (
        TOKEN,
        true,
        "grant_type=refresh_token",
        400,
        r#"{"error": "invalid_request", "error_description": "Missing refresh token parameter."}"#,
    ),
    (TOKEN, true, "grant_type=refresh_token&refresh_token=unknown", 400, r#"{"error": "invalid_grant"}"#),
    (
        REVOKE,
        true,
        "",
        400,
        r#"{"error": "invalid_request", "error_description": "Missing token parameter."}"#,
    ),
    (REVOKE, false, "token=x", 401, r#"{"error": "invalid_client"}"#),
    (REVOKE, true, "token=x", 200, ""),
    (REVOKE, true, "token=x&token_type_hint=access_token", 200, ""),
    (
        INTROSPECT,
        true,
        "token_type_hint=access_token",
        400,
        r#"{"error": "invalid_request", "error_description": "Missing token parameter."}"#,
    ),
    (INTROSPECT, false, "token=x", 401, r#"{"error": "invalid_client"}"#),
    (INTROSPECT, true, "token=x", 200, r#"{"active": false}"#),
    (DEVICE, false, "", 401, r#"{"error": "invalid_client"}"#),
    (DEVICE, true, "", 400, r#"{"error": "unauthorized_client"}"#),
];

#[tokio::test]
async fn what_is_wrong_is_told_exactly() {
    let office = Office::new().await;
    let application = office.password_application().await;
    let authorization = application.basic();
    for flavour in FLAVOURS {
        for (path, is_shown, form, status, body) in WRONG {
            let shown = is_shown.then_some(authorization.as_str());
            let response = office.post(flavour, path, shown, form).await;
            let what = format!("{}{path} {form}", flavour.root);
            assert_eq!((response.status().as_u16(), text(&response)), (*status, *body), "{what}");
            let headers = response.headers();
            if body.is_empty() {
                assert_eq!(headers["content-type"], "text/html; charset=utf-8", "{what}");
            } else {
                assert_eq!(headers["content-type"], "application/json", "{what}");
                assert_eq!(headers["pragma"], "no-cache", "{what}");
            }
            assert_eq!(headers["cache-control"], "no-store", "{what}");
            let challenge = headers.get("www-authenticate");
            assert_eq!(challenge.is_some(), *status == 401, "{what}");
            assert!(challenge.is_none_or(|it| it == "Bearer error=\"invalid_client\""), "{what}");
            assert!(!headers.contains_key("access-control-allow-origin"), "{what}");
        }
    }
}

#[tokio::test]
async fn only_forms_by_post_are_understood() {
    let office = Office::new().await;
    let authorization = office.password_application().await.basic();
    for flavour in FLAVOURS {
        for path in [TOKEN, REVOKE, INTROSPECT, DEVICE] {
            for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH] {
                let response = office.send(flavour, plain(flavour, &method, path)).await;
                assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
                assert_eq!(response.headers()["allow"], "POST, OPTIONS");
            }
            let response = office.send(flavour, plain(flavour, &Method::OPTIONS, path)).await;
            assert_eq!((response.status(), response.body().len()), (StatusCode::OK, 0));
            assert_eq!(response.headers()["allow"], "POST, OPTIONS");
        }
        let mut json = request(flavour, TOKEN, Some(&authorization), r#"{"grant_type":"password"}"#);
        json.headers_mut().insert("content-type", "application/json".parse().unwrap());
        let response = office.send(flavour, json).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(text(&response), r#"{"error": "unsupported_grant_type"}"#);
    }
}

#[tokio::test]
async fn nothing_is_taken_from_the_address() {
    let office = Office::new().await;
    let application = office.password_application().await;
    let query = format!("grant_type=password&username=alice&password={}", PASSWORD.replace(' ', "+"));
    for flavour in FLAVOURS {
        for path in [TOKEN, REVOKE, INTROSPECT, DEVICE] {
            let path = format!("{path}?{query}");
            let response = office.post(flavour, &path, Some(&application.basic()), &query).await;
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{path}");
            assert_eq!(
                text(&response),
                r#"{"error": "invalid_request", "error_description": "URL query parameters are not allowed"}"#
            );
        }
    }
}

#[tokio::test]
async fn what_is_too_long_is_refused_unread() {
    let office = Office::new().await;
    let authorization = office.password_application().await.basic();
    let form = |length: usize| {
        format!("grant_type=password&username=alice&password=correct+horse&scope={}", "read+".repeat(length))
    };
    // 200 kB, more than a field may have, more than a scope may have.
    for (length, error) in [(40_000, "invalid_request"), (2_000, "invalid_request"), (500, "invalid_scope")] {
        let response = office.post(&Flavour::AAP, TOKEN, Some(&authorization), &form(length)).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{length}");
        assert!(text(&response).starts_with(&format!(r#"{{"error": "{error}""#)), "{}", text(&response));
    }
    let long = basic(&"x".repeat(10_000), "y");
    let response = office.post(&Flavour::AAP, TOKEN, Some(&long), &form(1)).await;
    assert_eq!((response.status().as_u16(), text(&response)), (401, r#"{"error": "invalid_client"}"#));
}

#[tokio::test]
async fn a_session_is_of_no_use_and_no_token_against_forgery_is_asked() {
    let office = Office::new().await;
    let session = office.bed.sign_in("alice").await;
    let form = "grant_type=password&username=alice&password=correct+horse";
    let mut request = request(&Flavour::AAP, TOKEN, None, form);
    let cookie = format!("gateway_sessionid={}", session.secret.expose());
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    request.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    let response = office.send(&Flavour::AAP, request).await;
    assert_eq!((response.status().as_u16(), text(&response)), (401, r#"{"error": "invalid_client"}"#));
}

#[tokio::test]
async fn a_missing_slash_is_told_and_other_paths_are_unknown() {
    let office = Office::new().await;
    for flavour in FLAVOURS {
        for (path, location) in [("", "/"), ("/token", "/token/"), ("/authorize?a=1", "/authorize/?a=1")] {
            let response = office.send(flavour, plain(flavour, &Method::GET, path)).await;
            assert_eq!(response.status(), StatusCode::MOVED_PERMANENTLY, "{path}");
            assert_eq!(response.headers()["location"], format!("{}{location}", flavour.root));
        }
        for path in ["/nothing/", "/token/1/", "/tokens", "/.well-known/other"] {
            let response = office.send(flavour, plain(flavour, &Method::GET, path)).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}

fn plain(flavour: &Flavour, method: &Method, path: &str) -> Request<Bytes> {
    let request = Request::builder().method(method).uri(format!("{}{path}", flavour.root));
    request.body(Bytes::new()).unwrap()
}
