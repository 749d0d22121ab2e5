//! How an answer tells that a session is dead (contract sections A.5 and G.5).

use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, LOCATION};
use http::{StatusCode, response};
use identity::model::proof::Proof;

use super::read::{self, Cookie, Place};
use crate::catalyst::wire::told;
use crate::client_half::{Death, Holding, Style, Verdict};

/// Types of answers that may be pages.
const PAGES: [&str; 3] = ["text/html", "application/xhtml+xml", "text/plain"];

/// What an answer says of the life of what is held.
pub fn judge(holding: &Holding, answer: &response::Parts, body: Option<&[u8]>) -> Verdict {
    let cookie = match holding.proof {
        Proof::Session { .. } => read::cookie(&answer.headers),
        // No token ends by a cookie.
        Proof::Bearer(_) | Proof::Password { .. } => Cookie::Untouched,
    };
    match answer.status {
        StatusCode::UNAUTHORIZED => dead(Style::Unauthorized, true),
        StatusCode::FORBIDDEN => forbidden(answer, body, cookie),
        status if status.is_redirection() => redirected(answer, cookie),
        status if status.is_success() => succeeded(holding, answer, body, cookie),
        _ => by_cookie(cookie),
    }
}

/// The filter's sentence means that the session lives. Nothing ran then.
fn forbidden(answer: &response::Parts, body: Option<&[u8]>, cookie: Cookie) -> Verdict {
    match body {
        Some(body) if read::is_filter(body) => Verdict::Stale,
        Some(_) => by_cookie(cookie),
        None if is_empty(answer) => by_cookie(cookie),
        None => Verdict::Unsure,
    }
}

/// A redirect to where one signs in stands in the place of the answer.
fn redirected(answer: &response::Parts, cookie: Cookie) -> Verdict {
    let location = answer.headers.get(LOCATION).map(|it| String::from_utf8_lossy(it.as_bytes()));
    match location.map(|it| read::place(&it)) {
        Some(Place::PasswordChange) => dead(Style::PasswordChange, true),
        Some(Place::Entrance) => dead(Style::Redirect, true),
        Some(Place::Elsewhere) | None => by_cookie(cookie),
    }
}

/// A page where data was due is the login page, unless it is a file to be saved. That nothing ran is proven by its
/// form, or by the cookie of a session that the server began because it did not know ours.
fn succeeded(holding: &Holding, answer: &response::Parts, body: Option<&[u8]>, cookie: Cookie) -> Verdict {
    if is_empty(answer) || !may_be_page(answer) {
        return by_cookie(cookie);
    }
    match body {
        None => Verdict::Unsure,
        Some(body) if read::is_page(body) => {
            let is_another = match &holding.proof {
                Proof::Session { secret, .. } => read::begins_another(&answer.headers, secret),
                Proof::Bearer(_) | Proof::Password { .. } => false,
            };
            dead(Style::LoginPage, is_another || read::contains(body, told::FORM))
        }
        Some(_) => by_cookie(cookie),
    }
}

/// A cookie that ends the session beside some answer: what was asked for may have run. A new one means nothing.
fn by_cookie(cookie: Cookie) -> Verdict {
    match cookie {
        Cookie::Ended => dead(Style::ExpiringCookie, false),
        Cookie::Set | Cookie::Untouched => Verdict::Alive,
    }
}

fn dead(style: Style, is_unrun: bool) -> Verdict {
    Verdict::Dead(Death { style, is_unrun })
}

/// Whether there can be no page in an answer: its length says so, or its status.
fn is_empty(answer: &response::Parts) -> bool {
    matches!(answer.status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT)
        || answer.headers.get(CONTENT_LENGTH).is_some_and(|it| it == "0")
}

/// Whether an answer may be a page by its type. Releases send some plain texts as `text/html`, and some pages
/// without a type: then the body decides.
fn may_be_page(answer: &response::Parts) -> bool {
    let is_text = |it: &str| PAGES.iter().any(|page| it.eq_ignore_ascii_case(page));
    !answer.headers.contains_key(CONTENT_DISPOSITION) && read::media_type(&answer.headers).is_none_or(is_text)
}
