//! TLS: the certificate of the first start, its replacement, its end.

use jiff::{SignedDuration, Timestamp};

use super::{Live, days_to_warn_of, ensure_self_signed, expires_at, load};
use crate::config::Certificate;
use crate::tests::scratch::Scratch;

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

#[test]
fn the_first_start_makes_a_certificate_that_only_its_owner_reads() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new("tls-first");
    let made = ensure_self_signed(scratch.path(), now()).unwrap();
    for file in [&made.chain, &made.key] {
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let before = std::fs::read(&made.chain).unwrap();
    ensure_self_signed(scratch.path(), now()).unwrap();
    assert_eq!(std::fs::read(&made.chain).unwrap(), before, "the second start keeps it");
    let loaded = load(&made).unwrap();
    assert_eq!(loaded.expires_at.unwrap().to_string(), "2029-02-22T00:00:00Z");
    assert_eq!(loaded.server.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
}

#[test]
fn case_236_a_bad_pair_leaves_the_old_one_in_place() {
    let (first, other) = (Scratch::new("tls-a"), Scratch::new("tls-b"));
    let live = Live::default();
    let good = ensure_self_signed(first.path(), now()).unwrap();
    live.load(&good).unwrap();
    let before = live.current().unwrap();
    let foreign = ensure_self_signed(other.path(), now()).unwrap();
    assert!(live.load(&Certificate { chain: good.chain.clone(), key: foreign.key.clone() }).is_err());
    assert!(std::sync::Arc::ptr_eq(&before, &live.current().unwrap()));
    live.load(&foreign).unwrap();
    assert!(!std::sync::Arc::ptr_eq(&before, &live.current().unwrap()));
}

#[test]
fn case_221_the_end_is_warned_of_thirty_seven_and_one_day_before() {
    let warned = |hours| days_to_warn_of(now() + SignedDuration::from_hours(hours), now());
    assert_eq!(warned(24 * 31), None);
    assert_eq!(warned(24 * 30), Some(30));
    assert_eq!(warned(24 * 7), Some(7));
    assert_eq!(warned(24), Some(1));
    assert_eq!(warned(-1), Some(0));
}

#[test]
fn what_is_no_certificate_has_no_end() {
    assert_eq!(expires_at(b""), None);
    assert_eq!(expires_at(&[0x30, 0x82, 0xff, 0xff]), None);
}
