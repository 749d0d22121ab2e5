//! What is taken off a message and put onto it on its way through.
//!
//! The order matters: everything that belongs to one connection only, or to a proof, is taken off first,
//! also what the client names in `Connection`; only then are our own fields set, so nobody can have them
//! removed.

use dialects::Wire;
use http::header::{
    AUTHORIZATION, CONNECTION, COOKIE, EXPECT, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, SET_COOKIE, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::upstream::trusted_proxy;

pub mod session;

#[cfg(test)]
mod tests;

/// Names in a `Connection` field that are looked at.
const CONNECTION_NAMES_MAX: usize = 32;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const HTTP2_SETTINGS: HeaderName = HeaderName::from_static("http2-settings");
const SERVICE_AUTH: HeaderName = HeaderName::from_static("x-ansible-service-auth");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const ENVOY_INTERNAL: HeaderName = HeaderName::from_static("x-envoy-internal");
const ENVOY_ADDRESS: HeaderName = HeaderName::from_static("x-envoy-external-address");

/// The id of a request, in both directions.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The names by which proofs travel, in any dialect: one browser holds the cookies of several, and sends all
/// of them to every service.
#[derive(Debug, Default)]
pub struct Reserved {
    /// Cookies that never reach a service and that no service may set.
    cookies: Vec<&'static str>,
    /// Headers that never reach a service.
    headers: Vec<HeaderName>,
}

impl Reserved {
    /// The names of all these.
    pub fn of<'a>(wires: impl Iterator<Item = &'a Wire>) -> Self {
        let mut reserved = Self::default();
        for wire in wires {
            for name in wire.cookies {
                if !reserved.cookies.contains(name) {
                    reserved.cookies.push(name);
                }
            }
            for name in wire.headers.iter().filter_map(|it| HeaderName::from_bytes(it.as_bytes()).ok()) {
                if !reserved.headers.contains(&name) {
                    reserved.headers.push(name);
                }
            }
        }
        reserved
    }
}

/// What the gateway says about a request.
pub struct Said<'a> {
    /// The client's address.
    pub address: &'a str,
    /// Whether the client's connection is encrypted.
    pub is_secure: bool,
    /// The host that the client named.
    pub host: &'a HeaderValue,
    /// The request's id.
    pub request_id: &'a str,
}

/// Takes off a request what belongs to the client's connection and what proves who asks, in any dialect; `wire` is
/// that of the service's own.
pub fn strip_request(headers: &mut HeaderMap, reserved: &Reserved, wire: &Wire) {
    strip_connection(headers);
    headers.remove(EXPECT);
    // Trailers are not sent on.
    headers.remove(TRAILER);
    headers.remove(AUTHORIZATION);
    headers.remove(PROXY_AUTHORIZATION);
    headers.remove(SERVICE_AUTH);
    for name in &reserved.headers {
        headers.remove(name);
    }
    remove_odd(headers, reserved);
    if wire.keeps_cookies {
        headers.remove(COOKIE);
    }
    if let Some(cookies) = headers.get(COOKIE).map(|it| without_cookies(it, &reserved.cookies)) {
        match cookies {
            Left::All => {}
            Left::Some(value) => {
                headers.insert(COOKIE, value);
            }
            Left::None => {
                headers.remove(COOKIE);
            }
        }
    }
}

/// Removes reserved headers in spellings with `_` or `.`, which some servers read as other characters or leave out.
fn remove_odd(headers: &mut HeaderMap, reserved: &Reserved) {
    let is_odd = |name: &&HeaderName| {
        let is_punctuation = |byte: &u8| matches!(byte, b'-' | b'_' | b'.');
        let is_letter = |byte: &&u8| !is_punctuation(byte);
        let bytes = name.as_str().as_bytes();
        bytes.iter().any(|it| matches!(it, b'_' | b'.'))
            && reserved
                .headers
                .iter()
                .any(|it| it.as_str().as_bytes().iter().filter(is_letter).eq(bytes.iter().filter(is_letter)))
    };
    // The usual request has none, and nothing is allocated.
    let odd: Vec<HeaderName> = headers.keys().filter(is_odd).cloned().collect();
    for name in odd {
        headers.remove(name);
    }
}

/// Puts onto a request what the gateway says about it.
pub fn set_request(headers: &mut HeaderMap, said: &Said<'_>) {
    headers.insert(HOST, said.host.clone());
    headers.insert(FORWARDED_HOST, said.host.clone());
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(if said.is_secure { "https" } else { "http" }));
    if let Ok(address) = HeaderValue::from_str(said.address) {
        headers.insert(FORWARDED_FOR, address.clone());
        headers.insert(ENVOY_ADDRESS, address);
    }
    // Nobody on our front door is a component of the platform.
    headers.insert(ENVOY_INTERNAL, HeaderValue::from_static("false"));
    if let Ok(id) = HeaderValue::from_str(said.request_id) {
        headers.insert(REQUEST_ID, id);
    }
}

/// Takes off an answer what belongs to the service's connection, what only we may set, and what only services
/// may see; `wire` is that of the service's own dialect.
pub fn strip_response(headers: &mut HeaderMap, reserved: &Reserved, wire: &Wire, token_name: &HeaderName) {
    strip_connection(headers);
    headers.remove(PROXY_AUTHENTICATE);
    headers.remove(token_name);
    headers.remove(HeaderName::from_static("x-dab-jw-token"));
    headers.remove(trusted_proxy::NAME);
    if wire.keeps_cookies {
        headers.remove(SET_COOKIE);
    }
    let is_ours = |it: &HeaderValue| sets(it, &reserved.cookies);
    if headers.contains_key(SET_COOKIE) && headers.get_all(SET_COOKIE).iter().any(is_ours) {
        let kept: Vec<HeaderValue> =
            headers.get_all(SET_COOKIE).iter().filter(|it| !is_ours(it)).cloned().collect();
        headers.remove(SET_COOKIE);
        for value in kept {
            headers.append(SET_COOKIE, value);
        }
    }
}

/// Removes what RFC 9110 section 7.6.1 says must not be passed on.
fn strip_connection(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let named: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .filter_map(|it| it.to_str().ok())
            .flat_map(|it| it.split(','))
            .take(CONNECTION_NAMES_MAX)
            .filter_map(|it| HeaderName::from_bytes(it.trim().as_bytes()).ok())
            .collect();
        for name in named {
            headers.remove(name);
        }
    }
    for name in [CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TE, TRANSFER_ENCODING, UPGRADE, HTTP2_SETTINGS] {
        headers.remove(name);
    }
}

enum Left {
    All,
    Some(HeaderValue),
    None,
}

/// A `Cookie` field without these cookies.
fn without_cookies(field: &HeaderValue, reserved: &[&str]) -> Left {
    let bytes = field.as_bytes();
    let is_reserved = |pair: &&[u8]| is_named(pair, reserved);
    if !bytes.split(|it| *it == b';').any(|it| is_reserved(&it)) {
        return Left::All;
    }
    let kept: Vec<&[u8]> = bytes
        .split(|it| *it == b';')
        .map(<[u8]>::trim_ascii)
        .filter(|it| !it.is_empty() && !is_reserved(it))
        .collect();
    if kept.is_empty() {
        return Left::None;
    }
    HeaderValue::from_bytes(&kept.join(&b"; "[..])).map_or(Left::None, Left::Some)
}

/// Whether a `Set-Cookie` field sets one of these cookies, whatever its attributes are.
fn sets(field: &HeaderValue, reserved: &[&str]) -> bool {
    is_named(field.as_bytes(), reserved)
}

fn is_named(pair: &[u8], reserved: &[&str]) -> bool {
    let end = pair.iter().position(|it| matches!(it, b'=' | b';')).unwrap_or(pair.len());
    let name = pair[..end].trim_ascii();
    // Without case and quotes: rather one cookie too many than one that a lenient reader takes for ours.
    let name = name.strip_prefix(b"\"").unwrap_or(name);
    let name = name.strip_suffix(b"\"").unwrap_or(name);
    reserved.iter().any(|it| it.as_bytes().eq_ignore_ascii_case(name))
}
