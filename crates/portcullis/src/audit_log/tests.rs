//! The audit log: what a line holds, and that a full disk or a moved file stops nobody.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use identity::model::audit::{Event, EventKind};
use identity::model::object::{SessionId, TokenId, UserId};
use identity::port::AuditLog as _;
use jiff::Timestamp;
use serde_json::Value;

use super::{AuditWriter, FIELD_MAX, Target, line};

fn event(kind: EventKind) -> Event {
    Event {
        at: Timestamp::from_second(1_700_000_000).unwrap(),
        kind,
        user: Some((UserId(3), "alice".to_owned())),
        door: "aap",
        address: "192.0.2.1".to_owned(),
        request_id: "r".to_owned(),
        detail: "d".to_owned(),
    }
}

fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("portcullis-audit-{}-{number}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_line_is_one_json_object_with_its_keys_in_order() {
    let expected = "{\"ts\":\"2023-11-14T22:13:20.000000Z\",\"event\":\"token_use\",\"user_id\":3,\"user\":\"alice\",\
                    \"token_id\":9,\"door\":\"aap\",\"address\":\"192.0.2.1\",\"request_id\":\"r\",\"detail\":\"d\"}\n";
    assert_eq!(line(&event(EventKind::TokenUse(TokenId(9)))), expected);
    let ended: Value = serde_json::from_str(&line(&event(EventKind::SessionExpire(SessionId(4))))).unwrap();
    assert_eq!((&ended["event"], &ended["session_id"]), (&"session_expire".into(), &4.into()));
}

#[test]
fn what_strangers_choose_can_neither_end_a_line_nor_steer_a_terminal() {
    let mut event = event(EventKind::Refusal);
    event.user = None;
    event.detail = "a\r\nb\u{1b}[2J\u{2028}\u{2029}\u{85}\u{202e}\"\\".to_owned();
    let line = line(&event);
    assert_eq!(line.matches('\n').count(), 1);
    assert!(line.trim_end().chars().all(|it| it.is_ascii_graphic() || it == ' '), "{line}");
    let read: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(read["detail"], event.detail.as_str());
    assert!(read.get("user").is_none());
}

#[test]
fn a_field_is_cut_where_it_is_too_long() {
    let mut event = event(EventKind::Refusal);
    event.detail = "é".repeat(FIELD_MAX + 1);
    let read: Value = serde_json::from_str(&line(&event)).unwrap();
    assert_eq!(read["detail"].as_str().unwrap().chars().count(), FIELD_MAX + 1);
    assert!(read["detail"].as_str().unwrap().ends_with('…'));
}

#[test]
fn all_that_was_recorded_is_written_before_the_end_into_a_closed_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let file = new_folder().join("audit.jsonl");
    let log = AuditWriter::start(Target::File(file.clone())).unwrap();
    for _ in 0..500 {
        log.record(&event(EventKind::SignIn));
    }
    log.stop();
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 500);
    assert_eq!(log.dropped(), 0);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_was_moved_away_is_made_anew_when_it_is_reopened() {
    let folder = new_folder();
    let file = folder.join("audit.jsonl");
    let log = AuditWriter::start(Target::File(file.clone())).unwrap();
    log.record(&event(EventKind::SignIn));
    fs::rename(&file, folder.join("old")).unwrap();
    log.reopen(Target::File(file.clone()));
    log.record(&event(EventKind::SignOut));
    log.stop();
    assert!(fs::read_to_string(folder.join("old")).unwrap().contains("sign_in"));
    assert!(fs::read_to_string(&file).unwrap().contains("sign_out"));
}

#[test]
fn a_target_that_cannot_be_reopened_leaves_the_old_one() {
    let folder = new_folder();
    let file = folder.join("audit.jsonl");
    let log = AuditWriter::start(Target::File(file.clone())).unwrap();
    log.reopen(Target::File(folder.join("no/such/folder")));
    log.record(&event(EventKind::SignIn));
    log.stop();
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 1);
}

#[test]
fn a_full_disk_loses_events_and_counts_them() {
    let log = AuditWriter::start(Target::File(PathBuf::from("/dev/full"))).unwrap();
    for _ in 0..10 {
        log.record(&event(EventKind::SignIn));
    }
    log.stop();
    assert_eq!(log.dropped(), 10);
}
