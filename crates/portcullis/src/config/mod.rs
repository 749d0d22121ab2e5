//! The configuration: `portcullis.toml`, one file here for each of its sections. Everything has a default;
//! what is written must be right, or nothing of it is taken.

mod awx;
mod catalyst;
mod files;
mod limits;
mod listen;
mod log;
mod oauth;
mod passwords;
mod reader;
mod service;
mod session;
mod suggest;
mod tls;
mod token;
mod trusted_proxies;
mod vault;

#[cfg(test)]
mod tests;

use std::path::Path;

use gateway::config::{Certificate, Network, Service};
use toml::de::{DeTable, DeValue};

pub use awx::Awx;
pub use catalyst::Catalyst;
pub use files::read as read_file;
pub use limits::Limits;
pub use listen::{DEFAULT_HTTPS, Listen, parse_address};
pub use log::{Audit, Format, Level, Log};
pub use oauth::OAuth;
pub use passwords::Passwords;
pub use reader::{Problem, Problems};
pub use service::add_demo;
pub use session::Session;
pub use suggest::nearest;
pub use token::Token;
pub use vault::Vault;

use reader::{Document, Section};

/// The sections and their keys.
const SECTIONS: [(&str, &[&str]); 13] = [
    ("listen", listen::KEYS),
    ("tls", tls::KEYS),
    ("passwords", passwords::KEYS),
    ("session", session::KEYS),
    ("token", token::KEYS),
    ("oauth", oauth::KEYS),
    ("awx", awx::KEYS),
    ("catalyst", catalyst::KEYS),
    ("limits", limits::KEYS),
    ("trusted_proxies", trusted_proxies::KEYS),
    ("log", log::KEYS),
    ("vault", vault::KEYS),
    ("service", service::KEYS),
];

/// What the operator wants.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Where the gateway listens.
    pub listen: Listen,
    /// The certificate of the https addresses; none is one that the gateway makes for itself.
    pub tls: Option<Certificate>,
    /// What a password hash costs.
    pub passwords: Passwords,
    /// The housekeeping of sessions.
    pub session: Session,
    /// The life of tokens.
    pub token: Token,
    /// How applications get tokens.
    pub oauth: OAuth,
    /// What the contract of AWX needs.
    pub awx: Awx,
    /// What Catalyst Manager's contract needs.
    pub catalyst: Catalyst,
    /// How much of everything.
    pub limits: Limits,
    /// The peers whose word on a client's address is believed.
    pub trusted_proxies: Vec<Network>,
    /// What is logged, and where.
    pub log: Log,
    /// Where the key of sealed secrets lies.
    pub vault: Vault,
    /// The routing table, in the order of the file.
    pub services: Vec<Service>,
    /// What is right in the file and still not good.
    pub warnings: Vec<Problem>,
}

/// Reads a file. Every problem in it is found, not only the first.
pub fn read(path: &Path) -> Result<Config, Problems> {
    let name = path.display().to_string();
    let text = read_file(path)
        .map_err(|text| Problems(vec![Problem { file: name.clone(), line: 1, key: String::new(), text }]))?;
    parse(&name, path.parent().unwrap_or(Path::new("")), &text)
}

/// Reads a text; paths in it start from `folder`.
pub fn parse(name: &str, folder: &Path, text: &str) -> Result<Config, Problems> {
    let document = Document::new(name, folder, text);
    let mut config = document.parse().map(|root| read_sections(&document, &root)).unwrap_or_default();
    config.warnings = document.take_warnings();
    let problems = document.into_problems();
    if problems.is_empty() { Ok(config) } else { Err(Problems(problems)) }
}

fn read_sections<'t>(document: &Document<'t>, root: &DeTable<'t>) -> Config {
    let names = SECTIONS.map(|(name, _)| name);
    Section::new(document, "", 1, Some(root), &names);
    let section = |name: &'static str, keys| one(document, root, name, keys);
    Config {
        listen: listen::read(&section("listen", listen::KEYS)),
        tls: tls::read(&section("tls", tls::KEYS)),
        passwords: passwords::read(&section("passwords", passwords::KEYS)),
        session: session::read(&section("session", session::KEYS)),
        token: token::read(&section("token", token::KEYS)),
        oauth: oauth::read(&section("oauth", oauth::KEYS)),
        awx: awx::read(&section("awx", awx::KEYS)),
        catalyst: catalyst::read(&section("catalyst", catalyst::KEYS)),
        limits: limits::read(&section("limits", limits::KEYS)),
        trusted_proxies: trusted_proxies::read(&section("trusted_proxies", trusted_proxies::KEYS)),
        log: log::read(&section("log", log::KEYS)),
        vault: vault::read(&section("vault", vault::KEYS)),
        services: services(document, root),
        warnings: Vec::new(),
    }
}

fn one<'d, 't>(
    document: &'d Document<'t>,
    root: &'d DeTable<'t>,
    name: &'static str,
    keys: &[&str],
) -> Section<'d, 't> {
    let Some((key, value)) = root.iter().find(|(key, _)| key.get_ref() == name) else {
        return Section::new(document, name, 1, None, keys);
    };
    let line = document.line_of(key.span().start);
    let table = match value.get_ref() {
        DeValue::Table(table) => Some(table),
        DeValue::Array(_) => {
            document.problem(line, name, format!("stands once: write [{name}], not [[{name}]] or a list"));
            None
        }
        other => {
            document.problem(line, name, format!("is a section: write [{name}], not {}", reader::a(other)));
            None
        }
    };
    Section::new(document, name, line, table, keys)
}

fn services<'t>(document: &Document<'t>, root: &DeTable<'t>) -> Vec<Service> {
    let Some((key, value)) = root.iter().find(|(key, _)| key.get_ref() == "service") else {
        return Vec::new();
    };
    let line = document.line_of(key.span().start);
    let DeValue::Array(array) = value.get_ref() else {
        document.problem(line, "service", "is a list: write [[service]] before each service");
        return Vec::new();
    };
    let mut entries = Vec::new();
    for (index, item) in array.iter().enumerate() {
        let line = document.line_of(item.span().start);
        let DeValue::Table(table) = item.get_ref() else {
            document.problem(line, "service", "is a list of tables: write [[service]] before each service");
            continue;
        };
        let path = format!("service[{}]", index + 1);
        let section = Section::new(document, &path, line, Some(table), service::KEYS);
        entries.extend(service::read(&section, path.clone()));
    }
    service::check_together(document, entries)
}
