//! How the contract says no: one total match, and the bodies of contract section 1.4.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER, SET_COOKIE, VARY, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use identity::model::catalog;
use identity::model::object::Noun;
use identity::{Denial, Invalid, Malformed, PasswordRule, Refusal, Violation};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::wire;
use crate::drf::csrf;
use crate::drf::manner::{GUARDS, Said};
use crate::drf::wire::throttled;

/// The answer to a refused request.
pub fn refuse(refusal: &Refusal, _: &Parts) -> Response<Bytes> {
    let detail = |status, text: &str| answer(status, &json!({ "detail": text }));
    match refusal {
        Refusal::Denied(denial) => match no(denial) {
            No::Unknown(is_session_dead) => {
                let mut response = detail(StatusCode::UNAUTHORIZED, wire::NO_CREDENTIALS);
                put(&mut response, WWW_AUTHENTICATE, wire::CHALLENGE);
                if is_session_dead {
                    put(&mut response, SET_COOKIE, wire::SESSION_COOKIE_GONE);
                }
                response
            }
            No::Forbidden(text) => detail(StatusCode::FORBIDDEN, &text),
            No::Throttled(after) => {
                let (text, seconds) = throttled(after);
                let mut response = detail(StatusCode::TOO_MANY_REQUESTS, &text);
                put(&mut response, RETRY_AFTER, &seconds.to_string());
                response
            }
        },
        Refusal::Absent(noun) => {
            let model = match noun {
                Noun::Entry => "ActivityStream",
                noun => catalog::entry(*noun).model,
            };
            detail(StatusCode::NOT_FOUND, &format!("No {model} matches the given query."))
        }
        Refusal::Invalid(invalid) => answer(StatusCode::BAD_REQUEST, &body(invalid)),
        Refusal::Busy(after) => {
            let mut response = detail(StatusCode::SERVICE_UNAVAILABLE, wire::BUSY);
            put(&mut response, RETRY_AFTER, &after.as_secs().max(1).to_string());
            response
        }
        Refusal::Broken(_) => detail(StatusCode::INTERNAL_SERVER_ERROR, wire::SERVER_ERROR),
    }
}

/// An answer before it is put into bytes.
enum No {
    /// 401, the same for everybody; whether the session that was shown is dead.
    Unknown(bool),
    /// 403.
    Forbidden(String),
    /// 429: ask again after that long.
    Throttled(SignedDuration),
}

/// Every denial in the contract's words. Whatever is wrong with a proof reads the same, so that nobody
/// learns which names exist.
fn no(denial: &Denial) -> No {
    match denial {
        Denial::NoProof(ended) => No::Unknown(ended.is_some()),
        Denial::MalformedProof(
            Malformed::BasicEmpty
            | Malformed::BasicSpaces
            | Malformed::BasicEncoding
            | Malformed::Bearer
            | Malformed::Several
            | Malformed::Unencrypted,
        )
        | Denial::WrongPassword
        | Denial::Disabled
        | Denial::Locked(_)
        | Denial::TooManyAttempts(_)
        | Denial::TokenRevoked
        | Denial::TokenExpired
        | Denial::MethodOff
        // Applications are answered where their grants are; here they are just not let in.
        | Denial::Grant(_) => No::Unknown(false),
        Denial::TooManyRequests(after) => No::Throttled(*after),
        Denial::MissingScope | Denial::NotPermitted => No::Forbidden(wire::NOT_PERMITTED.to_owned()),
        Denial::NotPermittedField(field) => No::Forbidden(match *field {
            "username" | "is_system_auditor" => format!("Cannot change {field}."),
            _ => wire::NOT_PERMITTED.to_owned(),
        }),
        Denial::ExternalUser(source) => No::Forbidden(format!(
            "(access_denied) OAuth2 Tokens cannot be created by users associated with an external \
             authentication provider ({source})"
        )),
        Denial::Forged(forgery) => No::Forbidden(csrf::detail(forgery)),
    }
}

/// The body of a refused value: a list of sentences for each field.
fn body(invalid: &Invalid) -> Value {
    if let (Some("application"), Violation::NoSuchObject(_)) = (invalid.field, &invalid.violation) {
        return json!({ "detail": "OAuth2Application matching query does not exist." });
    }
    let field = match &invalid.violation {
        Violation::DuplicateTogether(_) => None,
        _ => invalid.field,
    };
    let field = field.unwrap_or("__all__").to_owned();
    Value::Object(Map::from_iter([(field, json!([sentence(invalid)]))]))
}

fn sentence(invalid: &Invalid) -> String {
    match &invalid.violation {
        Violation::Duplicate(Noun::User) if invalid.field == Some("username") => {
            "A user with that username already exists.".to_owned()
        }
        Violation::Duplicate(noun) => {
            let field = capitalised(invalid.field.unwrap_or("value"));
            format!("{} with this {field} already exists.", noun_in_words(*noun))
        }
        Violation::DuplicateTogether(fields) => {
            // Names are unique together in teams and in applications only, which list them differently.
            let noun = if fields.first() == Some(&"organization") { "Team" } else { "Application" };
            let fields: Vec<String> = fields.iter().map(|it| capitalised(it)).collect();
            format!("{noun} with this {} already exists.", fields.join(" and "))
        }
        Violation::NoSuchObject(id) | Violation::NotAssociated(id) => {
            format!("Invalid pk \"{id}\" - object does not exist.")
        }
        Violation::Required => "This field is required.".to_owned(),
        Violation::Immutable => "This field cannot be changed.".to_owned(),
        Violation::PasswordRule(rule, number) => password_rule(*rule, *number),
        Violation::Rule(text) | Violation::Plain(text) => text.clone(),
    }
}

fn password_rule(rule: PasswordRule, number: i64) -> String {
    match rule {
        PasswordRule::Length => format!("Password must be at least {number} characters long."),
        PasswordRule::Digits => format!("Password must contain at least {number} digits."),
        PasswordRule::Upper => format!("Password must contain at least {number} uppercase characters."),
        PasswordRule::Special => format!("Password must contain at least {number} special characters."),
        PasswordRule::Common => "This password is too common.".to_owned(),
        PasswordRule::Longest => format!("Password max length is {number}"),
    }
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

fn noun_in_words(noun: Noun) -> &'static str {
    match noun {
        Noun::User => "User",
        Noun::Organization => "Organization",
        Noun::Team => "Team",
        Noun::Token => "Access Token",
        Noun::Application => "Application",
        Noun::Authenticator => "Authenticator",
        Noun::RoleDefinition => "Role definition",
        Noun::UserAssignment => "Role user assignment",
        Noun::TeamAssignment => "Role team assignment",
        Noun::Entry => "Activity stream",
        Noun::Setting => "Setting",
        Noun::Session => "Session",
    }
}

/// A JSON answer with the headers that every refusal has, also where no layer adds them.
fn answer(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    put(&mut response, CONTENT_TYPE, "application/json");
    put(&mut response, VARY, "Accept, Accept-Language, origin, Cookie");
    put(&mut response, HeaderName::from_static("x-api-product-name"), wire::PRODUCT);
    for (name, said) in GUARDS {
        if let Said::Words(words) = said {
            put(&mut response, HeaderName::from_static(name), words);
        }
    }
    response
}

fn put(response: &mut Response<Bytes>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().append(name, value);
    }
}
