//! Sessions and time: the server's clock decides, whatever a cookie says and however the clock is turned.

use serde_json::json;

use super::clock::Clock;
use crate::support::{ADMIN_PASSWORD, Options, Server, Session};

const ME: &str = "/api/gateway/v1/me/";
const SESSION: &str = "/api/gateway/v1/session/";
const DAY: i64 = 24 * 60 * 60;

fn start(test: &str) -> Option<(Server, Clock)> {
    Clock::start(test, Options { demo: true, ..Options::default() })
}

fn is_alive(server: &Server, session: &Session) -> bool {
    let own = session.on(server.get(ME)).send().status;
    let forwarded = session.on(server.get("/api/controller/v2/hosts/")).send().status;
    assert_eq!(own, forwarded, "both doors agree");
    own == 200
}

#[test]
fn case_037_a_session_lives_for_its_overall_timeout_and_no_second_longer() {
    let Some((server, clock)) = start("case_037") else { return };
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let expires =
        |session: &Session| session.on(server.get(SESSION)).send().expect(200).json()["expires_on"].clone();
    let end = expires(&session);
    // Some seconds short of 900, since the clock goes on while the test runs.
    clock.set(870);
    assert!(is_alive(&server, &session));
    assert_eq!(expires(&session), end, "reading does not extend it");
    clock.set(901);
    assert!(!is_alive(&server, &session));
    // The cookie lives on in a client that does not mind its age (case 47): nothing comes of it.
    let answer = session.on(server.get(ME)).send().expect(401);
    assert!(answer.set_cookie("gateway_sessionid").unwrap().contains("Max-Age=0"));
    assert_eq!(session.on(server.post(SESSION)).send().status, 401, "what is over cannot be extended");
    clock.set(400 * DAY);
    assert!(!is_alive(&server, &session));
}

#[test]
fn case_037_an_extended_session_lives_that_much_longer() {
    let Some((server, clock)) = start("case_037_extended") else { return };
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let idle = server.sign_in("admin", ADMIN_PASSWORD);
    clock.set(800);
    session.on(server.post(SESSION)).send().expect(200);
    clock.set(1600);
    assert!(is_alive(&server, &session));
    assert!(!is_alive(&server, &idle));
    clock.set(1702);
    assert!(!is_alive(&server, &session));
}

#[test]
fn case_047_the_setting_of_the_sign_in_counts_not_the_age_of_the_cookie() {
    let Some((server, clock)) = start("case_047") else { return };
    server.set(&json!({"SESSION_COOKIE_AGE": 60}));
    let short = server.send_form("admin", ADMIN_PASSWORD).expect(302);
    assert!(short.set_cookie("gateway_sessionid").unwrap().contains("; Max-Age=60;"));
    let short = Session {
        secret: short.cookie("gateway_sessionid").unwrap().to_owned(),
        csrf: short.cookie("csrftoken").unwrap().to_owned(),
    };
    server.set(&json!({"SESSION_COOKIE_AGE": 30_000_000_000_i64}));
    let long = server.sign_in("admin", ADMIN_PASSWORD);
    clock.set(61);
    assert!(!is_alive(&server, &short), "a longer age is for later sign-ins");
    clock.set(400 * DAY);
    assert!(is_alive(&server, &long));
    // A setting that cannot be is refused, and the last one stays.
    for wrong in [json!(0), json!(-1), json!(59), json!("forever"), json!(null), json!(30_000_000_001_i64)] {
        let answer = server
            .as_admin("PUT", "/api/gateway/v1/settings/all/")
            .json(&json!({"SESSION_COOKIE_AGE": wrong}));
        assert_eq!(answer.send().status, 400, "{wrong}");
    }
}

#[test]
fn case_048_a_session_seen_dead_stays_dead_when_the_clock_goes_back() {
    let Some((mut server, clock)) = start("case_048") else { return };
    let seen = server.sign_in("admin", ADMIN_PASSWORD);
    clock.set(1000);
    assert!(!is_alive(&server, &seen));
    clock.set(-DAY);
    assert!(!is_alive(&server, &seen));
    // A new one begins in that past and lives there.
    let now = server.sign_in("admin", ADMIN_PASSWORD);
    assert!(is_alive(&server, &now));
    server.kill();
    server.start_again();
    assert!(!is_alive(&server, &seen), "also not after a restart");
    clock.set(0);
    assert!(!is_alive(&server, &seen));
    assert!(!is_alive(&server, &now));
}

#[test]
fn case_048_a_clock_set_back_does_not_lengthen_a_session() {
    let Some((server, clock)) = start("case_048_back") else { return };
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    clock.set(-DAY);
    let left = session.on(server.get(SESSION)).send();
    // Alive or not, it must not be told that it has a day to live.
    if left.status == 200 {
        let seconds = left.json()["expires_in_seconds"].as_i64().unwrap();
        assert!(seconds <= 900, "a session of 900 seconds says that it has {seconds} left");
    }
    clock.set(0);
    clock.set(901);
    assert!(!is_alive(&server, &session));
}

#[test]
fn case_082_a_token_ends_by_the_servers_clock() {
    let Some((server, clock)) = start("case_082") else { return };
    let (id, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
    clock.set(364 * DAY);
    assert_eq!(server.me(|it| it.bearer(&token)), 200);
    clock.set(366 * DAY);
    let answer = server.get(ME).bearer(&token).send().expect(401);
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains("error=\"invalid_token\"") && challenge.contains("expired"), "{challenge}");
    assert_eq!(server.get("/api/controller/v2/hosts/").bearer(&token).send().status, 401);
    // It can be neither prolonged nor told when to end.
    let target = format!("/api/gateway/v1/tokens/{id}/");
    let changed = server.as_admin("PATCH", &target).json(&json!({"expires": "2999-01-01T00:00:00Z"})).send();
    assert!(matches!(changed.status, 200 | 400), "{}", changed.status);
    assert_eq!(server.me(|it| it.bearer(&token)), 401);
}
