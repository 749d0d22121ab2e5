//! PKCE and redirection URIs: the vectors of the RFCs and what attackers send.

use proptest::prelude::*;

use crate::model::pkce::Challenge;
use crate::model::redirect::{RedirectError, choose, validate};
use crate::model::scope::Scope;

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[test]
fn the_vector_of_rfc_7636_appendix_b_holds() {
    let challenge = Challenge::parse(CHALLENGE).unwrap();
    assert!(challenge.is_met_by(VERIFIER));
    assert_eq!(challenge.as_str(), CHALLENGE);
}

#[test]
fn another_verifier_meets_nothing() {
    let challenge = Challenge::parse(CHALLENGE).unwrap();
    let long = "a".repeat(129);
    for wrong in ["", CHALLENGE, &VERIFIER[..42], "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK", &long] {
        assert!(!challenge.is_met_by(wrong), "{wrong}");
    }
    for wrong in ["", "plain", &CHALLENGE[..42], "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"] {
        assert_eq!(Challenge::parse(wrong), None, "{wrong}");
    }
    // A challenge of a verifier that no client may have is met by nobody.
    let of_short = Challenge::parse("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0").unwrap();
    assert!(!of_short.is_met_by("abc"));
}

#[test]
fn a_redirection_uri_is_compared_character_by_character() {
    let registered = "https://app.example/cb http://127.0.0.1/native http://[::1]:7000/x";
    for good in [
        "https://app.example/cb",
        "http://127.0.0.1/native",
        "http://127.0.0.1:49152/native",
        "http://[::1]:1/x",
        "http://[::1]/x",
    ] {
        assert_eq!(choose(registered, Some(good)).as_deref(), Some(good));
    }
    for bad in [
        "https://app.example/cb/",
        "https://app.example/CB",
        "https://APP.example/cb",
        "HTTPS://app.example/cb",
        "https://app.example:443/cb",
        "https://app.example/cb?x=1",
        "https://app.example/cb#f",
        "https://app.example/a/../cb",
        "https://app.example@evil.example/cb",
        "https://app.example.evil.example/cb",
        "https://app.example/%63b",
        "https://app.example/cb%0d%0aSet-Cookie:x",
        "//app.example/cb",
        "http://app.example/cb",
        "http://localhost:9/native",
        "http://127.0.0.1:0/native",
        "http://127.0.0.1:65536/native",
        "http://127.0.0.1:80@evil.example/native",
        "http://127.0.0.1.evil.example/native",
        "http://127.0.0.1:8080/native/x",
        "https://127.0.0.1:8080/native",
        "http://127.0.0.2/native",
        "javascript:alert(1)",
        "",
    ] {
        assert_eq!(choose(registered, Some(bad)), None, "{bad}");
    }
    assert_eq!(choose(registered, None).as_deref(), Some("https://app.example/cb"));
    assert_eq!(choose("", None), None);
    assert_eq!(choose("javascript:alert(1)", None), None, "whoever wrote it there");
    assert_eq!(choose("", Some("https://app.example/cb")), None);
}

#[test]
fn what_cannot_be_a_redirection_uri_is_not_registered() {
    assert_eq!(validate("https://a.example/ http://b.example:8080/x?y=z"), Ok(()));
    assert_eq!(validate("ftp://a.example/"), Err(RedirectError::Scheme("ftp".to_owned())));
    assert_eq!(validate("javascript://a"), Err(RedirectError::Scheme("javascript".to_owned())));
    for bad in ["a.example", "https://", "https:///x", "https://u@a.example/", "https://a.example/#x"] {
        assert_eq!(validate(bad), Err(RedirectError::Malformed), "{bad}");
    }
}

#[test]
fn a_narrower_scope_is_one_whose_words_were_granted() {
    let scope = |text| Scope::parse(text).unwrap();
    assert!(scope("read").is_within(&scope("read write")));
    assert!(scope("write read").is_within(&scope("read write")));
    assert!(!scope("read").is_within(&scope("write")));
    assert!(!scope("read write").is_within(&scope("read")));
}

proptest! {
    #[test]
    fn what_is_chosen_is_registered_or_a_loopback(asked in "[ -~]{0,40}") {
        let registered = "https://app.example/cb http://127.0.0.1/n";
        if let Some(chosen) = choose(registered, Some(&asked)) {
            prop_assert!(chosen == "https://app.example/cb" || chosen.starts_with("http://127.0.0.1"));
            prop_assert!(chosen.ends_with("/n") || chosen.ends_with("/cb"));
        }
    }
}
