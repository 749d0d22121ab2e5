//! What must not change the decision at the proxy: headers, user agents, prefixes, methods (cases 116-121).

use std::sync::OnceLock;

use super::shared::Shared;
use super::stage::{Stage, admin_line, services, shared};
use crate::support::raw::talk;
use crate::support::upstream::Answer;
use crate::support::{Options, Server, Upstream};

static SERVER: Shared = Shared::new();
static UPSTREAM: OnceLock<Upstream> = OnceLock::new();

fn stage() -> Stage {
    shared(&SERVER, &UPSTREAM)
}

const PATH_HEADERS: &[&str] = &[
    "X-Forwarded-Uri",
    "X-Forwarded-Path",
    "X-Forwarded-Prefix",
    "X-Forwarded-Method",
    "X-Original-URL",
    "X-Original-URI",
    "X-Rewrite-URL",
    "X_Original_URL",
    "X.Rewrite.URL",
    "X-Original-Host",
    "X-Forwarded-Host",
    "X-HTTP-Method-Override",
    "X-Method-Override",
    "X-HTTP-Method",
    "X-Envoy-Original-Path",
    "X-Auth-Request-Redirect",
    "Forwarded",
];

#[test]
fn case_116_headers_that_name_another_path_are_ignored_and_removed() {
    let stage = stage();
    for (index, name) in PATH_HEADERS.iter().enumerate() {
        let (closed, open) = (format!("/api/controller/v2/closed116-{index}/"), "/api/controller/v2/ping/");
        let answer = stage.server.get(&closed).header(name, open).send();
        assert_eq!(answer.status, 401, "{name}");
        let marked = format!("{open}?open116-{index}");
        stage.server.get(&marked).header(name, "/api/vault/planted").send().expect(200);
        let received = &stage.seen(&format!("open116-{index}"))[0];
        assert_eq!(received.target, marked, "{name}");
        assert!(!format!("{received:?}").contains("planted"), "{name}: {received:?}");
        stage.server.as_admin("POST", &format!("{closed}?m")).header(name, "GET /planted").send().expect(200);
        let received = &stage.seen(&format!("closed116-{index}"))[0];
        assert_eq!(received.method, "POST", "{name}");
        assert!(!format!("{received:?}").contains("planted"), "{name}: {received:?}");
    }
}

#[test]
fn case_117_no_user_agent_is_exempt() {
    let stage = stage();
    for agent in ["Envoy/HC", "kube-probe/1.30", "GoogleHC/1.0", "ELB-HealthChecker/2.0", "Portcullis", ""] {
        let answer = stage.server.get("/api/controller/v2/hosts117/").header("User-Agent", agent).send();
        assert_eq!(answer.status, 401, "{agent}");
        let answer = stage.server.get("/api/gateway/v1/status/").header("User-Agent", agent).send();
        assert_eq!(answer.status, 401, "{agent}");
    }
    assert!(!stage.has_seen("hosts117"));
}

#[test]
fn case_118_a_prefix_ends_at_a_segment() {
    let stage = stage();
    for target in [
        "/api/controllerX/hosts118/",
        "/api/controller.evil/hosts118/",
        "/api/controller%2fhosts118/",
        "/api/controller;x/hosts118/",
        "/api/controller/../gateway/v1/hosts118/",
        "/api/controller/%2e%2e/vault/hosts118/",
        "/api/controller@vault/hosts118/",
        "/api/controller%20/hosts118/",
        "/xapi/controller/hosts118/",
    ] {
        let answer = stage.server.as_admin("GET", target).send();
        assert!(matches!(answer.status, 400 | 404), "{target}: {}", answer.status);
    }
    assert!(!stage.has_seen("hosts118"));
}

#[test]
fn case_118_a_rewritten_path_stays_below_its_new_prefix() {
    let upstream = Upstream::start();
    let config = format!(
        "[[service]]\nname = \"hub\"\npath = \"/api/hub/\"\nupstream = [\"{}\"]\nupstream_path = \"/inner/hub/\"\n",
        upstream.url()
    );
    let server = Server::with_config(&config);
    let target = |path: &str| {
        let before = upstream.received().len();
        let status = server.as_admin("GET", path).send().status;
        (status, upstream.received().get(before).map(|it| it.target.clone()))
    };
    assert_eq!(target("/api/hub/a/b?c=d"), (200, Some("/inner/hub/a/b?c=d".to_owned())));
    assert_eq!(target("/api/hub/"), (200, Some("/inner/hub/".to_owned())));
    assert_eq!(target("/api/hub/?q"), (200, Some("/inner/hub/?q".to_owned())));
    // A second prefix in the rest is a part of the rest.
    assert_eq!(target("/api/hub/api/hub/x"), (200, Some("/inner/hub/api/hub/x".to_owned())));
    for nasty in [
        "/api/hub/../secret",
        "/api/hub/..%2fsecret",
        "/api/hub/%2e%2e/secret",
        "/api/hub//../secret",
        "/api/hub/..;/secret",
        "/api/hub/%2fsecret",
        "/api/hub/%5c..%5csecret",
        "/api/hubsecret",
    ] {
        let (status, sent) = target(nasty);
        assert!(matches!(status, 400 | 404), "{nasty}: {status}");
        assert_eq!(sent, None, "{nasty}");
    }
    // An empty first segment cannot make the rest look like a host.
    let (_, sent) = target("/api/hub//evil.example/x");
    assert!(sent.is_none_or(|it| it == "/inner/hub/evil.example/x"));
    // Without its last slash it is the service's root, and open only if that very spelling is.
    assert_eq!(target("/api/hub"), (200, Some("/inner/hub/".to_owned())));
    assert_eq!(server.get("/api/hub").send().status, 401);
}

#[test]
fn case_119_whatever_goes_wrong_on_the_way_to_a_decision_says_no() {
    let stage = stage();
    let path = "/api/controller/v2/hosts119/";
    for line in [
        "Authorization: Basic ****",
        "Authorization: Basic",
        "Authorization: Basic YWRtaW4",
        "Authorization: Basic \u{fffd}",
        "Authorization: Bearer",
        "Authorization: Bearer a b",
        "Authorization: Bearer \u{1F600}",
        "Authorization: Negotiate YII=",
        "Authorization: Digest username=\"admin\"",
        "Authorization: ",
        "Authorization: Basic Og==",
        "Authorization: Token",
        "Cookie: gateway_sessionid",
        "Cookie: gateway_sessionid=",
        "Cookie: gateway_sessionid=\"",
        "Cookie: gateway_sessionid=' OR 1=1 --",
        "Cookie: gateway_sessionid=%00",
        "Cookie: gateway_sessionid=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; gateway_sessionid=b",
        "X-ANSIBLE-SERVICE-AUTH: e30.e30.e30",
        "X-ANSIBLE-SERVICE-AUTH: eyJhbGciOiJub25lIn0.eyJpc3MiOiJhIiwiZXhwIjo5OTk5OTk5OTk5fQ.",
        "X-DAB-JW-TOKEN: eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: gateway\r\n{line}\r\nConnection: close\r\n\r\n");
        let status = talk(stage.server.http, request.as_bytes()).status();
        assert!(matches!(status, 400 | 401), "{line}: {status}");
        let request = request.replace(path, "/api/gateway/v1/me/");
        let status = talk(stage.server.http, request.as_bytes()).status();
        assert!(matches!(status, 400 | 401), "own, {line}: {status}");
    }
    // Two headers are no choice, not even if one of them is right.
    for pair in [format!("{}Authorization: Basic Zm9vOmJhcg==\r\n", admin_line()), admin_line().repeat(2)] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: gateway\r\n{pair}Connection: close\r\n\r\n");
        let status = talk(stage.server.http, request.as_bytes()).status();
        assert!(matches!(status, 400 | 401), "{pair}: {status}");
    }
    assert!(!stage.has_seen("hosts119"));
}

#[test]
fn case_120_an_own_path_is_never_forwarded_and_a_service_path_never_answered_here() {
    // A service at the root gets what nobody claims, and nothing else.
    let upstream = Upstream::scripted(|_| Answer::status(200, "from behind"));
    let config = format!(
        "[[service]]\nname = \"ui\"\npath = \"/\"\nupstream = [\"{}\"]\nidentity = \"none\"\npublic = [\"/**\"]\n{}",
        upstream.url(),
        services(&upstream, "none", "")
    );
    let server = Server::start(Options { config, ..Options::default() });
    for own in [
        "/api/gateway/v1/me/",
        "/api/gateway/v1/users/",
        "/api/gateway/v1/nothing-here/",
        "/api/gateway/v1/me",
        "/api/gateway/",
        "/api/gateway/v2/",
        "/api/",
        "//api//gateway/v1/me/",
        "/%61pi/gateway/v1/me/",
        "/api/gateway/v1/tokens/1/",
        "/api/geteway/v1/me/",
    ] {
        let answer = server.get(own).send();
        assert!(!answer.text().contains("from behind"), "{own}");
    }
    assert!(upstream.received().iter().all(|it| !it.target.contains("ateway")), "{:?}", upstream.received());
    assert!(server.get("/index.html").send().expect(200).text().contains("from behind"));
    // What only begins like an own path is not one: it is open here by the rule of the root.
    assert!(server.get("/api/gatewayish/").send().expect(200).text().contains("from behind"));
    // The root's rule does not open what another service claims.
    assert_eq!(server.get("/api/vault/x120").send().status, 401);
    assert!(upstream.received().iter().all(|it| !it.target.contains("x120")));
}

#[test]
fn case_121_methods_are_known_or_refused() {
    let stage = stage();
    let path = "/api/controller/v2/ping/?m121";
    for method in
        ["get", "Get", "GETT", "TRACE", "TRACK", "CONNECT", "PROPFIND", "BREW", "GET\u{b}", "DEBUG", "PRI"]
    {
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: gateway\r\n{}Connection: close\r\n\r\n", admin_line());
        let status = talk(stage.server.http, request.as_bytes()).status();
        assert!(matches!(status, 400 | 405 | 501), "{method}: {status}");
    }
    assert!(!stage.has_seen("m121"));
    let request = format!("CONNECT vault:443 HTTP/1.1\r\nHost: vault:443\r\n{}\r\n", admin_line());
    let status = talk(stage.server.http, request.as_bytes()).status();
    assert!(matches!(status, 400 | 405 | 501), "{status}");
    // HEAD is judged as GET is: open where that is open, and nowhere else; a read token may send it.
    assert_eq!(stage.server.request("HEAD", path).send().status, 200);
    assert_eq!(stage.server.request("HEAD", "/api/controller/v2/hosts/").send().status, 401);
    assert_eq!(stage.server.request("HEAD", "/api/gateway/v1/me/").send().status, 401);
    let (_, read) = stage.server.make_token("admin", crate::support::ADMIN_PASSWORD, "read");
    let target = "/api/controller/v2/t121/";
    for (method, status) in [
        ("GET", 200),
        ("HEAD", 200),
        ("OPTIONS", 200),
        ("POST", 403),
        ("DELETE", 403),
        ("PATCH", 403),
        ("PUT", 403),
    ] {
        let answer = stage.server.request(method, target).bearer(&read).send();
        assert_eq!(answer.status, status, "{method}");
    }
    assert!(stage.seen("t121").iter().all(|it| matches!(&*it.method, "GET" | "HEAD" | "OPTIONS")));
}
