//! `[trusted_proxies]`: the peers whose word on the client's address and scheme is believed.

use std::net::IpAddr;

use gateway::config::Network;

use super::reader::Section;

/// The keys of this section.
pub const KEYS: &[&str] = &["networks"];

/// Most networks.
const NETWORKS_MAX: usize = 256;

/// Reads the section.
pub fn read(section: &Section<'_, '_>) -> Vec<Network> {
    let texts = section.texts("networks").unwrap_or_default();
    if texts.len() > NETWORKS_MAX {
        section.problem("networks", format!("at most {NETWORKS_MAX} networks"));
    }
    let mut networks = Vec::new();
    for text in texts {
        match parse_network(&text.value) {
            Ok(network) => networks.push(network),
            Err(problem) => section.problem_at(text.line, "networks", problem),
        }
    }
    networks
}

fn parse_network(text: &str) -> Result<Network, String> {
    let malformed = || format!("{text:?} is not a network such as 10.0.0.0/8 or an address such as ::1");
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => {
            let digits = bits.bytes().all(|it| it.is_ascii_digit());
            (address, Some(bits.parse::<u8>().ok().filter(|_| digits).ok_or_else(malformed)?))
        }
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| malformed())?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    if bits > most {
        return Err(malformed());
    }
    if bits == 0 {
        // Whoever trusts everybody lets every client choose its own address.
        return Err(format!("{text:?} trusts the whole world: any client could then claim any address"));
    }
    Ok(Network { address, bits })
}
