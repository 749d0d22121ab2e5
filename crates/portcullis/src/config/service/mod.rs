//! `[[service]]`: the routing table, one entry for each service behind the gateway.

mod account;
mod allow;
mod public;
mod upstream;

use std::sync::Arc;
use std::time::Duration;

use dialects::{Dialect, ExpiredSession, Owned};
use gateway::config::{IdentityProof, Service, Target};
use identity::model::policy::Policy;

use super::listen::parse_host;
use super::reader::{Document, Found, Section};
use super::suggest::unknown_word;

/// The keys of an entry.
pub const KEYS: &[&str] = &[
    "name",
    "path",
    "host",
    "upstream",
    "upstream_path",
    "upstream_ca",
    "dialect",
    "identity",
    "session",
    "public",
    "allow",
    "connect_timeout",
    "request_timeout",
    "idle_timeout",
    "body_max",
    "concurrency_max",
    "ping",
    "expired_session",
];

/// Most entries.
const SERVICES_MAX: usize = 1000;

/// How long a connection to a service may take where its entry does not say.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest forwarded body where its entry does not say: 8 GiB.
const BODY_MAX: u64 = 8 * 1024 * 1024 * 1024;
/// Most requests to a service at once where its entry does not say.
const CONCURRENCY_MAX: usize = 2000;

/// The contract of services that do not name one.
const DEFAULT_DIALECT: &str = "aap";

/// The components that `--demo` mounts: name, path and contract.
const DEMO: [(&str, &str, &str); 8] = [
    ("controller", "/api/controller/", DEFAULT_DIALECT),
    ("galaxy", "/api/galaxy/", DEFAULT_DIALECT),
    ("eda", "/api/eda/", DEFAULT_DIALECT),
    ("awx", "/api/v2/", "awx"),
    ("manager", "/dataservice/", "catalyst"),
    ("soc", "/soc/", "apprenda"),
    ("developer", "/developer/", "apprenda"),
    ("account", "/account/", "apprenda"),
];

/// Paths of which a contract has only some below: a service there gets what nobody else claims.
const SHARED_PATHS: [&str; 2] = ["/", "/api/v2/"];

/// How the gateway can prove itself to a service.
#[derive(Clone, Copy)]
enum Identity {
    SignedJwt,
    Headers,
    Session,
    None,
}

const IDENTITIES: [(&str, Identity); 4] = [
    ("signed-jwt", Identity::SignedJwt),
    ("headers", Identity::Headers),
    ("session", Identity::Session),
    ("none", Identity::None),
];

/// How a dead session can be answered, in the one contract that knows more than one way.
const EXPIRED_SESSIONS: [(&str, ExpiredSession); 3] = [
    ("unauthorized", ExpiredSession::Unauthorized),
    ("login-page", ExpiredSession::LoginPage),
    ("redirect", ExpiredSession::Redirect),
];
/// That contract.
const EXPIRED_SESSION_DIALECT: &str = "catalyst";

/// An entry, and where it stands in the file.
pub struct Entry {
    /// What the gateway is told.
    pub service: Service,
    line: usize,
    key: String,
}

/// Reads one entry. None if it lacks something that it cannot do without; the problems say what.
pub fn read(section: &Section<'_, '_>, key: String) -> Option<Entry> {
    let name = required(section, "name").and_then(|text| read_name(section, text));
    let path = required(section, "path").and_then(|text| read_path(section, "path", text));
    let dialect = read_dialect(section);
    let nodes = upstream::nodes(section);
    let upstream_path =
        section.text("upstream_path").and_then(|text| read_path(section, "upstream_path", text));
    let ca = upstream::ca(section);
    let ping = upstream::ping(section);
    let host = section.text("host").and_then(|text| match parse_host(&text.value) {
        Ok(host) => Some(host),
        Err(problem) => {
            section.problem_at(text.line, "host", problem);
            None
        }
    });
    let allow = allow::read(section);
    let asked = upstream_path.as_deref().or(path.as_deref()).unwrap_or("/");
    let identity =
        read_identity(section, &account::Beside { nodes: nodes.as_deref().unwrap_or(&[]), path: asked });
    let expired_session = read_expired_session(section, dialect);
    let time = |key| section.seconds(key, 1..=604_800);
    let connect_timeout = section.seconds("connect_timeout", 1..=300).unwrap_or(CONNECT_TIMEOUT);
    let (request_timeout, idle_timeout) = (time("request_timeout"), time("idle_timeout"));
    let body_max = section.integer("body_max", 0..=1 << 50).map_or(BODY_MAX, |found| found.value);
    let concurrency_max = section.size("concurrency_max", 1..=1_000_000).unwrap_or(CONCURRENCY_MAX);
    let public = public::read(section, path.as_deref(), dialect);
    let service = Service {
        name: name?,
        path: path?,
        host,
        target: Target::Upstream { nodes: nodes?, path: upstream_path, ca, ping },
        dialect: dialect?,
        public,
        allow,
        identity: identity?,
        expired_session,
        connect_timeout,
        request_timeout,
        idle_timeout,
        body_max,
        concurrency_max,
    };
    Some(Entry { service, line: section.line(), key })
}

/// Compares the entries with each other, and hands out the services.
pub fn check_together(document: &Document<'_>, entries: Vec<Entry>) -> Vec<Service> {
    for (index, entry) in entries.iter().enumerate() {
        let (service, earlier) = (&entry.service, &entries[..index]);
        let problem =
            |key: &str, text: String| document.problem(entry.line, format!("{}.{key}", entry.key), text);
        if index == SERVICES_MAX {
            problem("name", format!("at most {SERVICES_MAX} services"));
        }
        if let Some(other) = earlier.iter().find(|other| other.service.name == service.name) {
            problem(
                "name",
                format!("{:?} is the name of the service on line {} already", service.name, other.line),
            );
        }
        let same = |other: &&Entry| other.service.path == service.path && other.service.host == service.host;
        if let Some(other) = earlier.iter().find(same) {
            let (path, name) = (&service.path, &other.service.name);
            problem(
                "path",
                format!("{path:?} is the path of service {name:?} on line {} already", other.line),
            );
        }
        for rule in &service.public {
            if let Some(other) = public::shadowing(rule, service, entries.iter().map(|it| &it.service)) {
                let (rule, path) = (public::spelled(rule), &other.path);
                let name = &other.name;
                problem(
                    "public",
                    format!("{rule:?} lies in the path {path:?} of service {name:?} and opens nothing"),
                );
            }
        }
    }
    entries.into_iter().map(|entry| entry.service).collect()
}

/// Adds the echo components of `--demo`, except where the file has a service at their path or of their
/// name.
pub fn add_demo(services: &mut Vec<Service>) {
    for (name, path, dialect) in DEMO {
        let Some(dialect) = dialects::named(dialect) else { continue };
        if services.iter().any(|it| it.name == name || (it.path == path && it.host.is_none())) {
            continue;
        }
        services.push(Service {
            name: name.to_owned(),
            path: path.to_owned(),
            host: None,
            target: Target::Echo,
            dialect,
            public: public::default(path, dialect),
            allow: Policy { everybody: true, ..Policy::default() },
            identity: IdentityProof::SignedJwt,
            expired_session: ExpiredSession::default(),
            connect_timeout: CONNECT_TIMEOUT,
            request_timeout: None,
            idle_timeout: None,
            body_max: BODY_MAX,
            concurrency_max: CONCURRENCY_MAX,
        });
    }
}

fn required(section: &Section<'_, '_>, key: &str) -> Option<Found<String>> {
    if !section.has(key) {
        section.problem(key, "missing: every service needs it");
    }
    section.text(key)
}

fn read_name(section: &Section<'_, '_>, text: Found<String>) -> Option<String> {
    let fits = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
    if text.value.is_empty() || text.value.len() > 64 || !text.value.chars().all(fits) {
        section.problem_at(text.line, "name", "must be 1 to 64 letters, digits, hyphens and underscores");
        None
    } else if text.value == "gateway" {
        section.problem_at(text.line, "name", "\"gateway\" is the gateway's own name");
        None
    } else {
        Some(text.value)
    }
}

/// Reads a path prefix: it begins and ends with a slash and says the same in every reading.
fn read_path(section: &Section<'_, '_>, key: &str, text: Found<String>) -> Option<String> {
    let path = text.value;
    let problem = if !path.starts_with('/') || !path.ends_with('/') {
        let inner = path.trim_matches('/');
        Some(format!("must begin and end with a slash: write {:?}", format!("/{inner}/").replace("//", "/")))
    } else {
        public::path_problem(&path)
            .map(str::to_owned)
            .or_else(|| (key == "path").then(|| own_path_problem(&path)).flatten())
    };
    match problem {
        Some(problem) => {
            section.problem_at(text.line, key, problem);
            None
        }
        None => Some(path),
    }
}

/// A service at a path that a contract answers itself would never be called.
fn own_path_problem(path: &str) -> Option<String> {
    if SHARED_PATHS.contains(&path) {
        return None;
    }
    if gateway::admin::owns(path) {
        return Some(format!("{path:?} is answered by the gateway itself: its own API is there"));
    }
    let owns = |it: &&&dyn Dialect| matches!(it.owns(path), Owned::Yes | Owned::Public);
    let owner = dialects::ALL.iter().find(owns)?;
    Some(format!("{path:?} is answered by the gateway itself (contract {:?})", owner.name()))
}

/// How the gateway proves itself. None if that cannot be known; the problems say why.
fn read_identity(section: &Section<'_, '_>, beside: &account::Beside<'_>) -> Option<IdentityProof> {
    let table = section.table("session");
    let identity = section.choice("identity", &IDENTITIES);
    let is_session = matches!(identity, Some(Identity::Session));
    if !is_session && section.has("session") && (identity.is_some() || !section.has("identity")) {
        let problem = "the table is used only with identity = \"session\"";
        section.problem_at(section.line_of("session"), "session", problem);
    }
    match identity {
        Some(Identity::Headers) => Some(IdentityProof::Headers),
        Some(Identity::None) => Some(IdentityProof::None),
        Some(Identity::Session) => {
            if !section.has("session") {
                let problem = "\"session\" needs the table [service.session] below this service's keys";
                section.problem_at(section.line_of("identity"), "identity", problem);
            }
            let (line, table) = table?;
            let path = section.full("session");
            let inner = Section::new(section.document, &path, line, Some(table), account::KEYS);
            account::read(&inner, beside).map(|it| IdentityProof::Session(Arc::new(it)))
        }
        Some(Identity::SignedJwt) | None => Some(IdentityProof::SignedJwt),
    }
}

fn read_dialect(section: &Section<'_, '_>) -> Option<&'static dyn Dialect> {
    let Some(text) = section.text("dialect") else {
        return if section.has("dialect") { None } else { dialects::named(DEFAULT_DIALECT) };
    };
    let found = dialects::named(&text.value);
    if found.is_none() {
        let names: Vec<&str> = dialects::ALL.iter().map(|it| it.name()).collect();
        section.problem_at(text.line, "dialect", unknown_word(&text.value, &names));
    }
    found
}

/// How the service answers a dead session.
fn read_expired_session(section: &Section<'_, '_>, dialect: Option<&'static dyn Dialect>) -> ExpiredSession {
    let key = "expired_session";
    if let Some(dialect) = dialect.filter(|it| it.name() != EXPIRED_SESSION_DIALECT) {
        if let Some(text) = section.text(key) {
            let name = dialect.name();
            let problem =
                format!("only the contract {EXPIRED_SESSION_DIALECT:?} has a choice, {name:?} has none");
            section.problem_at(text.line, key, problem);
        }
        return ExpiredSession::default();
    }
    section.choice(key, &EXPIRED_SESSIONS).unwrap_or_default()
}
