//! A running laboratory: a stand-in platform of our own, with counters, faults and a clock.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::http::{Request, Response};
use super::server::{new_folder, program};

/// The password of everybody in a laboratory.
pub const PASSWORD: &str = "lab-password-42";

/// How long a start or an end may take on a busy machine before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running laboratory. It is killed when the test ends.
pub struct Lab {
    child: Option<Child>,
    folder: PathBuf,
    /// The platform and what else it was started with.
    arguments: Vec<String>,
    errors: Arc<Mutex<String>>,
    /// What it said when it was ready.
    pub ready: Value,
    /// Where it listens for plain http.
    pub http: SocketAddr,
    /// Where it listens for https.
    pub https: SocketAddr,
}

impl Lab {
    /// Starts one: `aap`, `astra`, `awx`, `awx-without-tokens`, `catalyst` or `apprenda`.
    pub fn start(platform: &str) -> Self {
        Self::with(platform, &[])
    }

    /// Starts one with further arguments.
    ///
    /// # Panics
    /// If it does not say in time that it is ready.
    pub fn with(platform: &str, arguments: &[&str]) -> Self {
        let folder = new_folder("lab-test");
        let arguments = [&[platform], arguments].concat().iter().map(|it| (*it).to_owned()).collect();
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let (child, errors, ready) = (None, Arc::default(), Value::Null);
        let mut lab = Self { child, folder, arguments, errors, ready, http: nowhere, https: nowhere };
        lab.launch();
        lab
    }

    /// Ends it at once, as a power cut would, without starting another one.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts another one at the same addresses. It remembers nothing, and has another certificate.
    ///
    /// # Panics
    /// If it does not say in time that it is ready.
    pub fn launch(&mut self) {
        let folder = &self.folder;
        let mut child = program()
            .arg("lab")
            .args(&self.arguments)
            .args(["-o", "json", "--certificate-out"])
            .arg(folder.join("lab.pem"))
            .args(["--listen", &self.https.to_string(), "--listen-http", &self.http.to_string()])
            .current_dir(folder)
            // Its scratch folder is made here, so that a test sees whether it is removed.
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = Arc::new(Mutex::new(String::new()));
        let (kept, pipe) = (Arc::clone(&errors), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                kept.lock().unwrap().extend([&*line, "\n"]);
            }
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            let _ = child.wait();
            std::thread::sleep(Duration::from_millis(50));
            panic!("the laboratory is not ready: {line:?}\n{}", errors.lock().unwrap())
        });
        let address = |scheme: &str| {
            let all = ready["addresses"].as_array().unwrap();
            let found = all.iter().find_map(|it| it.as_str()?.strip_prefix(scheme));
            found.unwrap_or_else(|| panic!("{ready}")).parse().unwrap()
        };
        (self.http, self.https) = (address("http://"), address("https://"));
        (self.child, self.errors, self.ready) = (Some(child), errors, ready);
    }

    /// Its address for clients: `https://127.0.0.1:…`.
    pub fn base(&self) -> String {
        format!("https://{}", self.https)
    }

    /// Its certificate, PEM.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("lab.pem")
    }

    /// The folder of this test, for files of its own.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Begins an encrypted request; to be sent by `send_encrypted`.
    pub fn request(&self, method: &str, target: &str) -> Request {
        Request::new(self.https, method, target)
    }

    /// Asks its control.
    #[track_caller]
    pub fn control(&self, method: &str, word: &str, body: &Value) -> Response {
        let request = Request::new(self.http, method, &format!("/_lab/{word}"));
        if body.is_null() { request.send() } else { request.json(body).send() }
    }

    /// All its counters.
    #[track_caller]
    pub fn state(&self) -> Value {
        self.control("GET", "state", &Value::Null).expect(200).json()
    }

    /// One counter, such as `/logins` or `/sessions/alive`; 0 if it is not there.
    #[track_caller]
    pub fn count(&self, pointer: &str) -> u64 {
        self.state().pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
    }

    /// How often requests of this method and path ran at the resources.
    #[track_caller]
    pub fn ran(&self, method: &str, path: &str) -> u64 {
        self.state()["resources"]["paths"][format!("{method} {path}")].as_u64().unwrap_or(0)
    }

    /// How often requests with this `X-Lab-Key` ran at the resources.
    #[track_caller]
    pub fn ran_key(&self, key: &str) -> u64 {
        self.state()["resources"]["keys"][key].as_u64().unwrap_or(0)
    }

    /// Arms a fault, written as on the command line: `login-page@/dataservice/x2`.
    #[track_caller]
    pub fn fault(&self, fault: &str) {
        self.control("POST", "fault", &json!({ "kind": fault })).expect(200);
    }

    /// Disarms all faults.
    #[track_caller]
    pub fn clear_faults(&self) {
        self.control("DELETE", "fault", &Value::Null).expect(200);
    }

    /// Ends all sessions by their age; how many there were.
    #[track_caller]
    pub fn expire(&self) -> u64 {
        self.control("POST", "expire", &json!({})).expect(200).json()["ended"].as_u64().unwrap()
    }

    /// Ends all sessions as if others had taken their place; how many there were.
    #[track_caller]
    pub fn evict(&self) -> u64 {
        self.control("POST", "evict", &json!({})).expect(200).json()["ended"].as_u64().unwrap()
    }

    /// Makes all CSRF tokens that were told until now worth nothing.
    #[track_caller]
    pub fn rotate(&self) {
        self.control("POST", "rotate", &json!({})).expect(200);
    }

    /// Lets time pass, such as `31m`.
    #[track_caller]
    pub fn advance(&self, time: &str) {
        self.control("POST", "clock", &json!({ "advance": time })).expect(200);
    }

    /// Makes everything as it was at the start.
    #[track_caller]
    pub fn reset(&self) {
        self.control("POST", "reset", &json!({})).expect(200);
    }

    /// The exchanges so far: name and text.
    #[track_caller]
    pub fn transcript(&self) -> Vec<(String, String)> {
        let told = self.control("GET", "transcript", &Value::Null).expect(200).json();
        let text = |it: &Value| it.as_str().unwrap().to_owned();
        told["exchanges"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (text(&it["name"]), text(&it["text"])))
            .collect()
    }

    /// What it has said on standard error.
    pub fn errors(&self) -> String {
        self.errors.lock().unwrap().clone()
    }

    /// Asks it to end by this signal, such as `TERM`, and waits for it.
    ///
    /// # Panics
    /// If it does not end in time.
    pub fn stop(&mut self, signal: &str) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        let kill = format!("kill -{signal} {}", child.id());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the laboratory does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("---- the laboratory's last words\n{}", self.errors());
        } else {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}
