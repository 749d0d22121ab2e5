//! The page on which a user types what a device shows, and answers its question (RFC 8628 section 3.3).

use axum::body::Body;
use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::header::{RETRY_AFTER, SET_COOKIE};
use http::request::Parts;
use identity::model::principal::Principal;
use identity::{Denial, Refusal};

use super::authorize::kept_alive;
use super::consent::append;
use super::form::{Fields, FormError};
use super::page::{self, DevicePage};
use super::{Site, wire};
use crate::door;
use crate::drf::html::next;
use crate::drf::html::visit::{Visit, put, session_digest};

/// Characters of a typed code that are shown again.
const TYPED_MAX: usize = 40;

/// Asks for the code; one in the address is filled in, but still has to be sent by the user (RFC 8628 section
/// 5.4).
pub async fn get(Extracted(site): Extracted<Site>, parts: Parts) -> Response {
    let visit = match Visit::new(&site.state, &parts) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let code = match Fields::query(&parts).map(|fields| typed(&fields)) {
        Ok(code) => code,
        Err(error) => return bad(&visit, error),
    };
    let principal = match visit.principal().await {
        Ok(Some(principal)) => principal,
        Ok(None) => return to_login(&site, &visit, &code),
        Err(refusal) => return visit.refuse(&refusal),
    };
    let response = show(&site, &visit, &principal, |it| {
        (StatusCode::OK, page::device_code(&DevicePage { user_code: &code, ..it }, false))
    });
    kept_alive(&site, &visit, &principal, response)
}

/// Hears the code, and then the answer.
pub async fn post(Extracted(site): Extracted<Site>, parts: Parts, body: Body) -> Response {
    let visit = match Visit::new(&site.state, &parts) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let fields = match Fields::body(&parts, body).await {
        Ok(fields) => fields,
        Err(error) => return bad(&visit, error),
    };
    let code = typed(&fields);
    let principal = match visit.principal().await {
        Ok(Some(principal)) => principal,
        Ok(None) => return to_login(&site, &visit, &code),
        Err(refusal) => return visit.refuse(&refusal),
    };
    let Some(digest) = session_digest(&principal) else { return to_login(&site, &visit, &code) };
    if let Err(forgery) = visit.judge_form(fields.get(site.state.brand.csrf_field), &digest) {
        return visit.forbidden(&forgery);
    }
    let answer = match (fields.get(wire::ALLOW), fields.get(wire::DENY)) {
        (Some(_), None) => Some(true),
        (_, Some(_)) => Some(false),
        (None, None) => None,
    };
    let found = match answer {
        Some(is_allowed) => decide(&site, &visit, &principal, &code, is_allowed).await,
        None => question(&site, &visit, &principal, &code).await,
    };
    let response = found.unwrap_or_else(|refusal| refused(&site, &visit, &principal, &code, &refusal));
    kept_alive(&site, &visit, &principal, response)
}

async fn question(
    site: &Site,
    visit: &Visit<'_>,
    principal: &Principal,
    code: &str,
) -> Result<Response, Refusal> {
    let question = site.state.authority.read_device(visit.context, principal, code).await?;
    Ok(show(site, visit, principal, |it| {
        let page = DevicePage { user_code: code, ..it };
        (StatusCode::OK, page::device_question(&page, &question, visit.context.now))
    }))
}

async fn decide(
    site: &Site,
    visit: &Visit<'_>,
    principal: &Principal,
    code: &str,
    is_allowed: bool,
) -> Result<Response, Refusal> {
    site.state.authority.decide_device(visit.context, principal, code, is_allowed).await?;
    Ok(visit.page(StatusCode::OK, page::device_done(visit.language, is_allowed)))
}

/// What a user is told whose code or answer is not taken.
fn refused(site: &Site, visit: &Visit<'_>, principal: &Principal, code: &str, refusal: &Refusal) -> Response {
    match refusal {
        Refusal::Absent(_) => show(site, visit, principal, |it| {
            (StatusCode::BAD_REQUEST, page::device_code(&DevicePage { user_code: code, ..it }, true))
        }),
        Refusal::Denied(Denial::TooManyAttempts(after)) => {
            let text = page::device_closed(visit.language);
            let mut response = visit.page(StatusCode::TOO_MANY_REQUESTS, text);
            put(&mut response, RETRY_AFTER, &after.as_secs().max(1).to_string());
            door::mark(refusal, Some(principal), &mut response);
            response
        }
        Refusal::Denied(Denial::ExternalUser(_)) => {
            let mut response = visit.page(StatusCode::FORBIDDEN, page::device_forbidden(visit.language));
            door::mark(refusal, Some(principal), &mut response);
            response
        }
        other => visit.refuse(other),
    }
}

/// A page with a form, and the cookie that belongs to its token.
fn show(
    site: &Site,
    visit: &Visit<'_>,
    principal: &Principal,
    fill: impl FnOnce(DevicePage<'_>) -> (StatusCode, String),
) -> Response {
    let brand = site.state.brand;
    let token = visit.token(session_digest(principal).as_ref());
    let (status, text) = fill(DevicePage {
        language: visit.language,
        csrf_field: brand.csrf_field,
        token: &visit.mask(&token),
        user_code: "",
        username: &principal.user().username,
    });
    let mut response = visit.page(status, text);
    let cookie = (brand.csrf_cookie)(&token, visit.context.now, visit.doorway.is_secure);
    put(&mut response, SET_COOKIE, &cookie);
    response
}

/// The code that was typed, as far as it can be one, in capitals: the user compares it with what the device
/// shows.
fn typed(fields: &Fields) -> String {
    let text = fields.get(wire::USER_CODE).unwrap_or_default().to_ascii_uppercase();
    text.chars().filter(|it| !it.is_control()).take(TYPED_MAX).collect()
}

/// 302 to the login page, which leads back here with the code.
fn to_login(site: &Site, visit: &Visit<'_>, code: &str) -> Response {
    let path = visit.doorway.address(visit.parts.uri.path());
    let code = Some(code).filter(|it| !it.is_empty());
    let back = append(&path, &[(wire::USER_CODE, code)]);
    visit.redirect(&next::login(&visit.doorway.address(site.flavour.login), &back))
}

fn bad(visit: &Visit<'_>, error: FormError) -> Response {
    let text = page::error(visit.language, wire::INVALID_REQUEST, error.text());
    visit.page(StatusCode::BAD_REQUEST, text)
}
