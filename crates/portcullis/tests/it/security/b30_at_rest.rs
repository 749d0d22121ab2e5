//! What lies on the disk: no secret in the clear, nobody else's eyes, and no start on what is broken (cases
//! 203-207).

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::raw::Dice;
use crate::support::{ADMIN_PASSWORD, Server};

const PASSWORD: &str = "wonder land 42 x";

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().flatten().map(|it| it.path()).filter(|it| it.is_file()).collect()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn case_203_the_data_directory_tells_no_secret_and_nobody_else_reads_it() {
    let mut server = Server::demo();
    server.make_user("grace", PASSWORD);
    let session = server.sign_in("grace", PASSWORD);
    let (_, token) = server.make_token("grace", PASSWORD, "write");
    let organization = server.make("organizations", &json!({"name": "o203"}));
    let application = server
        .as_admin("POST", "/api/gateway/v1/applications/")
        .json(&json!({"name": "a203", "organization": organization, "client_type": "confidential",
                      "authorization_grant_type": "password"}))
        .send()
        .expect(201)
        .json();
    let client_secret = application["client_secret"].as_str().unwrap();
    let bound =
        server.as_admin("POST", "/api/gateway/v1/tokens/").json(&json!({"application": application["id"]}));
    let bound = bound.send().expect(201).json();
    let refresh = bound["refresh_token"].as_str().unwrap();
    server.set(&json!({"custom_login_info": "in the clear 203"}));

    let check = |server: &Server, when: &str| {
        assert_eq!(fs::metadata(server.data_dir()).unwrap().permissions().mode() & 0o077, 0, "{when}");
        let mut all = Vec::new();
        for file in files(&server.data_dir()) {
            let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode & 0o077, 0, "{when}: {} has mode {mode:o}", file.display());
            all.extend(fs::read(&file).unwrap_or_default());
        }
        let secrets = [
            PASSWORD,
            ADMIN_PASSWORD,
            &token,
            &session.secret,
            &session.csrf,
            client_secret,
            refresh,
            bound["token"].as_str().unwrap(),
        ];
        for secret in secrets {
            assert!(!contains(&all, secret.as_bytes()), "{when}: {secret} lies in the clear");
        }
        assert!(contains(&all, b"in the clear 203"), "{when}: the test reads the wrong files");
        assert!(contains(&all, b"$argon2id$") && contains(&all, b"$sha256$"), "{when}");
    };
    check(&server, "running");
    server.stop();
    check(&server, "stopped");
}

#[test]
fn case_203_an_open_directory_or_key_is_not_used() {
    let mut server = Server::with_config("");
    server.stop();
    let data = server.data_dir();
    for (path, mode, back) in [
        (data.clone(), 0o777, 0o700),
        (data.clone(), 0o720, 0o700),
        (data.join("identity.key"), 0o644, 0o600),
        (data.join("identity.key"), 0o604, 0o600),
        (data.join("certificate.key"), 0o640, 0o600),
    ] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let text = refused_start(&mut server, &format!("{} with mode {mode:o}", path.display()));
        assert!(text.contains("chmod"), "{text}");
        fs::set_permissions(&path, fs::Permissions::from_mode(back)).unwrap();
    }
    server.start_again();
}

/// Starts a gateway that must not start; what it says.
#[track_caller]
pub fn refused_start(server: &mut Server, shown: &str) -> String {
    server.launch();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
        let said = server.output();
        assert!(!said.contains("listening on"), "it started: {shown}\n{said}");
        if !Path::new(&format!("/proc/{}/exe", server.process_id())).exists() {
            std::thread::sleep(Duration::from_millis(100));
            server.kill();
            return server.output();
        }
    }
    panic!("it neither starts nor ends: {shown}\n{}", server.output());
}

#[test]
fn case_204_a_copy_of_a_stopped_gateway_is_the_gateway() {
    let mut server = Server::demo();
    server.make_user("henry", PASSWORD);
    let (_, kept) = server.make_token("henry", PASSWORD, "write");
    let (number, revoked) = server.make_token("henry", PASSWORD, "write");
    server.stop();
    let backup: Vec<(PathBuf, Vec<u8>)> =
        files(&server.data_dir()).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    server.start_again();
    server.as_admin("DELETE", &format!("/api/gateway/v1/tokens/{number}/")).send().expect(204);
    server.stop();

    // An empty machine gets the backup.
    for file in files(&server.data_dir()) {
        fs::remove_file(file).unwrap();
    }
    for (path, content) in &backup {
        fs::write(path, content).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    server.start_again();
    assert_eq!(server.me(|it| it.bearer(&kept)), 200);
    assert_eq!(server.me(|it| it.basic("henry", PASSWORD)), 200);
    // What was revoked after the backup lives again: one command ends every token and session of before.
    assert_eq!(server.me(|it| it.bearer(&revoked)), 200);
    server.shell(&["token", "revoke", "--all"]);
    server.shell(&["session", "expire", "--all"]);
    assert_eq!(server.me(|it| it.bearer(&revoked)), 401);
    assert_eq!(server.me(|it| it.bearer(&kept)), 401);
    assert_eq!(server.me(|it| it.basic("henry", PASSWORD)), 200);
}

#[test]
fn case_205_broken_files_are_not_started_on_and_not_written_over() {
    let mut server = Server::demo();
    server.make_user("ida", PASSWORD);
    server.stop();
    let data = server.data_dir();
    let database = fs::read(data.join("portcullis.db")).unwrap();
    let half = database[..database.len() / 2].to_vec();
    let mut no_magic = database.clone();
    no_magic[..16].fill(b'x');
    let zeros = vec![0; database.len()];
    let rsa = fs::read(data.join("identity.key")).unwrap();
    let cases: [(&str, Vec<u8>, &[u8]); 8] = [
        ("portcullis.db", no_magic, &database),
        ("portcullis.db", zeros, &database),
        ("portcullis.db", half, &database),
        ("portcullis.db", b"hello".to_vec(), &database),
        ("identity.key", Vec::new(), &rsa),
        ("identity.key", b"garbage".to_vec(), &rsa),
        ("identity.key", rsa[..rsa.len() - 1].to_vec(), &rsa),
        ("identity.key", vec![0; 100_000], &rsa),
    ];
    for (name, content, good) in cases {
        let path = data.join(name);
        fs::write(&path, &content).unwrap();
        let shown = format!("{name} with {} bytes", content.len());
        let text = refused_start(&mut server, &shown);
        assert!(text.contains("portcullis") && !text.contains("panic"), "{shown}: {text}");
        assert_eq!(fs::read(&path).unwrap(), content, "{shown}: written over");
        fs::write(&path, good).unwrap();
        for rest in ["portcullis.db-wal", "portcullis.db-shm"] {
            let _ = fs::remove_file(data.join(rest));
        }
    }
    server.start_again();
    assert_eq!(server.me(|it| it.basic("ida", PASSWORD)), 200);
}

#[test]
fn case_205_flipped_bits_open_nothing_and_break_nobody_else() {
    let mut server = Server::demo();
    server.make_user("jane", PASSWORD);
    server.stop();
    let path = server.data_dir().join("portcullis.db");
    let good = fs::read(&path).unwrap();
    let mut dice = Dice::new(205);
    for round in 0..20 {
        let mut bad = good.clone();
        for _ in 0..50 {
            let at = dice.below(bad.len());
            bad[at] ^= 1 << dice.below(8);
        }
        fs::write(&path, &bad).unwrap();
        server.launch();
        let begun = Instant::now();
        loop {
            std::thread::sleep(Duration::from_millis(20));
            let has_ended = !Path::new(&format!("/proc/{}/exe", server.process_id())).exists();
            if has_ended || server.output().matches("listening on").count() == 2 {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{round}: neither started nor ended");
        }
        if server.output().contains("listening on") {
            // It serves what can be read, and errors are errors: never a session for nobody.
            server.wait_until_ready();
            let status = server.me(|it| it.basic("jane", "wrong"));
            assert!(matches!(status, 401 | 500 | 503), "{round}: {status}");
            let status = server.me(|it| it);
            assert_eq!(status, 401, "{round}");
        }
        assert!(!server.output().contains("a task has panicked"), "{round}: {}", server.output());
        server.kill();
        for rest in ["portcullis.db-wal", "portcullis.db-shm"] {
            let _ = fs::remove_file(server.data_dir().join(rest));
        }
    }
}

#[test]
fn case_205_a_link_somebody_planted_is_not_followed_to_a_secret_of_his() {
    let mut server = Server::with_config("");
    server.stop();
    let data = server.data_dir();
    let outside = server.folder().join("outside.key");
    fs::write(&outside, b"garbage").unwrap();
    fs::remove_file(data.join("identity.key")).unwrap();
    symlink(&outside, data.join("identity.key")).unwrap();
    refused_start(&mut server, "a link to a file that others can read");
    assert_eq!(fs::read(&outside).unwrap(), b"garbage");
}

#[test]
fn case_206_no_secret_is_in_the_command_line_or_the_environment() {
    let server = Server::demo();
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let process = format!("/proc/{}", server.process_id());
    for file in ["cmdline", "environ"] {
        let content = fs::read(format!("{process}/{file}")).unwrap();
        for secret in [ADMIN_PASSWORD, &token] {
            assert!(!contains(&content, secret.as_bytes()), "{file}");
        }
    }
    // No command takes a password as an argument.
    for command in [&["serve"][..], &["user", "add"], &["user", "passwd"], &["token", "create"]] {
        let help = crate::support::server::program().args(command).arg("--help").output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        let has_value = |line: &&str| line.contains("--password <") || line.contains("--admin-password <");
        assert!(!help.lines().any(|line| has_value(&line)), "{command:?}: {help}");
    }
    for arguments in [&["user", "add", "kim", "--password", "x"][..], &["serve", "--admin-password", "x"]] {
        let output = server.try_shell(arguments, "");
        assert!(!output.status.success(), "{arguments:?}");
    }
}

#[test]
fn case_207_the_shell_hands_secrets_over_by_pipes() {
    let server = Server::demo();
    let output = server.try_shell(&["user", "add", "lea", "--password-stdin"], PASSWORD);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = [output.stdout, output.stderr].concat();
    assert!(!contains(&said, PASSWORD.as_bytes()), "{}", String::from_utf8_lossy(&said));
    assert_eq!(server.me(|it| it.basic("lea", PASSWORD)), 200);
    // A token is printed once, by itself, and never listed.
    let made = server.shell_json(&["token", "create", "--user", "lea"]);
    let token = made["token"].as_str().unwrap();
    assert_eq!(server.me(|it| it.bearer(token)), 200);
    assert!(!server.shell(&["token", "list", "-o", "json"]).contains(token));
    assert!(!server.shell(&["setting", "list", "-o", "json"]).contains("BEGIN"));
    assert!(!server.shell(&["user", "list", "-o", "json"]).contains("argon2"));
    // Who may not write the data directory may not administer it.
    let socket = fs::read_dir(server.data_dir())
        .unwrap()
        .flatten()
        .find(|it| it.path().extension().is_some_and(|it| it == "sock"));
    if let Some(socket) = socket {
        assert_eq!(socket.metadata().unwrap().permissions().mode() & 0o077, 0);
    }
}
