//! Redirection URIs: where a browser is sent with a code. Compared character by character (RFC 9700 section
//! 2.1), but for the port of a loopback address (RFC 8252 section 7.3).

use std::net::IpAddr;

/// Why a list of redirection URIs cannot be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectError {
    /// Not an absolute URI without a fragment and without a user's name.
    Malformed,
    /// Neither `http` nor `https`; the scheme.
    Scheme(String),
}

/// Looks whether each of these space-separated URIs can be registered.
pub fn validate(registered: &str) -> Result<(), RedirectError> {
    registered.split_whitespace().try_for_each(|uri| {
        let (scheme, rest) = uri.split_once("://").ok_or(RedirectError::Malformed)?;
        if !matches!(scheme, "http" | "https") {
            return Err(RedirectError::Scheme(scheme.to_owned()));
        }
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let is_fit = uri.bytes().all(|it| it.is_ascii_graphic() && !matches!(it, b'\\' | b'"' | b'<' | b'>'))
            && !uri.contains('#')
            && !authority.is_empty()
            && !authority.contains('@');
        if is_fit { Ok(()) } else { Err(RedirectError::Malformed) }
    })
}

/// The URI to send the browser to, if the request may have it: one of the registered, or the first of them if
/// the request names none. Never one that could not be registered: not every contract looks at them then.
pub fn choose(registered: &str, asked: Option<&str>) -> Option<String> {
    let mut all = registered.split_whitespace();
    let chosen = match asked {
        None => all.next(),
        Some(asked) => all.any(|it| it == asked || is_same_loopback(it, asked)).then_some(asked),
    };
    chosen.filter(|it| validate(it).is_ok()).map(str::to_owned)
}

/// Whether an address leads to the machine of whoever follows it, where any program may listen.
pub fn is_loopback(uri: &str) -> bool {
    let Some((_, rest)) = uri.split_once("://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|it| it.is_ascii_digit()) => host,
        _ => authority,
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

/// Whether both are the same `http` address of this machine, whatever their ports.
fn is_same_loopback(registered: &str, asked: &str) -> bool {
    ["http://127.0.0.1", "http://[::1]"].into_iter().any(|host| {
        let rest = |uri: &str| uri.strip_prefix(host).and_then(without_port).map(str::to_owned);
        matches!((rest(registered), rest(asked)), (Some(registered), Some(asked)) if registered == asked)
    })
}

/// What stands behind host and port; none if that is neither a port nor the path's beginning.
fn without_port(rest: &str) -> Option<&str> {
    let rest = match rest.strip_prefix(':') {
        Some(port) => {
            let end = port.find(|it: char| !it.is_ascii_digit()).unwrap_or(port.len());
            let is_port = (1..=5).contains(&end) && port[..end].parse::<u16>().is_ok_and(|it| it > 0);
            is_port.then(|| &port[end..])?
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest)
}
