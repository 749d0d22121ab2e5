//! The lists of what there is: components, versions, endpoints.

use std::collections::BTreeMap;

use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use serde_json::{Map, Value, json};

use super::super::wire;
use super::TABLES;
use crate::drf::caller::{Caller, refuse};
use crate::drf::endpoint::Access;
use crate::drf::{self, State, respond};

/// The components: those services whose path is `/api/` and one word. Beside them the keys that AWX's clients
/// look for at the same address.
pub async fn union(Extracted(state): Extracted<State>, caller: Caller, parts: Parts) -> Response {
    let mut apis = Map::new();
    apis.insert("gateway".to_owned(), json!(wire::ROOT));
    for (_, path) in state.authority.world.platform.services() {
        let word = path.strip_prefix(wire::API).and_then(|rest| rest.strip_suffix('/'));
        if let Some(word) = word.filter(|word| !word.is_empty() && !word.contains('/')) {
            apis.entry(word).or_insert_with(|| json!(path));
        }
    }
    let mut keys = Map::new();
    keys.insert("description".to_owned(), json!("Automation platform REST API"));
    keys.insert("apis".to_owned(), Value::Object(apis));
    keys.extend(drf::root::controller(&state.authority.settings(), &caller.doorway));
    let mut response = respond::json(StatusCode::OK, &keys);
    match drf::root::set_csrf_cookie(&state, &parts, &mut response).await {
        Ok(()) => response,
        Err(refusal) => refuse(&state, &refusal, &parts),
    }
}

/// The versions.
pub async fn gateway() -> Response {
    let body = json!({ "current_version": wire::V1, "available_versions": { "v1": wire::V1 } });
    respond::json(StatusCode::OK, &body)
}

/// The endpoints of a version, by name.
pub async fn version() -> Response {
    let names: BTreeMap<&str, &str> = TABLES
        .iter()
        .flat_map(|table| table.iter())
        .filter(|endpoint| endpoint.access != Access::Page)
        .filter_map(|endpoint| {
            let name = endpoint.path.strip_prefix(wire::V1)?.strip_suffix('/')?;
            (!name.is_empty() && !name.contains('/')).then_some((name, endpoint.path))
        })
        .collect();
    let names: Map<String, Value> =
        names.into_iter().map(|(name, path)| (name.to_owned(), json!(path))).collect();
    respond::json(StatusCode::OK, &names)
}
