//! The client half of the program, as somebody at a shell uses it: the real binary against a running gateway, over
//! https with a certificate that only `--ca` knows, for every platform.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::support::server::{new_folder, program, write_secret};
use crate::support::{ADMIN_PASSWORD, Options, Server};

mod api;
mod bench;
mod doctor;
mod elsewhere;
mod failures;
mod files;
mod handbook;
mod interrupted;
mod login;
mod side_by_side;
mod tokens;
mod tools;

/// The password of everybody but the administrator.
pub const PASSWORD: &str = "wonder land 42 x";

/// A gateway, and somebody who has a home of their own and one certificate that they trust.
pub struct Wanderer {
    /// The gateway.
    pub server: Server,
    /// The home.
    pub home: PathBuf,
}

impl Wanderer {
    /// One who stands before a gateway, with a user called `alice` that every contract lets in.
    pub fn new() -> Self {
        Self::with("")
    }

    /// The same before a gateway with this configuration.
    pub fn with(config: &str) -> Self {
        let server = Server::start(Options { demo: true, config: config.to_owned(), ..Options::default() });
        let home = new_folder("home");
        write_secret(&home.join("password"), PASSWORD);
        write_secret(&home.join("admin"), ADMIN_PASSWORD);
        let wanderer = Self { server, home };
        let add = ["user", "add", "alice", "--superuser", "--password-file"];
        let password = wanderer.home.join("password");
        wanderer.server.shell(&[&add[..], &[password.to_str().unwrap()]].concat());
        wanderer
    }

    /// Where the gateway is.
    pub fn url(&self) -> String {
        format!("https://{}", self.server.https)
    }

    /// The certificate that the gateway has signed itself.
    pub fn ca(&self) -> String {
        self.server.data_dir().join("certificate.pem").to_str().unwrap().to_owned()
    }

    /// Where sign-ins are kept.
    pub fn state(&self) -> PathBuf {
        self.home.join("state")
    }

    /// The program in this home, without anything of the machine's own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            command.env_remove(name);
        }
        for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
            command.env_remove(name);
        }
        command.env("XDG_STATE_HOME", self.state()).env("HOME", &self.home).env("USER", "somebody");
        command.args(arguments).current_dir(&self.home);
        command
    }

    /// Runs a command with this on its standard input.
    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs a command that succeeds; what it printed.
    #[track_caller]
    pub fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments, "");
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that succeeds; its JSON.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let text = self.done(&[arguments, &["-o", "json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error} in {text:?}"))
    }

    /// Runs a command that ends with this code; what it said.
    #[track_caller]
    pub fn fails(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments, "");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
        assert!(output.stdout.is_empty(), "{arguments:?} printed something: {}", said(&output));
        String::from_utf8(output.stderr).unwrap()
    }

    /// Signs alice in at a platform, with further arguments; what it reported.
    #[track_caller]
    pub fn login(&self, platform: &str, further: &[&str]) -> Value {
        let (url, ca) = (self.url(), self.ca());
        let usual = ["login", &url, "--platform", platform, "--user", "alice", "--ca", &ca];
        self.json(&[&usual[..], &["--password-file", "password"], further].concat())
    }

    /// How many sessions of alice the gateway knows.
    pub fn sessions(&self) -> usize {
        let listed = self.server.shell_json(&["session", "list", "--user", "alice"]);
        listed.as_array().unwrap().len()
    }

    /// How many tokens of alice the gateway knows.
    pub fn tokens(&self) -> usize {
        let listed = self.server.shell_json(&["token", "list", "--user", "alice"]);
        listed.as_array().unwrap().len()
    }
}

impl Drop for Wanderer {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.home);
        }
    }
}

/// All that a command said.
pub fn said(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{}\n{out}{err}", output.status)
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
