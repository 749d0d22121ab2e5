//! What is taken off a message that goes through a session of the gateway's own: the service sees one client, the
//! gateway, and its callers see one server, the gateway.

use http::header::{
    ACCEPT_ENCODING, ALT_SVC, AUTHORIZATION, CONTENT_LOCATION, COOKIE, FORWARDED, LINK, LOCATION, ORIGIN,
    PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, RANGE, REFERER, REFRESH, SET_COOKIE, TRAILER, VIA,
    WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{REQUEST_ID, Reserved, SERVICE_AUTH, strip_connection};
use crate::service::Entry;

/// Beginnings of the names of what browsers and proxies tell about a client.
const TELLING: [&str; 8] =
    ["sec-fetch-", "sec-ch-", "x-forwarded", "x-envoy-", "proxy-", "x-original-", "x-remote-", "x-trusted-"];
/// Further such names.
const TOLD: [HeaderName; 5] = [
    HeaderName::from_static("x-requested-with"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-client-ip"),
    HeaderName::from_static("true-client-ip"),
    HeaderName::from_static("x-api-key"),
];
/// What a service says to one client alone, or about where it is itself.
const SAID_TO_US: [HeaderName; 10] = [
    SET_COOKIE,
    TRAILER,
    WWW_AUTHENTICATE,
    PROXY_AUTHENTICATE,
    REFRESH,
    ALT_SVC,
    HeaderName::from_static("set-cookie2"),
    HeaderName::from_static("authentication-info"),
    HeaderName::from_static("proxy-authentication-info"),
    HeaderName::from_static("clear-site-data"),
];
const IDENTITY: HeaderValue = HeaderValue::from_static("identity");

/// Takes off a request everything that the client says about itself, and puts on what the gateway says as a client.
/// The node and the proof are said where they are known.
pub fn translate_request(headers: &mut HeaderMap, reserved: &Reserved, request_id: &str) {
    strip_connection(headers);
    for name in [http::header::EXPECT, TRAILER, PROXY_AUTHORIZATION] {
        headers.remove(name);
    }
    for name in [ORIGIN, REFERER, FORWARDED, VIA, SERVICE_AUTH].into_iter().chain(TOLD) {
        headers.remove(name);
    }
    remove_proofs(headers, reserved);
    // The usual client of an API sends none of these, and nothing is allocated.
    let told: Vec<HeaderName> = headers.keys().filter(|it| tells(it.as_str())).cloned().collect();
    for name in told {
        headers.remove(name);
    }
    // What is to be read before it goes on must be readable.
    headers.insert(ACCEPT_ENCODING, IDENTITY);
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
}

/// Takes off the proofs of any contract, so that none of a session before is left beside those of the next.
pub fn remove_proofs(headers: &mut HeaderMap, reserved: &Reserved) {
    headers.remove(COOKIE);
    headers.remove(AUTHORIZATION);
    for name in &reserved.headers {
        headers.remove(name);
    }
}

/// Asks for the whole of an answer that is changed on its way.
pub fn ask_whole(headers: &mut HeaderMap) {
    for name in [RANGE, http::header::IF_RANGE, http::header::IF_NONE_MATCH, http::header::IF_MODIFIED_SINCE]
    {
        headers.remove(name);
    }
}

/// Whether a header tells about the client, or has a name that some servers read as that of another.
fn tells(name: &str) -> bool {
    name.bytes().any(|it| matches!(it, b'_' | b'.')) || TELLING.iter().any(|it| name.starts_with(it))
}

/// Takes off an answer what the service says to the gateway alone; `named` are the headers in which its contract
/// speaks of the session.
pub fn translate_response(
    headers: &mut HeaderMap,
    reserved: &Reserved,
    named: &[&'static str],
    entry: &Entry,
) {
    strip_connection(headers);
    for name in &SAID_TO_US {
        headers.remove(name);
    }
    for name in &reserved.headers {
        headers.remove(name);
    }
    for name in named {
        headers.remove(*name);
    }
    for name in [LOCATION, CONTENT_LOCATION] {
        let Some(value) = headers.get(&name) else { continue };
        let Ok(text) = value.to_str() else {
            headers.remove(name);
            continue;
        };
        if let Some(ours) = ours(text, entry).and_then(|it| HeaderValue::from_str(&it).ok()) {
            headers.insert(name, ours);
        }
    }
    if headers.contains_key(LINK) {
        translate_links(headers, entry);
    }
}

/// The addresses in `Link` (RFC 8288) stand between angle brackets.
fn translate_links(headers: &mut HeaderMap, entry: &Entry) {
    let links: Vec<HeaderValue> = headers
        .get_all(LINK)
        .iter()
        .filter_map(|it| HeaderValue::from_str(&our_links(it.to_str().ok()?, entry)).ok())
        .collect();
    headers.remove(LINK);
    for link in links {
        headers.append(LINK, link);
    }
}

fn our_links(text: &str, entry: &Entry) -> String {
    let mut all = String::with_capacity(text.len());
    for (at, part) in text.split('<').enumerate() {
        if at > 0 {
            all.push('<');
        }
        match part.split_once('>') {
            Some((address, rest)) if at > 0 => {
                all.push_str(ours(address, entry).as_deref().unwrap_or(address));
                all.push('>');
                all.push_str(rest);
            }
            _ => all.push_str(part),
        }
    }
    all
}

/// An address at the service as its callers know it: a path below the gateway. None for one that is elsewhere, or that
/// is told from where the answer is.
fn ours(address: &str, entry: &Entry) -> Option<String> {
    let address = address.trim();
    let path = if let Some(rest) = address.strip_prefix("//") {
        local(rest, entry)?
    } else if address.starts_with('/') {
        address
    } else {
        local(address.split_once("://")?.1, entry)?
    };
    let is_rooted = path.starts_with('/');
    let path = entry.shown_path(path);
    Some(if is_rooted { path.into_owned() } else { format!("/{path}") })
}

/// What stands behind the host of an address, if that is one of the service's nodes, on any of its ports.
fn local<'a>(address: &'a str, entry: &Entry) -> Option<&'a str> {
    let end = address.find(['/', '?', '#']).unwrap_or(address.len());
    let (authority, rest) = address.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |it| it.1);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    };
    let is_node =
        entry.nodes.iter().any(|it| it.address.host().is_some_and(|it| it.eq_ignore_ascii_case(host)));
    is_node.then_some(rest)
}
