//! The lists of what there is: versions, endpoints.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use crate::drf::respond;

/// The versions.
pub async fn api() -> Response {
    respond::json(StatusCode::OK, &json!({}))
}

/// The endpoints of a version, by name.
pub async fn version() -> Response {
    respond::json(StatusCode::OK, &json!({}))
}
