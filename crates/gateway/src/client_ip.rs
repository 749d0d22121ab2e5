//! Who is at the other end: the peer of the socket, or whom a trusted proxy says it stands for.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::config::Network;

#[cfg(test)]
mod tests;

/// Entries of `X-Forwarded-For` that are looked at, from the right.
const ENTRIES_MAX: usize = 50;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The client as far as its connection and trusted proxies tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub address: IpAddr,
    /// Whether its own connection is encrypted.
    pub is_secure: bool,
    /// The host that it named to a trusted proxy, if that proxy says so.
    pub host: Option<HeaderValue>,
}

/// The client of a request.
pub fn resolve(peer: SocketAddr, is_tls: bool, headers: &HeaderMap, trusted: &[Network]) -> Client {
    let peer = peer.ip().to_canonical();
    if !is_trusted(peer, trusted) {
        return Client { address: peer, is_secure: is_tls, host: None };
    }
    Client {
        address: forwarded_for(peer, headers, trusted).unwrap_or(peer),
        is_secure: forwarded_proto(headers).unwrap_or(is_tls),
        host: single(headers, &FORWARDED_HOST).cloned(),
    }
}

/// The right-most address that no trusted proxy has; none if the header is absent or malformed up to there.
fn forwarded_for(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let mut left_most = None;
    let mut count = 0;
    for field in headers.get_all(FORWARDED_FOR).iter().rev() {
        for entry in field.to_str().ok()?.rsplit(',') {
            count += 1;
            if count > ENTRIES_MAX {
                return None;
            }
            let address = parse_entry(entry.trim())?;
            if !is_trusted(address, trusted) {
                return Some(address);
            }
            left_most = Some(address);
        }
    }
    // All are proxies of ours: the first of them is where the request began.
    left_most.or(Some(peer))
}

/// An address with or without a port, an IPv6 address with or without brackets.
fn parse_entry(entry: &str) -> Option<IpAddr> {
    let address = entry
        .parse::<IpAddr>()
        .ok()
        .or_else(|| entry.parse::<SocketAddr>().ok().map(|it| it.ip()))
        .or_else(|| entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok())?;
    Some(address.to_canonical())
}

fn forwarded_proto(headers: &HeaderMap) -> Option<bool> {
    let text = single(headers, &FORWARDED_PROTO)?.to_str().ok()?.trim();
    match text {
        _ if text.eq_ignore_ascii_case("https") || text.eq_ignore_ascii_case("wss") => Some(true),
        _ if text.eq_ignore_ascii_case("http") || text.eq_ignore_ascii_case("ws") => Some(false),
        _ => None,
    }
}

/// The value of a header that occurs once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut fields = headers.get_all(name).iter();
    let first = fields.next()?;
    fields.next().is_none().then_some(first)
}

/// Whether an address lies in one of the networks.
pub fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| contains(network, address))
}

fn contains(network: &Network, address: IpAddr) -> bool {
    match (network.address.to_canonical(), address) {
        (IpAddr::V4(network_address), IpAddr::V4(address)) => {
            let shift = 32 - u32::from(network.bits.min(32));
            (u64::from(network_address.to_bits()) >> shift) == (u64::from(address.to_bits()) >> shift)
        }
        (IpAddr::V6(network_address), IpAddr::V6(address)) => {
            let shift = 128 - u32::from(network.bits.min(128));
            shift == 128 || network_address.to_bits() >> shift == address.to_bits() >> shift
        }
        _ => false,
    }
}
