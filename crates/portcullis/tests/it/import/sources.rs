//! What the command says of sources that it cannot read. Nothing is changed then.

use std::process::Output;

use super::{both, both_doors, counts, import};
use crate::support::Server;
use crate::support::server::write_secret;

/// The exit code and what is said of an import that fails.
#[track_caller]
fn failed(server: &Server, arguments: &[&str]) -> (i32, String) {
    let Output { status, stderr, .. } = server.try_shell(&[&["import", "awx"], arguments].concat(), "");
    let words = String::from_utf8(stderr).unwrap();
    assert!(!status.success(), "{words}");
    assert!(!words.contains("unused-secret"), "{words}");
    (status.code().unwrap(), words)
}

#[test]
fn dumps_and_what_is_none() {
    let Some((postgres, server)) = both("dumps_and_what_is_none") else { return };
    let file = |name: &str| server.folder().join(name);
    postgres.dump("custom", &file("awx.dump"));
    let (code, words) = failed(&server, &["--dump", "awx.dump"]);
    assert!(code == 3 && words.contains("pg_restore --file=awx.sql"), "{words}");
    postgres.dump("plain", &file("awx.sql"));
    let text = std::fs::read_to_string(file("awx.sql")).unwrap();
    std::fs::write(file("half.sql"), &text[..text.find("AWXtoken2billing").unwrap()]).unwrap();
    let (code, words) = failed(&server, &["--dump", "half.sql"]);
    assert!(code == 3 && words.contains("breaks off"), "{words}");
    let (code, words) = failed(&server, &["--dump", "nowhere.sql"]);
    assert!(code == 2 && words.contains("cannot open nowhere.sql"), "{words}");
    let (code, _) = failed(&server, &[]);
    assert_eq!(code, 2);
    assert_eq!(server.shell_json(&["user", "list"]).as_array().unwrap().len(), 1);

    // The dump says what the database says.
    let from_dump = import(&server, &["--dump", "awx.sql", "--secret-key-file", "key", "--dry-run"]);
    let from_database = import(&server, &["--database", &postgres.url(), "--secret-key-file", "key"]);
    assert_eq!(from_dump, from_database);
    let again = import(&server, &["--dump", "awx.sql", "--secret-key-file", "key"]);
    assert_eq!(counts(&again, "access tokens"), [0, 0, 4, 2]);
}

#[test]
fn a_wrong_key_and_a_wrong_database() {
    let Some((postgres, server)) = both("a_wrong_key_and_a_wrong_database") else { return };
    let url = postgres.url();
    write_secret(&server.folder().join("other-key"), "the key of another AWX");
    let (code, words) = failed(&server, &["--database", &url, "--secret-key-file", "other-key"]);
    assert!(code == 3 && words.contains("the secret key is not the one of this AWX"), "{words}");
    assert!(!words.contains("the key of another"), "{words}");
    assert_eq!(both_doors(&server, |it| it.bearer(super::PERSONAL)), [401, 401]);

    let (code, words) = failed(&server, &["--database", &url.replace("/awx", "/nothing")]);
    assert!(code == 3 && words.contains("refuses"), "{words}");
    let (code, words) = failed(&server, &["--database", "postgres://awx:unused-secret@127.0.0.1:1/awx"]);
    assert!(code == 1 && words.contains("cannot be reached"), "{words}");
    let (code, words) = failed(&server, &["--database", "mysql://awx:unused-secret@127.0.0.1/awx"]);
    assert!(code == 3 && words.contains("postgres://"), "{words}");
    postgres.execute("DROP TABLE main_team CASCADE");
    let (code, words) = failed(&server, &["--database", &url]);
    assert!(code == 3 && words.contains("no table main_team"), "{words}");
    postgres.execute("CREATE TABLE main_team (id integer, name text)");
    let (code, words) = failed(&server, &["--database", &url]);
    assert!(code == 3 && words.contains("main_team has no column organization_id"), "{words}");
    assert_eq!(server.shell_json(&["user", "list"]).as_array().unwrap().len(), 1);
}
