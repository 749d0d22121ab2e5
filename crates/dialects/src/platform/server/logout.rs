//! The logout (contract section B5): by GET, as browsers are sent here, and by POST.

use axum::body::{Body, to_bytes};
use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::header::SET_COOKIE;
use http::request::Parts;
use identity::Refusal;
use identity::model::csrf::{Forgery, Place};

use super::super::wire::{self, CSRF_FIELD, LOGIN_BODY_MAX};
use crate::drf::form::Form;
use crate::drf::html::visit::{Visit, put};
use crate::drf::{State, csrf, redirect};

/// Signs out a browser that goes to the page.
pub async fn get(Extracted(state): Extracted<State>, parts: Parts) -> Response {
    let visit = match Visit::new(&state, &parts) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    if csrf::is_embedded(&parts.headers) {
        return visit.forbidden(&Forgery::CrossSite);
    }
    leave(&visit, &Form::default()).await.unwrap_or_else(|refusal| visit.refuse(&refusal))
}

/// Signs out a client that sends the token of its session.
pub async fn post(Extracted(state): Extracted<State>, parts: Parts, body: Body) -> Response {
    let visit = match Visit::new(&state, &parts) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let Ok(body) = to_bytes(body, LOGIN_BODY_MAX).await else {
        return visit.sentence(StatusCode::PAYLOAD_TOO_LARGE, "The form is too large or broke off.");
    };
    let form = Form::read(&parts, body).await.unwrap_or_default();
    match judge_source(&visit, &form).await {
        Ok(None) => leave(&visit, &form).await.unwrap_or_else(|refusal| visit.refuse(&refusal)),
        Ok(Some(forgery)) => visit.forbidden(&forgery),
        Err(refusal) => visit.refuse(&refusal),
    }
}

/// Why the request may be forged. One without a living session has nothing to lose.
async fn judge_source(visit: &Visit<'_>, form: &Form) -> Result<Option<Forgery>, Refusal> {
    let Some(digest) = visit.live_session().await? else {
        return Ok(None);
    };
    let Ok(field) = form.one(CSRF_FIELD) else {
        return Ok(Some(Forgery::TokenWrong(Place::Field)));
    };
    Ok(visit.judge_form(field, &digest).err())
}

/// Ends the session and sends the browser on. The CSRF cookie stays.
async fn leave(visit: &Visit<'_>, form: &Form) -> Result<Response, Refusal> {
    if let Some((kind, secret)) = &visit.presented.session {
        visit.state.authority.sign_out(visit.context, *kind, secret).await?;
    }
    let query = Form::urlencoded(visit.parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let next = form.one("next").ok().flatten().or_else(|| query.one("next").ok().flatten());
    let location = next.and_then(|next| redirect::safe(next, visit.doorway));
    let mut response = visit.redirect(location.as_deref().unwrap_or(wire::V1));
    put(&mut response, SET_COOKIE, wire::SESSION_COOKIE_GONE);
    Ok(response)
}
