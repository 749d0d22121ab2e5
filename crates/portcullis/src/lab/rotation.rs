//! CSRF tokens that are no longer good: after a rotation a session's token is refused until the session has asked
//! for a new one.

use std::collections::HashSet;
use std::sync::PoisonError;

use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response};

use super::{Lab, wire};

/// Most sessions that are remembered to have a new token.
const FRESH_MAX: usize = 10_000;

/// Who has to ask for a new token.
#[derive(Debug, Default)]
pub struct Rotation {
    has_happened: bool,
    /// The cookies of those who have asked since.
    fresh: HashSet<String>,
}

impl Rotation {
    /// All tokens that were told until now are no longer good.
    pub fn rotate(&mut self) {
        self.has_happened = true;
        self.fresh.clear();
    }

    /// Forgets that there was a rotation.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    fn is_stale(&self, cookie: &str) -> bool {
        self.has_happened && !self.fresh.contains(cookie)
    }

    fn note(&mut self, cookie: String) {
        if self.has_happened && self.fresh.len() < FRESH_MAX {
            self.fresh.insert(cookie);
        }
    }
}

/// Makes the token of a request a wrong one, if its session has not asked for a new one.
pub fn spoil(lab: &Lab, parts: &mut Parts) {
    let Some(cookie) = session(lab, &parts.headers) else { return };
    if !lab.rotation.lock().unwrap_or_else(PoisonError::into_inner).is_stale(&cookie) {
        return;
    }
    for name in [wire::CSRF_HEADER, wire::XSRF_HEADER] {
        if let Some(token) = parts.headers.get(name).and_then(|it| it.to_str().ok()).map(other)
            && let Ok(value) = HeaderValue::from_str(&token)
        {
            parts.headers.insert(name, value);
        }
    }
}

/// Notes that a session was told a token.
pub fn refresh(lab: &Lab, asked: &Parts, response: &Response<Bytes>) {
    if !response.status().is_success() && !response.status().is_redirection() {
        return;
    }
    let cookies: Vec<&str> =
        response.headers().get_all(SET_COOKIE).iter().filter_map(|it| it.to_str().ok()).collect();
    // A new session has a new token.
    let new = cookies.iter().find_map(|it| {
        let (name, value) = it.split(';').next()?.split_once('=')?;
        lab.platform.dialect().wire().cookies.first().is_some_and(|it| *it == name).then(|| value.to_owned())
    });
    let tells = [wire::MANAGER_TOKEN, wire::MANAGER_SERVER].contains(&asked.uri.path())
        || cookies.iter().any(|it| it.starts_with(wire::CSRF_COOKIE))
        || memchr(response.body(), wire::CSRF_FIELD.as_bytes());
    let told = if tells { session(lab, &asked.headers) } else { None };
    let mut rotation = lab.rotation.lock().unwrap_or_else(PoisonError::into_inner);
    for cookie in new.into_iter().chain(told) {
        rotation.note(cookie);
    }
}

/// The value of the session's cookie.
pub fn session(lab: &Lab, headers: &HeaderMap) -> Option<String> {
    let name = lab.platform.dialect().wire().cookies.first()?;
    let fields = headers.get_all(COOKIE).iter().filter_map(|it| it.to_str().ok());
    let mut pairs = fields.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    pairs.find(|(it, _)| it == name).map(|(_, value)| value.to_owned())
}

/// A token of the same form that is not the same.
fn other(token: &str) -> String {
    token
        .chars()
        .map(|it| {
            if it == 'A' {
                'B'
            } else if it.is_ascii_alphanumeric() {
                'A'
            } else {
                it
            }
        })
        .collect()
}

fn memchr(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|it| it == word)
}
