//! Proof with clients that no one here wrote: the awx command and its library, the libraries by which programs
//! speak OAuth 2.0, and the clients of Catalyst Manager, each against a gateway of its own. Apprenda's clients can
//! be had nowhere any more: what they sent is sent again.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::Server;
use crate::support::tools::{node_modules, python_with};

mod awx_cli;
mod awxkit;
mod catalystwan;
mod cloud;
mod manager;
mod oauth_node;
mod oauth_python;
mod sastre;
mod viptela;
mod vmngclient;

/// Where applications are sent in these tests. Nobody is there, and nobody is asked.
const REDIRECT: &str = "https://app.example/callback";
/// The user that everything is done for.
const USERNAME: &str = "alice";
const PASSWORD: &str = "wonder land 42 x";

/// The two addresses of the authorization server, and who tells there whose a token is.
const DOORS: [(&str, &str); 2] = [("/api/o", "/api/v2/me/"), ("/o", "/api/gateway/v1/me/")];

/// A gateway with a user and an organization.
fn server() -> Server {
    let server = Server::with_config("");
    server.make_user(USERNAME, PASSWORD);
    server.make("organizations", &json!({"name": "Operations"}));
    server
}

/// Makes an application at the shell.
fn application(server: &Server, name: &str, more: &[&str]) -> Value {
    let fixed = ["application", "create", name, "--organization", "Operations"];
    server.shell_json(&[&fixed, more].concat())
}

/// The address of a gateway over TLS.
pub fn base(server: &Server) -> String {
    format!("https://localhost:{}", server.https.port())
}

/// What every script is told: the gateway, its certificate, and what to do there.
fn given(server: &Server, door: (&str, &str), what: &str, application: &Value) -> Value {
    json!({
        "base": base(server),
        "ca": server.data_dir().join("certificate.pem"),
        "root": door.0,
        "me": door.1,
        "what": what,
        "application": application,
        "redirect_uri": REDIRECT,
        "username": USERNAME,
        "password": PASSWORD,
    })
}

pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/clients").join(name)
}

/// Runs one of the Python scripts.
///
/// # Panics
/// If it fails.
#[track_caller]
fn python(python: &Path, script: &str, given: &Value) {
    let mut command = program(python);
    command.args(["-B", script]).arg(given.to_string()).current_dir(folder("python"));
    expect_ok(&mut command, given);
}

/// Runs the script for Node in a folder with the modules that it needs.
///
/// # Panics
/// If it fails.
#[track_caller]
fn node(server: &Server, modules: &Path, given: &Value) {
    let place = server.folder().join("node");
    if !place.exists() {
        std::fs::create_dir(&place).unwrap();
        std::os::unix::fs::symlink(modules, place.join("node_modules")).unwrap();
        std::fs::copy(folder("node").join("oauth.mjs"), place.join("oauth.mjs")).unwrap();
    }
    let mut command = program("node");
    command.arg("oauth.mjs").arg(given.to_string()).current_dir(place);
    command.env("NODE_EXTRA_CA_CERTS", server.data_dir().join("certificate.pem"));
    expect_ok(&mut command, given);
}

#[track_caller]
pub fn expect_ok(command: &mut Command, given: &Value) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{given}: {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A program that is told nothing by whoever runs the tests.
pub fn program(path: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(path);
    command.stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_uppercase();
        let is_word = ["CONTROLLER_", "TOWER_", "AWXKIT_", "PYTHON", "NODE_", "PORTCULLIS_", "VMANAGE_"]
            .iter()
            .any(|it| text.starts_with(it));
        if is_word || text.ends_with("_PROXY") || text.contains("CA_BUNDLE") || text.starts_with("SSL_CERT") {
            command.env_remove(&name);
        }
    }
    command.env("PYTHONWARNINGS", "ignore");
    command
}
