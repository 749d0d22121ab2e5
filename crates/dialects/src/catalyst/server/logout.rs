//! The logout (contract section A.4): by POST and by GET, the same with and without a session (rules 10 and 11).

use axum::extract::State as Extracted;
use axum::response::Response;
use http::header::{LOCATION, SET_COOKIE};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use identity::model::csrf::Forgery;
use identity::model::session::SessionKind;
use identity::{Denial, Refusal};

use super::super::wire;
use crate::door::Door;
use crate::drf::{csrf, respond};

/// Signs out, and sends the client to the welcome page.
pub async fn leave(Extracted(door): Extracted<Door>, parts: Parts) -> Response {
    match sign_out(&door, &parts).await {
        Ok(response) => response,
        Err(refusal) => door.refuse(&refusal, &parts, None),
    }
}

async fn sign_out(door: &Door, parts: &Parts) -> Result<Response, Refusal> {
    let arrival = door.arrival(parts)?;
    // Clients log out without the XSRF token, so nothing but the browser's word tells another site's request.
    let is_posted_elsewhere = parts.method == Method::POST && arrival.presented.evidence.is_cross_site;
    if csrf::is_embedded(&parts.headers) || is_posted_elsewhere {
        return Err(Denial::Forged(Forgery::CrossSite).into());
    }
    // Only a cookie's session ends. A key in `Authorization` is not for this use alone, and clients that hold
    // one call the logout at the end of each run; for tokens of the JWT login the contract has no logout, and
    // several programs may share one (section A.10).
    if let Some((SessionKind::Manager, secret)) = &arrival.presented.session {
        door.authority.sign_out(&arrival.context, SessionKind::Manager, secret).await?;
    }
    let mut response = respond::plain(StatusCode::FOUND);
    let location = format!("{}?nocache={}", wire::WELCOME, arrival.context.now.as_millisecond());
    let cookie = wire::session_cookie_gone(arrival.doorway.is_secure);
    for (name, value) in [(LOCATION, location), (SET_COOKIE, cookie)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}
