//! A value is believed as long as it lives, however often it comes, and nothing that resembles it.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use identity::port::Random;
use jiff::{SignedDuration, Timestamp};

use super::{NAME, ProxyKeys};
use crate::keys::PublicKey;
use crate::keys::tests::keys;

const LIFE: Duration = Duration::from_millis(300);

struct Fixed;

impl Random for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0x5a);
    }
}

fn with(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(NAME, HeaderValue::from_str(value).unwrap())])
}

#[test]
fn a_value_that_was_good_is_good_until_its_life_ends() {
    let now: Timestamp = "2026-11-21T18:34:40Z".parse().unwrap();
    let value = keys().sign_trusted_proxy(now.as_nanosecond(), &Fixed).unwrap();
    let known = ProxyKeys::new(vec![PublicKey::from_pem(keys().public_pem()).unwrap()]);
    for _ in 0..3 {
        assert!(known.have_signed(&with(&value), now, LIFE));
        assert!(known.good.load().is_some());
    }
    let later = now + SignedDuration::from_millis(301);
    assert!(!known.have_signed(&with(&value), later, LIFE));
    assert!(known.have_signed(&with(&value), now + SignedDuration::from_millis(300), LIFE));
}

#[test]
fn a_value_beside_the_good_one_is_looked_at_for_itself() {
    let now: Timestamp = "2026-11-21T18:34:40Z".parse().unwrap();
    let value = keys().sign_trusted_proxy(now.as_nanosecond(), &Fixed).unwrap();
    let known = ProxyKeys::new(vec![PublicKey::from_pem(keys().public_pem()).unwrap()]);
    assert!(known.have_signed(&with(&value), now, LIFE));
    let last = if value.ends_with('0') { '1' } else { '0' };
    let forged = format!("{}{last}", &value[..value.len() - 1]);
    let (_, signature) = value.split_once('-').unwrap();
    let moved = format!("{}-{signature}", now.as_nanosecond() + 1);
    for wrong in [forged.as_str(), &moved, &value[..value.len() - 2], "", "-"] {
        assert!(!known.have_signed(&with(wrong), now, LIFE), "{wrong}");
    }
    let mut twice = with(&value);
    twice.append(NAME, HeaderValue::from_str(&value).unwrap());
    assert!(!known.have_signed(&twice, now, LIFE));
    assert!(known.have_signed(&with(&value), now, LIFE));
}

#[test]
fn what_one_installation_has_found_good_tells_another_nothing() {
    let now: Timestamp = "2026-11-21T18:34:40Z".parse().unwrap();
    let value = keys().sign_trusted_proxy(now.as_nanosecond(), &Fixed).unwrap();
    let known = ProxyKeys::new(vec![PublicKey::from_pem(keys().public_pem()).unwrap()]);
    assert!(known.have_signed(&with(&value), now, LIFE));
    assert!(!ProxyKeys::new(Vec::new()).have_signed(&with(&value), now, LIFE));
}
