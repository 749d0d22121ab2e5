//! Cases 108 and 176 to 178: whom we believe about where a request comes from.

use std::net::SocketAddr;

use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::{Arrival, Client, Sources, resolve};
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
    let arrival = Arrival { peer, is_tls: false, headers: &headers };
    let trusted = [network("10.0.0.0/8"), network("fd00::/16")];
    // The default settings say nothing, so nobody is asked for a signature.
    resolve(&arrival, &trusted, &Sources::default(), || panic!("not asked"))
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

/// Who the client is, if these are the settings.
struct Told {
    headers: &'static [&'static str],
    allowed: &'static [&'static str],
    is_signed: bool,
}

fn told(told: &Told, peer: &str, fields: &[(&'static str, &str)]) -> Client {
    let texts = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let sources = Sources::new(&texts(told.headers), &texts(told.allowed));
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    let arrival = Arrival { peer: peer.parse().unwrap(), is_tls: false, headers: &headers };
    resolve(&arrival, &[network("10.0.0.0/8")], &sources, || told.is_signed)
}

const LISTED: &[&str] = &["HTTP_X_REAL_ADDRESS", "HTTP_X_FORWARDED_FOR", "REMOTE_ADDR", "HTTP_X_LATE"];

#[test]
fn an_empty_list_of_proxies_believes_nobody() {
    let settings = Told { headers: LISTED, allowed: &[], is_signed: false };
    for field in ["x-real-address", "x-forwarded-for", "x-late"] {
        let client = told(&settings, "192.0.2.9:5", &[(field, "1.2.3.4")]);
        assert_eq!(
            (client.address.to_string().as_str(), client.is_believed),
            ("192.0.2.9", false),
            "{field}"
        );
    }
}

#[test]
fn a_listed_field_is_believed_from_a_known_proxy() {
    let allowed: &[&str] = &["198.51.100.7", "203.0.113.0/24", "proxy.example"];
    let settings = Told { headers: LISTED, allowed, is_signed: false };
    let address = |peer, fields: &[(&'static str, &str)]| told(&settings, peer, fields).address.to_string();
    for peer in ["198.51.100.7:5", "203.0.113.99:5", "10.0.0.1:5"] {
        assert_eq!(address(peer, &[("x-real-address", "1.2.3.4")]), "1.2.3.4", "{peer}");
        assert_eq!(address(peer, &[("x-forwarded-for", "1.2.3.4")]), "1.2.3.4", "{peer}");
        let both = [("x-forwarded-for", "1.2.3.4"), ("x-real-address", "5.6.7.8")];
        assert_eq!(address(peer, &both), "5.6.7.8", "the first listed one counts");
        let chain = [("x-forwarded-for", "6.6.6.6, 1.2.3.4, 203.0.113.5, 10.1.1.1")];
        assert_eq!(address(peer, &chain), "1.2.3.4", "what a client put in front does not count");
        assert_eq!(
            address(peer, &[("x-late", "1.2.3.4")]),
            peer.trim_end_matches(":5"),
            "behind REMOTE_ADDR"
        );
        assert_eq!(address(peer, &[("x-real-address", "nonsense")]), peer.trim_end_matches(":5"));
    }
    for peer in ["198.51.100.8:5", "203.0.114.1:5"] {
        assert_eq!(address(peer, &[("x-real-address", "1.2.3.4")]), peer.trim_end_matches(":5"));
    }
}

#[test]
fn a_signature_makes_any_peer_a_proxy() {
    let fields = [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-proto", "https")];
    let signed = Told { headers: LISTED, allowed: &[], is_signed: true };
    let client = told(&signed, "192.0.2.9:5", &fields);
    assert_eq!(client.address.to_string(), "1.2.3.4");
    assert!(!client.is_secure, "about the address only");
    // What no setting lists is not believed with it either.
    let unlisted = Told { headers: &["REMOTE_ADDR", "REMOTE_HOST"], allowed: &[], is_signed: true };
    assert_eq!(told(&unlisted, "192.0.2.9:5", &fields).address.to_string(), "192.0.2.9");
}

#[test]
fn fields_that_frame_or_prove_are_no_sources() {
    let names =
        ["HTTP_HOST", "HTTP_AUTHORIZATION", "HTTP_COOKIE", "HTTP_CONTENT_LENGTH", "HTTP_X_A", "X_B", ""];
    let sources = Sources::new(&names.map(str::to_owned), &["0.0.0.0/0".to_owned(), "1.2.3.4/33".to_owned()]);
    let mut headers = HeaderMap::new();
    for name in ["host", "authorization", "cookie", "content-length", "x-a", "x-b"] {
        headers.insert(name, HeaderValue::from_static("1"));
    }
    sources.remove_from(&mut headers);
    assert!(!headers.contains_key("x-a") && headers.len() == 5, "{headers:?}");
    assert!(sources.allowed.is_empty());
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
