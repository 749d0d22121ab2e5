//! `public`: the paths of a service that are open without a proof. Literal paths; `/**` at the end means
//! everything below.

use dialects::Dialect;
use gateway::config::{PublicPath, Service};

use super::super::reader::Section;

/// Most public paths of one service.
const PATHS_MAX: usize = 1000;

/// Reads the public paths; where the entry has none, those that its contract's components have.
pub fn read(
    section: &Section<'_, '_>,
    service_path: Option<&str>,
    dialect: Option<&'static dyn Dialect>,
) -> Vec<PublicPath> {
    if !section.has("public") {
        return service_path.zip(dialect).map(|(path, dialect)| default(path, dialect)).unwrap_or_default();
    }
    let texts = section.texts("public").unwrap_or_default();
    if texts.len() > PATHS_MAX {
        section.problem("public", format!("at most {PATHS_MAX} paths"));
    }
    let mut rules: Vec<PublicPath> = Vec::new();
    for text in texts {
        match parse(&text.value, service_path) {
            Ok(rule) => match rules.iter().find(|other| covers(other, &rule) || covers(&rule, other)) {
                Some(other) => {
                    let problem = format!("{:?} overlaps with {:?}", text.value, spelled(other));
                    section.problem_at(text.line, "public", problem);
                }
                None => rules.push(rule),
            },
            Err(problem) => section.problem_at(text.line, "public", problem),
        }
    }
    rules
}

/// The paths that are open in the published installations of a contract's components.
pub fn default(service_path: &str, dialect: &dyn Dialect) -> Vec<PublicPath> {
    let paths: &[&str] = match (dialect.name(), service_path) {
        ("aap" | "astra", "/api/controller/") => &["/api/controller/v2/", "/api/controller/v2/ping/"],
        ("aap" | "astra", "/api/galaxy/") => &["/api/galaxy/"],
        // AWX contract section A1.
        ("awx", "/api/v2/") => &["/api/v2/", "/api/v2/ping/", "/api/v2/auth/"],
        ("awx", "/api/controller/") => &[
            "/api/controller/",
            "/api/controller/v2/",
            "/api/controller/v2/ping/",
            "/api/controller/v2/auth/",
        ],
        _ => &[],
    };
    paths.iter().map(|path| PublicPath::Exact((*path).to_owned())).collect()
}

/// How a rule is written in the file.
pub fn spelled(rule: &PublicPath) -> String {
    match rule {
        PublicPath::Exact(path) => path.clone(),
        PublicPath::Below(path) => format!("{path}**"),
    }
}

/// Why a path does not say the same in every reading; none if it does.
pub fn path_problem(path: &str) -> Option<&'static str> {
    let fits = |it: char| {
        it.is_ascii_graphic() && !matches!(it, '\\' | '"' | '<' | '>' | '{' | '}' | '|' | '^' | '`')
    };
    if path.contains(['?', '#']) {
        Some("must be a path without query and fragment")
    } else if path.contains('*') {
        Some("patterns are not possible here")
    } else if path.contains('%') {
        Some("must be written without percent signs")
    } else if path.contains("//") {
        Some("must not contain an empty segment")
    } else if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        Some("must not contain the segments . and ..")
    } else if path.contains(';') {
        Some("must not contain a semicolon")
    } else if !path.chars().all(fits) || path.len() > 1024 {
        Some("must be at most 1024 visible ASCII characters that need no escaping")
    } else {
        None
    }
}

/// The other service that a rule's path belongs to, because that one's path is the longer: then the rule
/// opens nothing.
pub fn shadowing<'s>(
    rule: &PublicPath,
    service: &Service,
    services: impl Iterator<Item = &'s Service>,
) -> Option<&'s Service> {
    let (PublicPath::Exact(path) | PublicPath::Below(path)) = rule;
    let mut longer = services.filter(|other| {
        other.host == service.host && other.path.len() > service.path.len() && path.starts_with(&other.path)
    });
    longer.next()
}

fn parse(text: &str, service_path: Option<&str>) -> Result<PublicPath, String> {
    let below = text.strip_suffix("**").filter(|path| path.ends_with('/'));
    let path = below.unwrap_or(text);
    if path.contains('*') {
        return Err(format!("{text:?}: `**` can stand only at the end, after a slash"));
    }
    if !path.starts_with('/') {
        return Err(format!("{text:?} must begin with a slash"));
    }
    if let Some(problem) = path_problem(path) {
        return Err(format!("{text:?} {problem}"));
    }
    if let Some(service_path) = service_path
        && !path.starts_with(service_path)
    {
        return Err(format!("{text:?} is outside of the service's path {service_path:?}"));
    }
    let path = path.to_owned();
    Ok(if below.is_some() { PublicPath::Below(path) } else { PublicPath::Exact(path) })
}

fn covers(rule: &PublicPath, other: &PublicPath) -> bool {
    let (PublicPath::Exact(inner) | PublicPath::Below(inner)) = other;
    match rule {
        PublicPath::Exact(_) => rule == other,
        PublicPath::Below(path) => inner.starts_with(path),
    }
}
