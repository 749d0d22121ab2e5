//! Refusals in the contract's words.

use bytes::Bytes;
use http::{Request, Response};
use identity::model::csrf::{Forgery, Page, Place};
use identity::model::object::Noun;
use identity::{
    Denial, Ended, Fault, Invalid, Malformed, Origin, PasswordRule, Refusal, SessionEnd, Violation,
};
use jiff::{SignedDuration, Timestamp};

use crate::dialect::Doorway;
use crate::platform::refuse;

fn answer(refusal: impl Into<Refusal>, language: &str) -> Response<Bytes> {
    let request = Request::get("/").header("accept-language", language).body(()).unwrap();
    refuse(&refusal.into(), &request.into_parts().0, &Doorway::default())
}

#[track_caller]
fn check(refusal: impl Into<Refusal>, status: u16, body: &str) {
    let response = answer(refusal, "en");
    assert_eq!(std::str::from_utf8(response.body()).unwrap(), body);
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["cache-control"], "no-store");
}

fn challenge(denial: Denial) -> String {
    answer(denial, "en").headers()["www-authenticate"].to_str().unwrap().to_owned()
}

#[test]
fn nobody_learns_more_than_the_contract_says() {
    let none = r#"{"detail":"Authentication credentials were not provided."}"#;
    let wrong = r#"{"detail":"Invalid username/password."}"#;
    let no_right = r#"{"detail":"You do not have permission to perform this action."}"#;
    check(Denial::NoProof(None), 401, none);
    check(Denial::MethodOff, 401, none);
    check(Denial::TokenRevoked, 401, none);
    check(Denial::TokenExpired, 401, none);
    check(Denial::MalformedProof(Malformed::Bearer), 401, none);
    check(Denial::WrongPassword, 401, wrong);
    check(Denial::Disabled, 401, wrong);
    check(Denial::Locked(Timestamp::UNIX_EPOCH), 401, wrong);
    check(Denial::TooManyAttempts(SignedDuration::from_secs(9)), 401, wrong);
    check(Denial::MissingScope, 403, no_right);
    check(Denial::NotPermitted, 403, no_right);
    check(Denial::NotPermittedField("is_superuser"), 403, no_right);
    let email = r#"{"detail":"Email updates are restricted to administrators."}"#;
    check(Denial::NotPermittedField("email"), 403, email);
    let external = r#"{"detail":"(access_denied) OAuth2 Tokens cannot be created by users associated with an external authentication provider (corp ldap)"}"#;
    check(Denial::ExternalUser("corp ldap".to_owned()), 403, external);
    let malformed = r#"{"detail":"Invalid basic header. Credentials not correctly base64 encoded."}"#;
    check(Denial::MalformedProof(Malformed::BasicEncoding), 401, malformed);
    check(Refusal::Absent(Noun::Token), 404, r#"{"detail":"No OAuth2AccessToken matches the given query."}"#);
    let fault = Fault::new(Origin::Store, "disk I/O error in table password");
    check(fault, 500, r#"{"detail":"A server error occurred."}"#);
}

#[test]
fn a_challenge_names_the_metadata_where_the_installation_tells() {
    let url = "https://gate.example/.well-known/oauth-protected-resource";
    let doorway = Doorway { resource_metadata: Some(url), ..Doorway::default() };
    let (request, ()) = Request::get("/").body(()).unwrap().into_parts();
    let response = refuse(&Denial::NoProof(None).into(), &request, &doorway);
    assert_eq!(
        response.headers()["www-authenticate"],
        format!(r#"Bearer realm="api",resource_metadata="{url}""#)
    );
}

#[test]
fn challenges_are_the_contracts_and_none_is_basic() {
    assert_eq!(challenge(Denial::NoProof(None)), r#"Bearer realm="api""#);
    assert_eq!(challenge(Denial::WrongPassword), r#"Bearer realm="api""#);
    let invalid =
        r#"Bearer realm="api",error="invalid_token",error_description="The access token is invalid.""#;
    assert_eq!(challenge(Denial::TokenRevoked), invalid);
    assert_eq!(challenge(Denial::MalformedProof(Malformed::Bearer)), invalid);
    let expired =
        r#"Bearer realm="api",error="invalid_token",error_description="The access token has expired.""#;
    assert_eq!(challenge(Denial::TokenExpired), expired);
    assert!(answer(Denial::NotPermitted, "en").headers().get("www-authenticate").is_none());
}

#[test]
fn a_dead_sessions_cookie_is_removed() {
    let response = answer(Denial::NoProof(Some(Ended { end: SessionEnd::Overall, ..Ended::UNKNOWN })), "en");
    let gone =
        "gateway_sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax";
    assert_eq!(response.headers()["set-cookie"], gone);
    assert!(answer(Denial::NoProof(None), "en").headers().get("set-cookie").is_none());
}

#[test]
fn cases_49_to_52_forgeries_are_worded_as_the_framework_does() {
    for (forgery, text) in [
        (
            Forgery::Origin(Page("https://e".into())),
            "Origin checking failed - https://e does not match any trusted origins.",
        ),
        (
            Forgery::Origin(Page("null".into())),
            "Origin checking failed - null does not match any trusted origins.",
        ),
        (Forgery::RefererAbsent, "Referer checking failed - no Referer."),
        (Forgery::RefererMalformed, "Referer checking failed - Referer is malformed."),
        (Forgery::RefererInsecure, "Referer checking failed - Referer is insecure while host is secure."),
        (
            Forgery::Referer(Page("https://e/".into())),
            "Referer checking failed - https://e/ does not match any trusted origins.",
        ),
        (Forgery::CookieAbsent, "CSRF cookie not set."),
        (Forgery::TokenAbsent, "CSRF token missing."),
        (
            Forgery::TokenLength(Place::Header),
            "CSRF token from the 'X-Csrftoken' HTTP header has incorrect length.",
        ),
        (
            Forgery::TokenCharacters(Place::Header),
            "CSRF token from the 'X-Csrftoken' HTTP header has invalid characters.",
        ),
        (Forgery::TokenWrong(Place::Header), "CSRF token from the 'X-Csrftoken' HTTP header incorrect."),
        (Forgery::TokenWrong(Place::Field), "CSRF token from POST incorrect."),
        (Forgery::TokenLength(Place::Cookie), "CSRF cookie has incorrect length."),
    ] {
        check(Denial::Forged(forgery), 403, &format!("{{\"detail\":\"CSRF Failed: {text}\"}}"));
    }
    let response = answer(Denial::Forged(Forgery::CrossSite), "en");
    assert_eq!(response.status(), 403);
}

#[test]
fn impossible_values_are_named_by_field() {
    let field = Invalid::field;
    for (refusal, body) in [
        (
            field("name", Violation::Duplicate(Noun::Organization)),
            r#"{"name":["organization with this name already exists."]}"#,
        ),
        (
            field("username", Violation::Duplicate(Noun::User)),
            r#"{"username":["A user with that username already exists."]}"#,
        ),
        (
            field("organization", Violation::NoSuchObject(77)),
            r#"{"organization":["Invalid pk \"77\" - object does not exist."]}"#,
        ),
        (
            field("instances", Violation::NotAssociated(3)),
            r#"{"instances":["Invalid pk \"3\" - object does not exist or is not associated with parent object."]}"#,
        ),
        (field("name", Violation::Required), r#"{"name":["This field is required."]}"#),
        (
            field("password", Violation::PasswordRule(PasswordRule::Length, 8)),
            r#"{"password":["This password is too short. It must contain at least 8 characters."]}"#,
        ),
        (
            field("password", Violation::PasswordRule(PasswordRule::Digits, 1)),
            r#"{"password":["This password must contain at least 1 digit."]}"#,
        ),
        (
            field("password", Violation::PasswordRule(PasswordRule::Common, 0)),
            r#"{"password":["This password is too common."]}"#,
        ),
        (field("object_id", Violation::Plain("No.".into())), r#"{"object_id":"No."}"#),
        (Invalid::whole(Violation::Plain("No.".into())), r#"["No."]"#),
        (
            Invalid::whole(Violation::DuplicateTogether(&["organization", "name"])),
            r#"{"non_field_errors":["The fields organization, name must make a unique set."]}"#,
        ),
    ] {
        check(refusal, 400, body);
    }
}

#[test]
fn a_busy_server_says_when_to_come_again() {
    let response = answer(Refusal::Busy(SignedDuration::from_millis(200)), "en");
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
}

#[test]
fn who_asks_too_often_is_told_when_to_come_again() {
    for (milliseconds, seconds, unit) in [(0, "1", "second"), (1000, "1", "second"), (1001, "2", "seconds")] {
        let denial = Denial::TooManyRequests(SignedDuration::from_millis(milliseconds));
        let text = format!("Request was throttled. Expected available in {seconds} {unit}.");
        check(denial.clone(), 429, &format!(r#"{{"detail":"{text}"}}"#));
        let response = answer(denial, "en");
        assert_eq!(response.headers()["retry-after"], seconds);
        assert!(!response.headers().contains_key("www-authenticate"));
    }
}

#[test]
fn those_who_prefer_russian_are_answered_so() {
    let response = answer(Denial::NoProof(None), "ru-RU,ru;q=0.9,en;q=0.5");
    assert_eq!(response.headers()["content-language"], "ru");
    assert_eq!(response.headers()["vary"], "Accept, Cookie, Accept-Language");
    let body = std::str::from_utf8(response.body()).unwrap();
    assert_eq!(body, r#"{"detail":"Учетные данные не были предоставлены."}"#);
    assert_eq!(response.headers()["www-authenticate"], r#"Bearer realm="api""#);
}
