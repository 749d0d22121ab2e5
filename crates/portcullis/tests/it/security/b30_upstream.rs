//! What lies on the disk of a gateway that is signed in at a service (cases 203 and 206).

use std::fs;
use std::path::Path;

use super::b30_at_rest::refused_start;
use crate::support::Server;
use crate::support::lab::{Lab, PASSWORD};
use crate::upstream::{Caller, Entry, gateway};

/// Whether this stands in any file of the folder.
fn lies_in(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).unwrap().flatten().filter(|it| it.path().is_file()).any(|it| {
        let content = fs::read(it.path()).unwrap_or_default();
        content.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

fn check(server: &Server, when: &str) {
    let folder = server.data_dir();
    assert!(lies_in(&folder, "upstream-session/"), "{when}: the test reads the wrong files");
    // So a record begins, and so it goes on where the proof stands.
    for text in ["{\"form\":", "\"platform\":", "\"proof\":", PASSWORD] {
        assert!(!lies_in(&folder, text), "{when}: {text}");
    }
    assert!(!server.output().contains(PASSWORD), "{when}");
}

#[test]
fn case_203_sessions_at_services_lie_sealed_and_are_found_again_after_a_crash() {
    let lab = Lab::start("catalyst");
    let mut server = gateway(&[Entry::new(&lab, "catalyst", "aap", "/it/")]);
    let caller = Caller::admin(&server, "aap");
    caller.get(&server, "/it/device").expect(200);
    check(&server, "signed in");
    server.kill();
    check(&server, "killed");
    server.start_again();
    caller.get(&server, "/it/device").expect(200);
    assert_eq!((lab.count("/logins"), lab.count("/sessions/alive")), (1, 1));
    // Under another key nobody could read which session that was, and it would live on: nothing starts.
    server.kill();
    let path = server.data_dir().join("vault.key");
    let right = fs::read(&path).unwrap();
    fs::write(&path, "0b".repeat(32)).unwrap();
    refused_start(&mut server, "another key");
    fs::write(&path, right).unwrap();
    server.start_again();
    caller.get(&server, "/it/device").expect(200);
    assert_eq!((lab.count("/logins"), lab.count("/sessions/alive")), (1, 1));
    assert!(server.stop().success());
}
