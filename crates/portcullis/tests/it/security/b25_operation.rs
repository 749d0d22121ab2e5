//! What administrators must not be able to break or to reach: the last of them, keys, addresses, inner pages.

use std::sync::Arc;

use serde_json::{Value, json};

use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Options, Server};

const PASSWORD: &str = "a wall of old stones 5";
const V1: &str = "/api/gateway/v1/";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(Server::demo)
}

fn settings(server: &Server, fields: &Value) -> u16 {
    server.as_admin("PUT", &format!("{V1}settings/all/")).json(fields).send().status
}

#[test]
fn case_184_the_last_administrator_stays() {
    let server = Server::demo();
    let me = server.as_admin("GET", &format!("{V1}me/")).send().expect(200).json();
    let target = me["results"][0]["url"].as_str().unwrap().to_owned();
    let demote = json!({"is_superuser": false});
    assert_eq!(server.as_admin("PATCH", &target).json(&demote).send().status, 400);
    let full = json!({"username": "admin", "is_superuser": false});
    assert_eq!(server.as_admin("PUT", &target).json(&full).send().status, 400);
    assert_eq!(server.as_admin("DELETE", &target).send().status, 400);
    for command in ["disable", "delete"] {
        let output = server.try_shell(&["user", command, "admin"], "");
        assert!(!output.status.success(), "{command}");
    }
    // One who is disabled does not count as another.
    let second =
        server.make("users", &json!({"username": "c184", "password": PASSWORD, "is_superuser": true}));
    server.shell(&["user", "disable", "c184"]);
    assert_eq!(server.as_admin("PATCH", &target).json(&demote).send().status, 400);
    assert_eq!(server.as_admin("DELETE", &target).send().status, 400);
    server.shell(&["user", "enable", "c184"]);
    assert_eq!(server.as_admin("PATCH", &target).json(&demote).send().status, 200);
    // Now the other one is the last.
    let second = format!("{V1}users/{second}/");
    assert_eq!(server.request("DELETE", &second).basic("c184", PASSWORD).send().status, 400);
    assert_eq!(server.me(|it| it.basic("c184", PASSWORD)), 200);
}

/// Two administrators remove each other at the same moment: each is not the last as far as it can see.
#[test]
fn case_184_two_administrators_cannot_remove_each_other_at_once() {
    let server = Server::demo();
    let admin = server.as_admin("GET", &format!("{V1}me/")).send().expect(200).json();
    let admin = admin["results"][0]["url"].as_str().unwrap().to_owned();
    let other =
        server.make("users", &json!({"username": "c184-other", "password": PASSWORD, "is_superuser": true}));
    let other = format!("{V1}users/{other}/");
    for round in 0..25 {
        let demote = |by: &str, password: &str, whom: &str| {
            let request = server.request("PATCH", whom).basic(by, password);
            request.json(&json!({"is_superuser": false})).send().status
        };
        let (first, second) = std::thread::scope(|scope| {
            let first = scope.spawn(|| demote("admin", ADMIN_PASSWORD, &other));
            let second = scope.spawn(|| demote("c184-other", PASSWORD, &admin));
            (first.join().unwrap(), second.join().unwrap())
        });
        let rules = |name: &str, password: &str| {
            server.get(&format!("{V1}settings/")).basic(name, password).send().status == 200
        };
        let is_left = (rules("admin", ADMIN_PASSWORD), rules("c184-other", PASSWORD));
        assert_ne!(is_left, (false, false), "round {round}: nobody is left ({first}, {second})");
        let promote = json!({"is_superuser": true});
        if !is_left.0 {
            server.request("PATCH", &admin).basic("c184-other", PASSWORD).json(&promote).send().expect(200);
        }
        if !is_left.1 {
            server.as_admin("PATCH", &other).json(&promote).send().expect(200);
        }
    }
}

#[test]
fn case_184_what_the_system_needs_cannot_be_removed() {
    let server = gateway();
    for path in ["authenticators/1/", "role_definitions/1/"] {
        let code = server.as_admin("DELETE", &format!("{V1}{path}")).send().status;
        assert!(matches!(code, 400 | 403 | 405 | 409), "DELETE {path}: {code}");
        assert_eq!(server.as_admin("GET", &format!("{V1}{path}")).send().status, 200, "{path}");
    }
    let off =
        server.as_admin("PATCH", &format!("{V1}authenticators/1/")).json(&json!({"enabled": false})).send();
    assert!(matches!(off.status, 400 | 403 | 405), "{}", off.status);
    assert_eq!(server.send_form("admin", ADMIN_PASSWORD).status, 302);
    // The system's own user is nobody's: not seen, not changed, not signed in with.
    let list = server.as_admin("GET", &format!("{V1}users/?page_size=200")).send().expect(200).json();
    let list = list["results"].as_array().unwrap();
    assert!(list.iter().all(|it| it["username"] != "_system"), "{list:?}");
    for id in 1..4 {
        let target = format!("{V1}users/{id}/");
        let found = server.as_admin("GET", &target).send();
        assert!(found.status == 404 || found.json()["username"] != "_system", "{target}");
    }
    let again = server.as_admin("POST", &format!("{V1}users/"));
    let again = again.json(&json!({"username": "_system", "password": PASSWORD})).send();
    assert_eq!(again.status, 400);
    assert_eq!(server.me(|it| it.basic("_system", PASSWORD)), 401);
    let output = server.try_shell(&["user", "passwd", "_system", "--password-stdin"], "a wall of stones 5\n");
    assert!(!output.status.success());
    assert_eq!(server.me(|it| it.basic("_system", "a wall of stones 5")), 401);
}

#[test]
fn case_185_inner_pages_are_not_at_the_front_door() {
    let upstream = crate::support::Upstream::start();
    let config = format!("[[service]]\nname = \"root\"\npath = \"/\"\nupstream = [\"{}\"]\n", upstream.url());
    let server = Server::start(Options { config, demo: true, ..Options::default() });
    let paths = [
        "/metrics",
        "/metrics/",
        "/debug",
        "/debug/pprof/",
        "/debug/vars",
        "/admin",
        "/admin/",
        "/_admin/",
        "/control",
        "/control.sock",
        "/health",
        "/healthz",
        "/readyz",
        "/livez",
        "/status",
        "/server-status",
        "/stats",
        "/config",
        "/config_dump",
        "/portcullis.toml",
        "/.git/config",
        "/.env",
        "/audit.jsonl",
        "/portcullis.db",
        "/actuator/env",
        "/certs",
        "/quitquitquit",
        "/api/gateway/metrics/",
        "/api/gateway/v1/metrics/",
        "/api/gateway/v1/debug/",
        "/api/gateway/v1/admin/",
        "/api/gateway/v1/config/",
    ];
    for path in paths {
        let answer = server.get(path).send();
        assert!(matches!(answer.status, 401 | 404), "{path}: {} {}", answer.status, answer.text());
        let text = answer.text();
        for word in ["portcullis_", "# TYPE", "PRIVATE", "sqlite", "argon2"] {
            assert!(!text.contains(word), "{path} tells {word}");
        }
    }
    assert!(upstream.received().is_empty());
}

#[test]
fn case_186_keys_are_neither_read_nor_set_through_the_api() {
    let server = gateway();
    let before = server.get(&format!("{V1}jwt_key/")).send().expect(200).text();
    assert!(before.contains("BEGIN PUBLIC KEY"));
    let read = server.as_admin("GET", &format!("{V1}settings/all/")).send().expect(200);
    assert!(!read.text().contains("PRIVATE KEY"), "{}", read.text());
    let shown = read.json()["jwt_private_key"].clone();
    assert!(matches!(shown.as_str(), None | Some("" | "$encrypted$")), "{shown}");
    let forged = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for fields in [
        json!({"jwt_private_key": forged}),
        json!({"jwt_public_key": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}),
        json!({"jwt_private_key": ""}),
    ] {
        settings(&server, &fields);
        assert_eq!(server.get(&format!("{V1}jwt_key/")).send().expect(200).text(), before, "{fields}");
        assert_eq!(server.as_admin("GET", "/api/controller/v2/hosts/").send().status, 200);
    }
    server.as_admin("DELETE", &format!("{V1}settings/all/jwt_private_key/")).send();
    assert_eq!(server.get(&format!("{V1}jwt_key/")).send().expect(200).text(), before);
    let made = server.as_admin("POST", &format!("{V1}service_keys/"));
    let made = made.json(&json!({"service_cluster": 1, "name": "x", "mark_previous_inactive": true})).send();
    assert!(matches!(made.status, 403..=405), "{}", made.status);
}

#[test]
fn case_187_addresses_in_settings_lead_nowhere_but_to_the_web() {
    let server = gateway();
    for wrong in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_x",
        "data:text/html,x",
        "//evil.example",
        "/\\evil.example",
        "ftp://x.example",
        "evil.example",
        "/\r\nSet-Cookie: x=y",
        "http://a\r\nb",
    ] {
        let code = settings(&server, &json!({"LOGIN_REDIRECT_OVERRIDE": wrong}));
        assert_eq!(code, 400, "LOGIN_REDIRECT_OVERRIDE {wrong:?}");
    }
    for wrong in ["file:///etc/passwd", "gopher://x", "javascript:x", "x", "http://a b/", "http://a\nb"] {
        let code = settings(&server, &json!({"gateway_proxy_url": wrong}));
        assert_eq!(code, 400, "gateway_proxy_url {wrong:?}");
    }
    for wrong in [
        "data:text/html;base64,PHNjcmlwdD4=",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:image/png;base64,!!!",
        "https://evil.example/logo.png",
        "javascript:x",
        "data:image/png;base64,aGVsbG8=\"onerror=x",
    ] {
        assert_eq!(settings(&server, &json!({"custom_logo": wrong})), 400, "custom_logo {wrong:?}");
    }
    // The header that carries the assertion cannot become another header of the request.
    for wrong in [
        "",
        "Host",
        "host",
        "Content-Length",
        "Transfer-Encoding",
        "Authorization",
        "Cookie",
        "X Y",
        "X:Y",
        "X\r\nY",
        "X_Y",
        "Connection",
        "X-Trusted-Proxy",
        "X-Forwarded-For",
    ] {
        let code = settings(&server, &json!({"gateway_token_name": wrong}));
        assert_eq!(code, 400, "gateway_token_name {wrong:?}");
    }
    let page = server.get(&format!("{V1}login/")).send().expect(200).text();
    assert!(!page.contains("javascript:") && !page.contains("evil.example"));
}

#[test]
fn case_187_no_service_can_be_added_through_the_api() {
    let server = gateway();
    for path in [
        "services/",
        "routes/",
        "service_clusters/",
        "service_nodes/",
        "http_ports/",
        "ca_certificates/",
        "authenticators/",
    ] {
        let body =
            json!({"name": "x", "address": "169.254.169.254", "service_port": 80, "gateway_path": "/meta/"});
        let answer = server.as_admin("POST", &format!("{V1}{path}")).json(&body).send();
        assert!(matches!(answer.status, 400 | 403 | 404 | 405 | 501), "{path}: {}", answer.status);
    }
    assert!(matches!(server.as_admin("GET", "/meta/").send().status, 401 | 404));
}
