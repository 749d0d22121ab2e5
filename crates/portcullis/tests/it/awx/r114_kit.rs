//! Rows 114 to 117: what the awx command does before and around a server.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::json;

use super::World;
use crate::support::tools::python_with;

/// Runs the real command against a host.
fn awx(python: &Path, host: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(python);
    command.args(["-B", "-W", "ignore", "-c", "from awxkit.cli import run; run()"]).args(arguments);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_uppercase();
        if ["CONTROLLER_", "TOWER_", "AWXKIT_"].iter().any(|it| text.starts_with(it))
            || text.ends_with("_PROXY")
        {
            command.env_remove(&name);
        }
    }
    command.env("CONTROLLER_HOST", host).env("CONTROLLER_VERIFY_SSL", "false").stdin(Stdio::null());
    command.output().unwrap()
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn row_114_the_command_says_that_nobody_is_there() {
    let test = "row_114_the_command_says_that_nobody_is_there";
    let Some(python) = python_with(test, "awxkit.cli", "awxkit") else { return };
    let output = awx(&python, "https://127.0.0.1:1", &["me"]);
    assert!(!output.status.success());
    assert!(words(&output).contains("There was a network error"), "{}", words(&output));
}

#[test]
fn row_115_the_command_explains_itself() {
    let test = "row_115_the_command_explains_itself";
    let Some(python) = python_with(test, "awxkit.cli", "awxkit") else { return };
    let world = World::new();
    let host = format!("https://localhost:{}", world.server.https.port());
    for arguments in [&[][..], &["nonsense"]] {
        let said = words(&awx(&python, &host, arguments));
        assert!(said.contains("usage: "), "{arguments:?}: {said}");
        // It learns its subcommands from what we list.
        assert!(said.contains("users") && said.contains("tokens"), "{arguments:?}: {said}");
    }
}

#[test]
fn row_116_a_newer_command_gets_its_token_from_the_platforms_door() {
    let world = World::new();
    let request = world.request("alice", "GET", "me/");
    request.send().expect(200);
    let body = json!({"description": "AWX CLI", "application": null, "scope": "write"});
    let request = world.server.post("/api/gateway/v1/tokens/").basic("alice", super::PASSWORD).json(&body);
    let token = request.send().expect(201).json()["token"].clone();
    assert_eq!(world.me(&token).expect(200).json()["results"][0]["username"], "alice");
    // With an application it asks the platform's authorization server, which answers 201.
    let application = world.application("admin", "kit");
    let fields = [("grant_type", "password"), ("username", "alice"), ("password", super::PASSWORD)];
    let client = (super::text(&application["client_id"]), super::text(&application["client_secret"]));
    let answer = world.server.post("/o/token/").basic(client.0, client.1).form(&fields).send();
    world.me(&answer.expect(201).json()["access_token"]).expect(200);
}

#[test]
fn row_117_what_it_falls_back_to_works_too() {
    let world = World::new();
    let body = json!({"description": "AWX CLI", "application": null, "scope": "write"});
    // The command comes here when the platform's door is a 404. Ours never is.
    let token =
        world.post("alice", "users/alice/personal_tokens/", &body).expect(201).json()["token"].clone();
    world.me(&token).expect(200);
    let application = world.application("admin", "kit");
    let answer = world.by_password(&application, "alice", "write").expect(200).json();
    world.me(&answer["access_token"]).expect(200);
}
