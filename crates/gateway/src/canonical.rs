//! The one canonical request: what decides is what is forwarded, and nothing below sees the original.
//!
//! [`Canonical`] can be made only here. Its path has one spelling, its host is one and allowed, and no
//! header is left by which a client could speak for us.

mod path;

#[cfg(test)]
mod tests;

use http::header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version};

pub use path::canonical_path;

/// Longest path in bytes.
pub const PATH_MAX: usize = 8 * 1024;
/// Longest host in bytes (RFC 1035 section 2.3.4), and a port.
const HOST_MAX: usize = 253 + 6;

/// A request in its only spelling.
pub struct Canonical {
    /// On the heap, because it is handed from one waiting function to the next.
    parts: Box<Parts>,
    host: String,
}

/// Why a request has no canonical form. It is answered with this status and the connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The status.
    pub status: StatusCode,
    /// What is wrong, for the answer and the log.
    pub reason: &'static str,
}

/// A request that is malformed.
const fn bad(reason: &'static str) -> Unfit {
    Unfit { status: StatusCode::BAD_REQUEST, reason }
}

impl Canonical {
    /// The canonical form of a request. `hosts` are the hosts that may be named, in lower case and without
    /// port (empty is any); `token_name` is the header that identity tokens travel in.
    pub fn new(parts: Parts, hosts: &[String], token_name: &HeaderName) -> Result<Self, Unfit> {
        let mut parts = Box::new(parts);
        check_method(&parts.method)?;
        check_framing(&parts)?;
        let host = take_host(&parts)?;
        let name = host_name(&host);
        if !hosts.is_empty() && !hosts.iter().any(|it| it == name) {
            return Err(Unfit { status: StatusCode::MISDIRECTED_REQUEST, reason: "unknown host" });
        }
        // The usual host is spelled canonically already, and nothing is copied.
        if parts.headers.get(HOST).is_none_or(|it| *it != host) {
            let value = HeaderValue::from_str(&host).map_err(|_| bad("malformed host"))?;
            parts.headers.insert(HOST, value);
        }
        rewrite_target(&mut parts.uri)?;
        join_cookies(&mut parts)?;
        remove_speakers(&mut parts.headers, token_name);
        Ok(Self { parts, host })
    }

    /// The request without its body.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The path in its only spelling, without the query.
    pub fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// The host in lower case, with its port if the client named one.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host without its port and without a dot at its end.
    pub fn host_name(&self) -> &str {
        host_name(&self.host)
    }

    /// Whether the method changes nothing (RFC 9110 section 9.2.1).
    pub fn is_safe(&self) -> bool {
        matches!(self.parts.method, Method::GET | Method::HEAD | Method::OPTIONS)
    }

    /// What the server attached to the request. Nothing in it is the client's word.
    pub fn extensions_mut(&mut self) -> &mut http::Extensions {
        &mut self.parts.extensions
    }

    /// The same request for another path, which is spelled canonically as well; the query stays.
    pub fn at(mut self, path: String) -> Result<Self, Unfit> {
        let mut target = path;
        if let Some(query) = self.parts.uri.query() {
            target.push('?');
            target.push_str(query);
        }
        let target =
            PathAndQuery::from_maybe_shared(bytes::Bytes::from(target)).map_err(|_| bad("malformed path"))?;
        self.parts.uri = Uri::from(target);
        Ok(self)
    }

    /// Gives the request away, to be forwarded.
    pub fn into_parts(self) -> Box<Parts> {
        self.parts
    }
}

fn check_method(method: &Method) -> Result<(), Unfit> {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => Ok(()),
        Method::CONNECT | Method::TRACE => {
            Err(Unfit { status: StatusCode::METHOD_NOT_ALLOWED, reason: "method not allowed" })
        }
        // Methods are case-sensitive (RFC 9110 section 9.1): `get` is unknown.
        _ => Err(Unfit { status: StatusCode::NOT_IMPLEMENTED, reason: "unknown method" }),
    }
}

/// Refuses what two readers could frame differently (RFC 9112 section 6.3).
fn check_framing(parts: &Parts) -> Result<(), Unfit> {
    let headers = &parts.headers;
    let encodings = headers.get_all(TRANSFER_ENCODING).iter().count();
    let lengths = headers.get_all(CONTENT_LENGTH).iter().count();
    if encodings > 0 {
        if parts.version < Version::HTTP_11 || lengths > 0 || encodings > 1 {
            return Err(bad("ambiguous length"));
        }
        let is_chunked =
            headers.get(TRANSFER_ENCODING).is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"chunked"));
        if !is_chunked {
            return Err(Unfit { status: StatusCode::NOT_IMPLEMENTED, reason: "unknown transfer encoding" });
        }
    }
    if lengths > 1 {
        return Err(bad("ambiguous length"));
    }
    if headers.get(CONTENT_LENGTH).is_some_and(|it| !it.as_bytes().iter().all(u8::is_ascii_digit)) {
        return Err(bad("malformed length"));
    }
    Ok(())
}

/// The one host of the request, in lower case.
fn take_host(parts: &Parts) -> Result<String, Unfit> {
    let mut fields = parts.headers.get_all(HOST).iter();
    let field = fields.next();
    if fields.next().is_some() {
        return Err(bad("more than one host"));
    }
    let field = field.map(|it| it.to_str().map_err(|_| bad("malformed host"))).transpose()?;
    let named = parts.uri.authority().map(Authority::as_str);
    let host = match (named, field) {
        // RFC 9113 section 8.3.1: the two must agree. RFC 9112 section 3.2.2: the target is what counts.
        (Some(named), Some(field)) if parts.version == Version::HTTP_2 => {
            if !named.eq_ignore_ascii_case(field) {
                return Err(bad("two hosts"));
            }
            named
        }
        (Some(named), _) if parts.version == Version::HTTP_2 => named,
        (Some(named), Some(_)) => named,
        (None, Some(field)) => field,
        (_, None) => return Err(bad("no host")),
    };
    if host.len() > HOST_MAX || !is_host(host) {
        return Err(bad("malformed host"));
    }
    Ok(host.to_ascii_lowercase())
}

/// Whether a text is a host and perhaps a port: no user, no path, no odd characters.
fn is_host(text: &str) -> bool {
    let (name, port) = if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        if address.parse::<std::net::Ipv6Addr>().is_err() {
            return false;
        }
        ("v6", port)
    } else {
        match text.find(':') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        }
    };
    let is_port = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| {
            digits.bytes().all(|it| it.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|it| it > 0)
        });
    is_port
        && !name.is_empty()
        && !name.starts_with('.')
        && !name.contains("..")
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.' | b'_'))
}

fn host_name(host: &str) -> &str {
    let end = match host.rfind(']') {
        Some(at) => at + 1,
        None => host.find(':').unwrap_or(host.len()),
    };
    host[..end].trim_end_matches('.')
}

/// Leaves path and query, in their only spelling.
fn rewrite_target(uri: &mut Uri) -> Result<(), Unfit> {
    if let Some(scheme) = uri.scheme()
        && *scheme != Scheme::HTTP
        && *scheme != Scheme::HTTPS
    {
        return Err(bad("unknown scheme"));
    }
    let path = canonical_path(uri.path())?;
    let query = uri.query().map(path::canonical_query).transpose()?;
    // The usual request is spelled canonically already, and nothing is copied.
    let is_changed = path.is_some() || query.as_ref().is_some_and(Option::is_some);
    if !is_changed && uri.authority().is_none() && uri.scheme().is_none() {
        return Ok(());
    }
    let mut target = path.unwrap_or_else(|| uri.path().to_owned());
    if let Some(original) = uri.query() {
        target.push('?');
        target.push_str(query.flatten().as_deref().unwrap_or(original));
    }
    let target =
        PathAndQuery::from_maybe_shared(bytes::Bytes::from(target)).map_err(|_| bad("malformed path"))?;
    *uri = Uri::from(target);
    Ok(())
}

/// One `Cookie` field, as RFC 9113 section 8.2.3 asks of whoever passes a request on.
fn join_cookies(parts: &mut Parts) -> Result<(), Unfit> {
    let mut fields = parts.headers.get_all(COOKIE).iter();
    let (Some(first), Some(second)) = (fields.next(), fields.next()) else { return Ok(()) };
    if parts.version != Version::HTTP_2 {
        return Err(bad("more than one cookie field"));
    }
    let mut joined = first.as_bytes().to_vec();
    for field in std::iter::once(second).chain(fields) {
        joined.extend_from_slice(b"; ");
        joined.extend_from_slice(field.as_bytes());
    }
    let joined =
        HeaderValue::from_maybe_shared(bytes::Bytes::from(joined)).map_err(|_| bad("malformed cookie"))?;
    parts.headers.insert(COOKIE, joined);
    Ok(())
}

/// Removes every header by which a client could speak for us, whatever it is spelled like: first, so that
/// nothing reads one; the forwarder sets ours afterwards.
fn remove_speakers(headers: &mut HeaderMap, token_name: &HeaderName) {
    let removed: Vec<HeaderName> = headers.keys().filter(|name| speaks(name, token_name)).cloned().collect();
    for name in removed {
        headers.remove(name);
    }
}

fn speaks(name: &HeaderName, token_name: &HeaderName) -> bool {
    let text = name.as_str();
    if text.bytes().any(|it| matches!(it, b'_' | b'.')) {
        let normal: String = text.chars().map(|it| if matches!(it, '_' | '.') { '-' } else { it }).collect();
        // Many servers read `_` and `.` as `-`: no such name may stand for one that we or they rely on.
        return is_speaker(&normal) || normal == token_name.as_str() || is_relied_on(&normal);
    }
    is_speaker(text) || name == token_name
}

/// Names that say who asks, from where, or for what, in lower case.
fn is_speaker(name: &str) -> bool {
    match name.as_bytes().first() {
        Some(b'x') => {
            name.starts_with("x-forwarded")
                || name.starts_with("x-envoy-")
                || name.starts_with("x-auth-request-")
                || matches!(
                    name,
                    "x-dab-jw-token"
                        | "x-trusted-proxy"
                        | "x-real-ip"
                        | "x-client-ip"
                        | "x-cluster-client-ip"
                        | "x-original-url"
                        | "x-original-uri"
                        | "x-original-host"
                        | "x-rewrite-url"
                        | "x-remote-user"
                        | "x-user"
                        | "x-http-method-override"
                        | "x-http-method"
                        | "x-method-override"
                )
        }
        Some(b'r') => name == "remote-user" || name.starts_with("remote-"),
        Some(b'f') => name == "forwarded",
        Some(b't') => name == "true-client-ip",
        Some(b'p') => name == "proxy" || name == "proxy-authorization",
        _ => false,
    }
}

/// Names that are read by us or frame the message; their odd spellings are dropped.
pub fn is_relied_on(name: &str) -> bool {
    name == AUTHORIZATION
        || name == COOKIE
        || name == HOST
        || name == CONTENT_LENGTH
        || name == TRANSFER_ENCODING
        || name.starts_with("x-")
        || name.starts_with("sec-")
        || name.starts_with("content-")
        || name.starts_with("proxy-")
        || matches!(name, "connection" | "upgrade" | "te" | "trailer" | "expect" | "origin" | "referer")
}
