//! `[oauth]`: how applications get tokens (RFC 6749). The lives of codes and tokens are stored settings,
//! changed while the gateway runs.

use std::time::Duration;

use super::reader::{Found, Section};

/// The keys of this section.
pub const KEYS: &[&str] = &[
    "public_url",
    "password_grant",
    "grant_life_days",
    "device_code_expire_seconds",
    "device_interval_seconds",
    "resource_metadata_hint",
];

const DAY: u64 = 24 * 60 * 60;
/// A hundred years: longer lives are slips of the pen.
const LIFE_DAYS_MAX: u64 = 36_500;

/// How applications get tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth {
    /// Where clients reach the gateway, without a slash at its end; none is what each client calls it.
    pub public_url: Option<String>,
    /// Whether the password grant is answered.
    pub allows_password: bool,
    /// How long a grant may be refreshed.
    pub grant_life: Duration,
    /// How long a device code lives.
    pub device_life: Duration,
    /// How long a device waits between two questions, at first.
    pub device_interval: Duration,
    /// Whether the platform's challenge names the metadata of the resource (RFC 9728 section 5.1). The
    /// contract's own challenge has no such word.
    pub has_resource_metadata_hint: bool,
}

impl OAuth {
    /// The address that the challenge names, if it names one.
    pub fn resource_metadata(&self) -> Option<String> {
        let url = self.public_url.as_ref().filter(|_| self.has_resource_metadata_hint)?;
        Some(format!("{url}/.well-known/oauth-protected-resource"))
    }
}

impl Default for OAuth {
    fn default() -> Self {
        Self {
            public_url: None,
            allows_password: true,
            grant_life: Duration::from_secs(365 * DAY),
            device_life: Duration::from_secs(600),
            device_interval: Duration::from_secs(5),
            has_resource_metadata_hint: false,
        }
    }
}

/// Reads the section.
pub fn read(section: &Section<'_, '_>) -> OAuth {
    let default = OAuth::default();
    let grant_life = section.integer("grant_life_days", 1..=LIFE_DAYS_MAX);
    let public_url = section.text("public_url").and_then(|text| read_url(section, text));
    let has_hint = section.boolean("resource_metadata_hint").unwrap_or(default.has_resource_metadata_hint);
    if has_hint && public_url.is_none() {
        section.problem("resource_metadata_hint", "needs `public_url`, which it points to");
    }
    OAuth {
        public_url,
        has_resource_metadata_hint: has_hint,
        allows_password: section.boolean("password_grant").unwrap_or(default.allows_password),
        grant_life: grant_life.map_or(default.grant_life, |found| Duration::from_secs(found.value * DAY)),
        // A person must find another device and type; a code that lives long is longer guessed at.
        device_life: section.seconds("device_code_expire_seconds", 60..=3600).unwrap_or(default.device_life),
        device_interval: section
            .seconds("device_interval_seconds", 1..=60)
            .unwrap_or(default.device_interval),
    }
}

/// A URL of scheme, host and port alone: it is the base of names that are compared byte for byte.
fn read_url(section: &Section<'_, '_>, text: Found<String>) -> Option<String> {
    let key = "public_url";
    let host = text.value.strip_prefix("https://").or_else(|| text.value.strip_prefix("http://"));
    let is_host = |host: &str| {
        !host.is_empty()
            && host.len() <= 253 + 6
            && host
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b'_' | b':' | b'[' | b']'))
    };
    let problem = match host {
        None => format!("{:?} must begin with https:// or http://", text.value),
        Some(host) if host.contains(['/', '?', '#']) => {
            format!("{:?} must end after the host and port", text.value)
        }
        Some(host) if !is_host(host) => {
            format!("{:?} is not a URL such as https://gate.example.com", text.value)
        }
        // Clients compare names as they are written, and browsers write hosts in lower case.
        Some(host) if host.bytes().any(|it| it.is_ascii_uppercase()) => {
            format!("{:?} must be written in lower case", text.value)
        }
        Some(_) => return Some(text.value),
    };
    section.problem_at(text.line, key, problem);
    None
}
