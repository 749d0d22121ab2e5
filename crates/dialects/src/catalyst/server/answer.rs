//! Answers: the few shapes that this contract's own endpoints have.

use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use serde_json::json;

use crate::drf::respond;

/// 200 with a JSON value as it is.
pub fn plain(value: &impl Serialize) -> Response {
    respond::json(StatusCode::OK, value)
}

/// 200 with the value behind `data`, and the time behind `header`, as most answers of the contract are.
pub fn data(visit: &super::visit::Visit<'_>, value: &impl Serialize) -> Response {
    let generated_on = visit.arrival.context.now.as_millisecond();
    respond::json(StatusCode::OK, &json!({ "header": { "generatedOn": generated_on }, "data": value }))
}

/// 200 with `{}`: done, and nothing to tell.
pub fn done() -> Response {
    respond::json(StatusCode::OK, &json!({}))
}
