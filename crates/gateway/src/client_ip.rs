//! Who is at the other end: the peer of the socket, or whom a trusted proxy says it stands for.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::config::Network;

mod sources;
#[cfg(test)]
mod tests;

pub use sources::Sources;

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
    /// Whether a trusted proxy says that the client came to it unencrypted.
    pub is_plain_at_proxy: bool,
    /// The host that it named to a trusted proxy, if that proxy says so.
    pub host: Option<HeaderValue>,
    /// Whether the peer is one that may say for whom it asks.
    pub is_believed: bool,
}

/// A request as it arrived, before anything of it is believed.
pub struct Arrival<'a> {
    /// The other end of the socket.
    pub peer: SocketAddr,
    /// Whether the connection is encrypted.
    pub is_tls: bool,
    /// The request's headers.
    pub headers: &'a HeaderMap,
}

/// The client of a request. A peer outside of the trusted networks can be believed about its client's address
/// only by the further sources; `has_signature` tells, if it is asked, whether the request shows that it comes
/// from a proxy whose key is known.
pub fn resolve(
    arrival: &Arrival<'_>,
    trusted: &[Network],
    sources: &Sources,
    has_signature: impl FnOnce() -> bool,
) -> Client {
    let headers = arrival.headers;
    let peer = arrival.peer.ip().to_canonical();
    let is_trusted_peer = is_trusted(peer, trusted);
    let mut client = if is_trusted_peer {
        let is_proxy = |it| is_trusted(it, trusted);
        let found = right_most(headers, &FORWARDED_FOR, is_proxy);
        let proto = forwarded_proto(headers);
        Client {
            address: if let Found::Address(address) = found { address } else { peer },
            is_secure: proto.unwrap_or(arrival.is_tls),
            is_plain_at_proxy: proto == Some(false),
            host: single(headers, &FORWARDED_HOST).cloned(),
            is_believed: true,
        }
    } else {
        Client {
            address: peer,
            is_secure: arrival.is_tls,
            is_plain_at_proxy: false,
            host: None,
            is_believed: false,
        }
    };
    if sources.fields.is_empty() {
        return client;
    }
    client.is_believed = is_trusted_peer || is_trusted(peer, &sources.allowed) || has_signature();
    if client.is_believed {
        let is_proxy = |it| is_trusted(it, trusted) || is_trusted(it, &sources.allowed);
        let found = sources.fields.iter().map(|name| right_most(headers, name, is_proxy));
        if let Some(Found::Address(address)) = found.into_iter().find(|it| *it != Found::Absent) {
            client.address = address;
        }
    }
    client
}

/// What a field of addresses says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// The field is not there.
    Absent,
    /// It cannot be read up to where it would count.
    Malformed,
    /// The client.
    Address(IpAddr),
}

/// The right-most address in a field that no proxy has. Each proxy writes at the right end whom it saw, so what
/// stands further left is the word of somebody whom nobody knows.
fn right_most(headers: &HeaderMap, name: &HeaderName, is_proxy: impl Fn(IpAddr) -> bool) -> Found {
    let mut left_most = Found::Absent;
    let mut count = 0;
    for field in headers.get_all(name).iter().rev() {
        let Ok(text) = field.to_str() else { return Found::Malformed };
        for entry in text.rsplit(',') {
            count += 1;
            let address = parse_entry(entry.trim()).filter(|_| count <= ENTRIES_MAX);
            let Some(address) = address else { return Found::Malformed };
            left_most = Found::Address(address);
            if !is_proxy(address) {
                return left_most;
            }
        }
    }
    // All are proxies of ours: the first of them is where the request began.
    left_most
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
