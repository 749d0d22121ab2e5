//! Lists that are a component's, answered here where there is none: the command line asks what they are before
//! it does anything to users and teams (contract section K, item 9), and objects name those below them.

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use serde_json::json;

use crate::drf::endpoint::{Access, Endpoint};
use crate::drf::{State, respond};

const fn list(path: &'static str, name: &'static str) -> Endpoint {
    Endpoint { path, methods: "GET, HEAD, OPTIONS", access: Access::Known, name }
}

/// The lists.
pub static ENDPOINTS: &[Endpoint] = &[
    list("/api/v2/projects/", "Project List"),
    list("/api/v2/inventories/", "Inventory List"),
    list("/api/v2/credentials/", "Credential List"),
    list("/api/v2/job_templates/", "Job Template List"),
    list("/api/v2/workflow_job_templates/", "Workflow Job Template List"),
    list("/api/v2/instance_groups/", "Instance Group List"),
    list("/api/v2/users/{id}/projects/", "User Project List"),
    list("/api/v2/users/{id}/credentials/", "User Credential List"),
    list("/api/v2/users/{id}/access_list/", "User Access List"),
    list("/api/v2/teams/{id}/projects/", "Team Project List"),
    list("/api/v2/teams/{id}/credentials/", "Team Credential List"),
    list("/api/v2/teams/{id}/access_list/", "Team Access List"),
    list("/api/v2/organizations/{id}/execution_environments/", "Organization Execution Environment List"),
    list("/api/v2/organizations/{id}/projects/", "Organization Project List"),
    list("/api/v2/organizations/{id}/inventories/", "Organization Inventory List"),
    list("/api/v2/organizations/{id}/job_templates/", "Organization Job Template List"),
    list("/api/v2/organizations/{id}/workflow_job_templates/", "Organization Workflow Job Template List"),
    list("/api/v2/organizations/{id}/credentials/", "Organization Credential List"),
    list("/api/v2/organizations/{id}/notification_templates/", "Organization Notification Template List"),
    list(
        "/api/v2/organizations/{id}/notification_templates_started/",
        "Organization Notification Template List",
    ),
    list(
        "/api/v2/organizations/{id}/notification_templates_success/",
        "Organization Notification Template List",
    ),
    list(
        "/api/v2/organizations/{id}/notification_templates_error/",
        "Organization Notification Template List",
    ),
    list(
        "/api/v2/organizations/{id}/notification_templates_approvals/",
        "Organization Notification Template List",
    ),
    list("/api/v2/organizations/{id}/access_list/", "Organization Access List"),
    list("/api/v2/organizations/{id}/instance_groups/", "Organization Instance Group List"),
    list("/api/v2/organizations/{id}/galaxy_credentials/", "Organization Galaxy Credential List"),
];

/// Whether an endpoint is answered here only where no service has it.
pub fn is_spare(endpoint: &Endpoint) -> bool {
    ENDPOINTS.iter().any(|it| it.path == endpoint.path)
}

/// The routes of the lists.
pub fn routes() -> Router<State> {
    ENDPOINTS.iter().fold(Router::new(), |routes, it| routes.route(it.path, get(empty).options(nothing)))
}

async fn empty() -> Response {
    let body = json!({ "count": 0, "next": null, "previous": null, "results": [] });
    respond::json(StatusCode::OK, &body)
}

/// An object without anything in it is enough for the command line.
async fn nothing() -> Response {
    respond::json(StatusCode::OK, &json!({}))
}
