//! The session that a request shows: how long it lives, and its extension (contract section B4).

use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::header::SET_COOKIE;
use http::request::Parts;
use identity::model::principal::Evidence;
use identity::model::session::Session;
use identity::{Context, Refusal};
use jiff::SignedDuration;
use serde_json::json;

use super::super::wire;
use crate::drf::caller::{Caller, refuse};
use crate::drf::html::visit::put;
use crate::drf::{State, respond, time};

/// When the session ends.
pub async fn show(Extracted(state): Extracted<State>, caller: Caller, parts: Parts) -> Response {
    match caller.known() {
        Ok(principal) => match &principal.evidence {
            Evidence::Session(session) => times(session, &caller.context),
            Evidence::Token(_) | Evidence::Password | Evidence::Operator => none(),
        },
        Err(refusal) => refuse(&state, &refusal, &parts),
    }
}

/// Restarts the session's time and sends its cookie again.
pub async fn extend(Extracted(state): Extracted<State>, caller: Caller, parts: Parts) -> Response {
    match extended(&state, &caller).await {
        Ok(Some(session)) => {
            let mut response =
                respond::json(StatusCode::OK, &json!({ "message": "The session was extended." }));
            let presented = state.dialect.read_proof(&parts, &caller.doorway);
            if let Some((_, secret)) = &presented.session {
                let now = caller.context.now;
                let age = session.remaining(now);
                let cookie = wire::session_cookie(secret, age, now, caller.doorway.is_secure);
                put(&mut response, SET_COOKIE, &cookie);
            }
            response
        }
        Ok(None) => none(),
        Err(refusal) => refuse(&state, &refusal, &parts),
    }
}

async fn extended(state: &State, caller: &Caller) -> Result<Option<Session>, Refusal> {
    state.authority.extend_session(&caller.context, caller.known()?).await
}

fn times(session: &Session, context: &Context) -> Response {
    // To the nearest second, so that a session that has just begun has its whole life before it.
    let remaining = session.remaining(context.now).saturating_add(SignedDuration::from_millis(500));
    let body = json!({
        "now": time::format(context.now),
        "expires_on": time::format(session.expires_at),
        "expires_in_seconds": remaining.as_secs(),
    });
    respond::json(StatusCode::OK, &body)
}

fn none() -> Response {
    respond::detail(StatusCode::NOT_FOUND, "No session was found for this request.")
}
