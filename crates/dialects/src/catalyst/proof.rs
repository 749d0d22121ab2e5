//! Proofs on the wire: read from a request, written onto one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use identity::Malformed;
use identity::model::csrf::Evidence;
use identity::model::pace::Load;
use identity::model::proof::{Presented, Proof};
use identity::model::secret::Secret;
use identity::model::session::SessionKind;

use super::{owned, wire};
use crate::dialect::Doorway;
use crate::drf::cookie;

/// Largest `Authorization` header that is looked at, in bytes.
const AUTHORIZATION_MAX: usize = 8 * 1024;
/// Longest secret of a session, in bytes.
const SECRET_MAX: usize = 128;
/// Longest name of a tenant, in characters.
const TENANT_MAX: usize = 200;

/// What a request presents. What is said in `Authorization` is said explicitly: if it is no good, no cookie is
/// looked at in its place.
pub fn read(request: &Parts, doorway: &Doorway) -> Presented {
    let headers = &request.headers;
    let mut presented = Presented {
        evidence: evidence(headers, doorway),
        is_safe: request.method.is_safe(),
        load: load(request.uri.path()),
        tenant: tenant(headers),
        ..Presented::default()
    };
    match authorization(headers) {
        Ok(None) => presented.session = session(headers).map(|secret| (SessionKind::Manager, secret)),
        Ok(Some(token)) if is_jwt(token.expose()) => {
            presented.session = Some((SessionKind::ManagerToken, token));
        }
        Ok(Some(token)) => presented.bearer = Some(token),
        Err(malformed) => presented.malformed = Some(malformed),
    }
    presented
}

/// Writes a proof onto a request of ours. What cannot stand in a header is left out: the server will say that no
/// proof came.
pub fn write(proof: &Proof, headers: &mut HeaderMap) {
    match proof {
        // The contract knows no name and password beside those of its login.
        Proof::Password { .. } => {}
        Proof::Bearer(token) => {
            set(headers, AUTHORIZATION, &Secret::new(format!("Bearer {}", token.expose())));
        }
        Proof::Session { secret, csrf } => {
            let pair = Secret::new(format!("{}={}", wire::SESSION_COOKIE, secret.expose()));
            set(headers, COOKIE, &pair);
            if let Some(csrf) = csrf {
                set(headers, HeaderName::from_static(wire::XSRF_HEADER), csrf);
            }
        }
    }
}

/// Sets a header to a secret.
pub fn set(headers: &mut HeaderMap, name: HeaderName, value: &Secret) {
    if let Ok(mut value) = HeaderValue::from_str(value.expose()) {
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}

/// The token behind `Bearer` (RFC 6750 section 2.1). Another scheme is a proof that this contract cannot read.
fn authorization(headers: &HeaderMap) -> Result<Option<Secret>, Malformed> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(Malformed::Several);
    }
    if line.len() > AUTHORIZATION_MAX {
        return Err(Malformed::Bearer);
    }
    let line = line.to_str().map_err(|_| Malformed::Bearer)?.trim_matches(' ');
    let (scheme, value) = line.split_once(' ').ok_or(Malformed::Bearer)?;
    let value = value.trim_start_matches(' ');
    let is_token = !value.is_empty()
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    if is_token && scheme.eq_ignore_ascii_case("bearer") {
        Ok(Some(Secret::new(value)))
    } else {
        Err(Malformed::Bearer)
    }
}

/// Whether a token is a JWT: three parts, of which the first is an object in base64. Tokens of ours have no dot.
fn is_jwt(token: &str) -> bool {
    token.starts_with("eyJ") && token.bytes().filter(|byte| *byte == b'.').count() == 2
}

/// The session's secret; of two cookies the first, whatever it is. One that cannot be a secret counts as a
/// session that is dead: it is there, and nobody knows it.
fn session(headers: &HeaderMap) -> Option<Secret> {
    let value = Secret::new(cookie::find(headers, wire::SESSION_COOKIE)?);
    let is_possible = value.expose().len() <= SECRET_MAX
        && value.expose().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    Some(if is_possible { value } else { Secret::new("") })
}

/// What the request shows of where it comes from: the token's header, and what a browser says. Its origin counts
/// where no token can come along, when it opens a socket.
fn evidence(headers: &HeaderMap, doorway: &Doorway) -> Evidence {
    Evidence {
        is_secure: doorway.is_secure,
        host: doorway.host.clone(),
        origin: joined(headers, "origin"),
        referer: joined(headers, "referer"),
        is_cross_site: headers.get("sec-fetch-site").is_some_and(|value| value == "cross-site"),
        header: joined(headers, wire::XSRF_HEADER),
        ..Evidence::default()
    }
}

/// A header's value; several lines are joined, so that they match nothing.
fn joined(headers: &HeaderMap, name: &str) -> Option<String> {
    let texts = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    texts.map(std::borrow::Cow::into_owned).reduce(|all, next| format!("{all}, {next}"))
}

/// The tenant that a provider acts for; none for the installation itself. What cannot be read stays as it is, and
/// is nobody's: a request for a tenant never becomes one for the provider.
fn tenant(headers: &HeaderMap) -> Option<String> {
    let text = joined(headers, wire::TENANT_HEADER)?;
    let text = text.trim();
    if text.is_empty() || text == wire::TENANT_HEADER_DEFAULT {
        return None;
    }
    let decoded = STANDARD.decode(text).ok().and_then(|it| String::from_utf8(it).ok());
    Some(decoded.unwrap_or_else(|| text.to_owned()).chars().take(TENANT_MAX).collect())
}

/// The tenant in the words of its header.
pub fn tenant_session(tenant: &str) -> String {
    STANDARD.encode(tenant)
}

/// How much a request asks for (section B); read as the server behind us reads it.
pub fn load(path: &str) -> Load {
    if wire::BULK.iter().any(|it| owned::is_below(it, path)) {
        Load::Bulk
    } else if owned::is_below(wire::COUNTED, path) {
        Load::Ordinary
    } else {
        Load::Uncounted
    }
}
