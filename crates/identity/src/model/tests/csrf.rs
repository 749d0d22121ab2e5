//! Cross-site request forgery: the contract's order of checks, and what no pair of values may pass.

use proptest::prelude::*;

use super::Counting;
use crate::model::csrf::{self, Binding, Evidence, Forgery, Key, Place};
use crate::model::secret::Digest;

const KEY: Key = Key([7; 32]);

fn session() -> Digest {
    Digest::of(b"a session")
}

fn evidence(token: &str) -> Evidence {
    Evidence {
        is_secure: true,
        host: "gw.example:8443".to_owned(),
        referer: Some("https://gw.example:8443/login".to_owned()),
        cookie: Some(token.to_owned()),
        header: Some(token.to_owned()),
        ..Evidence::default()
    }
}

fn check(evidence: &Evidence) -> Result<(), Forgery> {
    csrf::check(&KEY, evidence, Binding::Session(&session()), &["https://*.portal.example".to_owned()])
}

#[test]
fn the_session_s_own_token_passes_bare_and_masked() {
    let token = KEY.session_token(&session());
    assert_eq!(check(&evidence(&token)), Ok(()));
    let masked = Key::mask(&token, &Counting::default());
    assert_eq!(masked.len(), csrf::MASKED_LENGTH);
    assert_eq!(check(&evidence(&masked)), Ok(()));
    let mixed = Evidence { header: Some(masked), ..evidence(&token) };
    assert_eq!(check(&mixed), Ok(()));
}

#[test]
fn case_050_a_planted_pair_is_worth_nothing() {
    let planted = "a".repeat(32);
    assert_eq!(check(&evidence(&planted)), Err(Forgery::TokenWrong(Place::Header)));
    let other = KEY.session_token(&Digest::of(b"another session"));
    assert_eq!(check(&evidence(&other)), Err(Forgery::TokenWrong(Place::Header)));
    let before = KEY.anonymous_token(&Counting::default());
    assert_eq!(check(&evidence(&before)), Err(Forgery::TokenWrong(Place::Header)));
}

#[test]
fn a_token_before_sign_in_is_one_that_we_made() {
    let token = KEY.anonymous_token(&Counting::default());
    let judge = |token: &str| csrf::check(&KEY, &evidence(token), Binding::Anonymous, &[]);
    assert_eq!(judge(&token), Ok(()));
    let other_key = Key([8; 32]).anonymous_token(&Counting::default());
    assert_eq!(judge(&other_key), Err(Forgery::TokenWrong(Place::Header)));
}

#[test]
fn case_051_sources_are_judged_in_the_contract_s_order() {
    let token = KEY.session_token(&session());
    let with = |change: fn(&mut Evidence)| {
        let mut evidence = evidence(&token);
        change(&mut evidence);
        check(&evidence)
    };
    let origin = |text: &'static str| {
        let mut evidence = evidence(&token);
        evidence.origin = Some(text.to_owned());
        check(&evidence)
    };
    for good in ["https://gw.example:8443", "https://a.portal.example", "HTTPS://GW.EXAMPLE:8443"] {
        assert_eq!(origin(good), Ok(()), "{good}");
    }
    for bad in [
        "null",
        "https://gw.example",
        "http://gw.example:8443",
        "https://gw.example:8443.evil",
        "https://evil.gw.example:8443",
        "https://portal.example",
        "https://badportal.example",
        "http://a.portal.example",
    ] {
        assert_eq!(origin(bad), Err(Forgery::Origin(csrf::Page(bad.to_owned()))), "{bad}");
    }
    assert_eq!(with(|it| it.referer = None), Err(Forgery::RefererAbsent));
    assert_eq!(with(|it| it.referer = Some("x".into())), Err(Forgery::RefererMalformed));
    assert_eq!(with(|it| it.referer = Some("http://gw.example:8443/".into())), Err(Forgery::RefererInsecure));
    let foreign = "https://gw.example:8443.evil/login";
    assert_eq!(
        with(|it| it.referer = Some("https://gw.example:8443.evil/login".into())),
        Err(Forgery::Referer(csrf::Page(foreign.to_owned())))
    );
    assert_eq!(
        with(|it| it.referer = Some("https://gw.example:8443@evil/".into())),
        Err(Forgery::RefererMalformed)
    );
    assert_eq!(with(|it| it.is_cross_site = true), Err(Forgery::CrossSite));
    let plain = |it: &mut Evidence| {
        it.is_secure = false;
        it.referer = None;
    };
    assert_eq!(with(plain), Ok(()), "the referer is not looked at over plain http");
    assert_eq!(with(|it| it.cookie = None), Err(Forgery::CookieAbsent));
    assert_eq!(with(|it| it.header = None), Err(Forgery::TokenAbsent));
    assert_eq!(with(|it| it.header = Some("x".into())), Err(Forgery::TokenLength(Place::Header)));
    assert_eq!(with(|it| it.header = Some("-".repeat(32))), Err(Forgery::TokenCharacters(Place::Header)));
}

proptest! {
    #[test]
    fn any_mask_gives_the_same_bare_token(mask in "[A-Za-z0-9]{32}", token in "[A-Za-z0-9]{32}") {
        let presented = format!("{mask}{token}");
        let bare = csrf::bare(&presented, Place::Header);
        prop_assert!(bare.as_ref().is_ok_and(|bare| bare.len() == csrf::LENGTH));
        prop_assert!(check(&evidence(&presented)).is_err());
    }

    #[test]
    fn no_text_is_judged_with_a_panic(cookie in ".*", header in ".*", origin in ".*", referer in ".*") {
        let mut evidence = evidence(&cookie);
        evidence.header = Some(header);
        evidence.referer = Some(referer);
        prop_assert!(check(&evidence).is_err());
        evidence.origin = Some(origin);
        prop_assert!(check(&evidence).is_err());
    }
}
