//! The form login (contract sections B2, B3).

use axum::body::{Body, to_bytes};
use axum::extract::State as Extracted;
use axum::response::Response;
use bytes::Bytes;
use http::header::{ACCEPT, SET_COOKIE};
use http::request::Parts;
use http::{HeaderName, StatusCode};
use identity::Refusal;
use identity::action::{Claim, SignedIn};
use identity::model::secret::Secret;
use identity::model::session::SessionKind;

use super::super::wire::{self, LOGIN_BODY_MAX};
use super::page;
use crate::drf::form::Form;
use crate::drf::html::next;
use crate::drf::html::page::LoginPage;
use crate::drf::html::visit::{Visit, put, session_digest};
use crate::drf::{State, html, redirect};

/// The login page after a failure.
const FAILED: &str =
    "Please enter a correct username and password. Note that both fields may be case-sensitive.";
/// The login page after a form that lacks a field.
const REQUIRED: &str = "This field is required.";

/// The page. It always sets the CSRF cookie.
pub async fn page(Extracted(state): Extracted<State>, parts: Parts) -> Response {
    let visit = match Visit::new(&state, &parts) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    if !wants_page(&parts) {
        return page::not_acceptable(&visit);
    }
    let query = query(&parts);
    match show(&visit, StatusCode::OK, &query, "").await {
        Ok(response) => response,
        Err(refusal) => visit.refuse(&refusal),
    }
}

/// Whether a page is among what the request accepts.
fn wants_page(parts: &Parts) -> bool {
    let mut ranges = parts
        .headers
        .get_all(ACCEPT)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(|range| range.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii())
        .filter(|range| !range.is_empty())
        .peekable();
    let accepts_all = ranges.peek().is_none();
    accepts_all || ranges.any(|range| [&b"text/html"[..], b"text/*", b"*/*"].contains(&range))
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
        let live = visit.principal().await?;
        return Ok(page::forbidden(visit, live.as_ref(), &forgery));
    }
    let username = form.one("username").ok().flatten().unwrap_or_default();
    let password = Secret::new(form.one("password").ok().flatten().unwrap_or_default());
    if username.is_empty() || password.expose().is_empty() {
        return Ok(visit.marked_empty(show(visit, StatusCode::UNAUTHORIZED, &form, REQUIRED).await?));
    }
    let holds = visit.presented.session.as_ref().map(|(_, secret)| secret);
    let claim = Claim { holds, ..Claim::new(username, &password, SessionKind::Controller) };
    match visit.state.authority.sign_in(visit.context, claim).await {
        Ok(signed_in) => Ok(welcome(visit, &form, &signed_in)),
        Err(Refusal::Denied(denial)) => {
            Ok(visit.marked(denial, show(visit, StatusCode::UNAUTHORIZED, &form, FAILED).await?))
        }
        Err(refusal) => Err(refusal),
    }
}

/// 302, with a token and a session that are both new (contract section B3: three cookies in this order).
fn welcome(visit: &Visit<'_>, form: &Form, signed_in: &SignedIn) -> Response {
    let location = wanted(visit, form).unwrap_or_else(|| wire::PROFILE.to_owned());
    let mut response = visit.redirect(&location);
    let is_secure = visit.doorway.is_secure;
    put(&mut response, HeaderName::from_static(wire::COOKIE_NAME_HEADER), wire::SESSION_COOKIE);
    let seconds = signed_in.timeout.as_secs().to_string();
    put(&mut response, HeaderName::from_static(wire::TIMEOUT_HEADER), &seconds);
    put(&mut response, SET_COOKIE, &wire::logged_in_cookie(is_secure));
    put(&mut response, SET_COOKIE, &wire::csrf_cookie(&signed_in.csrf_token, is_secure));
    let cookie = wire::session_cookie(&signed_in.secret, signed_in.timeout, visit.context.now, is_secure);
    put(&mut response, SET_COOKIE, &cookie);
    page::finish(visit, None, response)
}

fn query(parts: &Parts) -> Form {
    Form::urlencoded(parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default()
}

/// Where the form or the address wants to go, if that is a page of ours. The interface names it without its
/// first slash.
fn wanted(visit: &Visit<'_>, form: &Form) -> Option<String> {
    let query = query(visit.parts);
    let next = match form.one("next").ok()? {
        Some(next) => next,
        None => query.one("next").ok().flatten()?,
    };
    redirect::safe(next, visit.doorway).or_else(|| {
        let is_below = next.starts_with("api/") && !next.contains("://");
        if is_below { redirect::safe(&format!("/{next}"), visit.doorway) } else { None }
    })
}

async fn show(
    visit: &Visit<'_>,
    status: StatusCode,
    form: &Form,
    failure: &str,
) -> Result<Response, Refusal> {
    let live = visit.principal().await?;
    let token = visit.token(live.as_ref().and_then(session_digest).as_ref());
    let settings = visit.state.authority.settings();
    let next = wanted(visit, form).unwrap_or_else(|| visit.doorway.address(wire::API).into_owned());
    let typed = if failure.is_empty() { "" } else { form.one("username").ok().flatten().unwrap_or("") };
    let text = html::page::login(&LoginPage {
        brand: visit.state.brand,
        action: &visit.doorway.address(wire::LOGIN),
        language: visit.language,
        token: &visit.mask(&token),
        next: &next,
        username: typed,
        failure,
        info: settings.text("custom_login_info"),
        logo: settings.text("custom_logo"),
    });
    let mut response = visit.page_towards(status, text, &next::targets(&next));
    put(&mut response, SET_COOKIE, &wire::csrf_cookie(&token, visit.doorway.is_secure));
    Ok(page::finish(visit, live.as_ref(), response))
}
