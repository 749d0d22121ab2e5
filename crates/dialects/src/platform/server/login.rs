//! The form login (contract sections B1, B2).

use axum::body::{Body, to_bytes};
use axum::extract::State as Extracted;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::SET_COOKIE;
use http::request::Parts;
use identity::Refusal;
use identity::action::{Claim, SignedIn};
use identity::model::secret::Secret;
use identity::model::session::SessionKind;

use super::super::wire::{self, LOGIN_BODY_MAX};
use crate::drf::State;
use crate::drf::form::Form;
use crate::drf::html::next;
use crate::drf::html::page::{self, LoginPage};
use crate::drf::html::visit::{Visit, put};
use crate::drf::redirect;

/// The page. It always sets the CSRF cookie.
pub async fn page(Extracted(state): Extracted<State>, parts: Parts) -> Response {
    let visit = match Visit::new(&state, &parts) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let query = Form::urlencoded(parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    match show(&visit, StatusCode::OK, &query).await {
        Ok(response) => response,
        Err(refusal) => visit.refuse(&refusal),
    }
}

/// The form. Where the request comes from is judged before what it claims.
pub async fn form(Extracted(state): Extracted<State>, parts: Parts, body: Body) -> Response {
    let visit = match Visit::new(&state, &parts) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let Ok(body) = to_bytes(body, LOGIN_BODY_MAX).await else {
        return visit.sentence(StatusCode::PAYLOAD_TOO_LARGE, "The form is too large or broke off.");
    };
    match enter(&visit, body).await {
        Ok(response) => response,
        Err(refusal) => visit.refuse(&refusal),
    }
}

async fn enter(visit: &Visit<'_>, body: Bytes) -> Result<Response, Refusal> {
    // A body that is no form reads as a form without fields: its sender gets the page again.
    let form = Form::read(visit.parts, body).await.unwrap_or_default();
    if let Err(forgery) = visit.judge_sign_in(&form) {
        return Ok(visit.forbidden(&forgery));
    }
    let username = form.one("username").ok().flatten().unwrap_or_default();
    let password = Secret::new(form.one("password").ok().flatten().unwrap_or_default());
    if username.is_empty() || password.expose().is_empty() {
        return Ok(visit.marked_empty(show(visit, StatusCode::UNAUTHORIZED, &form).await?));
    }
    let holds = visit.presented.session.as_ref().map(|(_, secret)| secret);
    let claim = Claim { holds, ..Claim::new(username, &password, SessionKind::Gateway) };
    match visit.state.authority.sign_in(visit.context, claim).await {
        Ok(signed_in) => Ok(welcome(visit, &form, &signed_in)),
        Err(Refusal::Denied(denial)) => {
            Ok(visit.marked(denial, show(visit, StatusCode::UNAUTHORIZED, &form).await?))
        }
        Err(refusal) => Err(refusal),
    }
}

/// 302, with a token and a session that are both new.
fn welcome(visit: &Visit<'_>, form: &Form, signed_in: &SignedIn) -> Response {
    let location = wanted(visit, form).unwrap_or_else(|| wire::V1.to_owned());
    let mut response = visit.redirect(&location);
    let now = visit.context.now;
    let is_secure = visit.doorway.is_secure;
    put(&mut response, SET_COOKIE, &wire::csrf_cookie(&signed_in.csrf_token, now, is_secure));
    let cookie = wire::session_cookie(&signed_in.secret, signed_in.timeout, now, is_secure);
    put(&mut response, SET_COOKIE, &cookie);
    response
}

/// Where the form or the address wants to go, if that is a page of ours.
fn wanted(visit: &Visit<'_>, form: &Form) -> Option<String> {
    let from_form = form.one("next").ok()?;
    let query = Form::urlencoded(visit.parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let next = from_form.or_else(|| query.one("next").ok().flatten())?;
    redirect::safe(next, visit.doorway)
}

async fn show(visit: &Visit<'_>, status: StatusCode, form: &Form) -> Result<Response, Refusal> {
    let live = visit.live_session().await?;
    let token = visit.token(live.as_ref());
    let settings = visit.state.authority.settings();
    let has_failed = status != StatusCode::OK;
    let next = wanted(visit, form).unwrap_or_default();
    let text = page::login(&LoginPage {
        brand: visit.state.brand,
        action: wire::LOGIN,
        language: visit.language,
        token: &visit.mask(&token),
        next: &next,
        username: if has_failed { form.one("username").ok().flatten().unwrap_or("") } else { "" },
        failure: if has_failed { wire::LOGIN_FAILED } else { "" },
        info: settings.text("custom_login_info"),
        logo: settings.text("custom_logo"),
    });
    let mut response = visit.page_towards(status, text, &next::targets(&next));
    let cookie = wire::csrf_cookie(&token, visit.context.now, visit.doorway.is_secure);
    put(&mut response, SET_COOKIE, &cookie);
    if visit.presented.session.is_some() && live.is_none() {
        put(&mut response, SET_COOKIE, wire::SESSION_COOKIE_GONE);
    }
    Ok(response)
}
