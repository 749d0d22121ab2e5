//! Where browsers are sent, and whose word on our own name is believed.

use std::sync::Arc;

use serde_json::json;

use super::shared::Shared;
use crate::support::http::encode;
use crate::support::visitor::LOGIN;
use crate::support::{ADMIN_PASSWORD, Options, Response, Server};

const ROOT: &str = "/api/gateway/v1/";
const LOGOUT: &str = "/api/gateway/v1/logout/";
const ORGANIZATIONS: &str = "/api/gateway/v1/organizations/";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(Server::demo)
}

/// Addresses that must not be followed.
fn foreign(server: &Server) -> Vec<String> {
    let host = server.http.to_string();
    [
        "https://evil.example/",
        "http://evil.example",
        "//evil.example/",
        "///evil.example",
        "////evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/\\/evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        "/\n/evil.example",
        "\r\n//evil.example",
        " //evil.example",
        "\u{0}//evil.example",
        "\u{2028}//evil.example",
        "／／evil.example",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//",
        "data:text/html,x",
        "vbscript:x",
        "http:evil.example",
        "https:/evil.example",
        "http:///evil.example",
        "evil.example",
        "@evil.example",
        ".evil.example",
        "/.//evil.example",
        "/..//evil.example",
        "/x/..//evil.example",
        "/./\\evil.example",
        "/\r\nSet-Cookie: x=y",
        "/\r\n\r\n<script>",
        "?next=//evil.example",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([
        format!("http://{host}@evil.example/"),
        format!("http://{host}.evil.example/"),
        format!("http://{host}\\@evil.example/"),
        format!("http://evil.example\\@{host}/"),
        format!("http://evil.example#{host}/"),
        format!("http://evil.example?{host}/"),
        format!("http://{host}//evil.example/"),
        format!("http://{host}/\\evil.example/"),
        format!("http://x@{host}/"),
        format!("https://{host}/"),
        format!("ftp://{host}/"),
        format!("//{host}/"),
        format!("/{}", "a".repeat(10_000)),
    ])
    .collect()
}

/// A `Location` that leads to no other host and splits no header.
#[track_caller]
fn assert_default(answer: &Response, next: &str) {
    assert_eq!(answer.status, 302, "{next:?}");
    assert_eq!(answer.header_all("location"), [ROOT], "{next:?}");
    assert!(answer.header_all("set-cookie").iter().all(|it| !it.starts_with("x=y")), "{next:?}");
}

#[test]
fn case_107_after_signing_in_nobody_is_sent_elsewhere() {
    let server = gateway();
    let csrf = server.form_token();
    let sign_in = |query: &str, fields: &[(&str, &str)]| {
        let all = [&[("username", "admin"), ("password", ADMIN_PASSWORD)][..], fields].concat();
        server
            .post(&format!("{LOGIN}{query}"))
            .header("Cookie", format!("csrftoken={csrf}"))
            .header("X-CSRFToken", &*csrf)
            .form(&all)
            .send()
    };
    for next in foreign(&server) {
        assert_default(&sign_in("", &[("next", &next)]), &next);
        if next.len() < 1000 {
            assert_default(&sign_in(&format!("?next={}", encode(&next)), &[]), &next);
        }
    }
    // Of two that differ neither is followed blindly.
    let two = sign_in("", &[("next", "/api/"), ("next", "//evil.example")]);
    assert!(!two.header("location").unwrap_or_default().contains("evil"));
    for right in ["/", "/api/controller/v2/hosts/?page=2", "/overview#x", "/a%2Fb/"] {
        assert_eq!(sign_in("", &[("next", right)]).expect(302).header("location"), Some(right));
    }
    let own = format!("http://{}/overview", server.http);
    assert_eq!(sign_in("", &[("next", &own)]).expect(302).header("location"), Some("/overview"));
}

#[test]
fn case_107_after_signing_out_nobody_is_sent_elsewhere() {
    let server = gateway();
    for next in foreign(&server).into_iter().filter(|next| next.len() < 1000) {
        let answer = server.get(&format!("{LOGOUT}?next={}", encode(&next))).send();
        assert_default(&answer, &next);
    }
    let answer = server.get(&format!("{LOGOUT}?next=/login")).send().expect(302);
    assert_eq!(answer.header("location"), Some("/login"));
}

#[test]
fn case_107_the_page_repeats_no_foreign_address() {
    let server = gateway();
    for next in foreign(&server).into_iter().filter(|next| next.len() < 1000 && next.contains("evil")) {
        let page = server.get(&format!("{LOGIN}?next={}", encode(&next))).send().expect(200);
        assert!(!page.text().contains("evil.example"), "{next:?}");
    }
    let page = server.get(&format!("{LOGIN}?next={}", encode("/\"><script>alert(1)</script>"))).send();
    assert!(!page.expect(200).text().contains("<script>alert"));
}

#[test]
fn case_108_no_header_of_an_untrusted_peer_changes_our_name_or_scheme() {
    let server = gateway();
    let headers = [
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Server", "evil.example"),
        ("X-Host", "evil.example"),
        ("X-Original-Host", "evil.example"),
        ("Forwarded", "host=evil.example;proto=https"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Scheme", "https"),
        ("X-Forwarded-Ssl", "on"),
        ("Front-End-Https", "on"),
        ("X-Forwarded-Port", "1"),
        ("X-Forwarded-Prefix", "/evil"),
    ];
    for (name, value) in headers {
        for path in ["/api/", "/api/gateway/v1", ROOT, LOGIN, LOGOUT, "/api/gateway/v1/ui_auth/"] {
            let answer = server.get(path).header(name, value).send();
            let text = format!("{:?} {}", answer.headers, answer.text());
            assert!(!text.contains("evil"), "{path} {name}: {text}");
            assert!(!text.contains("; Secure"), "{path} {name}: {text}");
        }
        let page = server.as_admin("GET", &format!("{ORGANIZATIONS}?page_size=1")).header(name, value);
        assert!(!page.send().expect(200).text().contains("evil"), "{name}");
    }
    // An origin that matches the claimed host is foreign all the same.
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    for (name, value) in headers {
        let request = session.on(server.post(ORGANIZATIONS)).header(name, value);
        for origin in ["https://evil.example", "http://evil.example"] {
            let answer = request.clone().header("Origin", origin).json(&json!({"name": "c108"})).send();
            assert_eq!(answer.status, 403, "{name} {origin}");
        }
    }
}

#[test]
fn case_108_links_and_redirects_name_no_host() {
    let server = gateway();
    server.make("organizations", &json!({"name": "c108-links"}));
    for path in
        [format!("{ORGANIZATIONS}?page_size=1"), "/api/".to_owned(), ROOT.to_owned(), LOGIN.to_owned()]
    {
        let answer = server.as_admin("GET", &path).host("evil.example").send();
        let text = format!("{:?} {}", answer.headers, answer.text());
        assert!(!text.contains("evil.example"), "{path}: {text}");
    }
    let moved = server.as_admin("GET", "/api/gateway/v1/organizations?x=1").host("evil.example").send();
    assert_eq!(moved.status, 301);
    assert!(moved.header("location").unwrap().starts_with("/api/gateway/v1/organizations/"));
    let made =
        server.as_admin("POST", ORGANIZATIONS).host("evil.example").json(&json!({"name": "c108-made"}));
    assert!(made.send().expect(201).header("location").unwrap().starts_with(ORGANIZATIONS));
}

#[test]
fn case_110_with_a_list_of_hosts_only_those_are_served() {
    let names: Vec<_> = (0..100).map(|number| format!("\"h{number}.example\"")).collect();
    let config = format!("[listen]\nhosts = [\"Gateway.Example\", {}]\n", names.join(", "));
    let server = Server::start(Options { config, demo: true, ..Options::default() });
    let status =
        |host: &str, path: &str| server.get(path).host(host).try_send().map_or(400, |answer| answer.status);
    for known in [
        "gateway.example",
        "GATEWAY.EXAMPLE",
        "gateway.example:8443",
        "h0.example",
        "H99.Example",
        "h57.example:1",
    ] {
        assert_eq!(status(known, "/api/"), 200, "{known}");
    }
    for unknown in [
        "evil.example",
        "gateway.example.evil.example",
        "xgateway.example",
        "h100.example",
        "localhost",
        "127.0.0.1",
        "",
        "gateway.example@evil.example",
        "gateway.example evil.example",
        "gateway.example,evil.example",
        "gateway.example:evil",
        "gateway.example:",
        "gateway.example/evil",
        "[::1]",
        "h1_example",
        ".gateway.example",
        "gateway.example..",
    ] {
        for path in ["/api/", "/api/controller/v2/ping/", LOGIN] {
            assert!(matches!(status(unknown, path), 400 | 421), "{unknown:?} {path}");
        }
    }
    // A dot at the end names the same host; it is served as that or refused, never as another.
    assert!(matches!(status("gateway.example.", "/api/"), 200 | 400 | 421));
    // Health checks by address have a listener of their own name or are refused: no agent is exempt.
    let probe = server.get("/api/").host("10.0.0.1").header("User-Agent", "kube-probe/1.30").send();
    assert!(matches!(probe.status, 400 | 421));
}
