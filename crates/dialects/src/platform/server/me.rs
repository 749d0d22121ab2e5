//! The user that asks, as a list of one (contract section A2).

use axum::extract::{Request, State as Extracted};
use axum::response::Response;
use http::StatusCode;
use identity::Refusal;
use serde_json::{Value, json};

use super::super::object::show;
use crate::drf::caller::{Caller, refuse};
use crate::drf::{State, respond};

/// The user that asks.
pub async fn me(Extracted(state): Extracted<State>, caller: Caller, request: Request) -> Response {
    // Asked for alone, the head would be copied.
    let (parts, _) = request.into_parts();
    match own(&state, &caller).await {
        Ok(user) => {
            let body = json!({ "count": 1, "next": null, "previous": null, "results": [user] });
            respond::json(StatusCode::OK, &body)
        }
        Err(refusal) => refuse(&state, &refusal, &parts),
    }
}

async fn own(state: &State, caller: &Caller) -> Result<Value, Refusal> {
    let (object, references) = state.authority.me(caller.known()?).await?;
    Ok(show::object(&object, &references))
}
