//! What a client reads out of the answers of a Manager.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use identity::model::secret::Secret;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::catalyst::wire::{self, told};
use crate::set_cookie::{SetCookie, Strays, cookies};
use crate::steps;

/// Longest secret that is believed, in bytes.
const SECRET_MAX: usize = 1024;
/// Longest token of a JWT login, in bytes: it must fit into a header.
const BEARER_MAX: usize = 8 * 1024;
/// How long an XSRF token may be, in characters (rule G.2).
const TOKEN_LENGTH: std::ops::RangeInclusive<usize> = 20..=400;
/// Most minutes of a session's life that are believed: what the setting allows at most (section B).
const MINUTES_MAX: i64 = 10_080;

/// What an answer does with the session's cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// Nothing.
    Untouched,
    /// It sets one that lives.
    Set,
    /// It ends it.
    Ended,
}

/// What an answer does with the session's cookie. One that ends it counts, whatever else is set.
pub fn cookie(headers: &HeaderMap) -> Cookie {
    let lines = cookies(headers, wire::SESSION_COOKIE, Strays::Pass);
    if lines.iter().any(SetCookie::is_over) {
        Cookie::Ended
    } else if lines.is_empty() {
        Cookie::Untouched
    } else {
        Cookie::Set
    }
}

/// The secret of the session that an answer begins; none if it ends one. A container that gives a session a new
/// number at its login may name both: the last one counts.
pub fn session(headers: &HeaderMap) -> Option<Secret> {
    let last = cookies(headers, wire::SESSION_COOKIE, Strays::Count).pop().filter(|it| !it.is_over());
    let value = last.map(|it| it.unquoted()).filter(|it| it.len() <= SECRET_MAX)?;
    value.bytes().all(|it| it.is_ascii_graphic() && !b"\",\\".contains(&it)).then(|| Secret::new(value))
}

/// An XSRF token as the server writes it: one line, no page (rule G.2).
pub fn token(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?.trim();
    is_token(text).then_some(text)
}

/// Whether a text can be an XSRF token.
pub fn is_token(text: &str) -> bool {
    TOKEN_LENGTH.contains(&text.len())
        && text.bytes().all(|it| it.is_ascii_graphic())
        && !contains(text.as_bytes(), "<html")
}

/// Whether a body is a page.
pub fn is_page(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    ["<html", "<!doctype html"]
        .iter()
        .any(|it| body.get(..it.len()).is_some_and(|start| start.eq_ignore_ascii_case(it.as_bytes())))
}

/// Whether a body contains a word, in any case.
pub fn contains(body: &[u8], word: &str) -> bool {
    body.windows(word.len()).any(|it| it.eq_ignore_ascii_case(word.as_bytes()))
}

/// The media type of an answer, without parameters; none if it says none.
pub fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str)?.ok()?;
    Some(value.split(';').next().unwrap_or_default().trim()).filter(|it| !it.is_empty())
}

/// Where a redirect leads, as far as it says something of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// To the page that changes a password.
    PasswordChange,
    /// To the login or the welcome page.
    Entrance,
    /// Elsewhere.
    Elsewhere,
}

/// Where a redirect leads, by the segments of its path: a query may repeat what was asked for, and below the API's own
/// root anything may have any name.
pub fn place(location: &str) -> Place {
    let location = location.to_ascii_lowercase();
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.split_once('/').map_or("", |(_, it)| it));
    let mut segments =
        path.split('/').filter(|it| !it.is_empty()).map(|it| it.split(';').next().unwrap_or(it));
    let first = segments.clone().next().unwrap_or_default();
    if segments.clone().any(|it| it == told::PASSWORD_RESET) {
        Place::PasswordChange
    } else if first != wire::COUNTED.trim_start_matches('/') && segments.any(is_entrance) {
        Place::Entrance
    } else {
        Place::Elsewhere
    }
}

/// Whether a segment of a path is that of a page where one begins: `welcome.html`, `login.html`, `login`.
fn is_entrance(segment: &str) -> bool {
    segment == told::WELCOME || segment.split('.').next() == Some(told::LOGIN)
}

/// Whether an answer begins a session that is not ours.
pub fn begins_another(headers: &HeaderMap, ours: &Secret) -> bool {
    let lines = cookies(headers, wire::SESSION_COOKIE, Strays::Pass);
    lines.iter().any(|it| !it.is_over() && it.unquoted() != ours.expose())
}

/// Whether a 403 is the filter's, which looks at the XSRF token. Data may repeat what somebody wrote, but does not
/// begin a sentence with it.
pub fn is_filter(body: &[u8]) -> bool {
    match serde_json::from_slice(body) {
        Ok(told) => says_filter(&told),
        Err(_) if body.trim_ascii_start().starts_with(b"{") => false,
        Err(_) => contains(body, told::FILTER),
    }
}

fn says_filter(told: &Value) -> bool {
    match told {
        Value::String(text) => text.strip_prefix(told::FILTER).is_some_and(|it| it.starts_with(':')),
        Value::Object(object) => object.values().any(says_filter),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => false,
    }
}

/// Whether an answer sends to the page that changes a password.
pub fn wants_password_change(answer: &Response<Bytes>) -> bool {
    steps::location(answer).is_some_and(|it| place(it) == Place::PasswordChange)
}

/// What a Manager tells of itself and of who asks; what it leaves out is empty.
#[derive(Debug, Default)]
pub struct Server {
    /// The release.
    pub version: Option<String>,
    /// The XSRF token.
    pub csrf: Option<Secret>,
    /// The name of who asks.
    pub user: String,
    /// Its groups.
    pub roles: Vec<String>,
    /// The number of its tenant; none for the installation itself.
    pub tenant: Option<String>,
    /// Whether there are no tenants.
    pub is_single: bool,
    /// Whether who asks is the provider.
    pub is_provider: bool,
}

impl Server {
    /// Reads an answer; none if it is something else.
    pub fn read(answer: &Response<Bytes>) -> Option<Self> {
        let told = steps::object(answer.body()).filter(|_| answer.status() == StatusCode::OK)?;
        let Some(Value::Object(data)) = told.get(told::DATA) else { return None };
        let text =
            |name: &str| data.get(name).and_then(Value::as_str).map(str::trim).filter(|it| !it.is_empty());
        let roles = data.get(told::ROLES).and_then(Value::as_array);
        let role = |it: &Value| it.as_str().map(str::to_owned);
        Some(Self {
            version: text(told::VERSION).map(str::to_owned),
            csrf: text(told::CSRF_TOKEN).filter(|it| is_token(it)).map(Secret::new),
            user: text(told::USER).unwrap_or_default().to_owned(),
            roles: roles.map(|it| it.iter().filter_map(role).collect()).unwrap_or_default(),
            tenant: text(told::TENANT_ID).filter(|it| *it != wire::TENANT_DEFAULT).map(str::to_owned),
            is_single: text(told::TENANCY_MODE)
                .is_some_and(|it| it.eq_ignore_ascii_case(told::SINGLE_TENANT)),
            is_provider: text(told::USER_MODE).is_some_and(|it| it.eq_ignore_ascii_case(told::PROVIDER)),
        })
    }
}

/// The rows of an answer.
pub fn rows(answer: &Response<Bytes>) -> Option<Vec<Value>> {
    let mut told = steps::object(answer.body()).filter(|_| answer.status() == StatusCode::OK)?;
    match told.remove(told::DATA) {
        Some(Value::Array(rows)) => Some(rows),
        Some(_) | None => None,
    }
}

/// The minutes of a setting behind `data`, which is a list of one object, or the object.
pub fn minutes(answer: &Response<Bytes>, name: &str) -> Option<i64> {
    let told = steps::object(answer.body()).filter(|_| answer.status() == StatusCode::OK)?;
    let data = told.get(told::DATA)?;
    let minutes = data.get(0).unwrap_or(data).get(name)?.as_i64()?;
    (1..=MINUTES_MAX).contains(&minutes).then_some(minutes)
}

/// The number of the tenant that is meant by a subdomain, a name or a number, in this order.
pub fn find_tenant(rows: &[Value], wanted: &str) -> Option<String> {
    let by = |name: &str| {
        rows.iter()
            .find(|it| it.get(name).and_then(Value::as_str).is_some_and(|it| it.eq_ignore_ascii_case(wanted)))
    };
    let row = by(told::SUBDOMAIN).or_else(|| by(told::NAME)).or_else(|| by(told::TENANT_ID))?;
    row.get(told::TENANT_ID).and_then(Value::as_str).filter(|it| !it.is_empty()).map(str::to_owned)
}

/// A text of an object that can stand in a header.
pub fn secret(object: &Map<String, Value>, name: &str) -> Option<Secret> {
    let (_, value) = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    let text = value.as_str().map(str::trim).filter(|it| !it.is_empty() && it.len() <= BEARER_MAX)?;
    text.bytes().all(|it| it.is_ascii_graphic()).then(|| Secret::new(text))
}

/// What a token says of itself, unverified: it tells the client when to renew, and nobody who somebody is.
pub fn claims(token: &Secret) -> Map<String, Value> {
    let part = token.expose().split('.').nth(1).unwrap_or_default();
    let decoded = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok();
    decoded.and_then(|it| steps::object(&it)).unwrap_or_default()
}

/// When a token ends: so many seconds from now, which no wrong clock disturbs, or at the instant that it names.
pub fn end(object: &Map<String, Value>, now: Timestamp) -> Option<Timestamp> {
    let number = |name: &str| object.get(name).and_then(Value::as_i64).filter(|it| *it > 0);
    let in_seconds = |it: i64| now.checked_add(jiff::SignedDuration::from_secs(it)).ok();
    let at = |it: i64| Timestamp::from_second(it).ok();
    number(wire::JWT_DURATION).and_then(in_seconds).or_else(|| number(told::EXPIRES).and_then(at))
}

/// What the server says of an error (section C), for a message.
pub fn message(answer: &Response<Bytes>) -> String {
    let told = steps::object(answer.body()).unwrap_or_default();
    let error = told.get("error");
    let text = |name: &str| error.and_then(|it| it.get(name)?.as_str()).filter(|it| !it.is_empty());
    let said = text("details").or_else(|| text("message")).or_else(|| error?.as_str()).map(steps::said);
    said.unwrap_or_else(|| format!("it answers {}", answer.status().as_u16()))
}
