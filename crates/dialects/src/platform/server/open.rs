//! What programs ask before they sign in, and what components ask about users.

use axum::extract::{Path, State as Extracted};
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use identity::model::claims::Claims;
use identity::model::object::{Noun, StableId};
use identity::{Denial, Refusal};
use serde_json::{Value, json};

use super::super::{claims, wire};
use crate::drf::caller::{Caller, refuse};
use crate::drf::{State, respond};

/// The ways to sign in (contract section F1).
pub async fn ui_auth(Extracted(state): Extracted<State>, parts: Parts) -> Response {
    match authenticators(&state).await {
        Ok(passwords) => {
            let settings = state.authority.settings();
            let body = json!({
                "passwords": passwords,
                "ssos": [],
                "show_login_form": !passwords.is_empty(),
                "login_redirect_override": settings.text("LOGIN_REDIRECT_OVERRIDE"),
                "custom_login_info": settings.text("custom_login_info"),
                "custom_logo": settings.text("custom_logo"),
                "managed_cloud_install": false,
            });
            respond::json(StatusCode::OK, &body)
        }
        Err(refusal) => refuse(&state, &refusal, &parts),
    }
}

async fn authenticators(state: &State) -> Result<Vec<Value>, Refusal> {
    let enabled = state.authority.enabled_authenticators().await?;
    Ok(enabled.iter().map(|it| json!({ "name": it.name })).collect())
}

/// The public key of identity tokens, as PEM.
pub async fn jwt_key(Extracted(state): Extracted<State>) -> Response {
    let key = state.authority.world.platform.public_key_pem().as_bytes().to_vec();
    respond::with_body(StatusCode::OK, "text/plain; charset=utf-8", key)
}

/// The roles of a user, for a component that has not seen their hash (contract section E3).
pub async fn jwt_claims(
    Extracted(state): Extracted<State>,
    Path(id): Path<String>,
    caller: Caller,
    parts: Parts,
) -> Response {
    claims_of(&state, &caller, &parts, &id).await.unwrap_or_else(|refusal| refuse(&state, &refusal, &parts))
}

async fn claims_of(state: &State, caller: &Caller, parts: &Parts, id: &str) -> Result<Response, Refusal> {
    let token = parts.headers.get(wire::SERVICE_TOKEN_HEADER).and_then(|value| value.to_str().ok());
    let service = token.and_then(|token| state.authority.world.platform.verify_service_token(token));
    if service.is_none() && !caller.known()?.subject.reads_all() {
        return Err(Denial::NotPermitted.into());
    }
    let id = StableId(id.to_ascii_lowercase());
    match state.authority.user_by_stable_id(&id).await? {
        Some(subject) => Ok(respond::json(StatusCode::OK, &claims::to_json(&Claims::of(&subject)))),
        None => Err(Refusal::Absent(Noun::User)),
    }
}
