//! Forged requests at AWX's door: its session cookie alone changes nothing, signs nobody in and nobody out.

use std::sync::Arc;

use serde_json::json;

use super::grants::{AWX_LOGIN, AWX_ME, Browser, awx_sign_in, platform_sign_in};
use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Options, Server, Upstream};

const ORGANIZATIONS: &str = "/api/v2/organizations/";
const LOGOUT: &str = "/api/logout/";
const PASSWORD: &str = "a wall of old stones 5";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| Server::start(Options::default()))
}

fn is_alive(server: &Server, browser: &Browser) -> bool {
    browser.on(server.get(AWX_ME)).send().status == 200
}

#[test]
fn case_049_awx_s_session_needs_its_own_token() {
    let server = gateway();
    server.make_user("c49-awx", PASSWORD);
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    let other = awx_sign_in(&server, "c49-awx", PASSWORD);
    let twin = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    let platform = platform_sign_in(&server, "admin", ADMIN_PASSWORD);
    let stranger = server.get(AWX_LOGIN).send().cookie("csrftoken").unwrap().to_owned();
    let body = json!({"name": "c49-awx"});
    let made_up = "a".repeat(32);
    for token in ["", "x", &made_up, &stranger, &other.csrf, &twin.csrf, &platform.csrf, &browser.secret] {
        // In the header alone, and tossed as a cookie too.
        for cookie in [&*browser.csrf, token] {
            let answer = server
                .post(ORGANIZATIONS)
                .header("Cookie", format!("csrftoken={cookie}; awx_sessionid={}", browser.secret))
                .header("X-CSRFToken", token)
                .json(&body)
                .send();
            assert_eq!(answer.status, 403, "{token:?} {cookie:?}");
            assert!(answer.json()["detail"].as_str().unwrap().starts_with("CSRF Failed: "));
        }
    }
    assert_eq!(browser.without_token(server.post(ORGANIZATIONS)).json(&body).send().status, 403);
    for (method, path) in [
        ("POST", "/api/v2/tokens/"),
        ("POST", "/api/v2/users/admin/personal_tokens/"),
        ("POST", "/api/v2/users/"),
        ("PATCH", "/api/v2/users/1/"),
        ("PUT", "/api/v2/users/1/"),
        ("DELETE", "/api/v2/organizations/1/"),
        ("POST", "/api/v2/users/1/roles/"),
        ("PATCH", "/api/v2/settings/authentication/"),
        ("DELETE", "/api/v2/settings/authentication/"),
        ("POST", "/api/v2/applications/"),
    ] {
        let answer = browser.without_token(server.request(method, path)).json(&json!({"id": 1})).send();
        assert_eq!(answer.status, 403, "{method} {path}");
        assert!(answer.text().contains("CSRF"), "{method} {path}: {}", answer.text());
    }
    // As a simple form, as an image, with another method in disguise.
    let form = browser.without_token(server.post(ORGANIZATIONS)).form(&[("name", "c49-awx")]).send();
    assert!(matches!(form.status, 403 | 415));
    let text = browser.without_token(server.post(ORGANIZATIONS)).body("text/plain", body.to_string());
    assert!(matches!(text.send().status, 403 | 415));
    browser.without_token(server.get(&format!("{ORGANIZATIONS}?name=c49-awx&_method=POST"))).send();
    let count = server.as_admin("GET", &format!("{ORGANIZATIONS}?name=c49-awx")).send().json();
    assert_eq!(count["count"], 0);
    browser.on(server.post(ORGANIZATIONS)).json(&body).send().expect(201);
}

#[test]
fn case_049_a_forged_request_does_not_pass_to_a_service_behind_awx_s_door() {
    let upstream = Upstream::start();
    let server = Server::with_config(&format!(
        "[[service]]\nname = \"controller\"\npath = \"/api/v2/\"\nupstream = [\"{}\"]\ndialect = \"awx\"\n",
        upstream.url()
    ));
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let forged = browser.without_token(server.request(method, "/api/v2/jobs/1/")).json(&json!({}));
        assert_eq!(forged.send().status, 403, "{method}");
    }
    assert_eq!(upstream.received().len(), 0);
    browser.on(server.post("/api/v2/jobs/1/")).json(&json!({})).send().expect(200);
    let seen = upstream.last();
    let cookies = seen.header("cookie").unwrap_or_default().to_owned();
    assert!(!cookies.contains("sessionid") && !cookies.contains("csrftoken"), "{cookies}");
    // A session of the other door is none here, nor is a planted identity.
    let platform = platform_sign_in(&server, "admin", ADMIN_PASSWORD);
    assert_eq!(platform.on(server.get("/api/v2/jobs/1/")).send().status, 401);
    for (name, value) in [("X-Trusted-Proxy", "1-abc"), ("X-DAB-JW-TOKEN", "x"), ("X-WS-Session-Quiet", "1")]
    {
        assert_eq!(server.get("/api/v2/jobs/1/").header(name, value).send().status, 401, "{name}");
        assert!(upstream.received().iter().all(|it| it.header("x-ws-session-quiet").is_none()));
    }
}

#[test]
fn case_051_awx_s_door_believes_no_foreign_origin() {
    let server = gateway();
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    let host = server.http;
    for origin in [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        String::new(),
        format!("http://{host}.evil.example"),
        format!("http://evil{host}"),
        format!("https://{host}"),
        format!("http://{host}/"),
        format!("http://{host}@evil.example"),
        format!("http://{host}, http://evil.example"),
        "http://127.0.0.1:1".to_owned(),
    ] {
        let request = browser.on(server.post(ORGANIZATIONS)).header("Origin", &*origin);
        assert_eq!(request.json(&json!({"name": "c51-awx"})).send().status, 403, "{origin}");
        let out = browser.on(server.post(LOGOUT)).header("Origin", &*origin).form(&[]).send();
        assert_eq!(out.status, 403, "{origin}");
    }
    let cross = browser.on(server.post(ORGANIZATIONS)).header("Sec-Fetch-Site", "cross-site");
    assert_eq!(cross.json(&json!({"name": "c51-awx"})).send().status, 403);
    assert!(is_alive(&server, &browser));
    let own = browser.on(server.post(ORGANIZATIONS)).header("Origin", format!("http://{host}"));
    own.json(&json!({"name": "c51-awx"})).send().expect(201);
}

#[test]
fn case_054_nobody_is_signed_in_at_awx_s_door_from_elsewhere() {
    let server = gateway();
    let fields = [("username", "admin"), ("password", ADMIN_PASSWORD)];
    let csrf = server.get(AWX_LOGIN).send().cookie("csrftoken").unwrap().to_owned();
    let made_up = "a".repeat(32);
    let refused = [
        server.post(AWX_LOGIN),
        server.post(AWX_LOGIN).header("Cookie", format!("csrftoken={csrf}")),
        server.post(AWX_LOGIN).header("X-CSRFToken", &*csrf),
        server
            .post(AWX_LOGIN)
            .header("Cookie", format!("csrftoken={made_up}"))
            .header("X-CSRFToken", &*made_up),
        server.request("PUT", AWX_LOGIN),
        server
            .post(AWX_LOGIN)
            .header("Cookie", format!("csrftoken={csrf}"))
            .header("X-CSRFToken", &*csrf)
            .header("Origin", "https://evil.example"),
        server
            .post(AWX_LOGIN)
            .header("Cookie", format!("csrftoken={csrf}"))
            .header("X-CSRFToken", &*csrf)
            .header("Sec-Fetch-Site", "cross-site"),
    ];
    for request in refused {
        let answer = request.form(&fields).send();
        assert_eq!(answer.status, 403);
        assert_eq!(answer.set_cookie("awx_sessionid"), None);
    }
    // Names and passwords in an address sign nobody in.
    let target = format!("{AWX_LOGIN}?username=admin&password=the+gate+stays+shut+17");
    let request = server.post(&target).header("Cookie", format!("csrftoken={csrf}"));
    let answer = request.header("X-CSRFToken", &*csrf).form(&[]).send();
    assert_eq!((answer.status, answer.set_cookie("awx_sessionid")), (401, None));
    // The token of before is worth nothing afterwards.
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    let old = Browser { csrf, ..browser };
    assert_eq!(old.on(server.post(ORGANIZATIONS)).json(&json!({"name": "c54"})).send().status, 403);
}

#[test]
fn case_056_no_foreign_page_signs_anybody_out_at_awx_s_door() {
    let server = gateway();
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    for (site, mode, dest) in [
        ("cross-site", "no-cors", "image"),
        ("cross-site", "navigate", "iframe"),
        ("same-site", "no-cors", "script"),
    ] {
        let request = browser
            .without_token(server.get(LOGOUT))
            .header("Sec-Fetch-Site", site)
            .header("Sec-Fetch-Mode", mode)
            .header("Sec-Fetch-Dest", dest);
        assert_eq!(request.send().status, 403, "{site} {mode} {dest}");
        assert!(is_alive(&server, &browser));
    }
    assert_eq!(browser.without_token(server.post(LOGOUT)).form(&[]).send().status, 403);
    assert!(is_alive(&server, &browser));
    let out = browser.on(server.post(LOGOUT)).form(&[]).send().expect(302);
    assert!(out.set_cookie("userLoggedIn").unwrap().starts_with("userLoggedIn=false"));
    assert!(!is_alive(&server, &browser));
}

#[test]
fn case_058_awx_s_door_opens_to_no_other_origin() {
    let server = gateway();
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    for path in [AWX_ME, "/api/", AWX_LOGIN, "/o/", "/api/o/", "/o/token/", "/api/o/token/", "/o/authorize/"]
    {
        for method in ["GET", "OPTIONS", "POST"] {
            let request = browser.on(server.request(method, path)).header("Origin", "https://evil.example");
            let answer = request.header("Access-Control-Request-Method", "POST").send();
            for name in ["access-control-allow-origin", "access-control-allow-credentials"] {
                let value = answer.header(name);
                assert!(!value.is_some_and(|it| it.contains("evil")), "{method} {path} {name}: {value:?}");
                assert_ne!(value, Some("true"), "{method} {path} {name}");
            }
        }
    }
}
