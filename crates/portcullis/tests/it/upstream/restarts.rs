//! Either side goes away in the middle: the laboratory, which forgets everything, and the gateway, which does not.

use std::time::{Duration, Instant};

use super::{Caller, Entry, FRONTS, all_at_once, callers, gateway, upstreams};
use crate::support::lab::Lab;
use crate::support::{Response, Server};

/// How long something may take to come about on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A laboratory that can come back with the same address: without TLS, for its certificate is another one then.
fn entry<'a>(lab: &Lab, dialect: &'a str, path: &str) -> Entry<'a> {
    let entry = Entry::new(lab, "catalyst", dialect, path);
    Entry { upstream: format!("http://{}", lab.http), keys: String::new(), ..entry }
}

/// Asks until this is so.
#[track_caller]
pub fn eventually<T>(mut ask: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(why) => assert!(Instant::now() < deadline, "{why}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[track_caller]
fn eventually_ok(ask: impl Fn() -> Response) -> Response {
    eventually(|| {
        let answer = ask();
        if answer.status == 200 { Ok(answer) } else { Err(format!("{answer:#?} {}", answer.text())) }
    })
}

/// What a caller of this contract is told when something is wrong.
#[track_caller]
pub fn sentence(dialect: &str, answer: &Response) -> String {
    let body = answer.json();
    let text = match dialect {
        "aap" | "awx" | "astra" => &body["detail"],
        "catalyst" => &body["error"]["details"],
        "apprenda" => &body["message"],
        other => panic!("no such contract: {other}"),
    };
    text.as_str().unwrap_or_else(|| panic!("{dialect}: {body}")).to_owned()
}

#[test]
fn a_service_that_restarts_is_signed_in_at_once_more() {
    let mut lab = Lab::start("catalyst");
    let server = gateway(&FRONTS.map(|it| entry(&lab, it, &format!("/{it}/"))));
    let admins = FRONTS.map(|it| (it, Caller::admin(&server, it)));
    for (front, caller) in &admins {
        caller.get(&server, &format!("/{front}/device")).expect(200);
    }
    lab.kill();
    for (front, caller) in &admins {
        for _ in 0..3 {
            let answer = caller.get(&server, &format!("/{front}/device"));
            assert!(matches!(answer.status, 502 | 503), "{front} {answer:#?}");
            if answer.status == 503 {
                assert!(answer.header("retry-after").is_some(), "{front} {answer:#?}");
            }
            assert!(!sentence(front, &answer).is_empty(), "{front}");
            let text = format!("{answer:?}{}", answer.text());
            assert!(!text.contains(&lab.http.to_string()), "{front}: {text}");
        }
    }
    lab.launch();
    for (front, caller) in &admins {
        eventually_ok(|| caller.get(&server, &format!("/{front}/device")));
        caller.make(&server, &format!("/{front}/template/device"), front).expect(200);
        assert_eq!(lab.ran_key(front), 1, "{front}");
    }
    let state = lab.state();
    assert_eq!((&state["logins"], &state["failed_logins"]), (&FRONTS.len().into(), &0.into()), "{state}");
    assert_eq!(state["sessions"]["alive"], FRONTS.len(), "{state}");
}

#[test]
fn callers_go_on_through_a_restart_of_the_service() {
    let mut lab = Lab::start("catalyst");
    let server = gateway(&[entry(&lab, "aap", "/sdwan/")]);
    let callers = callers(&server, 60);
    let is_back = std::sync::atomic::AtomicBool::new(false);
    callers[0].get(&server, "/sdwan/device").expect(200);
    std::thread::scope(|scope| {
        let (server, callers, is_back) = (&server, &callers, &is_back);
        let asking = scope.spawn(move || {
            let mut told = Vec::new();
            while !is_back.load(std::sync::atomic::Ordering::Relaxed) {
                told.extend(all_at_once(callers, |_, it| it.get(server, "/sdwan/device")));
            }
            told
        });
        lab.kill();
        std::thread::sleep(Duration::from_millis(700));
        lab.launch();
        eventually_ok(|| callers[1].get(server, "/sdwan/device"));
        is_back.store(true, std::sync::atomic::Ordering::Relaxed);
        for answer in asking.join().unwrap() {
            match answer.status {
                200 | 502 => {}
                429 | 503 => assert!(answer.header("retry-after").is_some(), "{answer:#?}"),
                _ => panic!("{answer:#?} {}", answer.text()),
            }
        }
    });
    for answer in all_at_once(&callers, |_, it| it.get(&server, "/sdwan/device")) {
        answer.expect(200);
    }
    assert_eq!((lab.count("/logins"), lab.count("/sessions/highest")), (1, 1), "{}", lab.state());
}

#[test]
fn a_gateway_that_was_killed_takes_its_session_up_again() {
    let lab = Lab::start("catalyst");
    let mut server = gateway(&[Entry::new(&lab, "catalyst", "aap", "/sdwan/")]);
    let callers = callers(&server, 20);
    for turn in 1..=3 {
        for answer in all_at_once(&callers, |_, it| it.get(&server, "/sdwan/device")) {
            answer.expect(200);
        }
        assert_eq!((lab.count("/logins"), lab.count("/sessions/highest")), (1, 1), "{turn}");
        server.kill();
        server.start_again();
        eventually(|| match upstreams(&server) {
            told if told[0]["counts"]["taken_up"] == 1 => Ok(()),
            told => Err(format!("{turn} {told}")),
        });
    }
    for (number, answer) in
        all_at_once(&callers, |number, it| it.make(&server, "/sdwan/template/device", &format!("k{number}")))
            .into_iter()
            .enumerate()
    {
        answer.expect(200);
        assert_eq!(lab.ran_key(&format!("k{number}")), 1);
    }
    assert_eq!((lab.count("/logins"), lab.count("/sessions/highest"), lab.count("/logouts")), (1, 1, 0));
}

#[test]
fn a_session_that_died_while_the_gateway_was_down_is_replaced() {
    let lab = Lab::start("catalyst");
    let mut server = gateway(&[Entry::new(&lab, "catalyst", "aap", "/sdwan/")]);
    let caller = &callers(&server, 1)[0];
    caller.get(&server, "/sdwan/device").expect(200);
    server.kill();
    assert_eq!(lab.expire(), 1);
    server.start_again();
    caller.make(&server, "/sdwan/template/device", "once").expect(200);
    assert_eq!((lab.count("/logins"), lab.count("/sessions/alive"), lab.ran_key("once")), (2, 1, 1));
}

#[test]
fn a_gateway_that_stops_signs_out_on_every_platform() {
    let platforms = ["aap", "awx", "awx-without-tokens", "catalyst", "apprenda"];
    let labs = platforms.map(Lab::start);
    let entries: Vec<_> = platforms
        .iter()
        .zip(&labs)
        .map(|(platform, lab)| Entry::new(lab, platform, "aap", &format!("/{platform}/")))
        .collect();
    let mut server: Server = gateway(&entries);
    let caller = &callers(&server, 1)[0];
    for platform in platforms {
        caller.get(&server, &format!("/{platform}/{}", super::list_of(platform))).expect(200);
    }
    for (platform, lab) in platforms.iter().zip(&labs) {
        assert_eq!((lab.count("/logins"), lab.count("/sessions/alive")), (1, 1), "{platform}");
    }
    assert!(server.stop().success());
    for (platform, lab) in platforms.iter().zip(&labs) {
        assert_eq!(lab.count("/sessions/alive"), 0, "{platform}");
    }
    // The next one signs in anew.
    server.start_again();
    caller.get(&server, "/catalyst/device").expect(200);
    assert_eq!((labs[3].count("/logins"), labs[3].count("/sessions/alive")), (2, 1));
}
