//! Sign-ins that need more than a name and a password: a device that is let in elsewhere, a tenant, another portal.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};

use serde_json::Value;

use super::{PASSWORD, Wanderer, said};

const DEVICE: &str = "[oauth]\ndevice_interval_seconds = 1\n";

const TENANT: &str = "[[catalyst.tenant]]\nid = \"6f1c9b52-8f0e-4a53-9d57-2f1f0c7f3c11\"\nname = \"Acme\"\n\
                      subdomain = \"acme.example\"\n";

/// A device that has shown its code and waits.
struct Device {
    child: Child,
    code: String,
    /// What it has said to people.
    said: String,
}

impl Device {
    fn begin(wanderer: &Wanderer, platform: &str, further: &[&str]) -> Self {
        let (url, ca) = (wanderer.url(), wanderer.ca());
        let usual = ["login", &url, "--platform", platform, "--method", "device", "--ca", &ca, "-o", "json"];
        let mut command = wanderer.command(&[&usual[..], further].concat());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (mut said, mut code) = (String::new(), None);
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        while code.is_none() {
            let mut line = String::new();
            assert!(lines.read_line(&mut line).unwrap() > 0, "no code: {said}");
            code = line.split_once("the code ").map(|(_, rest)| rest.split(' ').next().unwrap().to_owned());
            said += &line;
        }
        // Whatever else it says is not waited for here, and must not block it.
        std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
        Self { child, code: code.unwrap(), said }
    }

    fn end(self) -> (Option<i32>, String) {
        let output = self.child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    }
}

fn application(wanderer: &Wanderer, further: &[&str]) -> Value {
    let usual = ["application", "create", "device", "--organization", "Default", "--type", "public"];
    wanderer.server.shell_json(&[&usual[..], further].concat())
}

/// Says yes or no in the browser of alice.
fn say(wanderer: &Wanderer, code: &str, word: &str) {
    let browser = wanderer.server.sign_in("alice", PASSWORD);
    let fields = [("user_code", code), (word, "1")];
    browser.on(wanderer.server.post("/o/device/")).form(&fields).send().expect(200);
}

#[test]
fn a_device_is_let_in_elsewhere() {
    let wanderer = Wanderer::with(DEVICE);
    let id = application(&wanderer, &["--allow", "device"])["client_id"].as_str().unwrap().to_owned();
    for platform in ["aap", "awx"] {
        let device = Device::begin(&wanderer, platform, &["--client-id", &id, "--profile", platform]);
        assert!(device.said.contains("/o/device/"), "{}", device.said);
        say(&wanderer, &device.code, "allow");
        let (code, told) = device.end();
        assert_eq!(code, Some(0), "{platform}: {told}");
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!((&told["method"], &told["user"]), (&"device".into(), &"alice".into()), "{told}");
        assert_eq!(wanderer.json(&["whoami"])["username"], "alice", "{platform}");
        // What is over is renewed by its refresh token, by one of many processes.
        let file = wanderer.state().join(format!("portcullis/{platform}.json"));
        let mut saved: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        saved["held"]["expires_at"] = "2020-01-01T00:00:00Z".into();
        std::fs::write(&file, saved.to_string()).unwrap();
        let before = saved["secret"]["bearer"].as_str().unwrap().to_owned();
        let children: Vec<_> = (0..4)
            .map(|_| {
                let mut command = wanderer.command(&["header"]);
                command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        let mut shown = Vec::new();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{platform}: {}", said(&output));
            shown.push(String::from_utf8(output.stdout).unwrap());
        }
        assert!(shown.iter().all(|it| *it == shown[0]), "{platform}: one renewal for all");
        assert!(!shown[0].contains(&before), "{platform}: it was renewed");
        assert_eq!(wanderer.json(&["whoami"])["username"], "alice", "{platform}: nothing was revoked");
        wanderer.done(&["logout"]);
        assert_eq!(wanderer.tokens(), 0, "{platform}: logout revokes the token");
    }
}

#[test]
fn a_device_is_refused_elsewhere() {
    let wanderer = Wanderer::with(DEVICE);
    let id = application(&wanderer, &["--allow", "device"])["client_id"].as_str().unwrap().to_owned();
    let device = Device::begin(&wanderer, "aap", &["--client-id", &id]);
    say(&wanderer, &device.code, "deny");
    assert_eq!(device.end(), (Some(3), String::new()));
    assert_eq!(wanderer.json(&["profile", "list"]), serde_json::json!([]));
    let (url, ca) = (wanderer.url(), wanderer.ca());
    let usual = ["login", &url, "--platform", "aap", "--method", "device", "--ca", &ca];
    let told = wanderer.fails(&[&usual[..], &["--client-id", "nobody"]].concat(), 3);
    assert!(told.contains("application"), "{told}");
}

#[test]
fn for_a_tenant_of_the_manager() {
    let wanderer = Wanderer::with(TENANT);
    let told = wanderer.login("catalyst", &["--tenant", "Acme"]);
    assert_eq!(told["tenant"], "Acme", "{told}");
    assert_eq!(wanderer.json(&["whoami"])["username"], "alice");
    assert!(wanderer.done(&["header"]).to_ascii_lowercase().contains("vsessionid: "));
    wanderer.done(&["logout"]);
    assert_eq!(wanderer.sessions(), 0);
    let (url, ca) = (wanderer.url(), wanderer.ca());
    let usual = ["login", &url, "--platform", "catalyst", "--user", "alice", "--ca", &ca];
    let further = ["--password-file", "password", "--tenant", "Nobody"];
    let told = wanderer.fails(&[&usual[..], &further].concat(), 3);
    assert!(told.contains("no tenant \"Nobody\""), "{told}");
    assert_eq!(wanderer.sessions(), 0, "the session in which the tenant was looked for is ended");
}

#[test]
fn through_every_portal_of_apprenda() {
    let wanderer = Wanderer::new();
    for portal in ["soc", "developer", "account"] {
        let told = wanderer.login("apprenda", &["--portal", portal, "--profile", portal]);
        assert_eq!((&told["portal"], &told["user"]), (&portal.into(), &"alice".into()), "{told}");
        assert_eq!(wanderer.json(&["whoami"])["username"], "alice", "{portal}");
        let again = wanderer.json(&["login", "--password-file", "password"]);
        assert_eq!(again["portal"], portal, "{again}");
        assert_eq!(wanderer.sessions(), 1, "{portal}: the session before is ended");
        wanderer.done(&["logout"]);
        assert_eq!(wanderer.sessions(), 0, "{portal}");
    }
}
