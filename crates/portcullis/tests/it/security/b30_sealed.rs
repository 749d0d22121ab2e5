//! What must come back in clear lies sealed on the disk, under a key that is not in the database (cases 203-206).

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;

use super::b30_at_rest::refused_start;
use crate::support::Server;
use crate::support::server::program;

const STORED: &str = "manager password 4711";
const SETTING: &str = "setting password 4712";
const KEY: &str = "vault.key";

/// Whether this stands anywhere in the data directory.
fn lies_in_clear(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).unwrap().flatten().filter(|it| it.path().is_file()).any(|it| {
        let content = fs::read(it.path()).unwrap_or_default();
        content.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

fn stored(server: &Server) {
    let done = server.try_shell(&["secret", "set", "manager", "--stdin"], &format!("{STORED}\n"));
    assert!(done.status.success(), "{done:?}");
    for said in [&done.stdout, &done.stderr] {
        assert!(!String::from_utf8_lossy(said).contains(STORED), "{done:?}");
    }
    server.set(&json!({"REDHAT_PASSWORD": SETTING}));
}

#[test]
fn case_203_stored_secrets_and_secret_settings_lie_sealed() {
    let mut server = Server::demo();
    stored(&server);
    let check = |server: &Server, when: &str| {
        for text in [STORED, SETTING] {
            assert!(!lies_in_clear(&server.data_dir(), text), "{text} while {when}");
        }
        assert!(lies_in_clear(&server.data_dir(), "REDHAT_PASSWORD"), "the test reads the wrong files");
    };
    check(&server, "running");
    let listed = server.shell(&["secret", "list"]);
    assert!(listed.contains("manager") && !listed.contains(STORED), "{listed}");
    server.shell(&["secret", "rekey"]);
    check(&server, "running under a new key");
    server.stop();
    check(&server, "stopped");
    // Without a server the command opens the data itself.
    let listed = server.shell(&["secret", "list"]);
    assert!(listed.contains("manager"), "{listed}");
    server.shell(&["secret", "rekey"]);
    server.shell(&["secret", "remove", "manager"]);
    assert_eq!(server.try_shell(&["secret", "remove", "manager"], "").status.code(), Some(3));
    check(&server, "removed");
    assert!(!server.output().contains(STORED) && !server.output().contains(SETTING));
}

#[test]
fn case_204_a_copy_of_the_store_without_the_key_tells_no_secret() {
    let mut server = Server::demo();
    stored(&server);
    server.stop();
    let key = fs::read(server.data_dir().join(KEY)).unwrap();
    let database = fs::read(server.data_dir().join("portcullis.db")).unwrap();
    for text in [STORED.as_bytes(), SETTING.as_bytes(), key.trim_ascii()] {
        assert!(!database.windows(text.len()).any(|window| window == text));
    }
    // With the key beside it again the copy is the gateway.
    server.start_again();
    let shown = server.shell(&["setting", "get", "REDHAT_PASSWORD"]);
    assert!(shown.contains("$encrypted$") && !shown.contains(SETTING), "{shown}");
}

#[test]
fn case_205_a_wrong_key_opens_nothing_and_nothing_is_written_over() {
    let mut server = Server::demo();
    stored(&server);
    server.stop();
    let path = server.data_dir().join(KEY);
    let right = fs::read(&path).unwrap();
    let wrong = "0a".repeat(32);
    fs::write(&path, &wrong).unwrap();
    let text = refused_start(&mut server, "another key");
    assert!(text.contains("sealed under another key") && text.contains("rekey --forget"), "{text}");
    let refused = server.try_shell(&["secret", "rekey"], "");
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--forget"), "{refused:?}");
    assert_eq!(fs::read(&path).unwrap(), wrong.as_bytes());
    let aside = path.with_extension("aside");
    fs::rename(&path, &aside).unwrap();
    let text = refused_start(&mut server, "no key");
    assert!(text.contains(KEY), "{text}");
    assert!(!path.exists(), "a new key would hide that the old one is lost");
    fs::rename(&aside, &path).unwrap();
    fs::write(&path, right).unwrap();
    server.start_again();
    server.shell(&["secret", "rekey"]);
    // Gone for good: what it sealed goes, and everything else is as it was.
    server.stop();
    fs::remove_file(&path).unwrap();
    assert!(server.try_shell(&["secret", "rekey", "--forget"], "").status.success());
    server.start_again();
    assert!(!server.shell(&["secret", "list"]).contains("manager"));
}

#[test]
fn case_206_a_secret_is_no_argument() {
    let server = Server::demo();
    let refused = server.try_shell(&["secret", "set", "manager", STORED], "");
    assert_eq!(refused.status.code(), Some(2));
    let refused = server.try_shell(&["secret", "set", "manager"], "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--stdin or --file"), "{refused:?}");
    assert!(!server.shell(&["secret", "list"]).contains("manager"));
}

#[test]
fn case_205_a_change_of_the_key_that_is_killed_loses_nothing() {
    let mut server = Server::demo();
    stored(&server);
    server.stop();
    for number in 0..24 {
        let mut command = program();
        command.args(["secret", "rekey", "--data-dir"]).arg(server.data_dir());
        command.arg("--config").arg(server.folder().join("portcullis.toml")).current_dir(server.folder());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(number * 5));
        // Wherever it is by now.
        let _ = child.kill();
        child.wait().unwrap();
    }
    server.shell(&["secret", "rekey"]);
    let text = fs::read_to_string(server.data_dir().join(KEY)).unwrap();
    assert_eq!(text.lines().count(), 1, "the last change left one key");
    server.start_again();
    assert!(!server.output().contains("sealed under another key"), "{}", server.output());
    assert!(server.shell(&["secret", "list"]).contains("manager"));
    // What does not open cannot be sealed anew.
    server.shell(&["secret", "rekey"]);
}
