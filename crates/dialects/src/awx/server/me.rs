//! The user that asks, as a list of one (contract section A2).

use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use serde_json::json;

use crate::awx::object;
use crate::drf::caller::{Caller, refuse};
use crate::drf::{State, respond};

/// The fields of users: the one that asks is shown like all others.
pub async fn describe(Extracted(state): Extracted<State>, caller: Caller, parts: Parts) -> Response {
    object::describe_own(&state, &caller, &parts)
}

/// The user that asks. Answered from memory, as far as memory goes: programs ask it all the time.
pub async fn me(Extracted(state): Extracted<State>, caller: Caller, parts: Parts) -> Response {
    if parts.uri.query().is_some_and(|query| !query.is_empty()) {
        return object::own_list(&state, &caller, &parts).await;
    }
    match object::own(&state, &caller, &parts).await {
        Ok(user) => {
            let body = json!({ "count": 1, "next": null, "previous": null, "results": [user] });
            respond::json(StatusCode::OK, &body)
        }
        Err(refusal) => refuse(&state, &refusal, &parts),
    }
}
