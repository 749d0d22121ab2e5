//! The platform's door, and the authorization server beside it.

use serde_json::json;

use super::{GUESS, NAME, PASSWORD, expect_rule, expect_rules, fact};
use crate::security::clock::Clock;
use crate::support::{ADMIN_PASSWORD, Options, Server};

const ME: &str = "/api/gateway/v1/me/";
const ORGANIZATIONS: &str = "/api/gateway/v1/organizations/";

#[test]
fn a_sign_in_that_fails_tells_operators_what_it_does_not_tell_the_client() {
    let server = Server::demo();
    server.make_user("disabled", PASSWORD);
    server.shell(&["user", "disable", "disabled"]);
    server.shell(&["user", "add", "tokens-only", "--no-password"]);
    let pages = [
        (server.send_form("admin", GUESS), "password.wrong"),
        (server.send_form(NAME, GUESS), "password.no-such-user"),
        (server.send_form("tokens-only", GUESS), "password.user-has-none"),
        (server.send_form("disabled", PASSWORD), "user.disabled"),
        (server.send_form("disabled", GUESS), "password.wrong"),
        (server.send_form("admin", ""), "password.empty"),
        (server.send_form("admin", &"x".repeat(5000)), "password.too-long"),
    ];
    for (page, rule) in pages {
        let told = expect_rule(&server, &page.expect(401), rule);
        assert_eq!((told["dialect"].as_str(), told["username"].is_null()), (Some("aap"), true));
        assert_eq!(told["path"], "/api/gateway/v1/login/");
    }
    let basic = |name: &str, password: &str| server.get(ME).basic(name, password);
    expect_rules(
        &server,
        &[
            (basic("admin", GUESS), 401, "password.wrong"),
            (basic(NAME, GUESS), 401, "password.no-such-user"),
            (basic("disabled", PASSWORD), 401, "user.disabled"),
            (server.get(ME).header("Authorization", "Basic"), 401, "proof.basic-empty"),
            (server.get(ME).bearer("nobodys-token-1234567890abcdef"), 401, "token.unknown"),
            (server.get(ME), 401, "proof.missing"),
        ],
    );
}

#[test]
fn what_is_closed_says_until_when() {
    let limits =
        "[limits]\nfailures_free = 2\nfailure_waits = [600]\nfailures_per_address_minute = 6\n".to_owned();
    let server = Server::start(Options { demo: true, config: limits, ..Options::default() });
    server.make_user("alice", PASSWORD);
    let mut rules = Vec::new();
    for _ in 0..12 {
        let answer = server.get(ME).basic("alice", GUESS).send();
        let id = super::id(&answer);
        let told = server.shell_json(&["explain", &id]);
        if told["rule"] != "password.wrong" {
            assert!(fact(&told, "locked_until").ends_with('Z'));
        }
        rules.push(told["rule"].as_str().unwrap().to_owned());
    }
    assert_eq!(rules[0], "password.wrong");
    assert!(rules.contains(&"account.locked".to_owned()), "{rules:?}");
    // Others fail from the same address, until it has failed too often.
    for turn in 0..8 {
        server.get(ME).basic(&format!("nobody-{turn}"), GUESS).send();
    }
    let closed = server.get(ME).basic("nobody", GUESS).send();
    let told = server.shell_json(&["explain", &super::id(&closed)]);
    assert_eq!(told["rule"], "address.locked", "{told}");
}

#[test]
fn a_request_without_its_token_tells_which_header_is_missing() {
    let server = Server::demo();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let make = || server.post(ORGANIZATIONS).json(&json!({"name": "x"}));
    let missing = session.without_token(make()).send().expect(403);
    let told = expect_rule(&server, &missing, "csrf.header-missing");
    assert_eq!(fact(&told, "missing_header"), "x-csrftoken");
    assert!(told["advice"].as_str().unwrap().contains("X-CSRFToken"), "{told}");
    let page = "https://evil.example/a?secret=guess-7714-not-it";
    let foreign = session.on(make()).header("Origin", page).send().expect(403);
    assert_eq!(fact(&expect_rule(&server, &foreign, "csrf.origin"), "page"), "https://evil.example");
    let wrong = session.without_token(make()).header("X-CSRFToken", "a".repeat(32)).send().expect(403);
    expect_rule(&server, &wrong, "csrf.token-wrong");
    let cookie = server.post(ORGANIZATIONS).header("Cookie", format!("gateway_sessionid={}", session.secret));
    let told = expect_rule(&server, &cookie.json(&json!({})).send().expect(403), "csrf.cookie-missing");
    assert_eq!(fact(&told, "missing_cookie"), "csrftoken");
    // The pages of signing in and out say so in HTML.
    let form = server.post("/api/gateway/v1/login/").form(&[("username", "admin"), ("password", PASSWORD)]);
    expect_rule(&server, &form.send().expect(403), "csrf.cookie-missing");
}

#[test]
fn a_token_that_does_not_reach_tells_which_scope_it_has() {
    let server = Server::demo();
    server.make_user("plain", PASSWORD);
    let (_, token) = server.make_token("plain", PASSWORD, "read");
    let answer = server.post(ORGANIZATIONS).bearer(&token).json(&json!({"name": "x"})).send().expect(403);
    let told = expect_rule(&server, &answer, "scope.missing");
    assert_eq!((fact(&told, "scope_of_token"), fact(&told, "scope_needed")), ("read", "write"));
    assert!(!told.to_string().contains(&token));
    let forbidden = server.post(ORGANIZATIONS).basic("plain", PASSWORD).json(&json!({"name": "x"})).send();
    let told = expect_rule(&server, &forbidden.expect(403), "right.missing");
    assert_eq!(told["username"], "plain");
}

#[test]
fn an_application_that_fails_has_its_explanation_too() {
    let server = Server::demo();
    let grant = [("grant_type", "password"), ("username", NAME), ("password", GUESS)];
    let unknown = server.post("/o/token/").basic("no-such-application", GUESS).form(&grant).send();
    expect_rule(&server, &unknown.expect(401), "grant.invalid-client");
    let app = server.shell_json(&[
        "application",
        "create",
        "portal",
        "--organization",
        "Default",
        "--grant",
        "password",
    ]);
    let (public, secret) = (app["client_id"].as_str().unwrap(), app["client_secret"].as_str().unwrap());
    let wrong = server.post("/o/token/").basic(public, secret).form(&grant).send();
    let told = super::explained(&server, &wrong);
    assert!(!told.to_string().contains(secret), "{told}");
    let is_told =
        told["rule"] == "password.no-such-user" || told["facts"]["password_rule"] == "password.no-such-user";
    assert!(is_told, "{told}");
}

#[test]
fn a_session_that_is_over_tells_which_clock_ran_out() {
    let Some((server, clock)) = Clock::start("explain_overall", Options::default()) else { return };
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    clock.set(10_000);
    let told = expect_rule(&server, &session.on(server.get(ME)).send().expect(401), "session.overall");
    assert!(fact(&told, "overall_timeout").ends_with(" s") && fact(&told, "signed_in_at").ends_with('Z'));
    let again = expect_rule(&server, &session.on(server.get(ME)).send().expect(401), "session.overall");
    assert_eq!(again["facts"]["session"], told["facts"]["session"]);
    let gone = server.sign_in("admin", ADMIN_PASSWORD);
    gone.on(server.post("/api/gateway/v1/logout/")).send().expect(302);
    let told = expect_rule(&server, &gone.on(server.get(ME)).send().expect(401), "session.signed-out");
    assert!(!told.to_string().contains(&gone.secret));
    let removed = server.sign_in("admin", ADMIN_PASSWORD);
    server.shell(&["session", "expire", "--everybody"]);
    expect_rule(&server, &removed.on(server.get(ME)).send().expect(401), "session.removed");
    let unknown = server.get(ME).header("Cookie", format!("gateway_sessionid={}", "a".repeat(32)));
    expect_rule(&server, &unknown.send().expect(401), "session.unknown");
    // Kept for a day.
    let kept = server.get(ME).send().expect(401);
    clock.set(10_000 + 25 * 3600);
    assert_eq!(server.try_shell(&["explain", &super::id(&kept)], "").status.code(), Some(3));
}
