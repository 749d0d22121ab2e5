//! Cases 108 and 176 to 178: whom we believe about where a request comes from.

use std::net::SocketAddr;

use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::{Client, resolve};
use crate::config::Network;

fn network(text: &str) -> Network {
    let (address, bits) = text.split_once('/').unwrap();
    Network { address: address.parse().unwrap(), bits: bits.parse().unwrap() }
}

fn from(peer: &str, fields: &[&str]) -> Client {
    let mut headers = HeaderMap::new();
    for field in fields {
        headers.append("x-forwarded-for", HeaderValue::from_str(field).unwrap());
    }
    headers.append("x-forwarded-proto", HeaderValue::from_static("https"));
    headers.append("x-forwarded-host", HeaderValue::from_static("outer.example"));
    let peer: SocketAddr = peer.parse().unwrap();
    resolve(peer, false, &headers, &[network("10.0.0.0/8"), network("fd00::/16")])
}

fn address(peer: &str, fields: &[&str]) -> String {
    from(peer, fields).address.to_string()
}

#[test]
fn case_176_an_untrusted_peer_is_the_client() {
    let client = from("192.0.2.9:5", &["1.2.3.4"]);
    assert_eq!(client.address.to_string(), "192.0.2.9");
    assert!(!client.is_secure && client.host.is_none());
}

#[test]
fn case_177_the_right_most_untrusted_entry_counts() {
    assert_eq!(address("10.0.0.1:5", &["1.1.1.1, 2.2.2.2, 10.9.9.9"]), "2.2.2.2");
    assert_eq!(address("10.0.0.1:5", &["1.1.1.1", "2.2.2.2", "10.9.9.9,10.1.1.1"]), "2.2.2.2");
    assert_eq!(address("10.0.0.1:5", &["10.5.5.5, 10.9.9.9"]), "10.5.5.5");
    assert_eq!(address("10.0.0.1:5", &[]), "10.0.0.1");
    let client = from("10.0.0.1:5", &["1.1.1.1"]);
    assert!(client.is_secure);
    assert_eq!(client.host.unwrap(), "outer.example");
}

#[test]
fn case_178_what_is_malformed_falls_back_to_the_peer() {
    for field in ["unknown", "", "1.2.3.4,", "1.2.3", "fe80::1%eth0", "[::1", "_hidden", "1.2.3.4.5", "a,b"] {
        assert_eq!(address("10.0.0.1:5", &[field]), "10.0.0.1", "{field}");
    }
    let thousand = vec!["10.1.1.1"; 1000].join(", ");
    assert_eq!(address("10.0.0.1:5", &[&thousand]), "10.0.0.1");
}

#[test]
fn case_178_ports_brackets_and_mapped_addresses_are_read() {
    assert_eq!(address("10.0.0.1:5", &["1.2.3.4:567"]), "1.2.3.4");
    assert_eq!(address("10.0.0.1:5", &["[2001:db8::1]:567"]), "2001:db8::1");
    assert_eq!(address("10.0.0.1:5", &["[2001:db8::1]"]), "2001:db8::1");
    assert_eq!(address("10.0.0.1:5", &["::ffff:1.2.3.4"]), "1.2.3.4");
    assert_eq!(address("[::ffff:10.0.0.1]:5", &["1.2.3.4"]), "1.2.3.4", "a mapped peer is the IPv4 one");
    assert_eq!(address("[fd00::1]:5", &["1.2.3.4"]), "1.2.3.4");
}

proptest! {
    #[test]
    fn case_178_no_header_panics(field in "[ -~]{0,60}") {
        let _ = from("10.0.0.1:5", &[&field]);
    }

    #[test]
    fn case_177_an_untrusted_last_entry_always_counts(before in "[0-9a-z., :]{0,30}", last: u32) {
        let last = std::net::Ipv4Addr::from(last);
        prop_assume!(last.octets()[0] != 10);
        prop_assert_eq!(address("10.0.0.1:5", &[&format!("{before},{last}")]), last.to_string());
    }
}
