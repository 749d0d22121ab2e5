//! The form login (contract section A.1), and the pages around it.

use axum::body::{Body, to_bytes};
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use identity::action::{Claim, Draft};
use identity::model::csrf::Forgery;
use identity::model::secret::{Secret, generate};
use identity::model::session::SessionKind;
use identity::{Denial, Refusal};

use super::super::{denial, wire};
use crate::door::{Arrival, Door};
use crate::drf::form::Form;
use crate::drf::respond;

/// The login page.
pub async fn page() -> Response {
    denial::login_page().map(Body::from)
}

/// The welcome page.
pub async fn welcome() -> Response {
    let mut response =
        respond::with_body(StatusCode::OK, "text/html;charset=UTF-8", wire::WELCOME_HTML.as_bytes().to_vec());
    for (name, value) in wire::PAGE_HEADERS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// Signs in. Clients know success by an empty body and failure by the page, both with 200 (rules 1 and 2).
pub async fn enter(door: &Door, parts: &Parts, body: Body) -> Response {
    if parts.method != Method::POST {
        return page().await;
    }
    match sign_in(door, parts, body).await {
        Ok(response) => response,
        Err(refusal) => failed(door, parts, &refusal),
    }
}

async fn sign_in(door: &Door, parts: &Parts, body: Body) -> Result<Response, Refusal> {
    let arrival = door.arrival(parts)?;
    // The form has no token of its own, so a browser's word is what keeps other sites from signing somebody in.
    if arrival.presented.evidence.is_cross_site {
        return Err(Denial::Forged(Forgery::CrossSite).into());
    }
    let form = read(parts, body).await.ok_or(Denial::WrongPassword)?;
    let (username, password) = credentials(&form).ok_or(Denial::WrongPassword)?;
    let node = door.authority.world.platform.service_id().to_owned();
    let random = std::sync::Arc::clone(&door.authority.world.random);
    let spelling = move |_: &Draft<'_>| {
        let secret = generate(&*random, wire::SECRET_ALPHABET, wire::SECRET_LENGTH);
        Ok(Secret::new(format!("{}.{node}", secret.expose())))
    };
    let claim = Claim {
        holds: held(&arrival),
        spelling: Some(&spelling),
        ..Claim::new(username, &password, SessionKind::Manager)
    };
    let signed_in = door.authority.sign_in(&arrival.context, claim).await?;
    let mut response = respond::plain(StatusCode::OK);
    let cookie = wire::session_cookie(&signed_in.secret, arrival.doorway.is_secure);
    if let Ok(mut cookie) = HeaderValue::from_str(&cookie) {
        cookie.set_sensitive(true);
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The session that the client holds already; it ends when the new one begins.
fn held(arrival: &Arrival) -> Option<&Secret> {
    arrival.presented.session.as_ref().filter(|(kind, _)| *kind == SessionKind::Manager).map(|(_, it)| it)
}

/// The form of a request; none if there is no such form in its body. A query that names a field of the login is
/// refused: passwords there end in logs and histories.
async fn read(parts: &Parts, body: Body) -> Option<Form> {
    let query = Form::urlencoded(parts.uri.query().unwrap_or_default().as_bytes()).ok()?;
    if query.pairs().iter().any(|(name, _)| name == wire::USERNAME_FIELD || name == wire::PASSWORD_FIELD) {
        return None;
    }
    let kind = parts.headers.get(CONTENT_TYPE)?.as_bytes();
    let essence = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    if !essence.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
        return None;
    }
    let body: Bytes = to_bytes(body, wire::LOGIN_BODY_MAX).await.ok()?;
    Form::urlencoded(&body).ok()
}

/// The name and the password, each there once and not empty.
fn credentials(form: &Form) -> Option<(&str, Secret)> {
    let one = |name| form.one(name).ok().flatten().filter(|it| !it.is_empty());
    Some((one(wire::USERNAME_FIELD)?, Secret::new(one(wire::PASSWORD_FIELD)?)))
}

/// The page again, with 200 and no cookie: the client cannot tell why (rule 2). What is no answer to the
/// password has a status of its own.
fn failed(door: &Door, parts: &Parts, refusal: &Refusal) -> Response {
    let mut response = denial::login_page().map(Body::from);
    match refusal {
        Refusal::Denied(_) | Refusal::Absent(_) | Refusal::Invalid(_) => {}
        Refusal::Busy(after) => {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response = denial::later(response, *after);
        }
        Refusal::Broken(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    door.tell(refusal, parts, None, &mut response);
    response
}
