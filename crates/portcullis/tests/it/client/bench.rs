//! Somebody with a home of their own before a laboratory, and a plain server whose answers a test chooses.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use serde_json::Value;

use super::said;
use crate::support::lab::{Lab, PASSWORD};
use crate::support::server::{new_folder, program, write_secret};

/// A home, with the password of a laboratory in `password`.
pub struct Home {
    /// Where it is.
    pub folder: PathBuf,
}

impl Home {
    pub fn new() -> Self {
        let folder = new_folder("bench");
        write_secret(&folder.join("password"), PASSWORD);
        write_secret(&folder.join("token"), "t0ken-of-a-test");
        Self { folder }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        for name in
            ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "COLUMNS"]
        {
            command.env_remove(name);
        }
        command.env("XDG_STATE_HOME", self.folder.join("state")).env("HOME", &self.folder);
        command.args(arguments).current_dir(&self.folder);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    #[track_caller]
    pub fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let text = self.done(&[arguments, &["-o", "json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error} in {text:?}"))
    }

    /// Runs a command that ends with this code; what it said to people.
    #[track_caller]
    pub fn ends(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stderr).unwrap()
    }

    /// Signs admin in at a laboratory.
    #[track_caller]
    pub fn enter(&self, lab: &Lab, platform: &str) {
        let (base, ca) = (lab.base(), lab.certificate());
        let usual =
            ["login", &base, "--platform", platform, "--user", "admin", "--password-file", "password"];
        self.done(&[&usual[..], &["--ca", ca.to_str().unwrap()]].concat());
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// What a test's server does with one request.
pub type Answer = dyn Fn(&str, &mut Exchange) + Send + Sync;

/// One request at a test's server.
pub struct Exchange {
    stream: BufReader<TcpStream>,
    /// How long its body is, if it says so.
    pub length: u64,
}

impl Exchange {
    /// Reads the body and forgets it; how many bytes came.
    pub fn swallow(&mut self) -> u64 {
        std::io::copy(&mut (&mut self.stream).take(self.length), &mut std::io::sink()).unwrap()
    }

    /// Answers with these lines of a head and this body.
    pub fn answer(&mut self, status: &str, head: &str, body: &[u8]) {
        let length = body.len();
        let out = self.stream.get_mut();
        let _ =
            write!(out, "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{head}\r\n");
        let _ = out.write_all(body);
    }

    /// Answers with so many bytes, made while they leave.
    pub fn flood(&mut self, bytes: usize) {
        let out = self.stream.get_mut();
        let kind = "Content-Type: application/octet-stream";
        let _ =
            write!(out, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {bytes}\r\n{kind}\r\n\r\n");
        let chunk = vec![b'x'; 1 << 20];
        let mut left = bytes;
        while left > 0 && out.write_all(&chunk[..left.min(chunk.len())]).is_ok() {
            left -= left.min(chunk.len());
        }
    }
}

/// A plain server; it is asked `METHOD /path` and lives as long as the test's process.
pub fn serve(answer: Arc<Answer>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || {
                let mut stream = BufReader::new(stream);
                let (mut first, mut length) = (String::new(), 0);
                let _ = stream.read_line(&mut first);
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                        break;
                    }
                    if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                }
                let words: Vec<&str> = first.split(' ').collect();
                if let [method, path, _] = words[..] {
                    answer(&format!("{method} {path}"), &mut Exchange { stream, length });
                }
            });
        }
    });
    address
}
