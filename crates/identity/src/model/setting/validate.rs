//! Validation: whether a value lies within its setting's limits.

use std::net::IpAddr;

use super::super::csrf;
use super::super::policy::Policy;
use super::{Definition, SettingKind as K, SettingValue};

/// Most elements of a list.
const LIST_MAX: usize = 100;

/// Whether a value of the right type lies within its setting's limits; the reason if not.
pub fn validate(definition: &Definition, value: &SettingValue) -> Result<(), String> {
    match (definition.kind, value) {
        (K::Integer(least, _), SettingValue::Integer(number)) if *number < least => {
            Err(format!("Ensure this value is greater than or equal to {least}."))
        }
        (K::Integer(_, most), SettingValue::Integer(number)) if *number > most => {
            Err(format!("Ensure this value is less than or equal to {most}."))
        }
        (K::Float(least), SettingValue::Float(number)) if !number.is_finite() || *number < least => {
            Err(format!("Ensure this value is greater than or equal to {least}."))
        }
        (K::Text | K::Secret, SettingValue::Text(text)) if text.len() > 65_536 => {
            Err("Ensure this field has no more than 65536 characters.".to_owned())
        }
        (K::Url, SettingValue::Text(text)) if !text.is_empty() && !is_url(text) => {
            Err("Enter a valid URL.".to_owned())
        }
        (K::UrlOrPath, SettingValue::Text(text)) if !text.is_empty() && !is_url(text) && !is_path(text) => {
            Err("Enter a valid URL or an absolute path.".to_owned())
        }
        (K::Origins, SettingValue::List(origins)) => match origins.iter().find(|origin| !is_origin(origin)) {
            Some(wrong) => Err(format!("{wrong} is not an origin such as https://portal.example.com.")),
            None => Ok(()),
        },
        (K::Image, SettingValue::Text(text)) if !text.is_empty() && !is_image(text) => {
            Err("Must be a data URL of a GIF, PNG or JPEG image in base64, at most 1 MiB long.".to_owned())
        }
        (K::AddressKeys | K::Peers | K::Rules, SettingValue::List(texts)) if texts.len() > LIST_MAX => {
            Err(format!("Ensure this field has no more than {LIST_MAX} elements."))
        }
        (K::AddressKeys, SettingValue::List(keys)) => match keys.iter().find(|key| !is_address_key(key)) {
            Some(wrong) => {
                Err(format!("{wrong} is neither REMOTE_ADDR nor REMOTE_HOST nor HTTP_ with a name."))
            }
            None => Ok(()),
        },
        (K::Peers, SettingValue::List(peers)) => match peers.iter().find(|peer| !is_peer(peer)) {
            Some(all) if all.ends_with("/0") => {
                Err(format!("{all} holds every address: each client could then choose its own."))
            }
            Some(wrong) => Err(format!("{wrong} is no address, no network and no host name.")),
            None => Ok(()),
        },
        (K::Rules, SettingValue::List(rules)) => {
            let mut policy = Policy::default();
            match rules.iter().find(|rule| !policy.add(rule)) {
                Some(wrong) => Err(format!(
                    "{wrong} is no rule such as administrators, user:NAME or team:ORGANIZATION/NAME."
                )),
                None => Ok(()),
            }
        }
        (K::HeaderName, SettingValue::Text(text)) if !is_identity_header(text) => {
            Err("Must be the name of an identity header: letters, digits and hyphens, beginning with X-."
                .to_owned())
        }
        _ => Ok(()),
    }
}

fn is_url(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        text.strip_prefix(scheme).is_some_and(|rest| {
            !rest.is_empty()
                && !rest.starts_with('/')
                && rest.len() <= 2000
                && rest.chars().all(|it| it.is_ascii_graphic() && !matches!(it, '"' | '<' | '>' | '\\'))
        })
    })
}

fn is_path(text: &str) -> bool {
    text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= 2000
        && text.chars().all(|it| it.is_ascii_graphic() && !matches!(it, '"' | '<' | '>' | '\\'))
}

/// A scheme and a host, with its port if it has one; the first label alone may be `*`.
fn is_origin(text: &str) -> bool {
    is_url(text)
        && text
            .split_once("://")
            .is_some_and(|(_, host)| csrf::is_host(host.strip_prefix("*.").unwrap_or(host)))
}

fn is_image(text: &str) -> bool {
    let body = ["data:image/gif;base64,", "data:image/png;base64,", "data:image/jpeg;base64,"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix));
    body.is_some_and(|body| {
        body.len() <= 1_048_576
            && !body.is_empty()
            && body.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/' | b'='))
    })
}

/// A name as web servers give it to programs: `HTTP_` and a header in capitals (RFC 3875 section 4.1.18).
fn is_address_key(text: &str) -> bool {
    let is_header = text.strip_prefix("HTTP_").is_some_and(|name| {
        !name.is_empty()
            && text.len() <= 64
            && name.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
    });
    is_header || matches!(text, "REMOTE_ADDR" | "REMOTE_HOST")
}

/// An address, a network such as `10.0.0.0/8` that is smaller than everything, or a host name.
fn is_peer(text: &str) -> bool {
    if let Some((address, bits)) = text.split_once('/') {
        let most = match address.parse() {
            Ok(IpAddr::V4(_)) => 32,
            Ok(IpAddr::V6(_)) => 128,
            Err(_) => return false,
        };
        let is_number = bits.len() <= 3 && bits.bytes().all(|it| it.is_ascii_digit());
        // A network of everybody would let each client choose its address.
        return is_number && bits.parse::<u8>().is_ok_and(|bits| (1..=most).contains(&bits));
    }
    text.parse::<IpAddr>().is_ok() || is_host_name(text)
}

fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'))
    };
    // What looks like an address and is none is a slip of the pen.
    let is_numbers = text.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    text.len() <= 253 && !is_numbers && text.split('.').all(is_label)
}

fn is_identity_header(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.strip_prefix("x-").is_some_and(|rest| !rest.is_empty() && !rest.starts_with("forwarded"))
        && text.len() <= 64
        && lower != "x-trusted-proxy"
        && lower != "x-request-id"
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
}
