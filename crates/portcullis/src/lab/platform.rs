//! The platforms that a laboratory can stand for.

use clap::ValueEnum;
use dialects::Dialect;

use super::wire;

/// A platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Platform {
    /// Ansible Automation Platform 2.5 and later
    Aap,
    /// Astra Automation
    Astra,
    /// AWX up to 24.6.1
    Awx,
    /// AWX after 24.6.1, which has no tokens and no applications
    AwxWithoutTokens,
    /// Cisco Catalyst SD-WAN Manager
    Catalyst,
    /// Apprenda Cloud Platform
    Apprenda,
}

impl Platform {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aap => "aap",
            Self::Astra => "astra",
            Self::Awx => "awx",
            Self::AwxWithoutTokens => "awx-without-tokens",
            Self::Catalyst => "catalyst",
            Self::Apprenda => "apprenda",
        }
    }

    /// The contract that it speaks.
    pub fn dialect(self) -> &'static dyn Dialect {
        match self {
            Self::Aap => &dialects::aap::Aap,
            Self::Astra => &dialects::astra::Astra,
            Self::Awx | Self::AwxWithoutTokens => &dialects::awx::Awx,
            Self::Catalyst => &dialects::catalyst::Catalyst,
            Self::Apprenda => &dialects::apprenda::Apprenda,
        }
    }

    /// All contracts whose paths it answers: Astra's own path is a slip beside those of the platform.
    pub fn dialects(self) -> &'static [&'static dyn Dialect] {
        match self {
            Self::Aap => &[&dialects::aap::Aap],
            Self::Astra => &[&dialects::aap::Aap, &dialects::astra::Astra],
            Self::Awx | Self::AwxWithoutTokens => &[&dialects::awx::Awx],
            Self::Catalyst => &[&dialects::catalyst::Catalyst],
            Self::Apprenda => &[&dialects::apprenda::Apprenda],
        }
    }

    /// Its services: name and path.
    pub fn services(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Aap | Self::Astra => &wire::PLATFORM_SERVICES,
            Self::Awx | Self::AwxWithoutTokens => &wire::AWX_SERVICES,
            Self::Catalyst => &wire::CATALYST_SERVICES,
            Self::Apprenda => &wire::APPRENDA_SERVICES,
        }
    }

    /// Whether a request to this path signs somebody in.
    pub fn is_login(self, method: &http::Method, path: &str) -> bool {
        let logins = match self {
            Self::Aap | Self::Astra => &wire::PLATFORM_LOGINS[..],
            Self::Awx | Self::AwxWithoutTokens => &wire::AWX_LOGINS[..],
            Self::Catalyst => &wire::CATALYST_LOGINS[..],
            Self::Apprenda => &wire::APPRENDA_LOGINS[..],
        };
        let is_below = |login: &&str| {
            let bare = login.trim_end_matches('/');
            path.strip_prefix(bare).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                // The servlet container takes every path that ends so for the login.
                || (self == Self::Catalyst && path.ends_with(bare))
        };
        method == http::Method::POST && logins.iter().any(is_below)
    }

    /// Whether a path is a resource of the platform: behind its authentication, and nothing of its own.
    pub fn is_resource(self, path: &str) -> bool {
        let is_below = self.services().iter().any(|(_, service)| path.starts_with(service));
        let owned = self.dialect().owns(path);
        is_below && matches!(owned, dialects::Owned::No | dialects::Owned::Spare)
    }

    /// The release that it is where nobody says.
    pub fn default_release(self) -> &'static str {
        match self {
            Self::Catalyst => "20.18.1",
            Self::Awx => dialects::awx::wire::VERSION,
            Self::AwxWithoutTokens => "24.7.0",
            Self::Aap | Self::Astra => "2.6",
            Self::Apprenda => "8.2",
        }
    }

    /// The body of an answer that is no refusal of the contract, in the shape in which its clients read errors.
    pub fn failure(self, status: http::StatusCode, sentence: &str) -> bytes::Bytes {
        self.dialect().failure(status, sentence)
    }
}

/// Reads a release of Catalyst Manager such as `20.12` or `20.12.1`; two numbers become three, as clients want it.
pub fn parse_release(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('.').collect();
    let is_number = |it: &&str| (1..=5).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
    if !(2..=4).contains(&parts.len()) || !parts.iter().all(is_number) {
        return Err(format!("{text:?} is no release such as 20.12 or 20.12.1"));
    }
    Ok(if parts.len() == 2 { format!("{text}.1") } else { text.to_owned() })
}

/// The first two numbers of a release.
pub fn release_numbers(release: &str) -> (u32, u32) {
    let mut numbers = release.split('.').map(|it| it.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// A value of the query, as it stands there.
pub fn query_value<'a>(request: &'a http::request::Parts, name: &str) -> Option<&'a str> {
    let pairs = request.uri.query()?.split('&').filter_map(|it| it.split_once('='));
    pairs.into_iter().find(|(it, _)| *it == name).map(|(_, value)| value)
}
