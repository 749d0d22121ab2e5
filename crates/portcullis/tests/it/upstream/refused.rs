//! A wrong password at the service: tried once in a minute, told to every caller in its own words, and shown to
//! those who can repair it.

use super::restarts::{eventually, sentence};
use super::{Caller, Entry, FRONTS, PASSWORD, USER_PASSWORD, gateway, password_file, upstreams};
use crate::support::Server;
use crate::support::lab::Lab;
use crate::support::server::write_secret;

const NO_SESSION: &str = "The gateway has no session at the service now.";
const WRONG: &str = "not-the-password-7";

/// A gateway with a wrong password, one service for each contract, all with the same account.
fn refused(platform: &str) -> (Lab, Server) {
    let lab = Lab::start(platform);
    write_secret(&password_file(&lab), WRONG);
    let fronts = ["aap", "astra", "awx", "catalyst", "apprenda"];
    let entries = fronts.map(|it| Entry::new(&lab, platform, it, &format!("/{it}/")));
    let server = gateway(&entries);
    (lab, server)
}

#[test]
fn fifty_requests_are_one_attempt_and_everybody_is_told_in_their_own_words() {
    for platform in ["aap", "awx", "catalyst", "apprenda"] {
        let (lab, server) = refused(platform);
        let list = super::list_of(platform);
        for front in FRONTS {
            let caller = Caller::admin(&server, front);
            for number in 0..13 {
                let target = format!("/{front}/{list}");
                let answer = if number % 2 == 0 {
                    caller.get(&server, &target)
                } else {
                    caller.make(&server, &target, "k")
                };
                assert_eq!(answer.status, 503, "{platform} {front} {answer:#?}");
                let wait: u32 = answer.header("retry-after").unwrap().parse().unwrap();
                assert!((1..=60).contains(&wait), "{platform} {front} {wait}");
                assert_eq!(sentence(front, &answer), NO_SESSION, "{platform} {front}");
                assert!(answer.header_all("set-cookie").is_empty(), "{platform} {front} {answer:#?}");
            }
        }
        let state = lab.state();
        assert_eq!((&state["failed_logins"], &state["logins"]), (&1.into(), &0.into()), "{platform} {state}");
        assert_eq!(state["resources"]["total"], 0, "{platform} {state}");
    }
}

#[test]
fn it_is_shown_to_those_who_can_repair_it_and_logged_once() {
    let (lab, server) = refused("catalyst");
    server.make_user("ann", USER_PASSWORD);
    let (admin, ann) = (Caller::admin(&server, "aap"), Caller::token(&server, "ann", USER_PASSWORD));
    for _ in 0..10 {
        ann.get(&server, "/aap/device").expect(503);
    }
    let told = upstreams(&server);
    let mine = told.as_array().unwrap().iter().find(|it| it["service"] == "aap").unwrap();
    assert_eq!((&mine["state"], &mine["account"]), (&"refused".into(), &"operator".into()), "{told}");
    assert!(mine["reason"].as_str().is_some_and(|it| !it.is_empty()), "{told}");
    assert!(mine["next_attempt_at"].is_string() && mine["counts"]["refusals"] == 1, "{told}");
    ann.get(&server, "/portcullis/v1/upstreams").expect(403);
    let metrics = admin.get(&server, "/portcullis/v1/metrics").expect(200).text();
    let state = "portcullis_upstream_session_state{service=\"aap\",account=\"operator\",state=\"refused\"} 1";
    assert!(metrics.contains(state), "{metrics}");
    assert!(metrics.contains("portcullis_upstream_session_refusals_total{service=\"aap\"} 1"), "{metrics}");
    let status = admin.get(&server, "/api/gateway/v1/status/").expect(200).text();
    assert!(status.contains("no session of the gateway there: "), "{status}");
    let output = server.output();
    let lines: Vec<_> = output.lines().filter(|it| it.contains("no session at the service")).collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains("WARN") && lines[0].contains("operator"), "{lines:?}");
    for text in [told.to_string(), metrics, status, output] {
        assert!(!text.contains(WRONG), "{text}");
    }
    assert_eq!(lab.count("/failed_logins"), 1);
}

#[test]
fn a_repaired_password_counts_at_a_reload_and_a_reload_alone_does_not() {
    let (lab, server) = refused("catalyst");
    let caller = Caller::admin(&server, "aap");
    caller.get(&server, "/aap/device").expect(503);
    // A reload is no way to try the same password once more.
    for _ in 0..5 {
        server.signal("HUP");
        caller.get(&server, "/aap/device").expect(503);
    }
    assert_eq!(lab.count("/failed_logins"), 1);
    write_secret(&password_file(&lab), PASSWORD);
    eventually(|| {
        let answer = caller.get(&server, "/aap/device");
        if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
    });
    assert_eq!((lab.count("/failed_logins"), lab.count("/logins")), (1, 1), "{}", lab.state());
}

#[test]
fn an_account_with_a_wrong_password_does_not_lock() {
    // Five wrong passwords would close the laboratory's account for a while.
    let (lab, server) = refused("aap");
    let caller = Caller::admin(&server, "aap");
    for _ in 0..20 {
        caller.get(&server, "/aap/v2/jobs/").expect(503);
    }
    assert_eq!(lab.count("/failed_logins"), 1);
    let mine = lab.request("POST", "/api/gateway/v1/tokens/").basic("operator", PASSWORD);
    mine.json(&serde_json::json!({ "scope": "read" })).send_encrypted().expect(201);
}
