//! How the contract says no: one total match, and bodies with `message` (contract section 5).

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use identity::{Denial, Invalid, Malformed, Refusal, Violation};

use super::wire;
use crate::dialect::{Doorway, Reason};

/// The port of https that addresses need not name.
const HTTPS: u16 = 443;

/// The answer to a refused request.
pub fn refuse(refusal: &Refusal, request: &Parts, doorway: &Doorway) -> Response<Bytes> {
    match refusal {
        Refusal::Denied(denial) => denied(denial, request, doorway),
        Refusal::Absent(_) => answer(StatusCode::NOT_FOUND, wire::NOT_FOUND),
        Refusal::Invalid(invalid) => answer(StatusCode::BAD_REQUEST, &sentence(invalid)),
        Refusal::Busy(after) => {
            let busy = answer(StatusCode::SERVICE_UNAVAILABLE, wire::BUSY);
            later(busy, after.as_secs())
        }
        Refusal::Broken(_) => answer(StatusCode::INTERNAL_SERVER_ERROR, wire::SERVER_ERROR),
    }
}

/// Every denial in the contract's words. A locked account and an address beyond its budget read like a wrong
/// password, so that nobody learns which names exist.
fn denied(denial: &Denial, request: &Parts, doorway: &Doorway) -> Response<Bytes> {
    let unauthorized = |text| answer(StatusCode::UNAUTHORIZED, text);
    match denial {
        // Applications have no business here.
        Denial::NoProof(None) | Denial::MethodOff | Denial::Grant(_) => unauthorized(wire::NO_TOKEN),
        Denial::NoProof(Some(_)) | Denial::TokenRevoked | Denial::TokenExpired => {
            unauthorized(wire::DEAD_TOKEN)
        }
        Denial::MalformedProof(malformed) => match malformed {
            Malformed::Unencrypted => encrypted(request, doorway),
            Malformed::Several => unauthorized(wire::SEVERAL_TOKENS),
            Malformed::Bearer | Malformed::BasicEmpty | Malformed::BasicSpaces | Malformed::BasicEncoding => {
                unauthorized(wire::DEAD_TOKEN)
            }
        },
        Denial::WrongPassword | Denial::Disabled | Denial::Locked(_) | Denial::TooManyAttempts(_) => {
            unauthorized(wire::WRONG_PASSWORD)
        }
        Denial::TooManyRequests(after) => {
            let many = answer(StatusCode::TOO_MANY_REQUESTS, wire::TOO_MANY);
            later(many, after.as_secs())
        }
        Denial::NotPermitted => {
            let mut response = answer(StatusCode::FORBIDDEN, wire::NOT_AUTHORIZED);
            // Clients read it there (contract section 2).
            response.extensions_mut().insert(Reason(wire::NOT_AUTHORIZED));
            response
        }
        Denial::MissingScope => answer(StatusCode::FORBIDDEN, wire::READ_ONLY),
        Denial::NotPermittedField(_) | Denial::ExternalUser(_) | Denial::Forged(_) => {
            answer(StatusCode::FORBIDDEN, wire::NOT_PERMITTED)
        }
    }
}

/// Sends a request to the same place over https. Method and body stay (contract section 1, "http to https").
fn encrypted(request: &Parts, doorway: &Doorway) -> Response<Bytes> {
    let Some(location) = location(request, doorway) else {
        return answer(StatusCode::FORBIDDEN, wire::UNENCRYPTED);
    };
    let mut response = answer(StatusCode::TEMPORARY_REDIRECT, wire::UNENCRYPTED);
    response.headers_mut().insert(LOCATION, location);
    response
}

/// Where that is; none if we know of no https, so that nobody is sent round in circles.
fn location(request: &Parts, doorway: &Doorway) -> Option<HeaderValue> {
    let port = doorway.https_port?;
    let end = match doorway.host.rfind(']') {
        Some(at) => at + 1,
        None => doorway.host.find(':').unwrap_or(doorway.host.len()),
    };
    let host = doorway.host.get(..end).filter(|it| !it.is_empty())?;
    let port = if port == HTTPS { String::new() } else { format!(":{port}") };
    let target = request.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    HeaderValue::from_str(&format!("https://{host}{port}{target}")).ok()
}

/// What is wrong with a value, in a sentence.
fn sentence(invalid: &Invalid) -> String {
    let field = invalid.field.unwrap_or("value");
    match &invalid.violation {
        Violation::Required => format!("The field {field} is required."),
        Violation::Rule(text) | Violation::Plain(text) => text.clone(),
        Violation::Immutable
        | Violation::Duplicate(_)
        | Violation::DuplicateTogether(_)
        | Violation::NoSuchObject(_)
        | Violation::NotAssociated(_)
        | Violation::PasswordRule(..) => format!("The field {field} is not valid."),
    }
}

/// An answer that says something in `message`.
pub fn answer(status: StatusCode, text: &str) -> Response<Bytes> {
    json(status, wire::message(text))
}

/// An answer in JSON, with what all of ours have.
pub fn json(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    dress(&mut response);
    put(&mut response, CONTENT_TYPE, "application/json; charset=utf-8");
    response
}

/// Puts on an answer that nobody may keep or guess at it.
pub fn dress(response: &mut Response<Bytes>) {
    put(response, CACHE_CONTROL, "no-store");
    put(response, X_CONTENT_TYPE_OPTIONS, "nosniff");
}

fn later(mut response: Response<Bytes>, seconds: i64) -> Response<Bytes> {
    put(&mut response, RETRY_AFTER, &seconds.max(1).to_string());
    response
}

fn put(response: &mut Response<Bytes>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
