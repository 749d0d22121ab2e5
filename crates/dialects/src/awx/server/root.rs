//! The lists of what there is: versions, endpoints.

use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use serde_json::{Map, Value, json};

use super::super::wire;
use super::{TABLES, spare};
use crate::drf::caller::{Caller, refuse};
use crate::drf::{self, State, endpoint, respond};

/// The lists of a full installation in the contract's order: what each is called, and its path below the
/// version if that is another word. Command lines make a command of each that is listed.
const LISTS: &[(&str, &str)] = &[
    ("ping", ""),
    ("instances", ""),
    ("instance_groups", ""),
    ("receptor_addresses", ""),
    ("config", ""),
    ("settings", ""),
    ("me", ""),
    ("dashboard", ""),
    ("organizations", ""),
    ("users", ""),
    ("execution_environments", ""),
    ("projects", ""),
    ("project_updates", ""),
    ("teams", ""),
    ("credentials", ""),
    ("credential_types", ""),
    ("credential_input_sources", ""),
    ("applications", ""),
    ("tokens", ""),
    ("metrics", ""),
    ("inventory", "inventories"),
    ("constructed_inventory", "constructed_inventories"),
    ("inventory_sources", ""),
    ("inventory_updates", ""),
    ("groups", ""),
    ("hosts", ""),
    ("host_metrics", ""),
    ("host_metric_summary_monthly", ""),
    ("job_templates", ""),
    ("jobs", ""),
    ("ad_hoc_commands", ""),
    ("system_job_templates", ""),
    ("system_jobs", ""),
    ("schedules", ""),
    ("roles", ""),
    ("notification_templates", ""),
    ("notifications", ""),
    ("labels", ""),
    ("unified_job_templates", ""),
    ("unified_jobs", ""),
    ("activity_stream", ""),
    ("workflow_job_templates", ""),
    ("workflow_jobs", ""),
    ("workflow_approvals", ""),
    ("workflow_job_template_nodes", ""),
    ("workflow_job_nodes", ""),
    ("mesh_visualizer", ""),
    ("bulk", ""),
    ("analytics", ""),
    ("service_index", "service-index"),
    ("role_definitions", ""),
    ("role_user_assignments", ""),
    ("role_team_assignments", ""),
];

/// The versions.
pub async fn api(Extracted(state): Extracted<State>, caller: Caller, parts: Parts) -> Response {
    let mut keys = Map::new();
    keys.insert("description".to_owned(), json!("AWX REST API"));
    keys.extend(drf::root::controller(&state.authority.settings(), &caller.doorway));
    let mut response = respond::json(StatusCode::OK, &keys);
    match drf::root::set_csrf_cookie(&state, &parts, &mut response).await {
        Ok(()) => response,
        Err(refusal) => refuse(&state, &refusal, &parts),
    }
}

/// The lists of a version, by name: those that are answered here, and those that a service has.
pub async fn version(Extracted(state): Extracted<State>, caller: Caller) -> Response {
    let services = state.authority.world.platform.services();
    let is_served = |path: &str| {
        let is_own = endpoint::find(TABLES, path).is_some_and(|it| !spare::is_spare(it));
        // A service also has what is below its path.
        is_own || services.iter().any(|(_, prefix)| prefix.starts_with(wire::V2) && path.starts_with(prefix))
    };
    let mut lists = Map::new();
    for (name, word) in LISTS {
        let path = format!("{}{}/", wire::V2, if word.is_empty() { name } else { word });
        if is_served(&path) {
            lists.insert((*name).to_owned(), json!(caller.doorway.address(&path)));
        }
    }
    respond::json(StatusCode::OK, &Value::Object(lists))
}
