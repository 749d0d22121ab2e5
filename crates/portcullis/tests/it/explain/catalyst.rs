//! Catalyst Manager's door, where a login that fails is answered by 200.

use serde_json::json;

use super::{GUESS, NAME, PASSWORD, expect_rule, fact};
use crate::security::clock::Clock;
use crate::support::{ADMIN_PASSWORD, Options, Request, Response, Server, Upstream};

const TOKEN: &str = "/dataservice/client/token";
const USERS: &str = "/dataservice/admin/user";

fn form(server: &Server, username: &str, password: &str) -> Response {
    server.post("/j_security_check").form(&[("j_username", username), ("j_password", password)]).send()
}

#[track_caller]
fn sign_in(server: &Server, username: &str, password: &str) -> String {
    form(server, username, password).expect(200).cookie("JSESSIONID").expect("a session").to_owned()
}

fn with(session: &str, request: Request) -> Request {
    request.header("Cookie", format!("JSESSIONID={session}"))
}

#[test]
fn a_silent_login_failure_is_explained() {
    let server = Server::demo();
    for (name, rule) in [("admin", "password.wrong"), (NAME, "password.no-such-user")] {
        let page = form(&server, name, GUESS).expect(200);
        assert!(page.text().starts_with("<html>"), "a login page, as the contract has it");
        let told = expect_rule(&server, &page, rule);
        assert_eq!((told["dialect"].as_str(), told["status"].as_u64()), (Some("catalyst"), Some(200)));
    }
    // Nothing was looked at, so nothing may be said about the user.
    let json = json!({"j_username": "admin", "j_password": GUESS});
    for unread in [
        server.post("/j_security_check").json(&json),
        server.post("/j_security_check").form(&[("j_username", "admin")]),
        server.post("/j_security_check?j_username=admin&j_password=x").form(&[]),
    ] {
        expect_rule(&server, &unread.send().expect(200), "login.unreadable");
    }
    let login = server.post("/jwt/login").json(&json!({"username": "admin", "password": GUESS})).send();
    expect_rule(&server, &login.expect(401), "password.wrong");
}

#[test]
fn a_change_without_the_token_tells_the_header() {
    let server = Server::demo();
    let session = sign_in(&server, "admin", ADMIN_PASSWORD);
    let body = json!({"userName": "x", "password": PASSWORD, "group": ["basic"]});
    let missing = with(&session, server.post(USERS)).json(&body).send().expect(403);
    let told = expect_rule(&server, &missing, "csrf.header-missing");
    assert_eq!(fact(&told, "missing_header"), "x-xsrf-token");
    assert!(told["advice"].as_str().unwrap().contains(TOKEN), "{told}");
    let wrong = with(&session, server.post(USERS)).header("X-XSRF-TOKEN", "A".repeat(100)).json(&body).send();
    expect_rule(&server, &wrong.expect(403), "csrf.token-wrong");
    server.make_user("plain", PASSWORD);
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "read");
    let answer = server.post(USERS).bearer(&token).json(&body).send().expect(403);
    let told = expect_rule(&server, &answer, "scope.missing");
    assert_eq!(fact(&told, "scope_of_token"), "read");
}

#[test]
fn a_session_that_ended_tells_why() {
    let Some((server, clock)) = Clock::start("explain_manager", Options::default()) else { return };
    server.make_user("plain", PASSWORD);
    server.shell(&["setting", "set", "catalyst.maxSessionsPerUser", "1"]);
    let evicted = sign_in(&server, "plain", PASSWORD);
    let newer = sign_in(&server, "plain", PASSWORD);
    let own = with(&newer, server.get("/portcullis/v1/session")).send().expect(200).json();
    assert_eq!(
        (own["session"]["kind"].as_str(), own["session"]["place"].as_u64()),
        (Some("manager"), Some(1))
    );
    let told = expect_rule(&server, &with(&evicted, server.get(TOKEN)).send().expect(401), "session.evicted");
    assert_eq!(told["facts"]["session_in_its_place"], own["session"]["id"].to_string());
    with(&newer, server.get("/logout?nocache=1")).send();
    expect_rule(&server, &with(&newer, server.get(TOKEN)).send().expect(401), "session.signed-out");
    let idle = sign_in(&server, "plain", PASSWORD);
    clock.set(31 * 60);
    let told = expect_rule(&server, &with(&idle, server.get(TOKEN)).send().expect(401), "session.inactive");
    assert_eq!(fact(&told, "inactivity_timeout"), "1800 s");
    assert!(!told.to_string().contains(&idle));
}

#[test]
fn a_dead_session_at_a_service_is_explained_in_every_style() {
    let upstream = Upstream::start();
    let server = Server::with_config(&format!(
        "[[service]]\nname = \"manager\"\npath = \"/dataservice/\"\nupstream = [\"{}\"]\ndialect = \"catalyst\"\n",
        upstream.url()
    ));
    let answer = with("nobodys", server.get("/dataservice/device")).send().expect(401);
    assert_eq!(expect_rule(&server, &answer, "session.unknown")["service"], "manager");
    let session = sign_in(&server, "admin", ADMIN_PASSWORD);
    let answer = with(&session, server.post("/dataservice/template")).json(&json!({})).send().expect(403);
    expect_rule(&server, &answer, "csrf.header-missing");
    // Too many at once.
    server.shell(&["setting", "set", "catalyst.requestsPerSecond", "2"]);
    let all: Vec<_> = (0..20).map(|_| with(&session, server.get("/dataservice/device")).send()).collect();
    let refused = all.iter().find(|it| it.status == 429).expect("a pace");
    assert!(fact(&expect_rule(&server, refused, "pace.ordinary"), "again_at").ends_with('Z'));
}
