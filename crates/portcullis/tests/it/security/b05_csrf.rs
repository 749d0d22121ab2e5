//! Requests that a foreign page makes a browser send: without the token, with a planted one, from elsewhere.

use std::sync::Arc;

use serde_json::json;

use super::shared::Shared;
use crate::support::visitor::LOGIN;
use crate::support::{ADMIN_PASSWORD, Options, Request, Response, Server, Session};

const ORGANIZATIONS: &str = "/api/gateway/v1/organizations/";
const HOSTS: &str = "/api/controller/v2/hosts/";
const PASSWORD: &str = "a wall of old stones 5";

static SHARED: Shared = Shared::new();

/// A gateway that believes the test about the scheme, as one behind a proxy that ends TLS does.
fn gateway() -> Arc<Server> {
    SHARED.get(|| {
        Server::start(Options {
            demo: true,
            config: "[trusted_proxies]\nnetworks = [\"127.0.0.1\"]\n".to_owned(),
            ..Options::default()
        })
    })
}

/// How many organizations have this name: what a forged request would have made.
fn made(server: &Server, name: &str) -> i64 {
    let list = server.as_admin("GET", &format!("{ORGANIZATIONS}?name={name}")).send().expect(200);
    list.json()["count"].as_i64().unwrap()
}

/// A change that would leave a trace, sent to our own API with this session's cookies.
fn attempt(server: &Server, session: &Session, name: &str) -> Request {
    session.without_token(server.post(ORGANIZATIONS)).json(&json!({"name": name}))
}

#[track_caller]
fn assert_forged(answer: &Response, reason: &str) {
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert_eq!(answer.json()["detail"], format!("CSRF Failed: {reason}"));
}

#[test]
fn case_049_no_empty_wrong_and_foreign_tokens_change_nothing() {
    let server = gateway();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let other = server.sign_in("admin", ADMIN_PASSWORD);
    let anonymous = server.form_token();
    let header = "CSRF token from the 'X-Csrftoken' HTTP header";
    let send = |token: Option<&str>| {
        let request = attempt(&server, &session, "c49");
        token.map_or(request.clone(), |token| request.header("X-CSRFToken", token)).send()
    };
    assert_forged(&send(None), "CSRF token missing.");
    assert_forged(&send(Some("short")), &format!("{header} has incorrect length."));
    assert_forged(&send(Some(&"-".repeat(32))), &format!("{header} has invalid characters."));
    for wrong in [&"a".repeat(32), &"a".repeat(64), &other.csrf, &anonymous, &session.secret] {
        assert_forged(&send(Some(wrong)), &format!("{header} incorrect."));
    }
    assert_eq!(send(Some("")).status, 403);
    assert_eq!(made(&server, "c49"), 0);
    send(Some(&session.csrf)).expect(201);
}

#[test]
fn case_049_every_changing_method_needs_the_token_here_and_through_the_proxy() {
    let server = gateway();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let id = server.make("organizations", &json!({"name": "c49-methods"}));
    let object = format!("{ORGANIZATIONS}{id}/");
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let own = if method == "POST" { ORGANIZATIONS } else { &object };
        for target in [own, HOSTS, "/api/gateway/v1/session/", "/api/gateway/v1/settings/all/"] {
            let answer = session.without_token(server.request(method, target)).json(&json!({})).send();
            assert_eq!(answer.status, 403, "{method} {target}: {}", answer.text());
            assert!(answer.text().contains("CSRF"), "{method} {target}: {}", answer.text());
        }
        let answer = session.on(server.request(method, HOSTS)).json(&json!({})).send();
        assert_eq!(answer.status, 200, "{method} with the token: {}", answer.text());
    }
    server.as_admin("GET", &object).send().expect(200);
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert_eq!(
            session.without_token(server.request(method, ORGANIZATIONS)).send().status,
            200,
            "{method}"
        );
        assert_eq!(session.without_token(server.request(method, HOSTS)).send().status, 200, "{method}");
    }
}

#[test]
fn case_049_both_forms_of_the_token_are_accepted_and_a_bent_one_is_not() {
    let server = gateway();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let cookies = format!("csrftoken={}; gateway_sessionid={}", session.csrf, session.secret);
    let page = server.get(LOGIN).header("Cookie", &*cookies).send().expect(200).text();
    let masked = page.split("\"csrfToken\": \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(masked.len(), 64);
    let send =
        |token: &str, name: &str| attempt(&server, &session, name).header("X-CSRFToken", token).send().status;
    assert_eq!(send(&masked, "c49-masked"), 201);
    let mut bent = masked.clone().into_bytes();
    bent[40] = if bent[40] == b'a' { b'b' } else { b'a' };
    assert_eq!(send(std::str::from_utf8(&bent).unwrap(), "c49-bent"), 403);
    // A 64-character cookie, as older servers set it, is the same token.
    let answer = server
        .post(ORGANIZATIONS)
        .header("Cookie", format!("csrftoken={masked}; gateway_sessionid={}", session.secret))
        .header("X-CSRFToken", &*session.csrf)
        .json(&json!({"name": "c49-cookie"}));
    assert_eq!(answer.send().status, 201);
}

#[test]
fn case_050_a_planted_pair_of_cookie_and_header_is_refused() {
    let server = gateway();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let attacker = server.sign_in("admin", ADMIN_PASSWORD);
    for planted in ["a".repeat(32), "a".repeat(64), attacker.csrf, server.form_token()] {
        let tossed = Session { secret: session.secret.clone(), csrf: planted.clone() };
        for target in [ORGANIZATIONS, HOSTS, "/api/gateway/v1/session/"] {
            let answer = tossed.on(server.post(target)).json(&json!({"name": "c50"})).send();
            assert_eq!(answer.status, 403, "{target} {planted}: {}", answer.text());
        }
    }
    // Tossed before the right cookie or behind it: the header is the attacker's all the same.
    let wrong = "b".repeat(32);
    for cookies in [
        format!("csrftoken={wrong}; csrftoken={}; gateway_sessionid={}", session.csrf, session.secret),
        format!("csrftoken={}; gateway_sessionid={}; csrftoken={wrong}", session.csrf, session.secret),
    ] {
        let request = server.post(ORGANIZATIONS).header("Cookie", cookies).json(&json!({"name": "c50"}));
        assert_eq!(request.header("X-CSRFToken", &*wrong).send().status, 403);
    }
    assert_eq!(made(&server, "c50"), 0);
}

#[test]
fn case_051_a_right_token_from_a_foreign_origin_is_refused() {
    let server = gateway();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let port = server.http.port();
    let own = format!("http://{}", server.http);
    let foreign = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        String::new(),
        format!("https://{}", server.http),
        format!("{own}.evil.example"),
        format!("http://evil{}", server.http),
        format!("http://127.0.0.1:{port}0"),
        "http://127.0.0.1".to_owned(),
        format!("http://evil.example@127.0.0.1:{port}"),
        format!("{own}/"),
        format!("{own}, https://evil.example"),
        format!("https://evil.example {own}"),
        format!("http://127.0.0.1.evil.example:{port}"),
        format!("http://localhost:{port}"),
        own.replace("http://", "http:///"),
        own.replace("http://", "//"),
    ];
    for origin in foreign {
        for target in [ORGANIZATIONS, HOSTS] {
            let request = session.on(server.post(target)).header("Origin", &*origin);
            let answer = request.json(&json!({"name": "c51"})).send();
            assert_eq!(answer.status, 403, "{origin:?} at {target}: {}", answer.text());
        }
    }
    // Two Origin fields are no origin.
    let two = session.on(server.post(ORGANIZATIONS)).header("Origin", &*own);
    let two = two.header("Origin", "https://evil.example").json(&json!({"name": "c51"}));
    assert!(matches!(two.send().status, 400 | 403));
    assert_eq!(made(&server, "c51"), 0);
    let right = session.on(server.post(ORGANIZATIONS)).header("Origin", &*own);
    right.json(&json!({"name": "c51-right"})).send().expect(201);
}

#[test]
fn case_051_over_https_a_request_without_origin_needs_our_referer() {
    let server = gateway();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let host = server.http.to_string();
    let send = |referer: Option<&str>| {
        let request = session.on(server.post(ORGANIZATIONS)).header("X-Forwarded-Proto", "https");
        let request = request.json(&json!({"name": "c51-referer"}));
        referer.map_or(request.clone(), |referer| request.header("Referer", referer)).send()
    };
    assert_forged(&send(None), "Referer checking failed - no Referer.");
    assert_forged(&send(Some("nonsense")), "Referer checking failed - Referer is malformed.");
    assert_forged(
        &send(Some(&format!("http://{host}/"))),
        "Referer checking failed - Referer is insecure while host is secure.",
    );
    for foreign in [
        "https://evil.example/".to_owned(),
        format!("https://evil.example/{host}/"),
        format!("https://{host}.evil.example/"),
        format!("https://{host}@evil.example/"),
        format!("https://evil.example\\@{host}/"),
        format!("https://evil.example#https://{host}/"),
        format!("https://evil.example?{host}"),
        format!("https:///{host}/"),
        format!("https://x{host}/"),
    ] {
        let answer = send(Some(&foreign));
        assert_eq!(answer.status, 403, "{foreign}: {}", answer.text());
    }
    assert_eq!(made(&server, "c51-referer"), 0);
    send(Some(&format!("https://{host}/anything?x=1"))).expect(201);
}

#[test]
fn case_051_only_listed_origins_are_trusted_and_not_their_look_alikes() {
    let server = gateway();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    server.set(&json!({"CSRF_TRUSTED_ORIGINS": ["https://portal.example", "https://*.wide.example"]}));
    let mut number = 0;
    let mut send = |origin: &str| {
        number += 1;
        let name = format!("c51-trusted-{number}");
        let request = session.on(server.post(ORGANIZATIONS)).header("Origin", origin);
        request.json(&json!({"name": name})).send().status
    };
    assert_eq!(send("https://portal.example"), 201);
    assert_eq!(send("https://a.wide.example"), 201);
    for foreign in [
        "http://portal.example",
        "https://portal.example.evil.example",
        "https://evilportal.example",
        "https://portal.example:8443",
        "https://x.portal.example",
        "https://wide.example",
        "https://evilwide.example",
        "https://a.wide.example.evil.example",
        "https://.wide.example",
        "https://evil.example/.wide.example",
        "https://evil.example#.wide.example",
        "https://evil.example?.wide.example",
        "https://evil.example:1@a.wide.example",
    ] {
        assert_eq!(send(foreign), 403, "{foreign}");
    }
    server.set(&json!({"CSRF_TRUSTED_ORIGINS": []}));
    assert_eq!(send("https://portal.example"), 403, "no longer trusted");
}

#[test]
fn case_051_the_setting_of_trusted_origins_takes_no_open_door() {
    let server = gateway();
    for wrong in [
        json!(["*"]),
        json!(["https://*"]),
        json!(["portal.example"]),
        json!(["https://"]),
        json!(["null"]),
        json!(["https://*.*.example"]),
        json!(["javascript://x"]),
        json!("https://portal.example"),
        json!([1]),
    ] {
        let request = server.as_admin("PUT", "/api/gateway/v1/settings/all/");
        let answer = request.json(&json!({"CSRF_TRUSTED_ORIGINS": wrong})).send();
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.text());
    }
    let read = server.as_admin("GET", "/api/gateway/v1/settings/all/").send().expect(200).json();
    let origins = read["CSRF_TRUSTED_ORIGINS"].as_array().cloned().unwrap_or_default();
    assert!(origins.iter().all(|it| *it != "*" && *it != "https://*"), "{origins:?}");
}

#[test]
fn case_052_a_browser_that_says_cross_site_is_believed() {
    let server = gateway();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let types = [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ];
    for target in [ORGANIZATIONS, HOSTS] {
        for content_type in types {
            let request = session.on(server.post(target)).header("Sec-Fetch-Site", "cross-site");
            let answer = request.body(content_type, "{\"name\": \"c52\"}").send();
            assert_eq!(answer.status, 403, "{target} {content_type}: {}", answer.text());
        }
    }
    assert_eq!(made(&server, "c52"), 0);
    for site in ["same-origin", "same-site", "none"] {
        let request = session.on(server.post(ORGANIZATIONS)).header("Sec-Fetch-Site", site);
        request.json(&json!({"name": format!("c52-{site}")})).send().expect(201);
    }
}

#[test]
fn case_057_bearer_and_basic_callers_need_no_token() {
    let server = gateway();
    let id = server.make_user("c57", PASSWORD);
    let (_, token) = server.make_token("c57", PASSWORD, "write");
    let target = format!("/api/gateway/v1/users/{id}/");
    let mut number = 0;
    let mut send = |proof: &dyn Fn(Request) -> Request| {
        number += 1;
        let request = proof(server.request("PATCH", &target)).header("Origin", "https://evil.example");
        request.json(&json!({"first_name": format!("{number}")})).send().status
    };
    assert_eq!(send(&|it| it.bearer(&token)), 200);
    assert_eq!(send(&|it| it.basic("c57", PASSWORD)), 200);
    assert_eq!(server.post(HOSTS).bearer(&token).send().status, 200);
    assert_eq!(server.post(HOSTS).basic("c57", PASSWORD).send().status, 200);
    let session = server.sign_in("c57", PASSWORD);
    // A valid token beside the cookie speaks; a name and a password beside it do not (contract section B3).
    assert_eq!(send(&|it| session.without_token(it).bearer(&token)), 200);
    assert_eq!(send(&|it| session.without_token(it).basic("c57", PASSWORD)), 403);
    // A bad token never makes the cookie speak.
    assert_eq!(send(&|it| session.on(it).bearer("wrong")), 401);
}
