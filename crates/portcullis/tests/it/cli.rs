//! Administration from the shell, against a running gateway and against none: it says what it did, and what it
//! did holds at once.

use serde_json::{Value, json};

use crate::support::server::{program, write_secret};
use crate::support::{ADMIN_PASSWORD, Server};

const PASSWORD: &str = "a river runs 9 miles";

/// A gateway, and a file with a password for users.
fn gateway() -> Server {
    let server = Server::demo();
    write_secret(&server.folder().join("password"), PASSWORD);
    server
}

const ADD: &[&str] = &["user", "add", "alice", "--email", "alice@example.com", "--password-file", "password"];

fn names(users: &Value) -> Vec<&str> {
    users.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect()
}

#[test]
fn users_of_a_running_gateway() {
    let server = gateway();
    let as_alice = || server.me(|request| request.basic("alice", PASSWORD));
    assert_eq!(as_alice(), 401);
    server.shell(ADD);
    assert_eq!(as_alice(), 200);
    assert!(names(&server.shell_json(&["user", "list"])).contains(&"alice"));

    let session = server.sign_in("alice", PASSWORD);
    let (_, token) = server.make_token("alice", PASSWORD, "write");
    server.shell(&["user", "disable", "alice"]);
    assert_eq!(as_alice(), 401);
    assert_eq!(server.me(|request| session.on(request)), 401);
    assert_eq!(server.me(|request| request.bearer(&token)), 401);
    server.shell(&["user", "enable", "alice"]);
    assert_eq!(as_alice(), 200);

    write_secret(&server.folder().join("password"), "another river, 10 miles");
    server.shell(&["user", "passwd", "alice", "--password-file", "password"]);
    assert_eq!(as_alice(), 401, "the old password is dead on the first request after the command");
    assert_eq!(server.me(|request| request.basic("alice", "another river, 10 miles")), 200);

    server.shell(&["user", "delete", "alice"]);
    assert!(!names(&server.shell_json(&["user", "list"])).contains(&"alice"));
    assert_eq!(server.me(|request| request.basic("alice", "another river, 10 miles")), 401);
}

#[test]
fn users_of_a_gateway_that_does_not_run() {
    let mut server = gateway();
    server.stop();
    server.shell(ADD);
    assert!(names(&server.shell_json(&["user", "list"])).contains(&"alice"));
    let made = server.shell_json(&["token", "create", "--user", "alice", "--scope", "read"]);
    server.start_again();
    assert_eq!(server.me(|request| request.basic("alice", PASSWORD)), 200);
    assert_eq!(server.me(|request| request.bearer(made["token"].as_str().unwrap())), 200);
}

#[test]
fn tokens() {
    let server = gateway();
    server.shell(ADD);
    let mut values = Vec::new();
    for _ in 0..3 {
        let made = server.shell_json(&["token", "create", "--user", "alice", "--scope", "read"]);
        values.push((made["id"].as_i64().unwrap(), made["token"].as_str().unwrap().to_owned()));
    }
    let alive = || values.iter().map(|(_, it)| server.me(|request| request.bearer(it))).collect::<Vec<_>>();
    assert_eq!(alive(), [200, 200, 200]);
    server.post("/api/controller/v2/jobs/").bearer(&values[0].1).send().expect(403);

    let listed = server.shell(&["token", "list", "--user", "alice", "-o", "json"]);
    assert!(values.iter().all(|(_, value)| !listed.contains(value)), "a list must not show values: {listed}");
    assert_eq!(serde_json::from_str::<Value>(&listed).unwrap().as_array().unwrap().len(), 3);

    server.shell(&["token", "revoke", &values[1].0.to_string()]);
    assert_eq!(alive(), [200, 401, 200]);
    server.shell(&["token", "revoke", "--user", "alice"]);
    assert_eq!(alive(), [401, 401, 401]);

    let (_, other) = server.make_token("admin", ADMIN_PASSWORD, "write");
    server.shell(&["token", "revoke", "--all"]);
    assert_eq!(server.me(|request| request.bearer(&other)), 401);
}

#[test]
fn sessions() {
    let server = gateway();
    server.shell(ADD);
    let (hers, admins) = (server.sign_in("alice", PASSWORD), server.sign_in("admin", ADMIN_PASSWORD));
    let listed = server.shell(&["session", "list", "-o", "json"]);
    assert!(!listed.contains(&hers.secret), "{listed}");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    // A contract without an inactivity timeout and without a most: nothing is left of it, and nobody goes next.
    let hers_listed = &listed.as_array().unwrap().iter().find(|it| it["username"] == "alice").unwrap();
    assert!((1..=900).contains(&hers_listed["overall_left_seconds"].as_i64().unwrap()), "{hers_listed}");
    assert_eq!([&hers_listed["inactivity_left"], &hers_listed["place"]], [&Value::Null; 2]);
    let table = server.shell(&["session", "list", "--kind", "gateway", "--user", "alice"]);
    let lines: Vec<&str> = table.lines().map(str::trim_end).collect();
    assert_eq!(lines.len(), 2, "{table}");
    assert!(lines[0].ends_with("PLACE") && lines[1].ends_with('-'), "{table}");
    assert_eq!(server.shell(&["session", "list", "--kind", "manager", "-o", "json"]).trim(), "[]");
    server.shell(&["session", "expire", "--user", "alice"]);
    assert_eq!(server.me(|request| hers.on(request)), 401);
    assert_eq!(server.me(|request| admins.on(request)), 200);
    server.shell(&["session", "expire", "--all"]);
    assert_eq!(server.me(|request| admins.on(request)), 401);
}

#[test]
fn settings() {
    let server = gateway();
    let get = |name: &str| server.shell_json(&["setting", "get", name])["value"].clone();
    assert_eq!(get("SESSION_COOKIE_AGE"), json!(900));
    server.shell(&["setting", "set", "SESSION_COOKIE_AGE", "120"]);
    assert_eq!(get("SESSION_COOKIE_AGE"), json!(120));
    let answer = server.send_form("admin", ADMIN_PASSWORD).expect(302);
    assert!(answer.set_cookie("gateway_sessionid").unwrap().contains("Max-Age=120"));
    server.shell(&["setting", "reset", "SESSION_COOKIE_AGE"]);
    assert_eq!(get("SESSION_COOKIE_AGE"), json!(900));

    server.shell(&["setting", "set", "gateway_basic_auth_enabled", "false"]);
    assert_eq!(server.me(|request| request.basic("admin", ADMIN_PASSWORD)), 401);
    server.shell(&["setting", "set", "gateway_basic_auth_enabled", "true"]);
    assert_eq!(server.me(|request| request.basic("admin", ADMIN_PASSWORD)), 200);
}

#[test]
fn what_cannot_be_done_says_why_and_changes_nothing() {
    let server = gateway();
    for arguments in [
        &["user", "delete", "nobody"][..],
        &["user", "add", "admin", "--password-file", "password"],
        &["user", "delete", "admin"],
        &["token", "create", "--user", "nobody"],
        &["token", "create", "--user", "admin", "--scope", "everything"],
        &["token", "revoke", "999999"],
        &["setting", "set", "SESSION_COOKIE_AGE", "1"],
        &["setting", "set", "NO_SUCH_SETTING", "1"],
        &["setting", "set", "jwt_public_key", "x"],
    ] {
        let output = server.try_shell(arguments, "");
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {output:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{arguments:?}: {output:?}");
    }
    assert_eq!(server.me(|request| request.basic("admin", ADMIN_PASSWORD)), 200);
}

#[test]
fn a_password_comes_by_standard_input_too() {
    let server = gateway();
    let output = server.try_shell(&["user", "add", "carol", "--password-stdin"], "from a pipe 4711 x\n");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(server.me(|request| request.basic("carol", "from a pipe 4711 x")), 200);
    let output = server.try_shell(&["user", "add", "dave"], "");
    assert_eq!(output.status.code(), Some(2), "without a terminal nobody can be asked: {output:?}");
}

#[test]
fn a_check_finds_every_mistake_and_suggests_the_right_word() {
    let folder = crate::support::server::new_folder("check");
    let file = folder.join("portcullis.toml");
    std::fs::write(&file, "[pasword]\nmemory_kib = 1\n\n[limits]\nhead_timout = 3\n").unwrap();
    let check = || program().args(["check", "--config"]).arg(&file).output().unwrap();
    let output = check();
    let said =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for wanted in ["passwords", "head_timeout", "portcullis.toml:1", "portcullis.toml:5"] {
        assert!(said.contains(wanted), "{wanted} in {said}");
    }
    std::fs::write(&file, "[passwords]\nmemory_kib = 64\n").unwrap();
    assert!(check().status.success());
    std::fs::remove_dir_all(folder).unwrap();
}
