//! Signing in and out, on every platform and in every way.

use super::{PASSWORD, Wanderer, said};
use crate::support::server::write_secret;

/// The platforms whose sessions `session list` shows as these kinds.
const PLATFORMS: [&str; 5] = ["aap", "astra", "awx", "catalyst", "apprenda"];

/// What a platform's login wants beside the usual.
fn further(platform: &str) -> &'static [&'static str] {
    if platform == "apprenda" { &["--portal", "soc"] } else { &[] }
}

#[test]
fn a_session_at_every_platform_from_login_to_logout() {
    let wanderer = Wanderer::new();
    for platform in PLATFORMS {
        let told = wanderer.login(platform, further(platform));
        assert_eq!(told["platform"], platform, "{told}");
        assert_eq!(told["user"], "alice", "{told}");
        assert_eq!(told["method"], "session", "{told}");
        assert_eq!(told["base"], wanderer.url(), "{told}");
        assert_eq!(wanderer.sessions(), 1, "{platform}: one session at the server");
        assert_eq!(wanderer.json(&["whoami"])["username"], "alice", "{platform}");
        let status = wanderer.json(&["status"]);
        assert_eq!(status[0]["state"], "held", "{platform}: {status}");
        wanderer.done(&["logout"]);
        assert_eq!(wanderer.sessions(), 0, "{platform}: logout ends the session at the server");
        let said = wanderer.fails(&["whoami"], 5);
        assert!(said.contains("portcullis login"), "{said}");
    }
}

#[test]
fn a_token_where_the_platform_has_tokens() {
    let wanderer = Wanderer::new();
    for platform in ["aap", "astra", "awx"] {
        let told = wanderer.login(platform, &["--method", "token", "--description", "d"]);
        assert_eq!(told["method"], "token", "{told}");
        assert_eq!((wanderer.tokens(), wanderer.sessions()), (1, 0), "{platform}");
        assert_eq!(wanderer.json(&["whoami"])["username"], "alice", "{platform}");
        wanderer.done(&["logout"]);
        assert_eq!(wanderer.tokens(), 0, "{platform}: logout revokes the token that login made");
    }
    // One that may only read cannot end itself: it is forgotten, and what is left is told.
    wanderer.login("aap", &["--method", "token", "--scope", "read"]);
    let told = wanderer.fails(&["logout"], 3);
    assert!(told.contains("lives on") && told.contains("only read"), "{told}");
    assert_eq!(wanderer.tokens(), 1);
    assert_eq!(wanderer.json(&["profile", "list"]), serde_json::json!([]));
}

#[test]
fn a_ready_token_is_used_and_left_alone() {
    let wanderer = Wanderer::new();
    let (_, value) = wanderer.server.make_token("alice", PASSWORD, "write");
    write_secret(&wanderer.home.join("token"), &value);
    let (url, ca) = (wanderer.url(), wanderer.ca());
    let told = wanderer.json(&["login", &url, "--platform", "aap", "--ca", &ca, "--token-file", "token"]);
    assert_eq!(told["username"], "alice", "{told}");
    wanderer.done(&["logout"]);
    assert_eq!(wanderer.tokens(), 1, "what login did not make, logout does not end");
    let arguments = ["login", &url, "--platform", "awx", "--ca", &ca, "--token-stdin"];
    assert!(wanderer.run(&arguments, &format!("{value}\n")).status.success());
    assert_eq!(wanderer.json(&["whoami"])["username"], "alice");
    // A token that is none is refused at once, and nothing is saved.
    let output = wanderer.run(&[&arguments[..], &["--profile", "wrong"]].concat(), "nonsense\n");
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert_eq!(wanderer.json(&["profile", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn the_password_of_basic_is_kept_only_if_somebody_says_so() {
    let wanderer = Wanderer::new();
    let told = wanderer.login("awx", &["--method", "basic", "--profile", "asks"]);
    assert_eq!(told["method"], "basic", "{told}");
    let kept = |wanderer: &Wanderer| {
        super::files(&wanderer.state())
            .iter()
            .any(|it| String::from_utf8_lossy(&std::fs::read(it).unwrap()).contains(PASSWORD))
    };
    assert!(!kept(&wanderer), "nobody agreed that it may be kept");
    let said = wanderer.fails(&["whoami"], 2);
    assert!(said.contains("--password-stdin") || said.contains("terminal"), "{said}");
    wanderer.login("awx", &["--method", "basic", "--profile", "keeps", "--store-password"]);
    assert!(kept(&wanderer));
    assert_eq!(wanderer.json(&["whoami"])["username"], "alice");
    wanderer.done(&["logout"]);
    assert!(!kept(&wanderer), "logout forgets it");
}

#[test]
fn the_platform_is_recognised() {
    let wanderer = Wanderer::new();
    let (url, ca) = (wanderer.url(), wanderer.ca());
    let output = wanderer.run(&["login", &url, "--user", "alice", "--ca", &ca, "--password-stdin"], PASSWORD);
    assert!(output.status.success(), "{}", said(&output));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains(&format!(" at {url}")), "it says what it found: {err}");
}

#[test]
fn two_profiles_live_side_by_side() {
    let wanderer = Wanderer::new();
    wanderer.login("awx", &["--profile", "one"]);
    wanderer.login("catalyst", &["--profile", "two"]);
    assert_eq!(wanderer.sessions(), 2);
    assert_eq!(wanderer.json(&["profile", "show"])["profile"], "two", "the newest is current");
    wanderer.done(&["profile", "use", "one"]);
    assert_eq!(wanderer.json(&["whoami"])["profile"], "one");
    assert_eq!(wanderer.json(&["whoami", "--profile", "two"])["profile"], "two");
    let mut command = wanderer.command(&["whoami", "-o", "json"]);
    let output = command.env("PORTCULLIS_PROFILE", "two").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"two\""), "{}", said(&output));
    let listed = wanderer.json(&["profile", "list"]);
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|it| it["profile"].as_str().unwrap()).collect();
    assert_eq!(names, ["one", "two"]);
    wanderer.done(&["logout", "--all"]);
    assert_eq!(wanderer.sessions(), 0);
    assert_eq!(wanderer.json(&["profile", "list"]), serde_json::json!([]));
}

#[test]
fn signing_in_again_ends_the_session_before() {
    let wanderer = Wanderer::new();
    wanderer.login("aap", &[]);
    let first = wanderer.json(&["profile", "show"]);
    wanderer.login("aap", &[]);
    assert_eq!(wanderer.sessions(), 1, "the old session is gone");
    let second = wanderer.json(&["profile", "show"]);
    assert_eq!(first["profile"], second["profile"], "the same place is the same profile");
    assert_eq!(wanderer.json(&["whoami"])["username"], "alice");
    // Another server under a name that is taken: the name is asked for, and nothing is lost.
    wanderer.login("aap", &["--profile", "other"]);
    assert_eq!(wanderer.sessions(), 2);
}

#[test]
fn another_way_to_sign_in_takes_no_sign_ins_place() {
    let wanderer = Wanderer::new();
    wanderer.login("aap", &["--method", "token"]);
    let first = wanderer.json(&["profile", "show"]);
    wanderer.login("aap", &[]);
    let second = wanderer.json(&["profile", "show"]);
    assert_ne!(first["profile"], second["profile"], "{second}");
    assert_eq!((wanderer.tokens(), wanderer.sessions()), (1, 1), "the token may be in use elsewhere");
    wanderer.login("awx", &[]);
    assert_eq!((wanderer.tokens(), wanderer.sessions()), (1, 2), "another platform at the same address");
    wanderer.login("aap", &["--method", "token"]);
    assert_eq!(wanderer.json(&["profile", "show"])["profile"], first["profile"]);
    assert_eq!((wanderer.tokens(), wanderer.sessions()), (1, 2), "and the same way takes its own");
}

#[test]
fn forgetting_here_leaves_the_session_at_the_server() {
    let wanderer = Wanderer::new();
    wanderer.login("awx", &["--profile", "one"]);
    wanderer.done(&["profile", "remove", "one"]);
    assert_eq!(wanderer.sessions(), 1);
    wanderer.fails(&["profile", "remove", "one"], 3);
    wanderer.fails(&["profile", "use", "one"], 3);
    wanderer.fails(&["profile", "show", "one"], 3);
    wanderer.fails(&["whoami", "--profile", "one"], 5);
}

#[test]
fn a_sign_in_that_cannot_be_kept_is_ended() {
    let wanderer = Wanderer::new();
    let (url, ca) = (wanderer.url(), wanderer.ca());
    let usual = ["login", &url, "--platform", "awx", "--user", "alice", "--ca", &ca, "--keyring"];
    let output = wanderer.run(&[&usual[..], &["--password-file", "password"]].concat(), "");
    // Built without a keyring, or on a machine that has none: nothing goes into a file in its place.
    if !output.status.success() {
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(String::from_utf8_lossy(&output.stderr).contains("without --keyring"), "{}", said(&output));
        assert_eq!(wanderer.sessions(), 0, "nobody would know of the session any more");
        assert_eq!(wanderer.json(&["profile", "list"]), serde_json::json!([]));
    }
}
