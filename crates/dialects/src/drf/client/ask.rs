//! Requests of a client half, and how it reads answers.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Method, Request, Response};
use identity::model::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::super::proof;
use super::Site;
use crate::client_half::{Holding, Rejection};
use crate::drf::wire;
use crate::set_cookie::{SetCookie, Strays, cookies};
use crate::steps::{Step, too_many};

pub use crate::steps::said;

/// What a form field keeps as it is.
const FIELD: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Longest value of a cookie that is believed, in bytes.
const COOKIE_MAX: usize = 4096;
/// Longest token that is believed, in bytes: it must fit into a header.
const BEARER_MAX: usize = 8 * 1024;
/// Longest life that is believed: a hundred years. Some servers write a thousand.
const LIFE_MAX: SignedDuration = SignedDuration::from_hours(24 * 36_525);

/// A request to a server, or why there is none.
pub type Built = Result<Request<Bytes>, &'static str>;

/// A request with a whole address, if it could be built.
pub fn whole(request: Result<Request<Bytes>, http::Error>) -> Built {
    let request = request.map_err(|_| "the address or what was won cannot stand in a request")?;
    let is_whole = request.uri().scheme().is_some() && request.uri().host().is_some();
    if is_whole { Ok(request) } else { Err("the server's address is no URL") }
}

/// The address of a path at a server.
pub fn address(base: &str, path: &str) -> String {
    format!("{}{path}", base.trim_end_matches('/'))
}

/// A request for data with what is held. The answer's words are to be English: some are looked at.
pub fn request(site: &Site, holding: &Holding, verb: Method, path: &str, body: Option<&Value>) -> Built {
    let mut builder = Request::builder()
        .method(verb)
        .uri(address(&holding.base, path))
        .header(ACCEPT, wire::JSON)
        .header(ACCEPT_LANGUAGE, wire::ENGLISH);
    if body.is_some() {
        builder = builder.header(CONTENT_TYPE, wire::JSON);
    }
    let body = body.map(|it| Bytes::from(it.to_string())).unwrap_or_default();
    let (mut parts, body) = whole(builder.body(body))?.into_parts();
    proof::write_request(site.habits, holding, &mut parts);
    Ok(Request::from_parts(parts, body))
}

/// The fields of a form as a body.
pub fn form(fields: &[(&str, &str)]) -> Bytes {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, FIELD)));
    let text = Secret::new(pairs.collect::<Vec<_>>().join("&"));
    Bytes::copy_from_slice(text.expose().as_bytes())
}

/// The JSON of an answer; none if it is something else.
pub fn json(answer: &Response<Bytes>) -> Option<Value> {
    serde_json::from_slice(answer.body()).ok()
}

/// A text of a JSON object; a number counts as its digits.
pub fn text(object: &Value, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A token in a JSON object; none if it cannot stand in a header, or is longer than any server takes.
pub fn token(object: &Value, key: &str) -> Option<Secret> {
    let text = object.get(key)?.as_str().filter(|it| !it.is_empty() && it.len() <= BEARER_MAX)?;
    text.bytes().all(|it| it.is_ascii_graphic()).then(|| Secret::new(text))
}

/// What an answer says for people: the sentence of its JSON, or its text. Short, and without characters that a
/// terminal would obey.
pub fn words(answer: &Response<Bytes>) -> String {
    let sentence = json(answer).map(|it| {
        let keys = [wire::DETAIL, wire::ERROR_DESCRIPTION, wire::ERROR];
        keys.iter().find_map(|key| text(&it, key)).unwrap_or_else(|| it.to_string())
    });
    let sentence = sentence.unwrap_or_else(|| {
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        if text.trim_start().starts_with('<') { String::new() } else { text }
    });
    match said(&sentence) {
        empty if empty.is_empty() => format!("status {}", answer.status().as_u16()),
        sentence => sentence,
    }
}

/// The value that an answer gives to a cookie, the last if there are several; none if it deletes it.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let last = cookies(headers, name, Strays::Count).pop().filter(|it| !it.is_over())?;
    let is_value = last.value.len() <= COOKIE_MAX && last.value.bytes().all(|it| it.is_ascii_graphic());
    is_value.then(|| last.value.to_owned())
}

/// Whether an answer deletes a cookie: of several lines for one name the last is what a client keeps (RFC 6265
/// section 5.3).
pub fn deletes_cookie(headers: &HeaderMap, name: &str) -> bool {
    cookies(headers, name, Strays::Pass).last().is_some_and(SetCookie::is_over)
}

/// When a cookie that an answer sets ends, told from now: by its `Max-Age`, else by its date and the server's own
/// clock.
pub fn cookie_end(headers: &HeaderMap, name: &str, now: Timestamp) -> Option<Timestamp> {
    let last = cookies(headers, name, Strays::Count).pop().filter(|it| !it.is_over())?;
    last.life(now).map(|it| after(now, it))
}

/// A time after another one, which never lies beyond what can be believed.
pub fn after(now: Timestamp, life: SignedDuration) -> Timestamp {
    now.saturating_add(life.min(LIFE_MAX)).unwrap_or(Timestamp::MAX)
}

/// A header's text.
pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Where an answer leads, without what may stand in its query.
pub fn lead(answer: &Response<Bytes>) -> Option<String> {
    let location = answer.headers().get(LOCATION)?.to_str().ok()?;
    Some(said(location.split(['?', '#']).next().unwrap_or_default()))
}

/// Whether a server that was asked in clear leads to https.
pub fn is_upgrade(base: &str, location: &str) -> bool {
    base.starts_with("http://") && location.starts_with("https://")
}

/// What an answer means that this family gives everywhere: too many attempts, and redirects. None of them is what
/// was asked for.
pub fn common<T>(answer: &Response<Bytes>, base: &str, path: &str) -> Step<T> {
    let status = answer.status();
    if status.as_u16() == 429 {
        return Step::refused(too_many(answer.headers()));
    }
    let Some(location) = lead(answer).filter(|_| status.is_redirection()) else {
        return Step::lost(format!("{path} answers {}", status.as_u16()));
    };
    if is_upgrade(base, &location) {
        return Step::refused(Rejection::Unencrypted);
    }
    Step::lost(format!("{path} leads to {location}"))
}
