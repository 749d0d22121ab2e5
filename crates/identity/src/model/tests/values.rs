//! Scopes, secrets, sessions, settings and the catalog.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::Counting;
use crate::denial::{PasswordRule, SessionEnd};
use crate::model::catalog;
use crate::model::object::{Noun, SessionId, StableId, UserId};
use crate::model::password;
use crate::model::scope::{Scope, ScopeError};
use crate::model::secret::{ALPHANUMERIC, Digest, LOWERCASE, Secret, generate};
use crate::model::session::{self, LastUse, Session, SessionKind, end_of};
use crate::model::setting::{self, SettingValue, Settings};

#[test]
fn scopes_are_words_without_duplicates() {
    for (text, reads, writes) in [
        ("read", true, false),
        ("write", true, true),
        ("read write", true, true),
        ("openid", false, false),
        ("openid roles read", true, false),
    ] {
        let scope = Scope::parse(text).unwrap();
        assert_eq!((scope.allows_read(), scope.allows_write()), (reads, writes), "{text}");
        assert_eq!(scope.as_str(), text);
    }
    for word in ["admin", "WRITE", "write\0", "readwrite"] {
        assert_eq!(Scope::parse(word), Err(ScopeError::Unknown(word.to_owned())));
    }
    for text in ["", " ", "read read", "read  write", " read", "read "] {
        assert_eq!(Scope::parse(text), Err(ScopeError::Shape), "{text:?}");
    }
}

#[test]
fn secrets_do_not_print_and_keep_to_their_alphabet() {
    let secret = generate(&Counting::default(), LOWERCASE, 32);
    assert_eq!(secret.expose().len(), 32);
    assert!(secret.expose().bytes().all(|it| LOWERCASE.contains(&it)));
    assert!(!format!("{secret:?}").contains(secret.expose()));
    assert_eq!(ALPHANUMERIC.len(), 62);
    assert_eq!(
        Digest::of(b"abc").to_tagged(),
        "$sha256$ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_ne!(Digest::of_parts(&[b"ab", b"c"]), Digest::of_parts(&[b"a", b"bc"]));
}

#[test]
fn stable_ids_are_version_4_uuids() {
    assert_eq!(StableId::from_random([0xff; 16]).0, "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

#[test]
fn a_session_that_rests_too_long_is_over() {
    let begin = Timestamp::from_second(1_800_000_000).unwrap();
    let after = |seconds| begin.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    let session = Session {
        id: SessionId(1),
        kind: SessionKind::Controller,
        digest: session::digest(SessionKind::Controller, &Secret::new("x")),
        user: UserId(2),
        created_at: begin,
        expires_at: end_of(begin, SignedDuration::MAX),
        inactivity_timeout: Some(SignedDuration::from_secs(60)),
        last_use: LastUse::new(begin),
        address: String::new(),
    };
    assert_eq!(session.ended(after(59)), None);
    assert_eq!(session.ended(after(60)), Some(SessionEnd::Inactive));
    session.last_use.note(after(40));
    assert_eq!(session.ended(after(99)), None);
    assert_eq!(session.remaining(after(80)), SignedDuration::from_secs(20));
    assert_eq!(session.ended(after(100)), Some(SessionEnd::Inactive));
}

#[test]
fn case_037_a_session_lives_899_seconds_and_not_901() {
    let begin = Timestamp::from_second(1_800_000_000).unwrap();
    let after = |seconds| begin.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    let session = Session {
        id: SessionId(1),
        kind: SessionKind::Gateway,
        digest: session::digest(SessionKind::Gateway, &Secret::new("x")),
        user: UserId(2),
        created_at: begin,
        expires_at: end_of(begin, SignedDuration::from_secs(900)),
        inactivity_timeout: None,
        last_use: LastUse::new(begin),
        address: String::new(),
    };
    assert_eq!(session.ended(after(899)), None);
    assert_eq!(session.remaining(after(899)), SignedDuration::from_secs(1));
    assert_eq!(session.ended(after(900)), Some(SessionEnd::Overall));
    assert_eq!(session.ended(after(901)), Some(SessionEnd::Overall));
    assert_eq!(session.ended(after(-299)), None, "clocks of nodes differ a little");
    assert_eq!(session.ended(after(-301)), Some(SessionEnd::Overall), "the clock was set back");
    assert_eq!(session.remaining(after(901)), SignedDuration::ZERO);
    assert_eq!(end_of(begin, SignedDuration::from_secs(30_000_000_000_000)), Timestamp::MAX);
}

#[test]
fn settings_have_unique_names_and_valid_defaults() {
    let names: HashSet<_> = setting::definitions().map(|it| it.name).collect();
    assert_eq!(names.len(), setting::definitions().count());
    for definition in setting::definitions() {
        assert_eq!(setting::validate(definition, &definition.default_value()), Ok(()), "{}", definition.name);
        assert!(definition.help.ends_with('.'), "{}", definition.name);
    }
}

#[test]
fn settings_hold_what_is_stored_and_ignore_a_wrong_kind() {
    let settings = Settings::with(|name| match name {
        "SESSION_COOKIE_AGE" => Some(SettingValue::Integer(60)),
        "gateway_basic_auth_enabled" => Some(SettingValue::Text("no".to_owned())),
        _ => None,
    });
    assert_eq!(settings.session_overall_timeout, SignedDuration::from_secs(60));
    assert!(settings.is_basic_enabled, "a text is no flag: the default stands");
    assert_eq!(settings.text("gateway_token_name"), "X-DAB-JW-TOKEN");
    assert_eq!(settings.get("nope"), None);
    assert_eq!(settings.texts("awx.REMOTE_HOST_HEADERS"), ["REMOTE_ADDR", "REMOTE_HOST"]);
    assert!(settings.texts("awx.PROXY_IP_ALLOWED_LIST").is_empty());
}

#[test]
fn setting_values_are_held_to_their_limits() {
    let text = |it: &str| SettingValue::Text(it.to_owned());
    let list = |it: &str| SettingValue::List(vec![it.to_owned()]);
    for (name, value, is_valid) in [
        ("SESSION_COOKIE_AGE", SettingValue::Integer(60), true),
        ("SESSION_COOKIE_AGE", SettingValue::Integer(59), false),
        ("SESSION_COOKIE_AGE", SettingValue::Integer(30_000_000_001), false),
        ("resource_client_request_timeout", SettingValue::Float(f64::NAN), false),
        ("LOGIN_REDIRECT_OVERRIDE", text("/sso/"), true),
        ("LOGIN_REDIRECT_OVERRIDE", text("//evil.example"), false),
        ("LOGIN_REDIRECT_OVERRIDE", text("javascript:alert(1)"), false),
        ("custom_logo", text("data:image/png;base64,AAAA"), true),
        ("custom_logo", text("data:image/svg+xml;base64,AAAA"), false),
        ("custom_logo", text("data:image/png;base64,\"onerror"), false),
        ("gateway_token_name", text("X-My-Identity"), true),
        ("gateway_token_name", text("Host"), false),
        ("gateway_token_name", text("X-Forwarded-For"), false),
        ("gateway_token_name", text("X-A\r\nB"), false),
        ("CSRF_TRUSTED_ORIGINS", list("https://portal.example"), true),
        ("CSRF_TRUSTED_ORIGINS", list("https://portal.example/path"), false),
        ("CSRF_TRUSTED_ORIGINS", list("portal.example"), false),
        ("awx.REMOTE_HOST_HEADERS", list("HTTP_X_FORWARDED_FOR"), true),
        ("awx.REMOTE_HOST_HEADERS", list("REMOTE_ADDR"), true),
        ("awx.REMOTE_HOST_HEADERS", list("X-Forwarded-For"), false),
        ("awx.REMOTE_HOST_HEADERS", list("HTTP_"), false),
        ("awx.PROXY_IP_ALLOWED_LIST", list("10.0.1.100"), true),
        ("awx.PROXY_IP_ALLOWED_LIST", list("fd00::/8"), true),
        ("awx.PROXY_IP_ALLOWED_LIST", list("proxy.example.com"), true),
        ("awx.PROXY_IP_ALLOWED_LIST", list("0.0.0.0/0"), false),
        ("awx.PROXY_IP_ALLOWED_LIST", list("10.0.0.0/33"), false),
        ("awx.PROXY_IP_ALLOWED_LIST", list("10.0.0.256"), false),
        ("awx.PROXY_IP_ALLOWED_LIST", list("two words"), false),
        ("awx.SESSIONS_PER_USER", SettingValue::Integer(-2), false),
        ("oauth2.AUTHORIZATION_CODE_EXPIRE_SECONDS", SettingValue::Integer(601), false),
    ] {
        let definition = setting::definition(name).unwrap();
        assert_eq!(setting::validate(definition, &value).is_ok(), is_valid, "{name} {value:?}");
    }
}

#[test]
fn passwords_are_judged_by_the_settings() {
    let strict = Settings::with(|name| {
        name.starts_with("password_min_").then_some(SettingValue::Integer(if name.ends_with("length") {
            12
        } else {
            2
        }))
    });
    let broken = |text: &str| password::check(text, &strict).into_iter().map(|it| it.0).collect::<Vec<_>>();
    assert_eq!(broken("AB12!?abcdefgh"), vec![]);
    assert_eq!(broken("AB12!?ab"), vec![PasswordRule::Length]);
    assert_eq!(
        broken("abcdefghijklm"),
        vec![PasswordRule::Digits, PasswordRule::Upper, PasswordRule::Special]
    );
    assert_eq!(password::check("x", &Settings::default()), vec![]);
    assert_eq!(
        password::check(&"x".repeat(password::BYTES_MAX + 1), &Settings::default()),
        vec![(PasswordRule::Longest, 4096)]
    );
}

#[test]
fn the_catalog_names_each_field_once_and_each_relation_from_its_own_kind() {
    for number in 0..40 {
        let Some(noun) = catalog::noun_of(number) else { continue };
        let entry = catalog::entry(noun);
        assert_eq!(entry.noun, noun);
        assert_eq!(catalog::content_type(noun), number);
        let names: HashSet<_> = entry.fields.iter().map(|it| it.name).collect();
        assert_eq!(names.len(), entry.fields.len());
        assert!(entry.relations.iter().all(|it| it.from == noun));
    }
    assert_eq!(catalog::noun_of(catalog::content_type(Noun::Token)), Some(Noun::Token));
}
