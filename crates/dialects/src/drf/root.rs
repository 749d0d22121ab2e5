//! `GET /api/`: the one address that two contracts answer, each looking for its own keys (AAP contract section
//! F2, AWX contract section A1).

use axum::response::Response;
use http::header::SET_COOKIE;
use http::request::Parts;
use identity::Refusal;
use identity::model::setting::Settings;
use serde_json::{Map, Value, json};

use super::State;
use super::html::visit::{Visit, put};
use crate::dialect::Doorway;

/// The keys that AWX's clients look for. Behind a prefix the authorization server is not named.
pub fn controller(settings: &Settings, doorway: &Doorway) -> Map<String, Value> {
    let version = doorway.address("/api/v2/");
    let mut keys = Map::new();
    keys.insert("current_version".to_owned(), json!(version));
    keys.insert("available_versions".to_owned(), json!({ "v2": version }));
    if doorway.prefix.is_empty() {
        keys.insert("oauth2".to_owned(), json!("/api/o/"));
    }
    keys.insert("custom_logo".to_owned(), json!(settings.text("custom_logo")));
    keys.insert("custom_login_info".to_owned(), json!(settings.text("custom_login_info")));
    keys.insert("login_redirect_override".to_owned(), json!(settings.text("LOGIN_REDIRECT_OVERRIDE")));
    keys
}

/// Sets the CSRF cookie that AWX's clients take from here to their login: the token of the session that the
/// request shows, whichever contract's it is, or else one for strangers.
pub async fn set_csrf_cookie(state: &State, parts: &Parts, response: &mut Response) -> Result<(), Refusal> {
    let mut token = None;
    for dialect in crate::ALL {
        let state = State { dialect, ..state.clone() };
        let Ok(visit) = Visit::new(&state, parts) else { return Ok(()) };
        if let Some(digest) = visit.live_session().await? {
            token = Some(visit.token(Some(&digest)));
        }
    }
    let Ok(visit) = Visit::new(state, parts) else { return Ok(()) };
    let token = token.unwrap_or_else(|| visit.token(None));
    let cookie = (state.brand.csrf_cookie)(&token, visit.context.now, visit.doorway.is_secure);
    put(response, SET_COOKIE, &cookie);
    Ok(())
}
