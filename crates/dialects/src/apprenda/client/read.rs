//! What a client reads out of the answers of a platform (contract sections 2 and 5).

use http::header::{CONTENT_TYPE, LOCATION};
use http::{Extensions, StatusCode, response};
use serde_json::{Map, Value};

use crate::apprenda::wire::{self, told};
use crate::client_half::{Death, Phrase, Style, Verdict};
use crate::dialect::Reason;
use crate::steps;

/// The text of an answer that says something: `message` in any case, or the first of a report card.
pub fn message(body: &[u8]) -> Option<String> {
    let object = steps::object(body)?;
    let text = text(&object, told::MESSAGE).or_else(|| {
        let list = any_case(&object, told::MESSAGES)?.as_array()?;
        text(list.first()?.as_object()?, told::MESSAGE)
    });
    text.map(str::to_owned)
}

fn any_case<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    any_case(object, name)?.as_str().filter(|it| !it.is_empty())
}

/// Whether a 403 means that nobody is signed in who may be there: by the reason of its status line if that is known,
/// else by its body. None if neither is.
pub fn is_unauthorized(extensions: &Extensions, body: Option<&[u8]>) -> Option<bool> {
    let phrase = extensions.get::<Phrase>().map(|it| it.0.as_str());
    let phrase = phrase.or_else(|| extensions.get::<Reason>().map(|it| it.0));
    if phrase.is_some_and(is_refusal) {
        return Some(true);
    }
    let said = |body: &[u8]| message(body).unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
    body.map(|it| is_refusal(&said(it)))
}

/// Whether a text is the one that refuses somebody.
fn is_refusal(text: &str) -> bool {
    text.trim().trim_matches('"').trim_end_matches('.').eq_ignore_ascii_case(wire::NOT_AUTHORIZED)
}

/// What an answer says of the life of a session: a 401, or a 403 in these very words, was answered before anything
/// ran.
pub fn judge(answer: &response::Parts, body: Option<&[u8]>) -> Verdict {
    let dead = |style| Verdict::Dead(Death { style, is_unrun: true });
    match answer.status {
        StatusCode::UNAUTHORIZED => dead(Style::Unauthorized),
        StatusCode::FORBIDDEN => match is_unauthorized(&answer.extensions, body) {
            Some(true) => dead(Style::Forbidden),
            Some(false) => Verdict::Alive,
            None => Verdict::Unsure,
        },
        status if status.is_redirection() && leads_to_sign_in(answer) => dead(Style::Redirect),
        status if status.is_success() && is_page(answer) => match body {
            Some(body) if is_sign_in(body) => dead(Style::LoginPage),
            Some(_) => Verdict::Alive,
            None => Verdict::Unsure,
        },
        _ => Verdict::Alive,
    }
}

/// Whether a redirect leads to where people sign in. The contract has no such answer; portals before it do.
fn leads_to_sign_in(answer: &response::Parts) -> bool {
    let location = answer.headers.get(LOCATION).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let path = location.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    path.rsplit('/')
        .next()
        .is_some_and(|it| told::SIGN_IN_PAGES.iter().any(|page| it.eq_ignore_ascii_case(page)))
}

fn is_page(answer: &response::Parts) -> bool {
    let kind = answer.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with(told::PAGE)
}

/// Whether a page asks for a password.
fn is_sign_in(body: &[u8]) -> bool {
    String::from_utf8_lossy(body).to_ascii_lowercase().contains(told::PASSWORD_INPUT)
}

/// Whether a body speaks in this contract's words of something that went wrong.
pub fn is_message(body: &[u8]) -> bool {
    message(body).is_some()
}

/// Whether a body is a list of tenants.
pub fn is_tenants(body: &[u8]) -> bool {
    steps::object(body).is_some_and(|it| any_case(&it, told::TENANTS).is_some_and(Value::is_array))
}
