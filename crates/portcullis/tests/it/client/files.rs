//! What lies on the disk and what other users of the machine can see: files for their owner alone, and no secret in
//! a command line or in what is printed.

use std::io::BufRead as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use super::{PASSWORD, Wanderer, files};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn case_207_only_the_owner_can_read_what_is_saved() {
    let wanderer = Wanderer::new();
    wanderer.login("awx", &[]);
    let folder = wanderer.state().join("portcullis");
    assert_eq!(mode(&folder), 0o700);
    let saved = files(&folder);
    assert!(!saved.is_empty());
    for file in &saved {
        assert_eq!(mode(file), 0o600, "{}", file.display());
        let text = std::fs::read(file).unwrap();
        assert!(!String::from_utf8_lossy(&text).contains(PASSWORD), "{} has the password", file.display());
    }
    // Nothing is written anywhere else.
    let known = ["password", "admin"];
    for file in files(&wanderer.home) {
        let is_known = known.iter().any(|it| file.ends_with(it));
        assert!(file.starts_with(&folder) || is_known, "{}", file.display());
    }
    // A folder that others can open is not used.
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    let told = wanderer.fails(&["whoami"], 1);
    assert!(told.contains("chmod 700"), "{told}");
}

#[test]
fn case_207_what_is_printed_opens_nothing() {
    let wanderer = Wanderer::new();
    let mut printed = String::new();
    for (platform, method) in [("aap", "token"), ("awx", "session"), ("catalyst", "session")] {
        printed += &wanderer.login(platform, &["--method", method, "--profile", platform]).to_string();
    }
    for arguments in [&["whoami"][..], &["status"], &["profile", "list"], &["profile", "show"]] {
        printed += &wanderer.done(arguments);
        printed += &wanderer.json(arguments).to_string();
    }
    let folder = wanderer.state().join("portcullis");
    let mut secrets = vec![PASSWORD.to_owned()];
    for name in ["aap", "awx", "catalyst"] {
        for line in wanderer.done(&["header", "--profile", name]).lines() {
            let value = line.split_once(": ").unwrap().1;
            // A cookie's value, a token: whatever is long and no address.
            let parts = value.split(['=', ';', ' ']).filter(|it| it.len() >= 20 && !it.contains("://"));
            secrets.extend(parts.map(str::to_owned));
        }
    }
    assert!(secrets.len() >= 5, "{}", secrets.len());
    let saved: String = files(&folder).iter().map(|it| std::fs::read_to_string(it).unwrap()).collect();
    for secret in &secrets[1..] {
        assert!(saved.contains(secret.as_str()), "the saved files hold what is shown");
    }
    for secret in &secrets {
        assert!(!printed.contains(secret.as_str()), "a secret was printed");
    }
}

#[test]
fn case_207_no_secret_stands_in_a_command_line() {
    let wanderer = Wanderer::new();
    // A server that takes the connection and says nothing: the command is alive while we look at it.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let arguments = ["login", &url, "--platform", "awx", "--user", "alice", "--password-file", "password"];
    let mut command = wanderer.command(&arguments);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _connection = listener.accept().unwrap();
    let shown = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    let environment = std::fs::read(format!("/proc/{}/environ", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    for text in [&shown, &environment] {
        assert!(!String::from_utf8_lossy(text).contains(PASSWORD));
    }
    assert!(String::from_utf8_lossy(&shown).contains("--password-file"));
    // A command that was given the environment has the token there, and no command line has it.
    wanderer.login("aap", &["--method", "token"]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    // It waits within the shell itself: a shell lets the last program that it is to run take its own place.
    let ready = format!(
        "exec 3<>/dev/tcp/{}; echo $$ >&3; read -r line <&3; exit",
        listener.local_addr().unwrap().to_string().replace(':', "/")
    );
    let mut command = wanderer.command(&["exec", "--", "bash", "-c", &ready]);
    let mut child = command.stdin(Stdio::null()).spawn().unwrap();
    // Whoever else comes by here does not know its number.
    let _connection = loop {
        let (connection, _) = listener.accept().unwrap();
        let mut connection = std::io::BufReader::new(connection);
        let mut number = String::new();
        if connection.read_line(&mut number).is_ok() && number.trim() == child.id().to_string() {
            break connection;
        }
    };
    let shown = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    let environment = std::fs::read(format!("/proc/{}/environ", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let header = wanderer.done(&["header"]);
    let token = header.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(String::from_utf8_lossy(&shown).starts_with("bash"), "the command took our place");
    assert!(!String::from_utf8_lossy(&shown).contains(&token));
    assert!(String::from_utf8_lossy(&environment).contains(&token));
}
