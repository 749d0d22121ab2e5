//! Sastre: the `sdwan` command as a person types it, judged by what it prints, for it ends with 0 whatever happens.

use std::path::PathBuf;

use super::manager::{Manager, TENANT};
use super::{PASSWORD, USERNAME, program};
use crate::support::ADMIN_PASSWORD;
use crate::support::tools::manager_python;

/// How the command shows who types it.
enum By<'a> {
    Password(&'a str, &'a str),
    Key(&'a str),
}

/// What it said.
#[derive(Debug)]
struct Said {
    out: String,
    err: String,
}

fn python(test: &str) -> Option<PathBuf> {
    manager_python(test, "cisco_sdwan", "cisco-sdwan")
}

fn sdwan(manager: &Manager, by: &By<'_>, arguments: &[&str]) -> Said {
    let mut command = program(&manager.python);
    command.args(["-B", "-W", "ignore", "-m", "cisco_sdwan", "-a", "localhost", "--port"]);
    command.arg(manager.server.https.port().to_string());
    match by {
        By::Password(name, password) => command.args(["-u", name, "-p", password]),
        By::Key(key) => command.args(["-k", key]),
    };
    command.args(arguments).current_dir(manager.server.folder());
    command.env("SASTRE_ROOT_DIR", manager.server.folder());
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = Said { out: text(&output.stdout), err: text(&output.stderr) };
    assert!(!said.err.contains("Traceback"), "{said:?}");
    manager.expect_clean();
    said
}

/// The live sessions of a user.
fn sessions(manager: &Manager, username: &str) -> usize {
    let listed = manager.server.shell_json(&["session", "list", "--user", username]);
    listed.as_array().map_or(0, Vec::len)
}

#[test]
fn it_shows_and_lists_and_signs_out() {
    let Some(python) = python("it_shows_and_lists_and_signs_out") else { return };
    let manager = Manager::new(python);
    let by = By::Password(USERNAME, PASSWORD);
    let shown = sdwan(&manager, &by, &["show", "devices"]);
    for word in ["edge-1", "edge-2", "10.0.0.2", "reachable"] {
        assert!(shown.out.contains(word), "{word} in {shown:?}");
    }
    let listed = sdwan(&manager, &by, &["--verbose", "list", "configuration", "template_device"]);
    assert!(listed.err.contains("Task completed successfully"), "{listed:?}");
    assert_eq!(sessions(&manager, USERNAME), 0, "it signed out");
    let paths: Vec<_> = manager.upstream.received().into_iter().map(|it| it.target).collect();
    assert_eq!(paths, ["/dataservice/device", "/dataservice/template/device"]);
}

#[test]
fn it_backs_everything_up() {
    let Some(python) = python("it_backs_everything_up") else { return };
    let manager = Manager::new(python);
    let by = By::Password(USERNAME, PASSWORD);
    let said = sdwan(&manager, &by, &["--verbose", "backup", "all", "--workdir", "backup"]);
    assert!(said.err.contains("Task completed successfully"), "{said:?}");
    let asked = manager.upstream.received().len();
    assert!(asked > 50, "a backup asks for much: {asked}");
    assert_eq!(sessions(&manager, USERNAME), 0, "it signed out");
}

#[test]
fn it_works_with_a_key() {
    let Some(python) = python("it_works_with_a_key") else { return };
    let manager = Manager::new(python);
    let made = manager.server.shell_json(&["token", "create", "--user", USERNAME, "--scope", "read"]);
    let key = made["token"].as_str().unwrap();
    let shown = sdwan(&manager, &By::Key(key), &["show", "devices"]);
    assert!(shown.out.contains("edge-1") && shown.out.contains("edge-2"), "{shown:?}");
    assert_eq!(sessions(&manager, USERNAME), 0, "a key makes no session");
    // It says goodbye with the key; the key lives on.
    let again = sdwan(&manager, &By::Key(key), &["show", "devices"]);
    assert!(again.out.contains("edge-1"), "{again:?}");
    let wrong = sdwan(&manager, &By::Key("made-up"), &["show", "devices"]);
    assert!(wrong.err.contains("failed, check API key"), "{wrong:?}");
    assert!(!wrong.out.contains("edge-1"), "{wrong:?}");
}

#[test]
fn it_comes_again_when_it_was_too_fast() {
    let Some(python) = python("it_comes_again_when_it_was_too_fast") else { return };
    let manager = Manager::new(python);
    manager.server.shell(&["setting", "set", "catalyst.requestsPerSecond", "2"]);
    let by = By::Password(USERNAME, PASSWORD);
    let said = sdwan(&manager, &by, &["--verbose", "backup", "policy_definition", "--workdir", "backup"]);
    assert!(said.err.contains("Task completed successfully"), "{said:?}");
    let log = std::fs::read_to_string(manager.server.folder().join("logs/sastre.log")).unwrap();
    assert!(log.contains("rate-limit signal (status-code 429)"), "{log}");
}

#[test]
fn it_tells_a_wrong_password() {
    let Some(python) = python("it_tells_a_wrong_password") else { return };
    let manager = Manager::new(python);
    let said = sdwan(&manager, &By::Password(USERNAME, "wrong"), &["show", "devices"]);
    assert!(said.err.contains("failed, check credentials"), "{said:?}");
    assert!(said.out.is_empty(), "{said:?}");
    assert!(manager.upstream.received().is_empty(), "nothing reached the service");
}

#[test]
fn it_enters_a_tenant_by_its_name() {
    let Some(python) = python("it_enters_a_tenant_by_its_name") else { return };
    let manager = Manager::with_tenants(python);
    let by = By::Password("admin", ADMIN_PASSWORD);
    let shown = sdwan(&manager, &by, &["--tenant", "North", "show", "devices"]);
    assert!(shown.out.contains("edge-1"), "{shown:?}");
    assert_eq!(manager.upstream.last().header("x-forwarded-tenant"), Some(TENANT));
    let wrong = sdwan(&manager, &by, &["--tenant", "South", "show", "devices"]);
    assert!(wrong.err.contains("Invalid tenant: South"), "{wrong:?}");
    let other = sdwan(&manager, &By::Password(USERNAME, PASSWORD), &["--tenant", "North", "show", "devices"]);
    assert!(other.err.contains("only applicable to provider accounts"), "{other:?}");
    assert_eq!(manager.upstream.received().len(), 1, "neither of them reached the service");
}
