//! How the contract says no: one total match, and the bodies of contract section A0.

use bytes::Bytes;
use http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE, VARY, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use identity::model::catalog;
use identity::model::object::Noun;
use identity::{Denial, Invalid, Malformed, PasswordRule, Refusal, Violation};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::wire;
use crate::dialect::Doorway;
use crate::drf::csrf;
use crate::drf::language::{Language, preferred};
use crate::drf::wire::throttled;

/// An answer before it is put into bytes.
struct No {
    status: StatusCode,
    text: String,
    challenge: Option<&'static str>,
    is_session_dead: bool,
    /// Whole seconds after which to ask again.
    retry_after: Option<i64>,
}

impl No {
    fn unauthorized(text: &str, challenge: &'static str) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            text: text.to_owned(),
            challenge: Some(challenge),
            ..Self::forbidden("")
        }
    }

    fn forbidden(text: impl Into<String>) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            text: text.into(),
            challenge: None,
            is_session_dead: false,
            retry_after: None,
        }
    }

    fn throttled(after: SignedDuration) -> Self {
        let (text, seconds) = throttled(after);
        Self { status: StatusCode::TOO_MANY_REQUESTS, retry_after: Some(seconds), ..Self::forbidden(text) }
    }
}

/// The answer to a refused request.
pub fn refuse(refusal: &Refusal, request: &Parts, doorway: &Doorway) -> Response<Bytes> {
    let language = preferred(&request.headers);
    let detail = |status, text: &str| answer(status, &json!({ "detail": language.say(text) }), language);
    match refusal {
        Refusal::Denied(denial) => {
            let no = no(denial);
            let mut response = detail(no.status, &no.text);
            if let Some(challenge) = no.challenge {
                match doorway.resource_metadata {
                    Some(url) => {
                        let challenge = format!("{challenge},resource_metadata=\"{url}\"");
                        put(&mut response, WWW_AUTHENTICATE, &challenge);
                    }
                    None => put(&mut response, WWW_AUTHENTICATE, challenge),
                }
            }
            if no.is_session_dead {
                put(&mut response, SET_COOKIE, wire::SESSION_COOKIE_GONE);
            }
            if let Some(seconds) = no.retry_after {
                put(&mut response, RETRY_AFTER, &seconds.to_string());
            }
            response
        }
        Refusal::Absent(noun) => {
            let model = catalog::entry(*noun).model;
            detail(StatusCode::NOT_FOUND, &format!("No {model} matches the given query."))
        }
        Refusal::Invalid(invalid) => answer(StatusCode::BAD_REQUEST, &body(invalid, language), language),
        Refusal::Busy(after) => {
            let mut response = detail(StatusCode::SERVICE_UNAVAILABLE, wire::BUSY);
            put(&mut response, RETRY_AFTER, &after.as_secs().max(1).to_string());
            response
        }
        Refusal::Broken(_) => detail(StatusCode::INTERNAL_SERVER_ERROR, wire::SERVER_ERROR),
    }
}

/// Every denial in the contract's words. A locked account and an address beyond its budget read like a
/// wrong password, so that nobody learns which names exist.
fn no(denial: &Denial) -> No {
    match denial {
        Denial::NoProof(ended) => {
            No { is_session_dead: ended.is_some(), ..No::unauthorized(wire::NO_CREDENTIALS, wire::CHALLENGE) }
        }
        Denial::MalformedProof(malformed) => match malformed {
            Malformed::BasicEmpty => No::unauthorized(wire::BASIC_EMPTY, wire::CHALLENGE),
            Malformed::BasicSpaces => No::unauthorized(wire::BASIC_SPACES, wire::CHALLENGE),
            Malformed::BasicEncoding => No::unauthorized(wire::BASIC_ENCODING, wire::CHALLENGE),
            Malformed::Bearer => No::unauthorized(wire::NO_CREDENTIALS, wire::CHALLENGE_INVALID),
            Malformed::Several | Malformed::Unencrypted => No::unauthorized(wire::SEVERAL, wire::CHALLENGE),
        },
        Denial::WrongPassword | Denial::Disabled | Denial::Locked(_) | Denial::TooManyAttempts(_) => {
            No::unauthorized(wire::WRONG_PASSWORD, wire::CHALLENGE)
        }
        Denial::TooManyRequests(after) => No::throttled(*after),
        Denial::TokenRevoked => No::unauthorized(wire::NO_CREDENTIALS, wire::CHALLENGE_INVALID),
        Denial::TokenExpired => No::unauthorized(wire::NO_CREDENTIALS, wire::CHALLENGE_EXPIRED),
        Denial::MissingScope | Denial::NotPermitted => No::forbidden(wire::NOT_PERMITTED),
        Denial::NotPermittedField(field) => No::forbidden(match *field {
            "email" => wire::EMAIL_RESTRICTED,
            _ => wire::NOT_PERMITTED,
        }),
        Denial::ExternalUser(source) => No::forbidden(format!(
            "(access_denied) OAuth2 Tokens cannot be created by users associated with an external \
             authentication provider ({source})"
        )),
        Denial::Forged(forgery) => No::forbidden(csrf::detail(forgery)),
        // Applications are answered where their grants are; here they are just not let in.
        Denial::MethodOff | Denial::Grant(_) => No::unauthorized(wire::NO_CREDENTIALS, wire::CHALLENGE),
    }
}

/// The body of a refused value.
fn body(invalid: &Invalid, language: Language) -> Value {
    let text = sentence(invalid);
    let text = language.say(&text);
    let mut fields = Map::new();
    match (invalid.field, &invalid.violation) {
        (Some(field), Violation::Plain(_)) => fields.insert(field.to_owned(), json!(text)),
        (None, Violation::Plain(_)) => return json!([text]),
        (field, _) => fields.insert(field.unwrap_or("non_field_errors").to_owned(), json!([text])),
    };
    Value::Object(fields)
}

fn sentence(invalid: &Invalid) -> String {
    match &invalid.violation {
        Violation::Duplicate(Noun::User) if invalid.field == Some("username") => {
            "A user with that username already exists.".to_owned()
        }
        Violation::Duplicate(noun) => {
            let field = invalid.field.unwrap_or("value");
            format!("{} with this {field} already exists.", noun_in_words(*noun))
        }
        Violation::DuplicateTogether(fields) => {
            format!("The fields {} must make a unique set.", fields.join(", "))
        }
        Violation::NoSuchObject(id) => format!("Invalid pk \"{id}\" - object does not exist."),
        Violation::NotAssociated(id) => {
            format!("Invalid pk \"{id}\" - object does not exist or is not associated with parent object.")
        }
        Violation::Required => "This field is required.".to_owned(),
        Violation::Immutable => "This field cannot be changed.".to_owned(),
        Violation::PasswordRule(rule, number) => password_rule(*rule, *number),
        Violation::Rule(text) | Violation::Plain(text) => text.clone(),
    }
}

fn password_rule(rule: PasswordRule, number: i64) -> String {
    let some = |one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    match rule {
        PasswordRule::Length => format!(
            "This password is too short. It must contain at least {}.",
            some("character", "characters")
        ),
        PasswordRule::Digits => {
            format!("This password must contain at least {}.", some("digit", "digits"))
        }
        PasswordRule::Upper => {
            format!("This password must contain at least {}.", some("uppercase letter", "uppercase letters"))
        }
        PasswordRule::Special => format!(
            "This password must contain at least {}.",
            some("special character", "special characters")
        ),
        PasswordRule::Common => "This password is too common.".to_owned(),
        PasswordRule::Longest => {
            format!("Ensure this field has no more than {}.", some("character", "characters"))
        }
    }
}

fn noun_in_words(noun: Noun) -> &'static str {
    match noun {
        Noun::User => "user",
        Noun::Organization => "organization",
        Noun::Team => "team",
        Noun::Token => "token",
        Noun::Application => "application",
        Noun::Authenticator => "authenticator",
        Noun::RoleDefinition => "role definition",
        Noun::UserAssignment => "role user assignment",
        Noun::TeamAssignment => "role team assignment",
        Noun::Entry => "entry",
        Noun::Setting => "setting",
        Noun::Session => "session",
    }
}

/// A JSON answer with the headers that every refusal has, also where no layer adds them.
fn answer(status: StatusCode, body: &Value, language: Language) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    put(&mut response, CONTENT_TYPE, "application/json");
    if language == Language::English {
        put(&mut response, VARY, "Accept, Cookie");
    } else {
        put(&mut response, VARY, "Accept, Cookie, Accept-Language");
        put(&mut response, CONTENT_LANGUAGE, language.tag());
    }
    for (name, value) in [
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        put(&mut response, HeaderName::from_static(name), value);
    }
    response
}

fn put(response: &mut Response<Bytes>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().append(name, value);
    }
}
