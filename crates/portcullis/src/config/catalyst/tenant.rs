//! `[[catalyst.tenant]]`: the tenants, one entry for each (Catalyst contract section A.9).

use identity::model::tenant::Tenant;

use super::super::listen::parse_host;
use super::super::reader::{Found, Section};

/// The keys of an entry.
pub const KEYS: &[&str] = &["id", "name", "subdomain", "organization", "description"];

/// Most tenants.
const TENANTS_MAX: usize = 1000;
/// Longest name of a tenant or its organization, in bytes.
const NAME_MAX: usize = 128;
/// Longest description, in bytes.
const DESCRIPTION_MAX: usize = 1024;

/// Reads all entries, and compares them with each other.
pub fn read_all(section: &Section<'_, '_>) -> Vec<Tenant> {
    let mut tenants: Vec<(Tenant, usize)> = Vec::new();
    for (index, (line, table)) in section.tables("tenant").into_iter().enumerate() {
        let path = format!("catalyst.tenant[{}]", index + 1);
        let entry = Section::new(section.document, &path, line, Some(table), KEYS);
        if index == TENANTS_MAX {
            entry.problem("", format!("at most {TENANTS_MAX} tenants"));
        }
        if index >= TENANTS_MAX {
            continue;
        }
        let Some(tenant) = read(&entry) else { continue };
        check_unique(&entry, &tenant, &tenants);
        tenants.push((tenant, line));
    }
    tenants.into_iter().map(|(tenant, _)| tenant).collect()
}

/// Reads one entry. None if it lacks something, or something is wrong; the problems say what.
fn read(section: &Section<'_, '_>) -> Option<Tenant> {
    let id = required(section, "id").and_then(|text| id(section, &text));
    let name = required(section, "name").and_then(|text| short(section, "name", text));
    let subdomain = required(section, "subdomain").and_then(|text| subdomain(section, &text));
    let organization = match section.text("organization") {
        Some(text) => short(section, "organization", text),
        None => name.clone(),
    };
    let description = section.text("description").map_or(Some(String::new()), |text| {
        let fits = text.value.len() <= DESCRIPTION_MAX;
        if !fits {
            section.problem_at(text.line, "description", format!("at most {DESCRIPTION_MAX} bytes"));
        }
        fits.then_some(text.value)
    });
    Some(Tenant {
        id: id?,
        name: name?,
        description: description?,
        organization: organization?,
        subdomain: subdomain?,
    })
}

/// Clients find a tenant by any of the three.
fn check_unique(section: &Section<'_, '_>, tenant: &Tenant, earlier: &[(Tenant, usize)]) {
    let keys: [(&str, fn(&Tenant) -> &str); 3] =
        [("id", |it| &it.id), ("name", |it| &it.name), ("subdomain", |it| &it.subdomain)];
    for (key, value) in keys {
        let text = value(tenant);
        if let Some((_, line)) = earlier.iter().find(|(other, _)| value(other) == text) {
            section.problem(key, format!("{text:?} is the {key} of the tenant on line {line} already"));
        }
    }
}

fn required(section: &Section<'_, '_>, key: &str) -> Option<Found<String>> {
    if !section.has(key) {
        section.problem(key, "missing: every tenant needs it");
    }
    section.text(key)
}

/// Reads a UUID; in lower case.
fn id(section: &Section<'_, '_>, text: &Found<String>) -> Option<String> {
    let lengths = text.value.split('-').map(str::len);
    let is_uuid =
        lengths.eq([8, 4, 4, 4, 12]) && text.value.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit());
    if is_uuid {
        return Some(text.value.to_ascii_lowercase());
    }
    let example = "6f1c9b52-8f0e-4a53-9d57-2f1f0c7f3c11";
    section.problem_at(text.line, "id", format!("{:?} is no UUID such as {example:?}", text.value));
    None
}

fn short(section: &Section<'_, '_>, key: &str, text: Found<String>) -> Option<String> {
    if text.value.trim().is_empty() || text.value.len() > NAME_MAX {
        section.problem_at(text.line, key, format!("must be 1 to {NAME_MAX} bytes"));
        return None;
    }
    Some(text.value)
}

fn subdomain(section: &Section<'_, '_>, text: &Found<String>) -> Option<String> {
    match parse_host(&text.value) {
        Ok(host) => Some(host),
        Err(problem) => {
            section.problem_at(text.line, "subdomain", problem);
            None
        }
    }
}
