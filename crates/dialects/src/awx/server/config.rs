//! What the web pages ask first after signing in (contract section A9).

use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use serde_json::json;

use super::super::wire;
use crate::drf::caller::{Caller, refuse};
use crate::drf::{State, respond};

/// The configuration, as far as it is about this gateway. Directories are told to those who read everything.
pub async fn config(Extracted(state): Extracted<State>, caller: Caller, parts: Parts) -> Response {
    let principal = match caller.known() {
        Ok(principal) => principal,
        Err(refusal) => return refuse(&state, &refusal, &parts),
    };
    let mut body = json!({
        "time_zone": "UTC",
        "license_info": {
            "license_type": "open",
            "valid_key": true,
            "subscription_name": "OPEN",
            "product_name": wire::PRODUCT,
        },
        "version": wire::VERSION,
        "eula": "",
        "analytics_status": "off",
        "analytics_collectors": {},
        "become_methods": [],
        "ui_next": false,
    });
    if principal.subject.reads_all() {
        body["project_base_dir"] = json!("");
        body["project_local_paths"] = json!([]);
        body["custom_virtualenvs"] = json!([]);
    }
    respond::json(StatusCode::OK, &body)
}
