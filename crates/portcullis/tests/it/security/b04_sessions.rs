//! Sessions: planted, kept from before, signed out, guessed, raced.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::shared::Shared;
use crate::support::visitor::LOGIN;
use crate::support::{ADMIN_PASSWORD, Request, Response, Server, Session};

const ME: &str = "/api/gateway/v1/me/";
const SESSION: &str = "/api/gateway/v1/session/";
const LOGOUT: &str = "/api/gateway/v1/logout/";
const PASSWORD: &str = "a wall of old stones 5";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(Server::demo)
}

fn with_cookie(request: Request, name: &str, value: &str) -> Request {
    request.header("Cookie", format!("{name}={value}"))
}

/// Signs in as a browser does that holds these cookies already.
fn sign_in_holding(server: &Server, held: &str, username: &str, password: &str) -> Response {
    let page = server.get(LOGIN).header("Cookie", held).send().expect(200);
    let csrf = page.cookie("csrftoken").unwrap();
    server
        .post(LOGIN)
        .header("Cookie", format!("{held}; csrftoken={csrf}"))
        .header("X-CSRFToken", csrf)
        .form(&[("username", username), ("password", password)])
        .send()
}

fn username(server: &Server, session: &str) -> Option<String> {
    let answer = with_cookie(server.get(ME), "gateway_sessionid", session).send();
    (answer.status == 200)
        .then(|| answer.json()["results"][0]["username"].as_str().map(str::to_owned))
        .flatten()
}

#[test]
fn case_033_a_planted_session_id_is_never_taken_over() {
    let server = gateway();
    server.make_user("c33", PASSWORD);
    let planted = "a".repeat(32);
    for name in ["gateway_sessionid", "JSESSIONID", "awx_sessionid", "sessionid"] {
        let held = format!("{name}={planted}");
        let answer = sign_in_holding(&server, &held, "c33", PASSWORD).expect(302);
        let given = answer.cookie("gateway_sessionid").unwrap();
        assert_ne!(given, planted);
        assert_eq!(username(&server, given).as_deref(), Some("c33"));
        assert_eq!(server.me(|it| with_cookie(it, name, &planted)), 401, "{name}");
        assert_eq!(server.me(|it| with_cookie(it, "gateway_sessionid", &planted)), 401, "{name}");
    }
}

#[test]
fn case_033_a_planted_live_session_of_the_attacker_does_not_become_the_victims() {
    let server = gateway();
    server.make_user("c33-attacker", PASSWORD);
    server.make_user("c33-victim", PASSWORD);
    let attacker = server.sign_in("c33-attacker", PASSWORD);
    let held = format!("gateway_sessionid={}", attacker.secret);
    let answer = sign_in_holding(&server, &held, "c33-victim", PASSWORD).expect(302);
    let given = answer.cookie("gateway_sessionid").unwrap().to_owned();
    assert_ne!(given, attacker.secret);
    assert_eq!(username(&server, &given).as_deref(), Some("c33-victim"));
    assert_eq!(username(&server, &attacker.secret), None, "what the victim's browser held has ended");
    // The token that the attacker knows is not the token of the victim's session.
    let mixed = Session { secret: given, csrf: attacker.csrf };
    assert_eq!(mixed.on(server.post("/api/gateway/v1/tokens/")).send().status, 403);
}

#[test]
fn case_034_signing_in_again_ends_the_session_before() {
    let server = gateway();
    server.make_user("c34", PASSWORD);
    let first = server.sign_in("c34", PASSWORD);
    let elsewhere = server.sign_in("c34", PASSWORD);
    let held = format!("gateway_sessionid={}", first.secret);
    let answer = sign_in_holding(&server, &held, "c34", PASSWORD).expect(302);
    let second = answer.cookie("gateway_sessionid").unwrap();
    assert_ne!(second, first.secret);
    assert_ne!(answer.cookie("csrftoken").unwrap(), first.csrf);
    assert_eq!(username(&server, &first.secret), None);
    assert_eq!(username(&server, second).as_deref(), Some("c34"));
    assert_eq!(username(&server, &elsewhere.secret).as_deref(), Some("c34"));
}

#[test]
fn case_034_a_failed_sign_in_leaves_the_session_alone() {
    let server = gateway();
    server.make_user("c34-failed", PASSWORD);
    let session = server.sign_in("c34-failed", PASSWORD);
    let held = format!("gateway_sessionid={}", session.secret);
    let answer = sign_in_holding(&server, &held, "c34-failed", "wrong").expect(401);
    assert_eq!(answer.set_cookie("gateway_sessionid"), None);
    assert_eq!(username(&server, &session.secret).as_deref(), Some("c34-failed"));
}

#[test]
fn case_035_session_ids_are_long_distinct_and_even() {
    const COUNT: usize = 300;
    let server = gateway();
    server.make_user("c35", PASSWORD);
    let csrf = server.form_token();
    let mut secrets = BTreeSet::new();
    for _ in 0..COUNT {
        let answer = server
            .post(LOGIN)
            .header("Cookie", format!("csrftoken={csrf}"))
            .header("X-CSRFToken", &*csrf)
            .form(&[("username", "c35"), ("password", PASSWORD)])
            .send()
            .expect(302);
        secrets.insert(answer.cookie("gateway_sessionid").unwrap().to_owned());
    }
    assert_eq!(secrets.len(), COUNT);
    let mut counts = BTreeMap::new();
    for secret in &secrets {
        assert_eq!(secret.len(), 32, "{secret}");
        for letter in secret.chars() {
            assert!(letter.is_ascii_lowercase() || letter.is_ascii_digit(), "{secret}");
            *counts.entry(letter).or_insert(0_usize) += 1;
        }
    }
    // 9,600 letters over 36 kinds: 267 of each, give or take seven times the deviation of 16.
    assert_eq!(counts.len(), 36);
    assert!(counts.values().all(|count| (150..=385).contains(count)), "{counts:?}");
}

#[test]
fn case_036_a_cookie_is_dead_after_signing_out_and_others_are_not() {
    let server = gateway();
    server.make_user("c36", PASSWORD);
    for method in ["POST", "GET"] {
        let session = server.sign_in("c36", PASSWORD);
        let other = server.sign_in("c36", PASSWORD);
        let answer = session.on(server.request(method, LOGOUT)).send().expect(302);
        assert_eq!(answer.cookie("gateway_sessionid"), Some("\"\""), "{method}");
        let replayed = session.on(server.get(ME)).send().expect(401);
        assert!(replayed.set_cookie("gateway_sessionid").unwrap().contains("Max-Age=0"), "{method}");
        assert_eq!(session.on(server.get("/api/controller/v2/hosts/")).send().status, 401, "{method}");
        assert_eq!(session.on(server.get(SESSION)).send().status, 401, "{method}");
        assert_eq!(username(&server, &other.secret).as_deref(), Some("c36"), "{method}");
        // Signing out twice harms nobody.
        assert_eq!(session.on(server.request(method, LOGOUT)).send().status, 302, "{method}");
    }
}

#[test]
fn case_036_extending_a_session_while_it_is_signed_out_does_not_revive_it() {
    let server = gateway();
    server.make_user("c36-race", PASSWORD);
    for _ in 0..8 {
        let session = server.sign_in("c36-race", PASSWORD);
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| session.on(server.post(SESSION)).send());
            }
            scope.spawn(|| session.on(server.post(LOGOUT)).send().expect(302));
        });
        assert_eq!(session.on(server.get(ME)).send().status, 401);
        assert_eq!(session.on(server.post(SESSION)).send().status, 401);
    }
}

#[test]
fn case_044_a_session_is_worth_nothing_under_another_name_or_as_another_kind() {
    let server = gateway();
    server.make_user("c44", PASSWORD);
    let session = server.sign_in("c44", PASSWORD);
    let (_, token) = server.make_token("c44", PASSWORD, "write");
    assert_eq!(username(&server, &session.secret).as_deref(), Some("c44"));
    let names = ["awx_sessionid", "sessionid", "JSESSIONID", "Gateway_sessionid", "GATEWAY_SESSIONID"];
    let names = names.into_iter().chain(["__Host-gateway_sessionid", "gateway_session", "csrftoken"]);
    for name in names {
        assert_eq!(server.me(|it| with_cookie(it, name, &session.secret)), 401, "{name}");
    }
    assert_eq!(server.me(|it| it.bearer(&session.secret)), 401);
    assert_eq!(server.me(|it| it.header("Authorization", format!("Token {}", session.secret))), 401);
    assert_eq!(server.me(|it| it.header("JSESSIONID", &*session.secret)), 401);
    assert_eq!(server.me(|it| with_cookie(it, "gateway_sessionid", &token)), 401);
    assert_eq!(server.me(|it| with_cookie(it, "gateway_sessionid", &token.to_lowercase())), 401);
    assert_eq!(server.me(|it| with_cookie(it, "gateway_sessionid", &session.csrf)), 401);
    assert_eq!(server.me(|it| it.basic(&session.secret, "")), 401);
    assert_eq!(server.me(|it| it.basic("c44", &session.secret)), 401);
    // One letter more, less, or in another case is another session.
    let secret = &session.secret;
    for wrong in
        [format!("{secret}a"), secret[1..].to_owned(), secret.to_uppercase(), format!("\"{secret}\"")]
    {
        assert_eq!(server.me(|it| with_cookie(it, "gateway_sessionid", &wrong)), 401, "{wrong}");
    }
}

#[test]
fn case_045_another_browser_may_use_a_session_and_the_audit_log_knows_where_it_began() {
    let server = gateway();
    server.make_user("c45", PASSWORD);
    let session = server.sign_in("c45", PASSWORD);
    let answer = session.on(server.get(ME)).header("User-Agent", "another browser").send();
    assert_eq!(answer.status, 200);
    let sessions = server.shell_json(&["session", "list"]);
    let text = sessions.to_string();
    assert!(text.contains("c45") && text.contains("127.0.0.1"), "{text}");
    assert!(!text.contains(&session.secret), "{text}");
}

#[test]
fn case_046_an_operator_ends_one_session_or_all_of_a_user() {
    let server = gateway();
    server.make_user("c46", PASSWORD);
    server.make_user("c46-other", PASSWORD);
    let sessions: Vec<_> = (0..3).map(|_| server.sign_in("c46", PASSWORD)).collect();
    let other = server.sign_in("c46-other", PASSWORD);
    let listed = server.shell_json(&["session", "list", "--user", "c46"]);
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 3, "{listed:?}");
    // The newest comes first.
    let newest = listed[0]["id"].to_string();
    server.shell(&["session", "expire", &newest]);
    let alive: Vec<_> = sessions.iter().map(|it| username(&server, &it.secret).is_some()).collect();
    assert_eq!(alive, [true, true, false]);
    server.shell(&["session", "expire", "--user", "c46"]);
    assert!(sessions.iter().all(|it| username(&server, &it.secret).is_none()));
    assert_eq!(username(&server, &other.secret).as_deref(), Some("c46-other"));
    assert_eq!(server.me(|it| it.basic("c46", PASSWORD)), 200, "the user itself goes on");
}

#[test]
fn case_046_ending_a_session_while_it_is_used_lets_no_later_request_through() {
    let server = gateway();
    server.make_user("c46-race", PASSWORD);
    let session = server.sign_in("c46-race", PASSWORD);
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    session.on(server.get(ME)).send();
                }
            });
        }
        server.shell(&["session", "expire", "--user", "c46-race"]);
        for _ in 0..20 {
            assert_eq!(session.on(server.get(ME)).send().status, 401);
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    assert_eq!(server.me(|it| it.basic("admin", ADMIN_PASSWORD)), 200);
}
