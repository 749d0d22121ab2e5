//! Rows 48 to 59: what the management commands do, at our shell. The words are our own.

use serde_json::{Value, json};

use super::{World, number, text};

/// The exit code of a command and what it complains about.
fn refused(world: &World, arguments: &[&str]) -> (Option<i32>, String) {
    let output = world.server.try_shell(arguments, "");
    assert!(!output.status.success(), "{arguments:?}");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// A new personal token.
fn token(world: &World, name: &str) -> Value {
    world.post(name, "tokens/", &json!({})).expect(201).json()["token"].clone()
}

/// The cookie of a new session.
fn session(world: &World, name: &str) -> String {
    let page = world.server.get("/api/login/").send().expect(200);
    let csrf = page.cookie("csrftoken").unwrap();
    let request = world.server.post("/api/login/").header("Cookie", format!("csrftoken={csrf}"));
    let fields = [("username", name), ("password", super::PASSWORD)];
    let answer = request.header("X-CSRFToken", csrf).form(&fields).send().expect(302);
    format!("awx_sessionid={}", answer.cookie("awx_sessionid").unwrap())
}

fn lives(world: &World, session: &str) -> bool {
    world.server.get("/api/v2/me/").header("Cookie", session).send().status == 200
}

#[test]
fn row_048_a_token_is_made_for_somebody() {
    let world = World::new();
    let (code, words) = refused(&world, &["token", "create"]);
    assert!(code == Some(2) && words.contains("--user"), "{words}");
}

#[test]
fn row_049_nobody_gets_no_token() {
    let world = World::new();
    let (code, words) = refused(&world, &["token", "create", "--user", "ghost"]);
    assert!(code == Some(3) && words.contains("there is no such user"), "{words}");
}

#[test]
fn row_050_the_shell_makes_a_token_that_may_write() {
    let world = World::new();
    let made = world.server.shell_json(&["token", "create", "--user", "alice"]);
    assert_eq!(made["scope"], "write");
    assert_eq!(world.me(&made["token"]).expect(200).json()["results"][0]["username"], "alice");
    let shown = world.seen("alice", &format!("tokens/{}/", number(&made)));
    assert_eq!((&shown["application"], &shown["scope"]), (&Value::Null, &json!("write")));
}

#[test]
fn row_051_nobody_has_no_tokens_to_revoke() {
    let world = World::new();
    let (code, words) = refused(&world, &["token", "revoke", "--user", "ghost"]);
    assert!(code == Some(3) && words.contains("there is no such user"), "{words}");
}

#[test]
fn row_052_everybodys_tokens_are_revoked() {
    let world = World::new();
    let tokens = ["admin", "alice"].map(|name| token(&world, name));
    let printed = world.server.shell(&["token", "revoke", "--everybody"]);
    for token in &tokens {
        world.me(token).expect(401);
        assert!(!printed.contains(text(token)), "it tells no values: {printed}");
    }
    assert_eq!(world.count("admin", "tokens/"), 0);
}

#[test]
fn row_053_the_tokens_of_one_user_are_revoked() {
    let world = World::new();
    let token = token(&world, "alice");
    world.server.shell(&["token", "revoke", "--user", "admin"]);
    world.me(&token).expect(200);
    world.server.shell(&["token", "revoke", "--user", "alice"]);
    world.me(&token).expect(401);
}

#[test]
fn row_054_refresh_tokens_are_left() {
    let world = World::new();
    let application = world.application("admin", "kit");
    let pair = world.by_password(&application, "alice", "read").expect(200).json();
    world.server.shell(&["token", "revoke", "--everybody"]);
    world.me(&pair["access_token"]).expect(401);
    let fresh = world.refresh(&application, &pair["refresh_token"]).expect(200).json();
    world.me(&fresh["access_token"]).expect(200);
}

#[test]
fn row_055_unless_all_are_meant() {
    let world = World::new();
    let application = world.application("admin", "kit");
    let pair = world.by_password(&application, "alice", "read").expect(200).json();
    world.server.shell(&["token", "revoke", "--everybody", "--all"]);
    world.me(&pair["access_token"]).expect(401);
    let dead = world.refresh(&application, &pair["refresh_token"]).expect(400).json();
    assert_eq!(dead["error"], "invalid_grant");
}

#[test]
fn row_056_everybodys_sessions_end() {
    let world = World::new();
    let sessions = ["oa", "alice"].map(|name| session(&world, name));
    assert!(sessions.iter().all(|it| lives(&world, it)));
    world.server.shell(&["session", "expire", "--everybody"]);
    assert!(!sessions.iter().any(|it| lives(&world, it)));
}

#[test]
fn row_057_nobody_has_no_sessions_to_end() {
    let world = World::new();
    let (code, words) = refused(&world, &["session", "expire", "--user", "ghost"]);
    assert!(code == Some(3) && words.contains("there is no such user"), "{words}");
}

#[test]
fn row_058_the_sessions_of_one_user_end() {
    let world = World::new();
    let [first, second] = ["oa", "alice"].map(|name| session(&world, name));
    world.server.shell(&["session", "expire", "--user", "oa"]);
    assert_eq!([lives(&world, &first), lives(&world, &second)], [false, true]);
}

#[test]
fn row_059_a_secret_is_long_and_lasts_whatever_key_there_is() {
    let mut world = World::new();
    let application = world.application("admin", "kit");
    assert_eq!(text(&application["client_secret"]).len(), 128);
    // Secrets are digests, so that there is no key to lose or to renew: the only key of ours signs.
    world.server.stop();
    std::fs::remove_file(world.server.data_dir().join("identity.key")).unwrap();
    world.server.start_again();
    world.by_password(&application, "alice", "read").expect(200);
}
