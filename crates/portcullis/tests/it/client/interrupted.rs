//! Ctrl-C: the terminal works afterwards, and the server keeps no session that nobody knows of.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::bench::Home;
use super::said;
use crate::support::lab::Lab;
use crate::support::need;

/// Long enough for a slow answer on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What types Ctrl-C at the prompt of a program on a terminal of its own, and tells how the terminal is then.
const TYPIST: &str = r#"
import os, pty, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("sh", ["sh", "-c", '"$@"; echo "code=$?"; stty -a', "sh"] + sys.argv[1:])
seen, is_typed = b"", False
while True:
    try:
        some = os.read(terminal, 4096)
    except OSError:
        break
    if not some:
        break
    seen += some
    if b"Password of" in seen and not is_typed:
        while termios.tcgetattr(terminal)[3] & termios.ECHO:
            pass
        os.write(terminal, b"half\x03")
        is_typed = True
os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
"#;

#[test]
fn at_the_prompt_the_terminal_shows_again_what_is_typed() {
    if !need("at_the_prompt_the_terminal_shows_again_what_is_typed", &["python3", "sh", "stty"]) {
        return;
    }
    let (home, lab) = (Home::new(), Lab::start("awx"));
    let (base, ca) = (lab.base(), lab.certificate());
    let login = home.command(&["login", &base, "--platform", "awx", "--user", "admin", "--ca"]);
    let mut command = Command::new("python3");
    command.args(["-c", TYPIST]).arg(login.get_program()).args(login.get_args()).arg(ca);
    for (name, value) in login.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.current_dir(&home.folder).stdin(Stdio::null()).output().unwrap();
    let seen = String::from_utf8_lossy(&output.stdout).replace(['\r', '\n', ';'], " ");
    assert!(seen.contains("code=130"), "{}", said(&output));
    assert!(seen.contains(" echo ") && seen.contains(" isig "), "{}", said(&output));
    assert!(seen.contains(" icanon ") && !seen.contains("half"), "{}", said(&output));
    assert_eq!(lab.count("/requests/total"), 0, "nothing was sent");
}

/// Begins a login, and interrupts it as soon as the laboratory has this many requests.
fn interrupted(home: &Home, lab: &Lab, platform: &str, further: &[&str], requests: u64) {
    let (base, ca) = (lab.base(), lab.certificate());
    let usual = ["login", &base, "--platform", platform, "--user", "admin", "--password-file", "password"];
    interrupt(home, lab, &[&usual[..], &["--ca", ca.to_str().unwrap()], further].concat(), requests);
}

/// Begins a command, and interrupts it as soon as the laboratory has this many requests.
fn interrupt(home: &Home, lab: &Lab, arguments: &[&str], requests: u64) {
    let mut command = home.command(arguments);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + PATIENCE;
    while lab.count("/requests/total") < requests {
        assert!(Instant::now() < deadline, "{arguments:?}: it does not begin");
        std::thread::sleep(Duration::from_millis(10));
    }
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{arguments:?}: {}", said(&output));
}

#[test]
fn within_a_login_what_it_opened_is_ended() {
    for (platform, sign_in, whoami, portal) in [
        ("awx", "/api/login/", "/api/v2/me/", &[][..]),
        ("aap", "/api/gateway/v1/login/", "/api/gateway/v1/me/", &[]),
        ("catalyst", "/j_security_check", "/dataservice/", &[]),
        ("apprenda", "/authentication/", "/soc/", &["--portal", "soc"]),
    ] {
        let (home, lab) = (Home::new(), Lab::start(platform));
        for (path, requests) in [(sign_in, 1), (whoami, 2)] {
            lab.reset();
            lab.fault(&format!("slow:1@{path}"));
            interrupted(&home, &lab, platform, portal, requests);
            assert_eq!(lab.count("/sessions/alive"), 0, "{platform} {path}: {}", lab.state());
            assert_eq!(home.json(&["profile", "list"]), serde_json::json!([]), "{platform} {path}");
        }
    }
}

#[test]
fn within_a_login_the_token_that_it_made_is_revoked() {
    let (home, lab) = (Home::new(), Lab::start("awx"));
    lab.fault("slow:1@/api/v2/me/");
    interrupted(&home, &lab, "awx", &["--method", "token"], 2);
    assert_eq!((lab.count("/tokens/made"), lab.count("/tokens/revoked")), (1, 1), "{}", lab.state());
    assert_eq!(home.json(&["profile", "list"]), serde_json::json!([]));
}

#[test]
fn within_a_renewal_what_it_opened_is_saved() {
    let (home, lab) = (Home::new(), Lab::start("catalyst"));
    home.enter(&lab, "catalyst");
    lab.expire();
    let before = lab.count("/requests/total");
    lab.fault("slow:1@/j_security_check");
    interrupt(&home, &lab, &["api", "device", "--password-file", "password"], before + 2);
    assert_eq!(lab.count("/sessions/alive"), 1, "{}", lab.state());
    home.done(&["api", "device"]);
    assert_eq!(lab.count("/logins"), 2, "the session that was opened is the one that is saved");
}

#[test]
fn a_token_is_shown_before_the_end() {
    let (home, lab) = (Home::new(), Lab::start("awx"));
    home.enter(&lab, "awx");
    let before = lab.count("/requests/total");
    lab.fault("slow:1@POST:/api/v2/tokens/");
    interrupt(&home, &lab, &["token", "create"], before + 1);
    assert_eq!(home.json(&["token", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_doctor_ends_what_it_opened() {
    let (home, lab) = (Home::new(), Lab::start("awx"));
    home.enter(&lab, "awx");
    let before = lab.count("/requests/total");
    lab.fault("slow:1@POST:/api/login/");
    let logins = lab.count("/logins");
    let arguments = ["doctor", "--password-file", "password"];
    interrupt(&home, &lab, &arguments, before + 1);
    assert_eq!(lab.count("/sessions/alive"), 1, "{}: the saved one", lab.state());
    assert!(lab.count("/logins") <= logins + 1);
}
