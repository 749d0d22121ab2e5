//! Claims on the wire: the roles of a user as components read them (contract section E3).

use identity::model::claims::Claims;
use identity::model::object::Noun;
use identity::model::role::ManagedRole;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// The three claims: `objects`, `object_roles`, `global_roles`.
pub fn to_json(claims: &Claims) -> Map<String, Value> {
    let organizations: Vec<Value> =
        claims.organizations.iter().map(|(id, name)| json!({ "ansible_id": id.0, "name": name })).collect();
    let teams: Vec<Value> = claims
        .teams
        .iter()
        .map(|(id, name, organization)| json!({ "ansible_id": id.0, "name": name, "org": organization }))
        .collect();
    let object_roles: Map<String, Value> = claims
        .object_roles
        .iter()
        .map(|(role, places)| {
            (role.name().to_owned(), json!({ "content_type": content_type(*role), "objects": places }))
        })
        .collect();
    let global_roles: Vec<&str> = claims.global_roles.iter().map(|role| role.name()).collect();
    let mut all = Map::new();
    all.insert("objects".to_owned(), json!({ "organization": organizations, "team": teams }));
    all.insert("object_roles".to_owned(), Value::Object(object_roles));
    all.insert("global_roles".to_owned(), json!(global_roles));
    all
}

/// The hash by which a component knows whether it has seen these claims: SHA-256, in hexadecimal, of the
/// compact JSON with sorted keys of the roles and the sorted stable names they are given on.
pub fn hash(claims: &Claims) -> String {
    let mut roles: Vec<(&str, Vec<&str>)> = claims
        .object_roles
        .iter()
        .map(|(role, places)| (role.name(), stable_ids(claims, *role, places)))
        .collect();
    roles.sort_unstable();
    let mut global_roles: Vec<&str> = claims.global_roles.iter().map(|role| role.name()).collect();
    global_roles.sort_unstable();
    let roles: Map<String, Value> =
        roles.into_iter().map(|(role, ids)| (role.to_owned(), json!(ids))).collect();
    // The two keys stand in alphabetical order, as the roles do: maps here keep the order of insertion.
    let text = json!({ "global_roles": global_roles, "object_roles": roles }).to_string();
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        for nibble in [byte >> 4, byte & 0x0f] {
            hex.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        hex
    })
}

fn stable_ids<'a>(claims: &'a Claims, role: ManagedRole, places: &[usize]) -> Vec<&'a str> {
    let mut ids: Vec<&str> = places
        .iter()
        .filter_map(|place| match role.target() {
            Some(Noun::Team) => claims.teams.get(*place).map(|(id, ..)| id.0.as_str()),
            _ => claims.organizations.get(*place).map(|(id, _)| id.0.as_str()),
        })
        .collect();
    ids.sort_unstable();
    ids
}

fn content_type(role: ManagedRole) -> &'static str {
    match role.target() {
        Some(Noun::Team) => "team",
        _ => "organization",
    }
}
