//! Proofs on the wire: read from a request, written onto one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, COOKIE, ORIGIN, REFERER};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use identity::Malformed;
use identity::model::csrf::Evidence;
use identity::model::principal::Charter;
use identity::model::proof::{Presented, Proof};
use identity::model::secret::Secret;
use identity::model::session::SessionKind;

use super::cookie;
use super::wire::{CSRF_COOKIE, CSRF_HEADER};
use crate::client_half::Holding;
use crate::dialect::Doorway;

/// Characters of a session's secret: small letters and digits.
const SESSION_LENGTH: usize = 32;
/// Largest `Authorization` header that is looked at, in bytes.
const AUTHORIZATION_MAX: usize = 8 * 1024;

/// In what the proofs of dialects of this family differ.
#[derive(Debug)]
pub struct Habits {
    /// The cookie that carries a session's secret.
    pub session_cookie: &'static str,
    /// The kind of those sessions.
    pub session_kind: SessionKind,
    /// Whose rules a request is judged by.
    pub charter: Charter,
    /// The words before a token in `Authorization`, in lower case.
    pub token_words: &'static [&'static str],
    /// Whether a name and a password that are no UTF-8 are read as Latin-1 (RFC 7617 leaves it open).
    pub reads_latin1: bool,
    /// The header that keeps a request from counting as use of its session, in lower case; empty for none.
    pub quiet_header: &'static str,
}

/// What a request presents: `Authorization` and the session's cookie. A token anywhere else, in a query or
/// a body, is no proof.
pub fn read(habits: &Habits, request: &Parts, doorway: &Doorway) -> Presented {
    let headers = &request.headers;
    let mut presented = Presented {
        session: session(habits, headers).map(|secret| (habits.session_kind, secret)),
        evidence: evidence(headers, doorway),
        is_safe: request.method.is_safe(),
        is_quiet: !habits.quiet_header.is_empty() && headers.contains_key(habits.quiet_header),
        charter: habits.charter,
        ..Presented::default()
    };
    match authorization(habits, headers) {
        Ok(None) => {}
        Ok(Some(Proof::Password { username, password })) => presented.basic = Some((username, password)),
        Ok(Some(Proof::Bearer(token) | Proof::Session { secret: token, .. })) => {
            presented.bearer = Some(token);
        }
        Err(malformed) => presented.malformed = Some(malformed),
    }
    presented
}

/// The headers by which a request shows who asks or where it comes from: none of them stays beside what is held.
const SHOWING: [HeaderName; 4] = [AUTHORIZATION, COOKIE, ORIGIN, REFERER];
/// The header by which a browser says whose page made a request, in lower case.
const FETCH_SITE: &str = "sec-fetch-site";

/// Writes what is held onto a request to the server that it was won at, in place of what is there already. A session
/// shows its CSRF token and a page of the server where the request changes something (AAP contract section B3).
pub fn write_request(habits: &Habits, holding: &Holding, request: &mut Parts) {
    let headers = &mut request.headers;
    for name in SHOWING {
        headers.remove(name);
    }
    headers.remove(CSRF_HEADER);
    headers.remove(FETCH_SITE);
    write_as(session_cookie(habits, holding), &holding.proof, headers);
    if !matches!(holding.proof, Proof::Session { .. }) {
        return;
    }
    if request.method.is_safe() {
        headers.remove(CSRF_HEADER);
    } else if let Ok(page) = HeaderValue::from_str(&format!("{}/", holding.base.trim_end_matches('/'))) {
        headers.insert(REFERER, page);
    }
}

/// Writes a proof onto a request of ours. What cannot stand in a header is left out: the server will say
/// that no proof came.
pub fn write(habits: &Habits, proof: &Proof, headers: &mut HeaderMap) {
    write_as(habits.session_cookie, proof, headers);
}

/// The name of the cookie that carries a session: the usual one, or the one that the server gave it.
pub fn session_cookie<'a>(habits: &'a Habits, holding: &'a Holding) -> &'a str {
    holding.cookie.as_deref().unwrap_or(habits.session_cookie)
}

/// The same with a session in a cookie of this name.
fn write_as(session_cookie: &str, proof: &Proof, headers: &mut HeaderMap) {
    match proof {
        Proof::Password { username, password } => {
            let pair = Secret::new(format!("{username}:{}", password.expose()));
            let value = Secret::new(format!("Basic {}", STANDARD.encode(pair.expose())));
            set(headers, AUTHORIZATION, value.expose());
        }
        Proof::Bearer(token) => {
            let value = Secret::new(format!("Bearer {}", token.expose()));
            set(headers, AUTHORIZATION, value.expose());
        }
        Proof::Session { secret, csrf } => {
            let session = format!("{session_cookie}={}", secret.expose());
            let value = Secret::new(match csrf {
                Some(csrf) => format!("{CSRF_COOKIE}={}; {session}", csrf.expose()),
                None => session,
            });
            set(headers, COOKIE, value.expose());
            if let Some(csrf) = csrf {
                set(headers, HeaderName::from_static(CSRF_HEADER), csrf.expose());
            }
        }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(mut value) = HeaderValue::from_str(value) {
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}

/// The session's secret. A cookie that cannot be one counts as a session that is dead: it is there, and
/// nobody knows it.
fn session(habits: &Habits, headers: &HeaderMap) -> Option<Secret> {
    let value = Secret::new(cookie::find(headers, habits.session_cookie)?);
    let is_possible = value.expose().len() == SESSION_LENGTH
        && value.expose().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    Some(if is_possible { value } else { Secret::new("") })
}

/// What the request shows of where it comes from.
pub fn evidence(headers: &HeaderMap, doorway: &Doorway) -> Evidence {
    Evidence {
        is_secure: doorway.is_secure,
        host: doorway.host.clone(),
        origin: text(headers, &ORIGIN),
        referer: text(headers, &REFERER),
        is_cross_site: headers.get(FETCH_SITE).is_some_and(|value| value == "cross-site"),
        cookie: cookie::find(headers, CSRF_COOKIE),
        header: text(headers, &HeaderName::from_static(CSRF_HEADER)),
        field: None,
    }
}

/// A header's value; several lines are joined, so that they match nothing.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .reduce(|all, next| format!("{all}, {next}"))
}

fn authorization(habits: &Habits, headers: &HeaderMap) -> Result<Option<Proof>, Malformed> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(Malformed::Several);
    }
    let line = line.as_bytes();
    let is_basic = line.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic"));
    let wrong = if is_basic { Malformed::BasicEncoding } else { Malformed::Bearer };
    // A tab is no separator (RFC 9110 section 11.4 wants spaces), and no value holds other bytes.
    if line.len() > AUTHORIZATION_MAX || !line.iter().all(|byte| (0x20..0x7f).contains(byte)) {
        return Err(wrong);
    }
    let line = std::str::from_utf8(line).map_err(|_| wrong)?.trim_matches(' ');
    let (scheme, value) = line.split_once(' ').unwrap_or((line, ""));
    let value = value.trim_start_matches(' ');
    if scheme.eq_ignore_ascii_case("basic") {
        basic(habits, value).map(Some)
    } else if habits.token_words.iter().any(|word| scheme.eq_ignore_ascii_case(word)) {
        bearer(value)
    } else {
        Ok(None)
    }
}

/// RFC 7617: base64 of a name, a colon and a password.
fn basic(habits: &Habits, value: &str) -> Result<Proof, Malformed> {
    if value.is_empty() {
        return Err(Malformed::BasicEmpty);
    }
    if value.contains(' ') {
        return Err(Malformed::BasicSpaces);
    }
    let decoded = STANDARD.decode(value).map_err(|_| Malformed::BasicEncoding)?;
    let pair = match String::from_utf8(decoded) {
        Ok(pair) => Secret::new(pair),
        // Latin-1 is the first 256 characters of Unicode.
        Err(error) if habits.reads_latin1 => {
            Secret::new(error.as_bytes().iter().copied().map(char::from).collect::<String>())
        }
        Err(_) => return Err(Malformed::BasicEncoding),
    };
    let (username, password) = pair.expose().split_once(':').ok_or(Malformed::BasicEncoding)?;
    if pair.expose().chars().any(char::is_control) {
        return Err(Malformed::BasicEncoding);
    }
    Ok(Proof::Password { username: username.to_owned(), password: Secret::new(password) })
}

/// RFC 6750 section 2.1: the characters of `b64token`. Nothing at all is no proof.
fn bearer(value: &str) -> Result<Option<Proof>, Malformed> {
    if value.is_empty() {
        return Ok(None);
    }
    let is_token = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    if is_token { Ok(Some(Proof::Bearer(Secret::new(value)))) } else { Err(Malformed::Bearer) }
}
