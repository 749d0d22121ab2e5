//! What the five published pages tell users to type, typed: bash, curl, awk and jq against a gateway with a
//! certificate that nobody knows. Only the pages' own slips are mended, and each says so.

mod apprenda;
mod astra;
mod awx;
mod blog;
mod catalyst;
mod client;
mod public_paths;

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use crate::support::upstream::{Answer, Received};
use crate::support::{Options, Server, Upstream};

/// A user whose password needs no quoting, as in the pages.
const USER: &str = "operator";
const PASSWORD: &str = "Correct-Horse-42";

/// A gateway with the echo component behind it, and the pages' user.
fn gateway() -> Server {
    let server = Server::start(Options { demo: true, ..Options::default() });
    server.make("users", &json!({"username": USER, "password": PASSWORD, "is_superuser": true}));
    server
}

/// A gateway with a service in this contract below this path, and the pages' user. The service answers each request
/// with what it got.
fn gateway_with(dialect: &str, path: &str) -> (Server, Upstream) {
    let upstream = Upstream::scripted(tell);
    let server = Server::with_config(&format!(
        "[[service]]\nname = \"{dialect}\"\npath = \"{path}\"\nupstream = [\"{}\"]\ndialect = \"{dialect}\"\n\
         identity = \"headers\"\n",
        upstream.url()
    ));
    server.make("users", &json!({"username": USER, "password": PASSWORD, "is_superuser": true}));
    (server, upstream)
}

fn tell(request: &Received) -> Answer {
    let told = json!({
        "method": request.method,
        "target": request.target,
        "user": request.header("x-forwarded-user"),
        "body": String::from_utf8_lossy(&request.body),
    });
    let told = told.to_string();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    Answer::raw(format!("{head}Content-Length: {}\r\n\r\n{told}", told.len()))
}

/// Runs a script, with the pages' placeholders as variables, and returns what it printed.
#[track_caller]
fn bash(server: &Server, script: &str) -> String {
    let output = Command::new("bash")
        .args(["-c", &format!("set -euo pipefail\n{script}")])
        .current_dir(server.folder())
        .env_remove("HTTPS_PROXY")
        .env_remove("https_proxy")
        .env_remove("ALL_PROXY")
        .env("HOME", server.folder())
        .env("CURL_CA_BUNDLE", certificate(server))
        .env("ADDRESS", server.https.to_string())
        .env("PLAIN_ADDRESS", server.http.to_string())
        .env("NAME", USER)
        .env("PASSWORD", PASSWORD)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}\n{script}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The gateway's own certificate, for a curl that is not told to trust everybody.
fn certificate(server: &Server) -> PathBuf {
    let mut folders = vec![server.data_dir()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path).is_ok_and(|text| text.contains("BEGIN CERTIFICATE")) {
                return path;
            }
        }
    }
    panic!("the data directory holds no certificate");
}
