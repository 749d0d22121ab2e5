//! Further fields in which a client's address is looked for, as two settings name them (AWX contract section
//! E1).

use http::{HeaderMap, HeaderName};

use crate::canonical;
use crate::config::Network;

/// Fields that are looked at.
const FIELDS_MAX: usize = 16;
/// Allowed proxies that are looked at.
const ALLOWED_MAX: usize = 256;

/// The fields and who is believed about them. By default there are none.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The fields before the peer's own address, in their order.
    pub(super) fields: Vec<HeaderName>,
    /// The peers that are believed.
    pub(super) allowed: Vec<Network>,
}

impl Sources {
    /// Reads `awx.REMOTE_HOST_HEADERS`, whose names are those of WSGI (`HTTP_X_REAL_IP`, `REMOTE_ADDR`), and
    /// `awx.PROXY_IP_ALLOWED_LIST`.
    ///
    /// `REMOTE_ADDR` is always there, so nothing behind it counts. `REMOTE_HOST` and names in the list of
    /// proxies would have to be looked up by somebody who can be lied to: they never match. Nor do fields that
    /// frame a message or prove something.
    pub fn new(names: &[String], allowed: &[String]) -> Self {
        let fields = names
            .iter()
            .take_while(|it| *it != "REMOTE_ADDR")
            .filter_map(|it| field(it))
            .take(FIELDS_MAX)
            .collect();
        let allowed = allowed.iter().filter_map(|it| network(it)).take(ALLOWED_MAX).collect();
        Self { fields, allowed }
    }

    /// Takes the fields off a request whose sender is not believed, so that no service believes it either.
    pub fn remove_from(&self, headers: &mut HeaderMap) {
        for name in &self.fields {
            headers.remove(name);
        }
    }
}

/// The field that WSGI knows by this name.
fn field(name: &str) -> Option<HeaderName> {
    let name = name.strip_prefix("HTTP_")?.replace('_', "-");
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    let is_another_s = canonical::is_relied_on(name.as_str()) && !name.as_str().starts_with("x-");
    (!is_another_s).then_some(name)
}

/// An address, or a block of them.
fn network(text: &str) -> Option<Network> {
    let text = text.trim();
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address: std::net::IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    // Whoever believes everybody lets every client choose its own address.
    (1..=most).contains(&bits).then_some(Network { address, bits })
}
