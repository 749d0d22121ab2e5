//! `[listen]`: where the gateway listens, and under which names.

use std::net::{Ipv4Addr, SocketAddr};

use super::reader::Section;

/// The keys of this section.
pub const KEYS: &[&str] = &["https", "http", "hosts", "node", "product", "threads"];

/// Most addresses of one kind.
const ADDRESSES_MAX: usize = 32;

/// Where the gateway listens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listen {
    /// Addresses for https; none where the file does not say.
    pub https: Option<Vec<SocketAddr>>,
    /// Addresses for plain http; none where the file does not say.
    pub http: Option<Vec<SocketAddr>>,
    /// The hosts that requests may name; empty is any.
    pub hosts: Vec<String>,
    /// The name of this node in headers; none is the machine's.
    pub node: Option<String>,
    /// The name of the product in headers; none is the default.
    pub product: Option<String>,
    /// Data threads; 0 is one per core.
    pub threads: usize,
}

/// Where https is served when nobody says.
pub const DEFAULT_HTTPS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8443);

/// Reads the section.
pub fn read(section: &Section<'_, '_>) -> Listen {
    let listen = Listen {
        https: addresses(section, "https"),
        http: addresses(section, "http"),
        hosts: hosts(section),
        node: header_text(section, "node"),
        product: header_text(section, "product"),
        threads: section.size("threads", 0..=256).unwrap_or(0),
    };
    let both = listen
        .https
        .iter()
        .flatten()
        .find(|it| it.port() != 0 && listen.http.iter().flatten().any(|other| other == *it));
    if let Some(both) = both {
        section.problem("http", format!("{both} is given for https too"));
    }
    if listen.https.as_ref().is_some_and(Vec::is_empty) && listen.http.as_ref().is_none_or(Vec::is_empty) {
        section.problem("https", "nothing is left to listen on: give an address here or in `http`");
    }
    listen
}

/// Reads an address and a port. `localhost` stands for 127.0.0.1.
pub fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let spelled = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    spelled.as_deref().unwrap_or(text).parse().map_err(|_| {
        if text.contains("://") {
            format!("{text:?} is a URL; write an address and a port such as 127.0.0.1:8443")
        } else if text.parse::<std::net::IpAddr>().is_ok() {
            format!(
                "{text:?} has no port; write for example {}",
                SocketAddr::new(text.parse().unwrap_or(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST)), 8443)
            )
        } else {
            format!("{text:?} is not an address and a port such as 127.0.0.1:8443 or [::]:8443")
        }
    })
}

fn addresses(section: &Section<'_, '_>, key: &str) -> Option<Vec<SocketAddr>> {
    let texts = section.texts(key)?;
    if texts.len() > ADDRESSES_MAX {
        section.problem(key, format!("at most {ADDRESSES_MAX} addresses"));
    }
    let (count, mut addresses) = (texts.len(), Vec::<SocketAddr>::new());
    for text in texts {
        match parse_address(&text.value) {
            Ok(address) if address.port() != 0 && addresses.contains(&address) => {
                section.problem_at(text.line, key, format!("{address} is given twice"));
            }
            Ok(address) => addresses.push(address),
            Err(problem) => section.problem_at(text.line, key, problem),
        }
    }
    (addresses.len() == count).then_some(addresses)
}

fn hosts(section: &Section<'_, '_>) -> Vec<String> {
    let mut hosts = Vec::new();
    for text in section.texts("hosts").unwrap_or_default() {
        match parse_host(&text.value) {
            Ok(host) => hosts.push(host),
            Err(problem) => section.problem_at(text.line, "hosts", problem),
        }
    }
    hosts
}

/// Reads the name of a host without its port; in lower case.
pub fn parse_host(text: &str) -> Result<String, String> {
    let fits = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_');
    let is_ipv6 = text
        .strip_prefix('[')
        .and_then(|it| it.strip_suffix(']'))
        .is_some_and(|it| it.parse::<std::net::Ipv6Addr>().is_ok());
    if text.contains('*') {
        Err(format!("{text:?} is a pattern; write each host out"))
    } else if is_ipv6 || (!text.is_empty() && text.len() <= 253 && text.chars().all(fits)) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(format!("{text:?} is not the name of a host without scheme, port and path"))
    }
}

fn header_text(section: &Section<'_, '_>, key: &str) -> Option<String> {
    let text = section.text(key)?;
    let fits = |it: char| it.is_ascii_graphic() || it == ' ';
    if text.value.is_empty() || text.value.len() > 128 || !text.value.chars().all(fits) {
        section.problem_at(text.line, key, "must be 1 to 128 visible ASCII characters");
        return None;
    }
    Some(text.value)
}
