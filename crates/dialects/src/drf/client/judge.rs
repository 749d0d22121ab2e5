//! What an answer says of the life of what is held.

use http::header::{CONTENT_TYPE, LOCATION};
use http::response::Parts;
use http::{StatusCode, Uri};
use identity::model::proof::Proof;

use super::{Site, ask};
use crate::client_half::{Death, Holding, Style, Verdict};
use crate::drf::wire;

/// What an answer says of the life of what is held. For a token, or a name and a password, only 401 is death.
pub fn judge(site: &Site, holding: &Holding, answer: &Parts, body: Option<&[u8]>) -> Verdict {
    if answer.status == StatusCode::UNAUTHORIZED {
        return dead(Style::Unauthorized, true);
    }
    if !matches!(holding.proof, Proof::Session { .. }) {
        return Verdict::Alive;
    }
    if answer.status.is_redirection() && leads_to_login(site, answer) {
        return dead(Style::Redirect, true);
    }
    // The cookie is deleted beside an answer to somebody unknown: what is open to everybody ran.
    if ask::deletes_cookie(&answer.headers, site.habits.session_cookie) {
        return dead(Style::ExpiringCookie, answer.status == StatusCode::FORBIDDEN);
    }
    match (answer.status, body) {
        (StatusCode::FORBIDDEN, None) => Verdict::Unsure,
        (StatusCode::FORBIDDEN, Some(body)) => {
            let is_forged = [wire::FORGED, wire::FORGED_PAGE].iter().any(|it| contains(body, it));
            if is_forged { Verdict::Stale } else { Verdict::Alive }
        }
        (StatusCode::OK, None) if is_page(answer) => Verdict::Unsure,
        (StatusCode::OK, Some(body)) if is_page(answer) && is_login_page(site, body) => {
            dead(Style::LoginPage, true)
        }
        _ => Verdict::Alive,
    }
}

fn dead(style: Style, is_unrun: bool) -> Verdict {
    Verdict::Dead(Death { style, is_unrun })
}

/// Whether a redirect leads to a page to sign in with: the server's own, or one of the user interface's.
fn leads_to_login(site: &Site, answer: &Parts) -> bool {
    let Some(location) = answer.headers.get(LOCATION).and_then(|it| it.to_str().ok()) else { return false };
    let fragment = location.split_once('#').map_or("", |(_, fragment)| fragment);
    let path = location.parse::<Uri>().map(|it| it.path().to_owned()).unwrap_or_default();
    let path = path.trim_end_matches('/');
    path == site.login.trim_end_matches('/')
        || wire::LOGIN_PAGES.contains(&path)
        || wire::LOGIN_PAGES.contains(&fragment.split('?').next().unwrap_or_default().trim_end_matches('/'))
}

fn is_page(answer: &Parts) -> bool {
    let kind = answer.headers.get(CONTENT_TYPE).map_or(&[][..], http::HeaderValue::as_bytes);
    kind.get(..wire::HTML.len()).is_some_and(|it| it.eq_ignore_ascii_case(wire::HTML.as_bytes()))
}

/// Whether a page is the one to sign in with. Its form may lie beyond the beginning, but not what it is sent to.
fn is_login_page(site: &Site, body: &[u8]) -> bool {
    wire::LOGIN_FIELDS.iter().all(|it| contains(body, it)) || contains(body, &wire::form_action(site.login))
}

fn contains(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|it| it == text.as_bytes())
}
