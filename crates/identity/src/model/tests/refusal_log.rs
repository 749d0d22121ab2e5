//! The refusals of late: found by their id, bounded in every direction, and without what may be a secret.

use jiff::{SignedDuration, Timestamp};

use crate::denial::Denial;
use crate::model::csrf::{Forgery, Page};
use crate::model::refusal_log::{Cause, ENTRIES_MAX, ENTRIES_PER_ADDRESS_MAX, KEPT_FOR, RefusalLog, Refused};

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
}

fn refused(id: &str, address: &str, seconds: i64) -> Refused {
    Refused {
        request_id: id.to_owned(),
        is_id_chosen: true,
        at: at(seconds),
        dialect: "awx",
        service: None,
        address: address.to_owned(),
        method: "GET".to_owned(),
        path: "/api/v2/me/".to_owned(),
        status: 401,
        username: None,
        denial: Some(Denial::NoProof(None)),
        cause: None,
    }
}

fn has(log: &RefusalLog, id: &str, seconds: i64) -> bool {
    log.find(id, at(seconds)).is_some()
}

#[test]
fn a_refusal_is_found_for_a_day() {
    let log = RefusalLog::default();
    log.record(refused("a", "192.0.2.1", 0));
    let day = KEPT_FOR.as_secs();
    assert!(has(&log, "a", 0) && has(&log, "a", day - 1));
    assert!(!has(&log, "a", day));
    assert!(!has(&log, "b", 0));
    // The next one sweeps it away.
    log.record(refused("b", "192.0.2.1", day));
    assert_eq!(log.count(), 1);
}

#[test]
fn a_flood_from_one_address_pushes_out_its_own() {
    let log = RefusalLog::default();
    log.record(refused("mine", "192.0.2.1", 0));
    for number in 0..ENTRIES_MAX * 2 {
        log.record(refused(&format!("flood-{number}"), "192.0.2.2", 1));
    }
    assert!(has(&log, "mine", 2));
    assert_eq!(log.count(), ENTRIES_PER_ADDRESS_MAX + 1);
    assert!(has(&log, &format!("flood-{}", ENTRIES_MAX * 2 - 1), 2));
    assert!(!has(&log, "flood-0", 2));
    // Whoever has a network has all addresses of it.
    for number in 0..ENTRIES_PER_ADDRESS_MAX * 2 {
        log.record(refused(&format!("six-{number}"), &format!("2001:db8:0:1::{number:x}"), 1));
    }
    assert_eq!(log.count(), ENTRIES_PER_ADDRESS_MAX * 2 + 1);
    log.record(refused("other", "2001:db8:0:2::1", 1));
    assert_eq!(log.count(), ENTRIES_PER_ADDRESS_MAX * 2 + 2);
}

#[test]
fn there_are_never_more_than_the_most() {
    let log = RefusalLog::default();
    for number in 0..ENTRIES_MAX + 500 {
        log.record(refused(&format!("{number}"), &format!("192.0.{}.{}", number / 200, number % 200), 0));
    }
    assert_eq!(log.count(), ENTRIES_MAX);
    assert!(!has(&log, "499", 0) && has(&log, "500", 0));
}

#[test]
fn of_several_with_one_id_the_newest_is_found_and_outlives_the_others() {
    let log = RefusalLog::default();
    log.record(refused("same", "192.0.2.1", 0));
    log.record(Refused { status: 403, ..refused("same", "192.0.2.2", 10) });
    assert_eq!(log.find("same", at(10)).unwrap().status, 403);
    for number in 0..ENTRIES_PER_ADDRESS_MAX {
        log.record(refused(&format!("{number}"), "192.0.2.1", 20));
    }
    assert_eq!(log.find("same", at(20)).unwrap().status, 403, "the older one is gone");
}

#[test]
fn nobody_tells_another_story_under_an_id_that_we_gave() {
    let log = RefusalLog::default();
    log.record(Refused { is_id_chosen: false, status: 403, ..refused("ours", "192.0.2.1", 0) });
    log.record(refused("ours", "192.0.2.2", 1));
    assert_eq!(log.find("ours", at(1)).unwrap().status, 403);
    // That the other goes first is no matter to it.
    for number in 0..ENTRIES_PER_ADDRESS_MAX {
        log.record(refused(&format!("{number}"), "192.0.2.2", 2));
    }
    assert_eq!(log.find("ours", at(2)).unwrap().status, 403);
    // Once it is over, the id is free.
    let day = KEPT_FOR.as_secs();
    log.record(refused("ours", "192.0.2.2", day));
    assert_eq!(log.find("ours", at(day)).unwrap().status, 401);
}

#[test]
fn a_cause_goes_with_the_refusal_of_its_request_and_no_other() {
    let log = RefusalLog::default();
    log.note("a", Cause::WrongPassword);
    log.note("a", Cause::NoSuchUser);
    log.record(refused("b", "192.0.2.1", 0));
    log.record(refused("a", "192.0.2.1", 0));
    assert_eq!(log.find("a", at(0)).unwrap().cause, Some(Cause::NoSuchUser));
    assert_eq!(log.find("b", at(0)).unwrap().cause, None);
    log.record(refused("a", "192.0.2.1", 0));
    assert_eq!(log.find("a", at(0)).unwrap().cause, None, "it was used up");
    // Causes whose requests are never refused are dropped, the oldest first.
    log.note("first", Cause::Disabled);
    for number in 0..10_000 {
        log.note(&format!("n{number}"), Cause::Disabled);
    }
    log.record(refused("first", "192.0.2.1", 0));
    log.record(refused("n9999", "192.0.2.1", 0));
    assert_eq!(log.find("first", at(0)).unwrap().cause, None);
    assert_eq!(log.find("n9999", at(0)).unwrap().cause, Some(Cause::Disabled));
}

#[test]
fn what_clients_choose_is_cut_and_pages_lose_what_may_be_secret() {
    let log = RefusalLog::default();
    let path = format!("/{}", "ä".repeat(5000));
    log.record(Refused { path, ..refused("long", "192.0.2.1", 0) });
    let kept = log.find("long", at(0)).unwrap();
    assert!(kept.path.len() < 310 && kept.path.capacity() < 400, "{}", kept.path.capacity());
    let page = Page("https://user:hidden@evil.example/a?token=hidden#hidden".to_owned());
    for forgery in [Forgery::Origin(page.clone()), Forgery::Referer(page)] {
        // The audit log has it in these words.
        let audited = format!("{forgery:?}");
        assert!(audited.contains("https://evil.example") && !audited.contains("hidden"), "{audited}");
        log.record(Refused { denial: Some(Denial::Forged(forgery)), ..refused("page", "192.0.2.1", 0) });
        let shown = format!("{:?}", log.find("page", at(0)).unwrap());
        assert!(shown.contains("https://evil.example\"") && !shown.contains("hidden"), "{shown}");
    }
}
