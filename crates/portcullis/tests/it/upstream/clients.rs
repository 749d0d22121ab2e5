//! Clients that no one here wrote, with accounts of their own at the gateway, in front of a service that knows one
//! account only.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Caller, Entry, all_at_once, gateway};
use crate::clients::{base, expect_ok, folder, program};
use crate::support::Server;
use crate::support::lab::{Lab, PASSWORD};
use crate::support::tools::{manager_python, python_with};

/// The release that both the gateway and the laboratory speak.
const VERSION: &str = "20.18.1";
const USER_PASSWORD: &str = super::USER_PASSWORD;

/// A gateway with users of its own in front of a Manager, in the Manager's own contract.
fn manager(users: &[&str]) -> (Lab, Server) {
    let lab = Lab::start("catalyst");
    let entry = Entry::new(&lab, "catalyst", "catalyst", "/dataservice/");
    let config = format!("[log]\naccess = true\n[catalyst]\nversion = \"{VERSION}\"\n{}", entry.text());
    let server = Server::with_config(&config);
    for user in users {
        server.make_user(user, USER_PASSWORD);
    }
    (lab, server)
}

/// One login there, none of it by a client's name.
#[track_caller]
fn expect_one_login(lab: &Lab) {
    let state = lab.state();
    assert_eq!((&state["logins"], &state["failed_logins"]), (&1.into(), &0.into()), "{state}");
    assert_eq!(
        (&state["sessions"]["alive"], &state["sessions"]["highest"]),
        (&1.into(), &1.into()),
        "{state}"
    );
}

fn catalystwan(python: &PathBuf, server: &Server, lab: &Lab, username: &str) {
    let given = json!({
        "what": "work", "base": base(server), "behind": lab.base(), "username": username,
        "password": USER_PASSWORD, "admin": "", "admin_password": "", "version": VERSION,
    });
    let mut command = program(python);
    command.args(["-B", "catalystwan_upstream.py"]).arg(given.to_string()).current_dir(folder("python"));
    command.env("HOME", server.folder());
    expect_ok(&mut command, &given);
}

#[test]
fn catalystwan_works_for_many_users_through_one_session() {
    let test = "catalystwan_works_for_many_users_through_one_session";
    let Some(python) = manager_python(test, "catalystwan", "catalystwan") else { return };
    let users = ["ann", "ben", "cleo"];
    let (lab, server) = manager(&users);
    std::thread::scope(|scope| {
        for user in users {
            let (python, server, lab) = (&python, &server, &lab);
            scope.spawn(move || catalystwan(python, server, lab, user));
        }
    });
    for user in users {
        assert_eq!(lab.ran_key(&format!("made by {user}")), 1, "{user}");
    }
    expect_one_login(&lab);
    // Behind the back of the clients the session ends; they see nothing of it.
    lab.expire();
    catalystwan(&python, &server, &lab, "ann");
    assert_eq!((lab.count("/logins"), lab.ran_key("made by ann")), (2, 2));
    let output = server.output();
    assert!(
        output.lines().any(|it| it.contains("user=\"ben\"") && it.contains("upstream_user=\"operator\""))
    );
}

#[test]
fn sastre_works_for_many_users_through_one_session() {
    let name = "sastre_works_for_many_users_through_one_session";
    let Some(python) = manager_python(name, "cisco_sdwan", "cisco-sdwan") else { return };
    let (lab, server) = manager(&["ann", "ben"]);
    let token = server.make_token("ann", USER_PASSWORD, "read").1;
    let sdwan = |proof: &[&str], arguments: &[&str]| {
        let mut command = program(&python);
        command.args(["-B", "-W", "ignore", "-m", "cisco_sdwan", "-a", "localhost", "--port"]);
        command.arg(server.https.port().to_string()).args(proof).args(arguments).current_dir(server.folder());
        let output = command.env("SASTRE_ROOT_DIR", server.folder()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    };
    for proof in
        [&["-u", "ann", "-p", USER_PASSWORD][..], &["-u", "ben", "-p", USER_PASSWORD], &["-k", &token]]
    {
        let (out, err) = sdwan(proof, &["show", "devices"]);
        assert!(out.contains("edge-1") && out.contains("edge-60"), "{proof:?} {out}\n{err}");
        let (out, err) = sdwan(proof, &["--verbose", "list", "configuration", "template_device"]);
        assert!(err.contains("Task completed successfully"), "{proof:?} {out}\n{err}");
    }
    assert_eq!(lab.ran("GET", "/dataservice/device"), 3);
    let wrong = sdwan(&["-u", "ann", "-p", "wrong"], &["show", "devices"]);
    assert!(wrong.1.contains("failed, check credentials"), "{wrong:?}");
    expect_one_login(&lab);
}

/// The awx command with a token, and what it printed.
fn awx(python: &PathBuf, server: &Server, token: Option<&str>, arguments: &[&str]) -> Value {
    let mut command = program(python);
    command.args(["-B", "-W", "ignore", "-c", "from awxkit.cli import run; run()"]).args(arguments);
    command.env("CONTROLLER_HOST", base(server)).env("CONTROLLER_VERIFY_SSL", "false");
    command.env("CONTROLLER_COLOR", "false");
    match token {
        Some(token) => command.env("CONTROLLER_OAUTH_TOKEN", token),
        None => command.env("CONTROLLER_USERNAME", "ann").env("CONTROLLER_PASSWORD", USER_PASSWORD),
    };
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?} {output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn the_awx_command_has_tokens_in_front_of_an_awx_that_has_none() {
    let test = "the_awx_command_has_tokens_in_front_of_an_awx_that_has_none";
    let Some(python) = python_with(test, "awxkit.cli", "awxkit") else { return };
    let lab = Lab::start("awx-without-tokens");
    let refused = lab.request("POST", "/api/v2/tokens/").basic("operator", PASSWORD);
    refused.json(&json!({})).send_encrypted().expect(404);
    let server = gateway(&[Entry::new(&lab, "awx-without-tokens", "awx", "/api/v2/")]);
    server.make_user("ann", USER_PASSWORD);
    let token = awx(&python, &server, None, &["login"])["token"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        let listed = awx(&python, &server, Some(&token), &["job_templates", "list"]);
        assert_eq!(listed["count"], 60, "{listed}");
        let one = awx(&python, &server, Some(&token), &["job_templates", "get", "7"]);
        assert_eq!(one["name"], "job_templates 7", "{one}");
        // What is over behind, no client notices.
        lab.expire();
    }
    let me = awx(&python, &server, Some(&token), &["me"]);
    assert_eq!(me["results"][0]["username"], "ann", "{me}");
    // The token is the gateway's: revoked there, it opens nothing.
    assert_eq!(lab.count("/tokens/made"), 0);
    let state = lab.state();
    assert_eq!((&state["logins"], &state["failed_logins"]), (&2.into(), &0.into()), "{state}");
    assert_eq!(state["sessions"]["highest"], 1, "{state}");
}

#[test]
fn callers_with_tokens_share_an_awx_that_has_none() {
    let lab = Lab::start("awx-without-tokens");
    let server = gateway(&[Entry::new(&lab, "awx-without-tokens", "awx", "/api/v2/")]);
    let callers: Vec<Caller> = super::callers(&server, 60);
    let answers = all_at_once(&callers, |number, caller| {
        if number % 2 == 0 {
            caller.get(&server, "/api/v2/jobs/")
        } else {
            caller.make(&server, "/api/v2/jobs/", &format!("key-{number}"))
        }
    });
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.status, if number % 2 == 0 { 200 } else { 201 }, "{answer:#?}");
    }
    expect_one_login(&lab);
}
