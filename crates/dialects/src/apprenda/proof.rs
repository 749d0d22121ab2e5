//! What a request presents: the session token in its header or its body, or an access token of ours.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use identity::Malformed;
use identity::model::proof::{Presented, Proof};
use identity::model::secret::Secret;
use identity::model::session::SessionKind;

use super::body::{self, Found};
use super::{token, wire};
use crate::dialect::Doorway;

/// Largest `Authorization` header that is looked at, in bytes.
const AUTHORIZATION_MAX: usize = 8 * 1024;

/// Reads what a request presents. What came unencrypted is not looked at.
pub fn read(request: &Parts, doorway: &Doorway) -> Presented {
    let mut presented = Presented {
        is_safe: request.method.is_safe(),
        portal: wire::portal_of(request.uri.path()),
        ..Presented::default()
    };
    if !doorway.is_secure {
        presented.malformed = Some(Malformed::Unencrypted);
        return presented;
    }
    let mut tokens = request.headers.get_all(wire::TOKEN_HEADER).iter();
    if let Some(sent) = tokens.next() {
        presented.session = Some(session(&String::from_utf8_lossy(sent.as_bytes())));
        if tokens.next().is_some() {
            presented.malformed = Some(Malformed::Several);
        }
    }
    match bearer(&request.headers) {
        Ok(bearer) => presented.bearer = bearer,
        Err(malformed) => presented.malformed = Some(malformed),
    }
    presented
}

/// A session token as it was sent. What cannot be one is the empty secret, which no session has: it is denied as
/// a token that nobody knows.
fn session(sent: &str) -> (SessionKind, Secret) {
    (SessionKind::Cloud, token::canonical(sent.trim()).unwrap_or_else(|| Secret::new("")))
}

/// An access token of ours in `Authorization`; other schemes are nothing here.
fn bearer(headers: &HeaderMap) -> Result<Option<Secret>, Malformed> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(Malformed::Several);
    }
    let Some((scheme, value)) = line.to_str().ok().and_then(|it| it.trim().split_once(' ')) else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let value = value.trim_start();
    let is_token = value.len() <= AUTHORIZATION_MAX
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    if is_token { Ok(Some(Secret::new(value))) } else { Err(Malformed::Bearer) }
}

/// Whether a request may carry its token in its body: POST and PUT with JSON that is not compressed.
pub fn may_be_in_body(request: &Parts) -> bool {
    matches!(request.method, Method::POST | Method::PUT)
        && is_json(&request.headers)
        && request.headers.get(CONTENT_ENCODING).is_none_or(|it| it == "identity")
}

/// Whether a body says that it is JSON, and in no other encoding than UTF-8.
pub fn is_json(headers: &HeaderMap) -> bool {
    let mut fields = headers.get_all(CONTENT_TYPE).iter();
    let (Some(field), None) = (fields.next(), fields.next()) else { return false };
    let Ok(text) = field.to_str() else { return false };
    let mut parts = text.split(';');
    let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = matches!(essence.as_str(), "application/json" | "text/json")
        || essence.strip_prefix("application/").is_some_and(|it| it.ends_with("+json"));
    is_json
        && parts.all(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = value.trim().trim_matches('"');
            !name.trim().eq_ignore_ascii_case("charset")
                || ["utf-8", "utf8", "us-ascii"].iter().any(|it| value.eq_ignore_ascii_case(it))
        })
}

/// Takes the token out of a body. One that differs from that of the header makes both worthless.
pub fn take_from_body(body: Bytes, presented: &mut Presented) -> Bytes {
    match body::take(&body) {
        Found::Nothing => body,
        Found::Several => {
            presented.malformed = Some(Malformed::Several);
            body
        }
        Found::Token { sent, rest } => {
            if let Some(sent) = sent {
                let shown = session(sent.expose());
                match &presented.session {
                    Some(other) if *other != shown => presented.malformed = Some(Malformed::Several),
                    Some(_) => {}
                    None => presented.session = Some(shown),
                }
            }
            rest
        }
    }
}

/// Writes a proof onto a request of ours: the token as the server issued it, in the header.
pub fn write(proof: &Proof, headers: &mut HeaderMap) {
    let (name, value) = match proof {
        Proof::Session { secret, .. } => (HeaderName::from_static(wire::TOKEN_HEADER), secret.clone()),
        Proof::Bearer(token) => (AUTHORIZATION, Secret::new(format!("Bearer {}", token.expose()))),
        // The contract has no such proof.
        Proof::Password { .. } => return,
    };
    if let Ok(mut value) = HeaderValue::from_str(value.expose()) {
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}
