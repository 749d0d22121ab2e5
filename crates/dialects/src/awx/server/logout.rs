//! The logout (contract section B6): by GET, as browsers are sent here, and by POST.

use axum::body::{Body, to_bytes};
use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::header::SET_COOKIE;
use http::request::Parts;
use identity::Refusal;
use identity::model::csrf::{Forgery, Place};

use super::super::wire::{self, CSRF_FIELD, LOGIN_BODY_MAX};
use super::page;
use crate::drf::form::Form;
use crate::drf::html::visit::{Visit, put, session_digest};
use crate::drf::{State, csrf, redirect};

/// Signs out a browser that goes to the page.
pub async fn get(Extracted(state): Extracted<State>, parts: Parts) -> Response {
    let visit = match Visit::new(&state, &parts) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    if csrf::is_embedded(&parts.headers) {
        return page::forbidden(&visit, None, &Forgery::CrossSite);
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
    judge(&visit, &form).await.unwrap_or_else(|refusal| visit.refuse(&refusal))
}

/// A request without a living session has nothing to lose; one with it must come from our pages.
async fn judge(visit: &Visit<'_>, form: &Form) -> Result<Response, Refusal> {
    let live = visit.principal().await?;
    if let Some(digest) = live.as_ref().and_then(session_digest) {
        let verdict = match form.one(CSRF_FIELD) {
            Ok(field) => visit.judge_form(field, &digest),
            Err(_) => Err(Forgery::TokenWrong(Place::Field)),
        };
        if let Err(forgery) = verdict {
            return Ok(page::forbidden(visit, live.as_ref(), &forgery));
        }
    }
    leave(visit, form).await
}

/// Ends the session and sends the browser on. The CSRF cookie stays.
async fn leave(visit: &Visit<'_>, form: &Form) -> Result<Response, Refusal> {
    if let Some((kind, secret)) = &visit.presented.session {
        visit.state.authority.sign_out(visit.context, *kind, secret).await?;
    }
    let query = Form::urlencoded(visit.parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let next = form.one("next").ok().flatten().or_else(|| query.one("next").ok().flatten());
    let location = next.and_then(|next| redirect::safe(next, visit.doorway));
    let home = visit.doorway.address(wire::API);
    let mut response = visit.redirect(location.as_deref().unwrap_or(&home));
    put(&mut response, SET_COOKIE, &wire::logged_out_cookie(visit.doorway.is_secure));
    put(&mut response, SET_COOKIE, wire::SESSION_COOKIE_GONE);
    Ok(page::finish(visit, None, response))
}
