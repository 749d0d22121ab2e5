//! `[service.session]`: the account with which the gateway signs in at a service, and how much it may ask of it.

use std::time::Duration;

use dialects::client_half::Rates;
use dialects::{Dialect, Method};
use gateway::config::{Account, SecretSource};
use http::Uri;
use identity::model::pace::Rate;
use identity::model::portal::Portal;
use jiff::SignedDuration;

use super::super::files;
use super::super::reader::{Found, Section};
use super::super::suggest::unknown_word;

/// The keys of this table.
pub const KEYS: &[&str] = &[
    "platform",
    "user",
    "password_file",
    "password_env",
    "password_credential",
    "password_stored",
    "token_file",
    "token_env",
    "token_credential",
    "token_stored",
    "method",
    "tenant",
    "portal",
    "sessions_max",
    "queue_max",
    "queue_timeout",
    "requests_per_second",
    "bulk_per_minute",
    "exclusive",
];

/// The keys that say where the secret is: a password's, then a token's.
const SOURCES: [(&str, Place, bool); 8] = [
    ("password_file", Place::File, false),
    ("password_env", Place::Environment, false),
    ("password_credential", Place::Credential, false),
    ("password_stored", Place::Stored, false),
    ("token_file", Place::File, true),
    ("token_env", Place::Environment, true),
    ("token_credential", Place::Credential, true),
    ("token_stored", Place::Stored, true),
];

#[derive(Clone, Copy)]
enum Place {
    File,
    Environment,
    Credential,
    Stored,
}

/// The ways to sign in without somebody at a browser.
const METHODS: [(&str, Method); 3] =
    [("session", Method::Session), ("basic", Method::Basic), ("token", Method::Token)];

const PORTALS: [(&str, Portal); 3] =
    [("soc", Portal::Operations), ("developer", Portal::Developer), ("account", Portal::Account)];
/// The contract that has portals, and takes logins only over https (its sections 2 and 8).
const PORTAL_PLATFORM: &str = "apprenda";

/// Most sessions at once where the table does not say.
const SESSIONS_MAX: usize = 10;
/// Most waiting requests where the table does not say.
const QUEUE_MAX: usize = 1000;
/// How long they wait where the table does not say.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest name of an account or a tenant, in bytes.
const NAME_MAX: usize = 256;

/// What stands beside the table in the service's entry.
pub struct Beside<'a> {
    /// The addresses of the service.
    pub nodes: &'a [Uri],
    /// The path that its addresses are asked for.
    pub path: &'a str,
}

/// Reads the table. None if something in it is wrong; the problems say what.
pub fn read(section: &Section<'_, '_>, beside: &Beside<'_>) -> Option<Account> {
    let platform = platform(section);
    let source = source(section);
    let is_token = source.as_ref().is_some_and(|(_, is_token)| *is_token);
    let username = username(section, is_token);
    let method = method(section, platform, is_token);
    let portal = portal(section, platform);
    let tenant = section.text("tenant").and_then(|text| name(section, "tenant", text));
    if let Some(platform) = platform {
        check_nodes(section, platform, beside.nodes);
        check_path(section, platform, beside.path);
    }
    let sessions_max = section.size("sessions_max", 1..=90).unwrap_or(SESSIONS_MAX);
    let queue_max = section.size("queue_max", 0..=100_000).unwrap_or(QUEUE_MAX);
    let queue_timeout = section.seconds("queue_timeout", 1..=300).unwrap_or(QUEUE_TIMEOUT);
    let rates = rates(section, platform);
    let is_exclusive = section.boolean("exclusive").unwrap_or(false);
    Some(Account {
        platform: platform?,
        method: method?,
        portal,
        username: username?,
        secret: source?.0,
        is_token,
        tenant,
        sessions_max,
        queue_max,
        queue_timeout,
        rates,
        is_exclusive,
    })
}

fn platform(section: &Section<'_, '_>) -> Option<&'static dyn Dialect> {
    let text = required(section, "platform", "missing: say which contract the service speaks")?;
    let found = dialects::named(&text.value);
    if found.is_none() {
        let names: Vec<&str> = dialects::ALL.iter().map(|it| it.name()).collect();
        section.problem_at(text.line, "platform", unknown_word(&text.value, &names));
    }
    found
}

fn username(section: &Section<'_, '_>, is_token: bool) -> Option<String> {
    if is_token && !section.has("user") {
        return Some(String::new());
    }
    let text = required(section, "user", "missing: say as whom the gateway signs in")?;
    name(section, "user", text)
}

fn name(section: &Section<'_, '_>, key: &str, text: Found<String>) -> Option<String> {
    if text.value.trim().is_empty() || text.value.len() > NAME_MAX {
        section.problem_at(text.line, key, format!("must be 1 to {NAME_MAX} bytes"));
        return None;
    }
    Some(text.value)
}

/// Where the secret is, and whether it is a token. There is one.
fn source(section: &Section<'_, '_>) -> Option<(SecretSource, bool)> {
    let mut given = SOURCES.into_iter().filter(|(key, ..)| section.has(key));
    let Some((key, place, is_token)) = given.next() else {
        let example = "missing: say where the password is, for example in `password_file`";
        section.problem("password_file", example);
        return None;
    };
    let mut is_one = true;
    for (other, ..) in given {
        is_one = false;
        let line = section.line_of(other);
        section.problem_at(line, other, format!("give either this or `{key}`, not both"));
    }
    let text = section.text(key)?;
    let problem = |problem: String| section.problem_at(text.line, key, problem);
    let source = match place {
        Place::File => {
            let path = section.document.resolve(&text.value);
            let checked = files::check_private(&path);
            checked.map(|()| SecretSource::File(path)).map_err(problem).ok()
        }
        Place::Environment if is_variable(&text.value) => Some(SecretSource::Environment(text.value)),
        Place::Environment => {
            problem(format!("{:?} is no name of a variable such as MANAGER_PASSWORD", text.value));
            None
        }
        Place::Credential if files::is_file_name(&text.value) => Some(SecretSource::Credential(text.value)),
        Place::Credential => {
            problem(format!("{:?} is no name of a credential: write it without a path", text.value));
            None
        }
        Place::Stored if identity::port::vault_name(&text.value).is_ok() => {
            Some(SecretSource::Stored(text.value))
        }
        Place::Stored => {
            problem("must be the name of a secret, as `portcullis secret list` shows it".to_owned());
            None
        }
    };
    source.filter(|_| is_one).map(|source| (source, is_token))
}

fn is_variable(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= NAME_MAX
        && bytes.next().is_some_and(|it| it.is_ascii_alphabetic() || it == b'_')
        && bytes.all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

fn method(
    section: &Section<'_, '_>,
    platform: Option<&'static dyn Dialect>,
    is_token: bool,
) -> Option<Method> {
    if !section.has("method") {
        return Some(if is_token { Method::Token } else { Method::Session });
    }
    let method = section.choice("method", &METHODS)?;
    let line = section.line_of("method");
    if is_token && method != Method::Token {
        section.problem_at(line, "method", "a token is used with method = \"token\"");
        return None;
    }
    let has = |it: &'static dyn Dialect| it.client().methods().contains(&method);
    if let Some(platform) = platform.filter(|it| !has(*it)) {
        let known = platform.client().methods().iter().filter(|it| **it != Method::Device);
        let known = known.map(|it| format!("{:?}", it.as_str())).collect::<Vec<_>>().join(", ");
        let (name, word) = (platform.name(), method.as_str());
        section.problem_at(line, "method", format!("{name:?} does not have {word:?}; it can be {known}"));
        return None;
    }
    Some(method)
}

fn portal(section: &Section<'_, '_>, platform: Option<&'static dyn Dialect>) -> Option<Portal> {
    if let Some(platform) = platform.filter(|it| section.has("portal") && it.name() != PORTAL_PLATFORM) {
        let name = platform.name();
        let line = section.line_of("portal");
        section.problem_at(
            line,
            "portal",
            format!("only {PORTAL_PLATFORM:?} has portals, {name:?} has none"),
        );
        return None;
    }
    section.choice("portal", &PORTALS)
}

/// A password that crosses a network in the open is everybody's.
fn check_nodes(section: &Section<'_, '_>, platform: &'static dyn Dialect, nodes: &[Uri]) {
    let plain = |it: &&Uri| it.scheme_str() == Some("http");
    if platform.name() == PORTAL_PLATFORM {
        if let Some(node) = nodes.iter().find(plain) {
            let address = node.to_string();
            let address = address.trim_end_matches('/');
            section.problem(
                "platform",
                format!("{PORTAL_PLATFORM:?} takes logins only over https; {address} is not"),
            );
        }
        return;
    }
    let is_far = |it: &&Uri| {
        let host = it.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        !(host == "localhost" || bare.parse().is_ok_and(|it: std::net::IpAddr| it.is_loopback()))
    };
    if let Some(node) = nodes.iter().filter(plain).find(is_far) {
        let address = node.to_string();
        let address = address.trim_end_matches('/');
        section.warning("", format!("the account's secret goes to {address} without encryption; use https"));
    }
}

/// Nobody gets through a shared session to where it is made or ended: such a service would never be called.
fn check_path(section: &Section<'_, '_>, platform: &'static dyn Dialect, path: &str) {
    let is_guarded = |path: &str| platform.client().is_guarded(&http::Method::GET, path);
    // All that lies below is guarded too, and not only the address itself.
    if is_guarded(path) && is_guarded(&format!("{path}a/")) && is_guarded(&format!("{path}b")) {
        let name = platform.name();
        section.problem(
            "platform",
            format!(
                "nothing at {path:?} could be called: there {name:?} hands out, shows and ends the proofs of \
                 the account that all share"
            ),
        );
    }
}

/// None where the table says nothing: then it is what the contract says.
fn rates(section: &Section<'_, '_>, platform: Option<&'static dyn Dialect>) -> Option<Rates> {
    let number = |key| section.integer(key, 0..=1_000_000).and_then(|it| u32::try_from(it.value).ok());
    let (ordinary, bulk) = (number("requests_per_second"), number("bulk_per_minute"));
    if ordinary.is_none() && bulk.is_none() {
        return None;
    }
    let of_contract = platform?.client().rates();
    let rate = |requests, seconds| Rate { requests, period: SignedDuration::from_secs(seconds) };
    Some(Rates {
        ordinary: ordinary.map_or(of_contract.ordinary, |it| rate(it, 1)),
        bulk: bulk.map_or(of_contract.bulk, |it| rate(it, 60)),
    })
}

fn required(section: &Section<'_, '_>, key: &str, missing: &str) -> Option<Found<String>> {
    if !section.has(key) {
        section.problem(key, missing);
    }
    section.text(key)
}
