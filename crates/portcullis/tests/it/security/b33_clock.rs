//! Clocks that jump: what is over stays over, and nobody is shut out for it (cases 218-221).

use std::fs;
use std::process::Command;

use serde_json::json;

use super::clock::Clock;
use super::jwt::claims_in;
use super::stage::now;
use crate::support::{ADMIN_PASSWORD, Options, Server, need};

const ME: &str = "/api/gateway/v1/me/";
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

fn demo() -> Options {
    Options { demo: true, ..Options::default() }
}

#[test]
fn case_218_sessions_and_tokens_end_when_they_should() {
    let name = "case_218_sessions_and_tokens_end_when_they_should";
    let Some((server, clock)) = Clock::start(name, demo()) else { return };
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let is_known = |path: &str| {
        let by_session = session.on(server.get(path)).send().status == 200;
        (by_session, server.get(path).bearer(&token).send().status == 200)
    };
    for path in [ME, "/api/controller/v2/hosts/"] {
        clock.set(0);
        assert_eq!(is_known(path), (true, true), "{path}");
    }
    clock.set(890);
    assert_eq!(is_known(ME), (true, true));
    for (seconds, wanted) in [
        (16 * 60, (false, true)),
        (25 * HOUR, (false, true)),
        (YEAR - HOUR, (false, true)),
        (YEAR + 1, (false, false)),
    ] {
        clock.set(seconds);
        for path in [ME, "/api/controller/v2/hosts/"] {
            assert_eq!(is_known(path), wanted, "{path} after {seconds} s");
        }
    }
    // The refusals say why, each in its own words.
    let refusal = server.get(ME).bearer(&token).send().expect(401);
    assert!(refusal.header("www-authenticate").unwrap().contains("expired"), "{:?}", refusal.headers);
    let refusal = session.on(server.get(ME)).send().expect(401);
    assert!(refusal.set_cookie("gateway_sessionid").unwrap().contains("Max-Age=0"));
}

#[test]
fn case_218_an_identity_token_is_not_sent_beyond_its_life() {
    let name = "case_218_an_identity_token_is_not_sent_beyond_its_life";
    let Some((server, clock)) = Clock::start(name, demo()) else { return };
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let start = seconds_now();
    for offset in [0, 200, 400, 590, 620, 3000, 25 * HOUR] {
        clock.set(offset);
        let claims =
            claims_in(&server.get("/api/controller/v2/hosts/").bearer(&token).send().expect(200).text());
        let left = claims["exp"].as_i64().unwrap() - (start + offset);
        assert!((1..=660).contains(&left), "{left} s left after {offset} s");
    }
    // Set back, it is not older than it should be, either.
    clock.set(-DAY);
    let claims = claims_in(&server.get("/api/controller/v2/hosts/").bearer(&token).send().expect(200).text());
    let left = claims["exp"].as_i64().unwrap() - (start - DAY);
    assert!((1..=660).contains(&left), "{left} s left a day earlier");
}

fn seconds_now() -> i64 {
    i64::try_from(now().as_secs()).unwrap()
}

#[test]
fn case_219_what_is_over_stays_over_when_the_clock_is_set_back() {
    let name = "case_219_what_is_over_stays_over_when_the_clock_is_set_back";
    let Some((mut server, clock)) = Clock::start(name, demo()) else { return };
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    clock.set(DAY);
    assert_eq!(session.on(server.get(ME)).send().status, 401);
    for offset in [0, -HOUR, -DAY, -YEAR] {
        clock.set(offset);
        assert_eq!(session.on(server.get(ME)).send().status, 401, "{offset}");
    }
    server.kill();
    server.start_again();
    assert_eq!(session.on(server.get(ME)).send().status, 401, "after a restart");
    // A clock that was wrong does no lasting harm: who signs in now is in.
    clock.set(0);
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    assert_eq!(session.on(server.get(ME)).send().status, 200);
}

#[test]
fn case_219_a_lock_does_not_last_for_a_clock_that_was_set_back() {
    let name = "case_219_a_lock_does_not_last_for_a_clock_that_was_set_back";
    let Some((server, clock)) = Clock::start(name, demo()) else { return };
    let password = "wonder land 42 x";
    server.make_user("mia", password);
    clock.set(DAY);
    for _ in 0..12 {
        server.send_form("mia", "wrong");
    }
    assert_eq!(server.send_form("mia", password).status, 401, "the account is closed for seconds");
    clock.set(0);
    assert_eq!(server.send_form("mia", password).status, 302, "a day earlier nothing is owed");
    // And forward: the wait ends with it.
    for _ in 0..12 {
        server.send_form("mia", "wrong");
    }
    clock.set(60);
    assert_eq!(server.send_form("mia", password).status, 302);
}

#[test]
fn case_219_no_year_is_too_far() {
    let name = "case_219_no_year_is_too_far";
    let Some((server, clock)) = Clock::start(name, demo()) else { return };
    let today = seconds_now();
    // Before and after 2038, 2106, 2262 (nanoseconds in 63 bits), near the end of four-digit years, and
    // long before this program.
    for instant in
        [2_147_483_640, 2_147_483_700, 4_294_967_400, 9_223_372_100, 253_402_200_000, 1, 946_684_800]
    {
        clock.set(instant - today);
        let session = server.sign_in("admin", ADMIN_PASSWORD);
        assert_eq!(session.on(server.get(ME)).send().status, 200, "{instant}");
        let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
        assert_eq!(server.get(ME).bearer(&token).send().status, 200, "{instant}");
        assert_eq!(server.get("/api/controller/v2/hosts/").bearer(&token).send().status, 200, "{instant}");
        let answer = session.on(server.get("/api/gateway/v1/session/")).send().expect(200).json();
        assert!(answer["expires_in_seconds"].as_i64().unwrap() >= 0, "{answer}");
        server.send_form("nobody", "x").expect(401);
        server.get("/api/gateway/v1/login/").send().expect(200);
        assert_eq!(session.on(server.post("/api/gateway/v1/logout/")).send().status, 302, "{instant}");
    }
    clock.set(0);
    assert_eq!(server.as_admin("GET", ME).send().status, 200);
    assert!(!server.output().contains("panicked"), "{}", server.output());
}

#[test]
fn case_219_a_lifetime_beyond_all_years_is_no_accident() {
    let server = Server::with_config("[token]\naccess_token_expire_seconds = 31536000000\n");
    server.set(&json!({"SESSION_COOKIE_AGE": 30_000_000_000_i64}));
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    assert_eq!(session.on(server.get(ME)).send().status, 200);
    session.on(server.get("/api/gateway/v1/session/")).send().expect(200);
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
    assert_eq!(server.get(ME).bearer(&token).send().status, 200);
}

#[test]
fn case_220_an_identity_token_is_good_for_a_clock_that_is_behind() {
    let name = "case_220_an_identity_token_is_good_for_a_clock_that_is_behind";
    let Some((server, clock)) = Clock::start(name, demo()) else { return };
    // A component whose clock is 30 seconds behind ours reads a token from its future.
    clock.set(30);
    let claims = claims_in(&server.as_admin("GET", "/api/controller/v2/hosts/").send().expect(200).text());
    let not_before = claims["nbf"].as_i64().unwrap_or(0);
    assert!(not_before <= seconds_now(), "{claims}");
}

#[test]
fn case_221_an_expired_certificate_is_seen_and_said() {
    let name = "case_221_an_expired_certificate_is_seen_and_said";
    if !need(name, &["openssl", "curl"]) {
        return;
    }
    let folder = crate::support::server::new_folder("certificate");
    let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "3",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&chain)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let config = format!("[tls]\ncertificate = \"{}\"\nkey = \"{}\"\n", chain.display(), key.display());
    let Some((server, clock)) = Clock::start(name, Options { config, ..demo() }) else { return };
    let url = format!("https://localhost:{}/api/gateway/v1/ping/", server.https.port());
    let visit = || {
        let curl = Command::new("curl")
            .envs(clock.environment())
            .args(["-sS", "--cacert"])
            .arg(&chain)
            .args(["--max-time", "20", &url])
            .output()
            .unwrap();
        (curl.status.success(), String::from_utf8_lossy(&curl.stderr).into_owned())
    };
    assert!(visit().0, "{}", visit().1);
    clock.set(4 * DAY);
    let (is_served, said) = visit();
    assert!(!is_served && said.contains("expired"), "{said}");
    // The gateway itself lives on, and what does not need the certificate works.
    assert_eq!(server.get("/api/gateway/v1/ping/").send().status, 200);
    // Three days before the end it has been said in the log.
    let output = server.output();
    assert!(
        output.contains("certificate") && output.contains("expire"),
        "nothing is said of the certificate: {output}"
    );
    fs::remove_dir_all(folder).unwrap();
}
