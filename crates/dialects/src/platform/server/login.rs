//! The form login (contract sections B1, B2).

use axum::body::{Body, to_bytes};
use axum::extract::State as Extracted;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::SET_COOKIE;
use http::request::Parts;
use identity::action::{Authentication, Claim, SignedIn};
use identity::model::audit::EventKind;
use identity::model::csrf::{self, Binding, Evidence, Forgery, Place};
use identity::model::principal;
use identity::model::proof::Presented;
use identity::model::secret::{Digest, Secret};
use identity::model::session::{self, SessionKind};
use identity::{Context, Refusal};

use super::super::wire::{self, CSRF_FIELD, LOGIN_BODY_MAX};
use super::page::{self, LoginPage};
use super::{Visit, redirect};
use crate::drf::State;
use crate::drf::form::Form;

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
    if let Err(forgery) = judge_source(visit, &form) {
        return Ok(visit.forbidden(&forgery));
    }
    let username = form.one("username").ok().flatten().unwrap_or_default();
    let password = Secret::new(form.one("password").ok().flatten().unwrap_or_default());
    if username.is_empty() || password.expose().is_empty() {
        return show(visit, StatusCode::UNAUTHORIZED, &form).await;
    }
    let holds = visit.presented.session.as_ref().map(|(_, secret)| secret);
    let claim = Claim { username, password: &password, kind: SessionKind::Gateway, holds };
    match visit.state.authority.sign_in(visit.context, claim).await {
        Ok(signed_in) => Ok(welcome(visit, &form, &signed_in)),
        Err(Refusal::Denied(_)) => show(visit, StatusCode::UNAUTHORIZED, &form).await,
        Err(refusal) => Err(refusal),
    }
}

/// A login must come from our page: with a token that we made for strangers or, where somebody signs in
/// anew, with the token of the session that the browser still holds.
fn judge_source(visit: &Visit<'_>, form: &Form) -> Result<(), Forgery> {
    let field = match form.one(CSRF_FIELD) {
        Ok(field) => field.map(str::to_owned),
        Err(_) => return Err(Forgery::TokenWrong(Place::Field)),
    };
    let evidence = Evidence { field, ..visit.presented.evidence.clone() };
    let authority = &visit.state.authority;
    let origins = &authority.settings().trusted_origins;
    let check = |binding| csrf::check(&authority.csrf_key, &evidence, binding, origins);
    match (check(Binding::Anonymous), visit.held_digest()) {
        (Err(Forgery::TokenWrong(_)), Some(digest)) => check(Binding::Session(&digest)),
        (verdict, _) => verdict,
    }
}

/// 302, with a token and a session that are both new.
fn welcome(visit: &Visit<'_>, form: &Form, signed_in: &SignedIn) -> Response {
    let location = wanted(visit, form).unwrap_or_else(|| wire::V1.to_owned());
    let mut response = visit.redirect(&location);
    let now = visit.context.now;
    let is_secure = visit.doorway.is_secure;
    super::put(&mut response, SET_COOKIE, &wire::csrf_cookie(&signed_in.csrf_token, now, is_secure));
    let cookie = wire::session_cookie(&signed_in.secret, signed_in.timeout, now, is_secure);
    super::put(&mut response, SET_COOKIE, &cookie);
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
    let authority = &visit.state.authority;
    let live = live_session(visit.state, &visit.presented, visit.context).await?;
    let token = match &live {
        Some(digest) => authority.csrf_key.session_token(digest),
        None => anonymous_token(visit),
    };
    let settings = authority.settings();
    let text = page::login(&LoginPage {
        language: visit.language,
        token: &csrf::Key::mask(&token, &*authority.world.random),
        next: &wanted(visit, form).unwrap_or_default(),
        username: if status == StatusCode::OK {
            ""
        } else {
            form.one("username").ok().flatten().unwrap_or("")
        },
        has_failed: status != StatusCode::OK,
        info: settings.text("custom_login_info"),
        logo: settings.text("custom_logo"),
    });
    let mut response = visit.page(status, text);
    let cookie = wire::csrf_cookie(&token, visit.context.now, visit.doorway.is_secure);
    super::put(&mut response, SET_COOKIE, &cookie);
    if visit.presented.session.is_some() && live.is_none() {
        super::put(&mut response, SET_COOKIE, wire::SESSION_COOKIE_GONE);
    }
    Ok(response)
}

/// The token that the browser holds, if we made it for strangers; else a new one. Two pages open at once
/// so have the same token, and the first does not die of the second.
fn anonymous_token(visit: &Visit<'_>) -> String {
    let key = &visit.state.authority.csrf_key;
    let held = visit.presented.evidence.cookie.as_deref();
    held.and_then(|cookie| csrf::bare(cookie, Place::Cookie).ok())
        .filter(|token| key.accepts(token, Binding::Anonymous))
        .unwrap_or_else(|| key.anonymous_token(&*visit.state.authority.world.random))
}

/// The digest of the session that a request shows, if it lives.
pub async fn live_session(
    state: &State,
    presented: &Presented,
    context: &Context,
) -> Result<Option<Digest>, Refusal> {
    let Some(session) = presented.session.clone() else { return Ok(None) };
    let alone = Presented { session: Some(session), is_safe: true, ..Presented::default() };
    let found = match state.authority.recall(&alone, context) {
        Some(found) => found,
        None => state.authority.authenticate(&alone, context).await,
    };
    match found {
        Ok(Authentication::Known(principal)) => Ok(match &principal.evidence {
            principal::Evidence::Session(session) => Some(session.digest),
            principal::Evidence::Token(_) | principal::Evidence::Password | principal::Evidence::Operator => {
                None
            }
        }),
        Ok(Authentication::Anonymous(_)) | Err(Refusal::Denied(_)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

impl Visit<'_> {
    /// The digest of the session whose secret the request holds, alive or not.
    pub fn held_digest(&self) -> Option<Digest> {
        self.presented.session.as_ref().map(|(kind, secret)| session::digest(*kind, secret))
    }

    /// The page of a request that may be forged; told to the audit log.
    pub fn forbidden(&self, forgery: &Forgery) -> Response {
        let reason = crate::drf::csrf::reason(forgery);
        let detail = format!("{}: {reason}", self.parts.uri.path());
        self.state.authority.audit(self.context, EventKind::Refusal, None, detail);
        self.page(StatusCode::FORBIDDEN, page::forbidden(self.language, &reason))
    }
}
