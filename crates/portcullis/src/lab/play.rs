//! Plays a fault. Of each it is plain whether the request runs at the resource, and the counters prove it.

use std::sync::PoisonError;

use bytes::Bytes;
use dialects::ExpiredSession;
use http::header::{CONTENT_LENGTH, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderValue, Method, Response, StatusCode};
use identity::model::object::Noun;
use identity::model::secret::Digest;
use identity::model::session;
use identity::{Denial, Refusal, SessionEnd};

use super::body::LabBody;
use super::door::{Asked, ask, ask_for};
use super::fault::Kind;
use super::outcome::{self, Dropped};
use super::{Lab, Platform, rotation, spoil, wire};

/// What an answer that is too early says about when to come again, in seconds.
const RETRY_SECONDS: &str = "1";

/// Plays it.
pub async fn play(lab: &Lab, mut asked: Asked, kind: Kind) -> Result<Response<LabBody>, Dropped> {
    let response = match kind {
        Kind::Expire => {
            end(lab, &asked, SessionEnd::Overall).await;
            ask(lab, &asked).await
        }
        Kind::Evict => {
            end(lab, &asked, SessionEnd::Evicted).await;
            ask(lab, &asked).await
        }
        Kind::Rotate => {
            lab.rotation.lock().unwrap_or_else(PoisonError::into_inner).rotate();
            rotation::spoil(lab, &mut asked.parts);
            ask(lab, &asked).await
        }
        Kind::LoginPage => login_page(lab, &asked).await,
        Kind::Redirect => redirect(lab, &asked),
        Kind::EmptyUnauthorized => outcome::empty(StatusCode::UNAUTHORIZED),
        Kind::Cookie => {
            let mut response = ask(lab, &asked).await;
            end(lab, &asked, SessionEnd::Inactive).await;
            if let Some(cookie) = lab.platform.dialect().wire().cookies.first() {
                forget_cookie(&mut response, cookie);
            }
            response
        }
        Kind::Slow(time) => {
            let response = ask(lab, &asked).await;
            tokio::time::sleep(time).await;
            response
        }
        Kind::Cut => return cut(lab, &asked).await,
        Kind::DropBefore => return Err(Dropped),
        Kind::DropAfter => {
            let response = ask(lab, &asked).await;
            lab.record(&asked, &response);
            return Err(Dropped);
        }
        Kind::Status(code) => status(lab, code),
        Kind::RefuseLogin => {
            spoil::password(&mut asked);
            ask(lab, &asked).await
        }
    };
    lab.record(&asked, &response);
    Ok(response.map(LabBody::whole))
}

/// Has the client forget a cookie. Servers write each name once: what the answer would have set goes.
fn forget_cookie(response: &mut Response<Bytes>, cookie: &str) {
    let headers = response.headers_mut();
    let is_it = |line: &HeaderValue| {
        let rest = line.as_bytes().strip_prefix(cookie.as_bytes());
        rest.is_some_and(|it| it.starts_with(b"="))
    };
    let others: Vec<_> = headers.get_all(SET_COOKIE).iter().filter(|it| !is_it(it)).cloned().collect();
    headers.remove(SET_COOKIE);
    let gone = format!("{cookie}=expired; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    for line in others.into_iter().chain(HeaderValue::from_str(&gone).ok()) {
        headers.append(SET_COOKIE, line);
    }
}

/// Ends what a request shows: its session, or its token where it is said to be over. What shows neither ends all
/// sessions.
async fn end(lab: &Lab, asked: &Asked, how: SessionEnd) {
    let presented = lab.platform.dialect().read_proof(&asked.parts, &asked.doorway());
    let (authority, now) = (&lab.inside.authority, lab.inside.now());
    if let Some((kind, secret)) = &presented.session {
        let digest = session::digest(*kind, secret);
        if let Ok(Some(found)) = authority.store.find_session(&digest).await {
            let _ = authority.store.end_session(found.id, how, now).await;
        }
        return;
    }
    if let Some(bearer) = &presented.bearer {
        let digest = Digest::of(bearer.expose().as_bytes());
        if let Ok(Some(token)) = authority.store.look_at_token(&digest).await
            && let Ok(operator) = lab.inside.operator().await
        {
            let _ = authority.delete(&lab.inside.context(), &operator, Noun::Token, token.id.0).await;
        }
        return;
    }
    let _ = lab.end_sessions(None, how).await;
}

/// The platform's own login page, with 200.
async fn login_page(lab: &Lab, asked: &Asked) -> Response<Bytes> {
    match lab.platform {
        Platform::Aap | Platform::Astra => {
            ask_for(lab, asked, Method::GET, dialects::platform::wire::LOGIN).await
        }
        Platform::Awx | Platform::AwxWithoutTokens => {
            ask_for(lab, asked, Method::GET, dialects::awx::wire::LOGIN).await
        }
        Platform::Catalyst => dead(lab, asked, ExpiredSession::LoginPage),
        Platform::Apprenda => {
            let page = Bytes::from_static(wire::APPRENDA_LOGIN_HTML.as_bytes());
            outcome::with_type(StatusCode::OK, "text/html; charset=utf-8", page)
        }
    }
}

/// 302 to the platform's login or welcome page.
fn redirect(lab: &Lab, asked: &Asked) -> Response<Bytes> {
    let page = match lab.platform {
        Platform::Aap | Platform::Astra => dialects::platform::wire::LOGIN,
        Platform::Awx | Platform::AwxWithoutTokens => dialects::awx::wire::LOGIN,
        Platform::Catalyst => return dead(lab, asked, ExpiredSession::Redirect),
        Platform::Apprenda => wire::APPRENDA_LOGIN_PAGE,
    };
    let mut response = outcome::empty(StatusCode::FOUND);
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(page));
    response
}

/// How Catalyst Manager tells a client that its session is dead, in one of its ways.
fn dead(lab: &Lab, asked: &Asked, way: ExpiredSession) -> Response<Bytes> {
    let mut doorway = asked.doorway();
    doorway.expired_session = way;
    let refusal = Refusal::Denied(Denial::NoProof(None));
    // A token in a header would be answered in another way: here everybody gets the page.
    let mut parts = asked.parts.clone();
    parts.headers.remove(http::header::AUTHORIZATION);
    lab.platform.dialect().refuse(&refusal, &parts, &doorway)
}

fn status(lab: &Lab, code: u16) -> Response<Bytes> {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let body = lab.platform.failure(status, "The laboratory was told to say so.");
    let mut response = outcome::with_type(status, "application/json", body);
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
    }
    response
}

/// Runs the request and breaks the connection in the middle of the answer. An answer without a body has no middle:
/// then it does not come at all.
async fn cut(lab: &Lab, asked: &Asked) -> Result<Response<LabBody>, Dropped> {
    let mut response = ask(lab, asked).await;
    lab.record(asked, &response);
    if response.body().len() < 2 {
        return Err(Dropped);
    }
    let length = HeaderValue::from(response.body().len());
    response.headers_mut().insert(CONTENT_LENGTH, length);
    Ok(response.map(|body| LabBody::cut(&body)))
}
