//! `portcullis doctor`: each thing that can be wrong is found at its step, with something to do about it.

use std::net::TcpListener;
use std::sync::Arc;

use serde_json::Value;

use super::bench::{Home, serve};
use super::{Wanderer, said};
use crate::support::lab::{Lab, PASSWORD};
use crate::support::server::write_secret;

/// What a diagnosis found: the outcome, what was seen and the advice of each step.
struct Found(Vec<Value>);

impl Found {
    /// Runs one that ends with this code.
    #[track_caller]
    fn of(home: &Home, arguments: &[&str], code: i32) -> Self {
        let output = home.run(&[&["doctor"], arguments, &["-o", "json"]].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
        assert!(!said(&output).contains(PASSWORD), "a secret: {}", said(&output));
        Self(serde_json::from_slice::<Value>(&output.stdout).unwrap().as_array().unwrap().clone())
    }

    #[track_caller]
    fn step(&self, name: &str) -> &Value {
        self.0.iter().find(|it| it["step"] == name).unwrap_or_else(|| panic!("no {name} in {:?}", self.0))
    }

    #[track_caller]
    fn is(&self, name: &str, outcome: &str) {
        assert_eq!(self.step(name)["outcome"], outcome, "{name}: {:?}", self.0);
    }
}

/// Somebody signs in at a laboratory.
fn at<'a>(base: &'a str, ca: &'a str, user: &'a str) -> [&'a str; 7] {
    [base, "--ca", ca, "--user", user, "--password-file", "password"]
}

#[test]
fn nothing_is_wrong() {
    for platform in ["aap", "awx", "catalyst", "apprenda"] {
        let (lab, home) = (Lab::start(platform), Home::new());
        let (base, ca) = (lab.base(), lab.certificate());
        let found = Found::of(&home, &at(&base, ca.to_str().unwrap(), "admin"), 0);
        for step in
            ["name", "connection", "certificate", "http", "clock", "platform", "sign-in", "who", "sign-out"]
        {
            found.is(step, "ok");
        }
        assert!(found.step("platform")["seen"].as_str().unwrap().contains(platform), "{platform}");
        assert_eq!(lab.count("/sessions/alive"), 0, "{platform}: nothing is left behind");
        assert_eq!(lab.count("/failed_logins"), 0, "{platform}");
        let public = Found::of(&home, &[&base, "--ca", ca.to_str().unwrap()], 0);
        public.is("sign-in", "skipped");
    }
}

#[test]
fn a_saved_sign_in_is_diagnosed_where_it_is() {
    let (lab, home) = (Lab::start("awx"), Home::new());
    home.ends(&["doctor"], 5);
    home.enter(&lab, "awx");
    Found::of(&home, &[], 0).is("sign-in", "skipped");
    Found::of(&home, &["--password-file", "password"], 0).is("sign-in", "ok");
    home.done(&["whoami"]);
}

#[test]
fn a_wrong_password_and_a_disabled_account_are_tried_once() {
    for platform in ["aap", "awx", "catalyst", "apprenda"] {
        let (lab, home) = (Lab::start(platform), Home::new());
        let (base, ca) = (lab.base(), lab.certificate());
        let disabled = Found::of(&home, &at(&base, ca.to_str().unwrap(), "bob"), 3);
        disabled.is("sign-in", "failed");
        assert_eq!(lab.count("/failed_logins"), 1, "{platform}: one attempt");
        write_secret(&home.folder.join("password"), "not the password 7");
        let wrong = Found::of(&home, &at(&base, ca.to_str().unwrap(), "admin"), 3);
        wrong.is("sign-in", "failed");
        wrong.is("who", "skipped");
        let advice = wrong.step("sign-in")["advice"].as_str().unwrap();
        assert!(advice.contains("may lock the account"), "{platform}: {advice}");
        assert_eq!(lab.count("/failed_logins"), 2, "{platform}: one attempt more");
        assert!(!format!("{:?}", wrong.0).contains("not the password"), "{platform}");
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for() {
    let (lab, home) = (Lab::start("catalyst"), Home::new());
    let base = lab.base();
    let found = Found::of(&home, &[&base, "--user", "admin", "--password-file", "password"], 7);
    found.is("connection", "ok");
    found.is("certificate", "failed");
    assert!(found.step("certificate")["advice"].as_str().unwrap().contains("--ca"));
    assert_eq!(lab.count("/requests/total"), 0, "nothing was sent");
    let insecure = [&base, "--insecure", "--user", "admin", "--password-file", "password"];
    Found::of(&home, &insecure, 0).is("certificate", "warning");
}

#[test]
fn nothing_listens_or_nobody_has_the_name() {
    let home = Home::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let found = Found::of(&home, &[&format!("https://{free}")], 4);
    found.is("name", "ok");
    found.is("connection", "failed");
    found.is("sign-out", "skipped");
    Found::of(&home, &["https://nowhere.invalid"], 4).is("name", "failed");
}

#[test]
fn a_server_that_is_no_platform_with_a_clock_of_its_own() {
    let home = Home::new();
    let address = serve(Arc::new(|_: &str, exchange: &mut super::bench::Exchange| {
        let head = "Date: Tue, 01 Jan 2019 00:00:00 GMT\r\nServer: shop/1\r\n";
        exchange.answer("404 Not Found", head, b"<title>It works</title>");
    }));
    let base = format!("http://{address}");
    let found = Found::of(&home, &[&base, "--user", "admin", "--password-file", "password"], 6);
    found.is("clock", "warning");
    let seen = found.step("clock")["seen"].as_str().unwrap();
    assert!(seen.contains("behind ours"), "{seen}");
    found.is("platform", "failed");
    found.is("sign-in", "skipped");
}

#[test]
fn basic_authentication_that_is_switched_off_is_no_failure() {
    let wanderer = Wanderer::new();
    wanderer.server.shell(&["setting", "set", "gateway_basic_auth_enabled", "false"]);
    let (url, ca) = (wanderer.url(), wanderer.ca());
    let usual = ["doctor", &url, "--platform", "aap", "--user", "alice", "--ca", &ca];
    let found = wanderer.json(&[&usual[..], &["--password-file", "password"]].concat());
    let basic = found.as_array().unwrap().iter().find(|it| it["step"] == "basic").unwrap();
    assert_eq!(basic["outcome"], "warning", "{found}");
    assert_eq!(wanderer.sessions(), 0);
}
