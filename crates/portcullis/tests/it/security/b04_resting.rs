//! AWX's sessions: they end when they rest, by the server's clock; the oldest make room; a value of one door
//! is nothing at the other.

use std::sync::Arc;

use serde_json::json;

use super::clock::Clock;
use super::grants::{AWX_ME, Browser, awx_login, awx_sign_in, platform_sign_in};
use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Options, Server};

const PASSWORD: &str = "a wall of old stones 5";
const SETTINGS: &str = "/api/v2/settings/authentication/";
const DAY: i64 = 24 * 60 * 60;

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| Server::start(Options::default()))
}

fn is_alive(server: &Server, browser: &Browser) -> bool {
    match browser.on(server.get(AWX_ME)).send().status {
        200 => true,
        401 => false,
        status => panic!("{status}"),
    }
}

fn is_quietly_alive(server: &Server, browser: &Browser) -> bool {
    browser.on(server.get(AWX_ME)).header("X-WS-Session-Quiet", "true").send().status == 200
}

/// A gateway whose AWX sessions may rest for a minute.
fn start(test: &str) -> Option<(Server, Clock)> {
    let (server, clock) = Clock::start(test, Options::default())?;
    server.as_admin("PATCH", SETTINGS).json(&json!({"SESSION_COOKIE_AGE": 60})).send().expect(200);
    Some((server, clock))
}

#[test]
fn case_037_an_awx_session_lives_while_it_is_used_and_dies_of_rest() {
    let Some((server, clock)) = start("case_037_awx") else { return };
    let answer = awx_login(&server, "admin", ADMIN_PASSWORD).expect(302);
    assert_eq!(answer.header("session-timeout"), Some("60"));
    let used = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    let quiet = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    clock.set(40);
    let kept = used.on(server.get(AWX_ME)).send().expect(200);
    assert!(kept.set_cookie("awx_sessionid").unwrap().contains("Max-Age=60;"));
    assert_eq!(kept.header("session-timeout"), Some("60"));
    let silent = quiet.on(server.get(AWX_ME)).header("X-WS-Session-Quiet", "1").send().expect(200);
    assert_eq!(silent.set_cookie("awx_sessionid"), None);
    assert_eq!(silent.header("session-timeout"), None);
    clock.set(80);
    assert!(is_alive(&server, &used), "used at 40 seconds");
    assert!(!is_alive(&server, &quiet), "a quiet request is no use");
    clock.set(142);
    let gone = used.on(server.get(AWX_ME)).send().expect(401);
    assert!(gone.set_cookie("awx_sessionid").unwrap().contains("Max-Age=0"));
    // There is no end but rest: a day of use every half minute would do, an hour is enough here.
    let busy = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    for turn in 1..=60 {
        clock.set(142 + turn * 55);
        assert!(is_alive(&server, &busy), "turn {turn}");
    }
}

#[test]
fn case_037_a_request_that_is_refused_is_a_use_and_one_without_session_is_none() {
    let Some((server, clock)) = start("case_037_refused") else { return };
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    let idle = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    clock.set(40);
    // Whoever only knows the session's number, its CSRF token or its user keeps nothing alive.
    server.get(AWX_ME).basic("admin", ADMIN_PASSWORD).header("X-CSRFToken", &*idle.csrf).send().expect(200);
    server.get(AWX_ME).header("Cookie", format!("csrftoken={}", idle.csrf)).send().expect(401);
    // A foreign page's forgery is no use of a session.
    let forged = idle.without_token(server.post("/api/v2/organizations/")).json(&json!({"name": "c37"}));
    assert_eq!(forged.send().status, 403);
    assert!(is_alive(&server, &browser));
    clock.set(70);
    assert!(is_alive(&server, &browser));
    assert!(!is_alive(&server, &idle));
}

#[test]
fn case_048_an_awx_session_that_is_dead_stays_dead() {
    let Some((mut server, clock)) = start("case_048_awx") else { return };
    let seen = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    clock.set(61);
    assert!(!is_alive(&server, &seen));
    for back in [30, 0, -3600, -DAY] {
        clock.set(back);
        assert!(!is_alive(&server, &seen), "{back}");
        assert!(!is_quietly_alive(&server, &seen), "{back}");
    }
    clock.set(0);
    server.kill();
    server.start_again();
    assert!(!is_alive(&server, &seen), "also not after a restart");
    // One that lives keeps its last use over an ordinary restart, and rests on.
    let live = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    clock.set(40);
    assert!(is_alive(&server, &live));
    server.stop();
    server.start_again();
    clock.set(90);
    assert!(is_alive(&server, &live), "used at 40 seconds");
    server.stop();
    server.start_again();
    clock.set(155);
    assert!(!is_alive(&server, &live));
}

#[test]
fn case_048_a_clock_that_was_ahead_does_not_let_a_session_rest_longer() {
    let Some((server, clock)) = start("case_048_ahead") else { return };
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    // The clock runs ahead while the session is in use, and is put right.
    for seconds in (50..=4000).step_by(50) {
        clock.set(seconds);
        assert!(is_alive(&server, &browser), "{seconds}");
    }
    clock.set(0);
    assert!(!is_alive(&server, &browser), "it would rest for an hour");
}

#[test]
fn case_047_a_new_timeout_is_for_later_sign_ins() {
    let Some((server, clock)) = start("case_047_awx") else { return };
    let short = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    server.as_admin("PATCH", SETTINGS).json(&json!({"SESSION_COOKIE_AGE": 3600})).send().expect(200);
    let long = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    clock.set(61);
    assert!(!is_alive(&server, &short));
    assert!(is_alive(&server, &long));
    for wrong in [json!(0), json!(59), json!(-1), json!(null), json!("x"), json!(30_000_000_001_i64)] {
        let answer = server.as_admin("PATCH", SETTINGS).json(&json!({"SESSION_COOKIE_AGE": wrong})).send();
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

#[test]
fn case_039_the_oldest_sessions_make_room() {
    let server = Server::start(Options::default());
    server.make_user("c39", PASSWORD);
    server.as_admin("PATCH", SETTINGS).json(&json!({"SESSIONS_PER_USER": 3})).send().expect(200);
    let other = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    let all: Vec<_> = (0..5).map(|_| awx_sign_in(&server, "c39", PASSWORD)).collect();
    let alive: Vec<_> = all.iter().map(|it| is_alive(&server, it)).collect();
    assert_eq!(alive, [false, false, true, true, true]);
    // Not the one that was not used for longest: the one that began first.
    assert!(is_alive(&server, &all[2]));
    awx_sign_in(&server, "c39", PASSWORD);
    assert!(!is_alive(&server, &all[2]));
    assert!(is_alive(&server, &other), "others' sessions are not counted");
    // What fails makes no room, at whatever door.
    for _ in 0..5 {
        awx_login(&server, "c39", "wrong").expect(401);
    }
    assert!(is_alive(&server, &all[3]) && is_alive(&server, &all[4]));
    // Twenty at once leave three.
    let many: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..20).map(|_| scope.spawn(|| awx_login(&server, "c39", PASSWORD))).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let cookies = many.iter().filter_map(|it| it.cookie("awx_sessionid").filter(|it| it.len() == 32));
    let live = cookies
        .filter(|it| server.get(AWX_ME).header("Cookie", format!("awx_sessionid={it}")).send().status == 200);
    assert!(live.count() <= 3);
}

#[test]
fn case_041_a_new_password_ends_awx_sessions_but_the_own_one() {
    let server = gateway();
    let id = server.make_user("c41-awx", PASSWORD);
    let path = format!("/api/v2/users/{id}/");
    let (own, other) = (awx_sign_in(&server, "c41-awx", PASSWORD), awx_sign_in(&server, "c41-awx", PASSWORD));
    let platform = platform_sign_in(&server, "c41-awx", PASSWORD);
    let changed = own.on(server.request("PATCH", &path)).json(&json!({"password": "another wall of 6"}));
    changed.send().expect(200);
    assert!(is_alive(&server, &own));
    assert!(!is_alive(&server, &other));
    assert_eq!(platform.on(server.get("/api/gateway/v1/me/")).send().status, 401, "nor at the other door");
    let by_other = server.as_admin("PATCH", &path).json(&json!({"password": PASSWORD}));
    by_other.send().expect(200);
    assert!(!is_alive(&server, &own));
    // Disabled and removed.
    let last = awx_sign_in(&server, "c41-awx", PASSWORD);
    server.shell(&["user", "disable", "c41-awx"]);
    assert!(!is_alive(&server, &last));
    assert_eq!(awx_login(&server, "c41-awx", PASSWORD).status, 401);
    server.shell(&["user", "enable", "c41-awx"]);
    let last = awx_sign_in(&server, "c41-awx", PASSWORD);
    server.as_admin("DELETE", &path).send().expect(204);
    assert!(!is_alive(&server, &last));
}

#[test]
fn case_044_a_session_of_one_door_is_nothing_at_the_other() {
    let server = gateway();
    let awx = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    let platform = platform_sign_in(&server, "admin", ADMIN_PASSWORD);
    let pairs = [(&awx, "gateway_sessionid"), (&platform, "awx_sessionid"), (&awx, "sessionid")];
    for (browser, cookie) in pairs {
        let moved = Browser { cookie, ..browser.clone() };
        for path in [AWX_ME, "/api/gateway/v1/me/"] {
            assert_eq!(moved.on(server.get(path)).send().status, 401, "{cookie} {path}");
        }
        assert_eq!(server.get(AWX_ME).bearer(&browser.secret).send().status, 401);
    }
    assert_eq!(awx.on(server.get("/api/gateway/v1/me/")).send().status, 401);
    assert_eq!(platform.on(server.get(AWX_ME)).send().status, 401);
    // Logging out with a foreign value ends nothing.
    let moved = Browser { cookie: "awx_sessionid", ..platform.clone() };
    moved.on(server.post("/api/logout/")).send().expect(302);
    assert_eq!(platform.on(server.get("/api/gateway/v1/me/")).send().status, 200);
    // And the flag that scripts may read proves nothing.
    for flag in ["userLoggedIn=true", "userLoggedIn=true; csrftoken=x", "userLoggedIn=1; awx_sessionid="] {
        assert_eq!(server.get(AWX_ME).header("Cookie", flag).send().status, 401, "{flag}");
    }
}

#[test]
fn case_033_a_planted_awx_session_is_never_taken_over() {
    let server = gateway();
    server.make_user("c33-awx", PASSWORD);
    let attacker = awx_sign_in(&server, "c33-awx", PASSWORD);
    for planted in ["a".repeat(32), attacker.secret.clone()] {
        let page = server.get("/api/login/").header("Cookie", format!("awx_sessionid={planted}")).send();
        let csrf = page.expect(200).cookie("csrftoken").unwrap().to_owned();
        let answer = server
            .post("/api/login/")
            .header("Cookie", format!("csrftoken={csrf}; awx_sessionid={planted}; userLoggedIn=true"))
            .header("X-CSRFToken", csrf)
            .form(&[("username", "admin"), ("password", ADMIN_PASSWORD)])
            .send()
            .expect(302);
        let fresh = answer.cookie("awx_sessionid").unwrap();
        assert_ne!(fresh, planted);
        let whose = server.get(AWX_ME).header("Cookie", format!("awx_sessionid={planted}")).send();
        assert!(!whose.text().contains("\"admin\""), "{}", whose.text());
    }
    // Signing out kills it for every copy of the cookie.
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    browser.on(server.get("/api/logout/")).send().expect(302);
    assert!(!is_alive(&server, &browser));
    assert!(!is_quietly_alive(&server, &browser));
}
