//! What a foreign page can do without any token: forms that sign in or out, links, other origins' scripts.

use std::sync::Arc;

use serde_json::json;

use super::shared::Shared;
use crate::support::visitor::LOGIN;
use crate::support::{ADMIN_PASSWORD, Request, Server};

const ME: &str = "/api/gateway/v1/me/";
const LOGOUT: &str = "/api/gateway/v1/logout/";
const HOSTS: &str = "/api/controller/v2/hosts/";
const ORGANIZATIONS: &str = "/api/gateway/v1/organizations/";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(Server::demo)
}

#[test]
fn case_053_reading_changes_nothing_whatever_it_claims_to_be() {
    let server = gateway();
    let id = server.make("organizations", &json!({"name": "c53"}));
    let object = format!("{ORGANIZATIONS}{id}/");
    let exists = || assert_eq!(server.as_admin("GET", &object).send().status, 200);
    for target in [format!("{object}?_method=DELETE"), format!("{object}?method=delete&_method=delete")] {
        server.as_admin("GET", &target).send();
        exists();
    }
    for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"] {
        for method in ["GET", "POST"] {
            server.as_admin(method, &object).header(name, "DELETE").send();
            exists();
        }
    }
    server.as_admin("GET", &object).form(&[("_method", "DELETE")]).send();
    server.as_admin("POST", &object).form(&[("_method", "DELETE")]).send();
    exists();
    // A body on a GET is allowed by the contract, and ignored.
    server.as_admin("GET", ORGANIZATIONS).json(&json!({"name": "c53-get"})).send().expect(200);
    let list = server.as_admin("GET", &format!("{ORGANIZATIONS}?name=c53-get")).send().expect(200).json();
    assert_eq!(list["count"], 0);
}

#[test]
fn case_053_the_override_does_not_reach_past_the_scope_of_a_token() {
    let server = gateway();
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "read");
    for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
        let answer = server.post(HOSTS).bearer(&token).header(name, "GET").send();
        assert_eq!(answer.status, 403, "{name}");
    }
}

#[test]
fn case_054_a_form_login_without_the_pages_token_begins_no_session() {
    let server = gateway();
    let fields = [("username", "admin"), ("password", ADMIN_PASSWORD)];
    let csrf = server.form_token();
    let made_up = "a".repeat(32);
    let with = |cookie: Option<&str>, header: Option<&str>, field: Option<&str>| {
        let mut fields = fields.to_vec();
        fields.extend(field.map(|it| ("csrfmiddlewaretoken", it)));
        let mut request = server.post(LOGIN);
        if let Some(cookie) = cookie {
            request = request.header("Cookie", format!("csrftoken={cookie}"));
        }
        if let Some(header) = header {
            request = request.header("X-CSRFToken", header);
        }
        request.form(&fields).send()
    };
    let refused = [
        (None, None, None),
        (Some(&*csrf), None, None),
        (None, Some(&*csrf), None),
        (None, None, Some(&*csrf)),
        (Some(&*made_up), Some(&*made_up), None),
        (Some(&*made_up), None, Some(&*made_up)),
        (Some(&*csrf), Some(&*made_up), None),
        (Some(&*csrf), None, Some(&*made_up)),
        (Some(&*made_up), Some(&*csrf), None),
        (Some(""), Some(""), Some("")),
    ];
    for (cookie, header, field) in refused {
        let answer = with(cookie, header, field);
        assert_eq!(answer.status, 403, "{cookie:?} {header:?} {field:?}");
        assert_eq!(answer.set_cookie("gateway_sessionid"), None);
        assert!(answer.text().contains("CSRF verification failed. Request aborted."));
    }
    assert_eq!(with(Some(&csrf), None, Some(&csrf)).status, 302);
    assert_eq!(with(Some(&csrf), Some(&csrf), None).status, 302);
}

#[test]
fn case_054_a_foreign_page_cannot_sign_a_browser_in() {
    let server = gateway();
    let csrf = server.form_token();
    let form = |name: &str, value: &str| {
        server
            .post(LOGIN)
            .header("Cookie", format!("csrftoken={csrf}"))
            .header(name, value)
            .form(&[("username", "admin"), ("password", ADMIN_PASSWORD), ("csrfmiddlewaretoken", &csrf)])
            .send()
    };
    for (name, value) in
        [("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")]
    {
        let answer = form(name, value);
        assert_eq!(answer.status, 403, "{name}: {value}");
        assert_eq!(answer.set_cookie("gateway_sessionid"), None);
    }
    assert_eq!(form("Origin", &format!("http://{}", server.http)).status, 302);
}

#[test]
fn case_054_the_token_of_before_signing_in_is_worth_nothing_after_it() {
    let server = gateway();
    let csrf = server.form_token();
    let mut session = server.sign_in("admin", ADMIN_PASSWORD);
    assert_ne!(session.csrf, csrf);
    session.csrf = csrf;
    assert_eq!(session.on(server.post(ORGANIZATIONS)).json(&json!({"name": "c54"})).send().status, 403);
}

#[test]
fn case_056_an_image_of_another_site_signs_nobody_out() {
    let server = gateway();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let is_alive = || session.on(server.get(ME)).send().status == 200;
    let embedded = |destination: &str, mode: &str| {
        session
            .on(server.get(LOGOUT))
            .header("Sec-Fetch-Site", "cross-site")
            .header("Sec-Fetch-Mode", mode)
            .header("Sec-Fetch-Dest", destination)
            .send()
    };
    for (destination, mode) in [
        ("image", "no-cors"),
        ("script", "no-cors"),
        ("empty", "cors"),
        ("iframe", "navigate"),
        ("style", "no-cors"),
    ] {
        let answer = embedded(destination, mode);
        assert_eq!(answer.status, 403, "{destination}");
        assert_eq!(answer.set_cookie("gateway_sessionid"), None, "the cookie stays: {destination}");
        assert!(is_alive(), "{destination}");
    }
    // By POST it takes the token, wherever it comes from.
    assert_eq!(session.without_token(server.post(LOGOUT)).send().status, 403);
    assert!(is_alive());
    let foreign = session.on(server.post(LOGOUT)).header("Origin", "https://evil.example").send();
    assert_eq!(foreign.status, 403);
    assert!(is_alive());
    // A browser that is sent here, as components do it, is signed out (contract section B5).
    assert_eq!(session.on(server.get(LOGOUT)).send().status, 302);
    assert!(!is_alive());
}

#[test]
fn case_058_no_foreign_origin_may_read_an_answer() {
    let server = gateway();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let origins =
        ["https://evil.example", "null", "http://127.0.0.1", "https://gateway.example.evil.example"];
    for origin in origins {
        for path in [ME, LOGIN, HOSTS, "/api/", "/api/gateway/v1/ping/", "/nowhere/"] {
            for method in ["GET", "OPTIONS", "POST"] {
                let request = session.without_token(server.request(method, path)).header("Origin", origin);
                let request = request
                    .header("Access-Control-Request-Method", "POST")
                    .header("Access-Control-Request-Headers", "x-csrftoken, authorization");
                let answer = request.send();
                let named: Vec<_> = answer
                    .headers
                    .iter()
                    .filter(|(name, _)| name.to_lowercase().starts_with("access-control-"))
                    .collect();
                assert!(named.is_empty(), "{method} {path} to {origin}: {named:?}");
            }
        }
    }
}

#[test]
fn case_058_a_preflight_is_no_way_round_the_proof() {
    let server = gateway();
    let preflight = |it: Request| {
        it.header("Origin", "https://evil.example").header("Access-Control-Request-Method", "POST").send()
    };
    assert_eq!(preflight(server.request("OPTIONS", HOSTS)).status, 401);
    assert_eq!(preflight(server.request("OPTIONS", ME)).status, 401);
}
