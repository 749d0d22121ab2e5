//! What goes wrong, told apart by exit code and in words that say what to do.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use super::{Wanderer, said};
use crate::support::server::write_secret;

#[test]
fn a_wrong_password_is_tried_once() {
    let wanderer = Wanderer::new();
    write_secret(&wanderer.home.join("password"), "not the password 1");
    let (url, ca) = (wanderer.url(), wanderer.ca());
    for platform in ["aap", "astra", "awx", "catalyst", "apprenda"] {
        let before = failed_logins(&wanderer);
        let said = wanderer.fails(
            &[
                "login",
                &url,
                "--platform",
                platform,
                "--user",
                "alice",
                "--ca",
                &ca,
                "--password-file",
                "password",
            ],
            3,
        );
        assert!(said.contains("does not accept this name and password"), "{platform}: {said}");
        assert!(!said.contains("not the password"), "{said}");
        assert_eq!(failed_logins(&wanderer) - before, 1, "{platform}: exactly one attempt");
    }
    assert_eq!(wanderer.json(&["profile", "list"]), serde_json::json!([]), "nothing is saved");
}

/// How many failed logins the audit log has.
fn failed_logins(wanderer: &Wanderer) -> usize {
    let folder = wanderer.server.data_dir();
    let log = std::fs::read_to_string(folder.join("audit.jsonl")).unwrap();
    log.lines().filter(|line| line.contains("\"event\":\"sign_in_failure\"")).count()
}

#[test]
fn nothing_listens() {
    let wanderer = Wanderer::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("https://{free}");
    let said = wanderer.fails(&["login", &url, "--user", "alice", "--password-file", "password"], 4);
    assert!(said.contains("connection refused"), "{said}");
    let said = wanderer.fails(&["login", "https://nowhere.invalid", "--user", "a", "--password-stdin"], 4);
    assert!(said.contains("no such host"), "{said}");
}

#[test]
fn a_server_that_is_no_platform() {
    let wanderer = Wanderer::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked);
            let page = "<title>It works</title>";
            let head = format!("Server: shop/1\r\nConnection: close\r\nContent-Length: {}", page.len());
            let _ = write!(stream, "HTTP/1.1 404 Not Found\r\n{head}\r\n\r\n{page}");
        }
    });
    let said = wanderer.fails(&["login", &url, "--user", "alice", "--password-file", "password"], 6);
    assert!(said.contains("none of the platforms") && said.contains("shop/1"), "{said}");
    for platform in ["aap", "awx", "catalyst", "apprenda"] {
        let usual = ["login", &url, "--user", "alice", "--password-file", "password", "--platform", platform];
        let output = wanderer.run(&usual, "");
        // Apprenda's password goes nowhere without encryption, so there it is not even tried.
        assert!(matches!(output.status.code(), Some(3 | 4 | 6 | 7)), "{platform}: {}", said_of(&output));
        assert!(
            !String::from_utf8_lossy(&output.stderr).contains("name and password"),
            "{}",
            said_of(&output)
        );
    }
}

fn said_of(output: &std::process::Output) -> String {
    said(output)
}

#[test]
fn a_certificate_that_nobody_vouches_for() {
    let wanderer = Wanderer::new();
    let url = wanderer.url();
    let usual = ["login", &url, "--platform", "awx", "--user", "alice", "--password-file", "password"];
    let said_first = wanderer.fails(&usual, 7);
    assert!(said_first.contains("--ca"), "{said_first}");
    assert_eq!(wanderer.sessions(), 0);
    let output = wanderer.run(&[&usual[..], &["--insecure"]].concat(), "");
    assert!(output.status.success(), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("warning"), "{}", said(&output));
    // Every later command of that profile warns, too.
    let output = wanderer.run(&["whoami"], "");
    assert!(output.status.success(), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--insecure"), "{}", said(&output));
    wanderer.fails(&[&usual[..], &["--ca", "missing.pem"]].concat(), 2);
    wanderer.fails(&[&usual[..], &["--ca", "password"]].concat(), 2);
}

#[test]
fn a_session_that_ended_at_the_server() {
    let wanderer = Wanderer::new();
    for (platform, further) in
        [("aap", &[][..]), ("awx", &[]), ("catalyst", &[]), ("apprenda", &["--portal", "soc"])]
    {
        wanderer.login(platform, further);
        wanderer.server.shell(&["session", "expire", "--user", "alice"]);
        let told = wanderer.fails(&["whoami"], 5);
        assert!(told.contains("portcullis login") && told.contains(&wanderer.url()), "{platform}: {told}");
        assert_eq!(wanderer.json(&["status"])[0]["state"], "over", "{platform}");
        // What is over already is no failure of logout.
        wanderer.done(&["logout"]);
    }
}

#[test]
fn a_logout_without_the_server_forgets_and_says_so() {
    let mut wanderer = Wanderer::new();
    wanderer.login("awx", &[]);
    wanderer.server.stop();
    assert_eq!(wanderer.json(&["status"])[0]["state"], "not reachable");
    assert_eq!(wanderer.json(&["status", "--offline"])[0]["state"], "held");
    let told = wanderer.fails(&["logout"], 4);
    assert!(told.contains("lives on"), "{told}");
    assert_eq!(wanderer.json(&["profile", "list"]), serde_json::json!([]));
    let told = wanderer.fails(&["logout"], 5);
    assert!(told.contains("nobody is signed in"), "{told}");
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let wanderer = Wanderer::new();
    let (url, ca) = (wanderer.url(), wanderer.ca());
    let usual = ["login", &url, "--platform", "awx", "--ca", &ca];
    let told = wanderer.fails(&usual, 2);
    assert!(told.contains("--user"), "{told}");
    let told = wanderer.fails(&[&usual[..], &["--user", "alice"]].concat(), 2);
    assert!(told.contains("--password-stdin"), "{told}");
    for (further, word) in [
        (&["--method", "device"][..], "--client-id"),
        (&["--method", "session", "--token-stdin"], "--method token"),
        (&["--platform", "catalyst", "--method", "basic"], "it has"),
        (&["--profile", "../x"], "profile"),
    ] {
        let arguments = [&["login", &url, "--ca", &ca, "--platform", "awx"][..], further].concat();
        let arguments: Vec<_> = if further.contains(&"--platform") {
            [&["login", &url, "--ca", &ca][..], further].concat()
        } else {
            arguments
        };
        let told = wanderer.fails(&arguments, 2);
        assert!(told.contains(word), "{word} in {told}");
    }
    for url in ["ftp://h", "https://alice:secret@h", ""] {
        let told = wanderer.fails(&["login", url, "--user", "a", "--password-file", "password"], 2);
        assert!(!told.contains("secret"), "{told}");
    }
}
