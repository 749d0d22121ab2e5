//! Several processes, several profiles: one renewal for all, and none that stands in the way of the others.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::bench::Home;
use super::said;
use crate::support::lab::Lab;
use crate::support::need;
use crate::support::server::write_secret;

fn saved(home: &Home, name: &str) -> PathBuf {
    home.folder.join("state/portcullis").join(format!("{name}.json"))
}

/// Changes a saved profile, under another name or its own.
fn change(home: &Home, from: &str, to: &str, change: impl Fn(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&fs::read(saved(home, from)).unwrap()).unwrap();
    change(&mut value);
    write_secret(&saved(home, to), &value.to_string());
}

fn begin(home: &Home, arguments: &[&str]) -> Child {
    let mut command = home.command(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn of_many_processes_one_renews() {
    for platform in ["aap", "awx"] {
        of_many_one_renews(platform);
    }
}

fn of_many_one_renews(platform: &str) {
    let (home, lab) = (Home::new(), Lab::start(platform));
    home.enter(&lab, platform);
    let name = home.json(&["profile", "show"])["profile"].as_str().unwrap().to_owned();
    let now: jiff::Timestamp = lab.state()["now"].as_str().unwrap().parse().unwrap();
    let soon = now + jiff::SignedDuration::from_secs(20);
    change(&home, &name, &name, |it| it["held"]["expires_at"] = json!(soon.to_string()));
    let before = lab.count("/requests/total");
    let children: Vec<_> = (0..6).map(|_| begin(&home, &["header"])).collect();
    let mut shown = Vec::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        shown.push(output.stdout);
    }
    assert!(shown.iter().all(|it| *it == shown[0]), "{platform}: all show the same proof");
    assert_eq!(lab.count("/requests/total") - before, 1, "{}", lab.state()["requests"]);
    assert_eq!((lab.count("/logins"), lab.count("/sessions/alive")), (1, 1));
}

#[test]
fn one_that_cannot_be_read_hides_no_other() {
    let (home, lab) = (Home::new(), Lab::start("awx"));
    home.enter(&lab, "awx");
    let name = home.json(&["profile", "show"])["profile"].as_str().unwrap().to_owned();
    write_secret(&saved(&home, "damaged"), "{");
    change(&home, &name, "newer", |it| it["version"] = json!(2));
    change(&home, &name, "open", |_| ());
    fs::set_permissions(saved(&home, "open"), fs::Permissions::from_mode(0o640)).unwrap();
    change(&home, &name, "uncertified", |it| it["ca"] = json!("/no/such/file"));
    for arguments in [&["status"][..], &["status", "--offline"], &["profile", "list"]] {
        let told = home.json(arguments);
        let rows = told.as_array().unwrap();
        assert_eq!(rows.len(), 5, "{told}");
        for row in rows {
            let it = row["profile"].as_str().unwrap();
            let state = match it {
                "damaged" | "newer" | "open" => "cannot be used",
                "uncertified" if arguments.len() == 1 => "cannot be used",
                _ => "held",
            };
            assert_eq!(row["state"], state, "{arguments:?} {row}");
            assert!(state == "held" || !row["why"].as_str().unwrap().is_empty(), "{row}");
        }
    }
    // A question about the server of the one that is whole is answered all the same.
    home.done(&["header"]);
    home.ends(&["status", "--profile", "damaged"], 1);
    assert_eq!(lab.count("/logins"), 1);
}

#[test]
fn one_that_does_not_answer_keeps_nobody_waiting() {
    let (home, lab) = (Home::new(), Lab::start("awx"));
    home.enter(&lab, "awx");
    let name = home.json(&["profile", "show"])["profile"].as_str().unwrap().to_owned();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("https://{}", silent.local_addr().unwrap());
    for number in 0..8 {
        change(&home, &name, &format!("dead-{number}"), |it| it["base"] = json!(nowhere));
    }
    let told = home.json(&["status"]);
    let states: Vec<_> = told.as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap()).collect();
    assert_eq!(states.iter().filter(|it| **it == "held").count(), 1, "{told}");
    assert_eq!(states.iter().filter(|it| **it == "not reachable").count(), 8, "{told}");
    let before = lab.count("/requests/total");
    home.done(&["status", "--offline"]);
    assert_eq!(lab.count("/requests/total"), before, "offline asks nobody");
}

#[test]
fn what_another_sign_in_left_in_the_environment_is_not_passed_on() {
    if !need("what_another_sign_in_left_in_the_environment_is_not_passed_on", &["sh", "env"]) {
        return;
    }
    let (home, lab, other) = (Home::new(), Lab::start("awx"), Lab::start("aap"));
    let base = lab.base();
    let usual = ["login", &base, "--platform", "awx", "--user", "admin", "--password-file", "password"];
    home.done(&[&usual[..], &["--insecure", "--method", "token", "--profile", "careless"]].concat());
    home.enter(&other, "aap");
    let careful = home.json(&["profile", "show"])["profile"].as_str().unwrap().to_owned();
    // Within the environment of a sign-in elsewhere, whose certificate nobody checks.
    let inner = ["exec", "--profile", "careless", "--"];
    let program = home.command(&[]).get_program().to_str().unwrap().to_owned();
    let seen = home.done(&[&inner[..], &[&program, "exec", "--profile", &careful, "--", "env"]].concat());
    assert!(seen.contains(&format!("PORTCULLIS_PROFILE={careful}")), "{seen}");
    for stray in ["OAUTH_TOKEN", "VERIFY_SSL", "VALIDATE_CERTS", "CONTROLLER_HOST", "TOWER_HOST"] {
        assert!(!seen.contains(stray), "{stray} in {seen}");
    }
    let lines = home.done(&[&inner[..], &[&program, "env", "--profile", &careful]].concat());
    assert!(lines.contains("unset CONTROLLER_OAUTH_TOKEN\n"), "{lines}");
    let script = format!("export CONTROLLER_OAUTH_TOKEN=x CONTROLLER_VERIFY_SSL=false\n{lines}\nenv");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains("CONTROLLER_"), "{}", said(&output));
}

#[test]
fn once_more_without_an_address() {
    let (home, lab) = (Home::new(), Lab::start("aap"));
    let said = home.ends(&["login", "--password-file", "password"], 2);
    assert!(said.contains("portcullis login https://"), "{said}");
    let (base, ca) = (lab.base(), lab.certificate());
    let usual = ["login", &base, "--user", "admin", "--password-file", "password", "--profile", "p"];
    home.done(&[&usual[..], &["--method", "token", "--ca", ca.to_str().unwrap()]].concat());
    let first = home.json(&["profile", "show"]);
    let told = home.json(&["login", "--password-file", "password"]);
    for key in ["profile", "base", "platform", "user", "method", "certificates"] {
        assert_eq!(told[key], first[key], "{key}");
    }
    assert_eq!((lab.count("/tokens/made"), lab.count("/tokens/revoked")), (2, 1));
    home.ends(&["login", "--profile", "other", "--password-file", "password"], 5);
}

#[test]
fn a_login_that_cannot_be_saved_is_ended() {
    let (home, lab) = (Home::new(), Lab::start("awx"));
    let (base, ca) = (lab.base(), lab.certificate());
    let usual = ["login", &base, "--platform", "awx", "--user", "admin", "--password-file", "password"];
    let usual = [&usual[..], &["--ca", ca.to_str().unwrap(), "--profile", "p"]].concat();
    // A folder in the place of the file: a lock can be taken, and nothing can be saved.
    home.done(&["profile", "list"]);
    fs::create_dir(saved(&home, "p")).unwrap();
    home.ends(&usual, 1);
    assert_eq!((lab.count("/logins"), lab.count("/sessions/alive")), (1, 0));
    fs::remove_dir(saved(&home, "p")).unwrap();
    // Where not even a lock can be taken, nobody is asked for a password.
    fs::create_dir(home.folder.join("state/portcullis/q.lock")).unwrap();
    let (before, last) = (lab.count("/requests/total"), usual.len() - 1);
    home.ends(&[&usual[..last], &["q"]].concat(), 1);
    assert_eq!(lab.count("/requests/total"), before);
}
