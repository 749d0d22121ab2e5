//! What an answer says of the life of what is held.

use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use http::response::Parts;
use http::{HeaderMap, StatusCode, Uri};
use identity::model::proof::Proof;

use super::{Site, ask};
use crate::client_half::{Death, Holding, Style, Verdict};
use crate::drf::proof::session_cookie;
use crate::drf::wire;
use crate::steps;

/// What an answer says of the life of what is held. For a token, or a name and a password, only 401 is death.
pub fn judge(site: &Site, holding: &Holding, answer: &Parts, body: Option<&[u8]>) -> Verdict {
    if answer.status == StatusCode::UNAUTHORIZED {
        return dead(Style::Unauthorized, true);
    }
    if !matches!(holding.proof, Proof::Session { .. }) {
        return Verdict::Alive;
    }
    if answer.status.is_redirection() && leads_to_login(site, &answer.headers) {
        return dead(Style::Redirect, true);
    }
    // The cookie is deleted beside an answer to somebody unknown: what is open to everybody ran.
    if ask::deletes_cookie(&answer.headers, session_cookie(site.habits, holding)) {
        return dead(Style::ExpiringCookie, answer.status == StatusCode::FORBIDDEN);
    }
    match (answer.status, body) {
        (StatusCode::FORBIDDEN, None) => Verdict::Unsure,
        (StatusCode::FORBIDDEN, Some(body)) => {
            if is_forgery(&answer.headers, body) {
                Verdict::Stale
            } else {
                Verdict::Alive
            }
        }
        (StatusCode::OK, None) if is_shown_page(&answer.headers) => Verdict::Unsure,
        (StatusCode::OK, Some(body)) if is_shown_page(&answer.headers) && is_login_page(site, body) => {
            dead(Style::LoginPage, true)
        }
        _ => Verdict::Alive,
    }
}

fn dead(style: Style, is_unrun: bool) -> Verdict {
    Verdict::Dead(Death { style, is_unrun })
}

/// Whether a redirect leads to a page to sign in with: the server's own, or one of the user interface's.
pub fn leads_to_login(site: &Site, headers: &HeaderMap) -> bool {
    let Some(location) = headers.get(LOCATION).and_then(|it| it.to_str().ok()) else { return false };
    let fragment = location.split_once('#').map_or("", |(_, fragment)| fragment);
    let path = location.parse::<Uri>().map(|it| it.path().to_owned()).unwrap_or_default();
    let path = path.trim_end_matches('/');
    path == site.login.trim_end_matches('/')
        || wire::LOGIN_PAGES.contains(&path)
        || wire::LOGIN_PAGES.contains(&fragment.split('?').next().unwrap_or_default().trim_end_matches('/'))
}

/// Whether an answer is a page to be looked at, and no file to be saved.
fn is_shown_page(headers: &HeaderMap) -> bool {
    is_of_kind(headers, wire::HTML) && !headers.contains_key(CONTENT_DISPOSITION)
}

fn is_of_kind(headers: &HeaderMap, kind: &str) -> bool {
    let given = headers.get(CONTENT_TYPE).map_or(&[][..], http::HeaderValue::as_bytes);
    given.get(..kind.len()).is_some_and(|it| it.eq_ignore_ascii_case(kind.as_bytes()))
}

/// Whether a page is the one to sign in with: its form is sent where one signs in. That a form has fields for a name
/// and a password says nothing: so have those in which users are made and changed.
pub fn is_login_page(site: &Site, body: &[u8]) -> bool {
    wire::form_actions(site.login).iter().any(|it| contains(body, it))
}

/// Whether the answer to a request says that it was taken for a forged one. It is the first that such an answer says:
/// further on it may repeat what somebody wrote.
pub fn is_forgery(headers: &HeaderMap, body: &[u8]) -> bool {
    if is_of_kind(headers, wire::HTML) || body.trim_ascii_start().starts_with(b"<") {
        return wire::FORGED_PAGES.iter().any(|it| contains(body, it));
    }
    let detail =
        steps::object(body).and_then(|it| Some(it.get(wire::DETAIL)?.as_str()?.starts_with(wire::FORGED)));
    detail.unwrap_or(false)
}

/// Whether a body contains a text.
pub fn contains(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|it| it == text.as_bytes())
}
