//! What a sign-in sends and gets, without its secrets: methods, paths, statuses, names.

use bytes::Bytes;
use dialects::client_half::Wait;
use http::header::{LOCATION, ORIGIN, REFERER, SET_COOKIE};
use http::{Request, Response, Uri};

use crate::agent::Watch;

/// Most exchanges that are noted.
const NOTES_MAX: usize = 16;

/// Notes each exchange in a few words.
#[derive(Debug, Default)]
pub struct Notes {
    lines: Vec<String>,
    asked: Option<String>,
}

impl Notes {
    /// All exchanges in one line; empty if there was none.
    pub fn text(mut self) -> String {
        if let Some(asked) = self.asked.take() {
            self.lines.push(format!("{asked}: no answer"));
        }
        self.lines.join("; ")
    }
}

impl Watch for Notes {
    fn sends(&mut self, request: &Request<Bytes>) {
        let with: Vec<_> = [(REFERER, "Referer"), (ORIGIN, "Origin")]
            .into_iter()
            .filter_map(|(header, name)| request.headers().contains_key(header).then_some(name))
            .collect();
        let with = if with.is_empty() { String::new() } else { format!(" with {}", with.join(" and ")) };
        // A query may hold a secret, and so it is left out.
        self.asked = Some(format!("{} {}{with}", request.method(), request.uri().path()));
    }

    fn received(&mut self, answer: &Response<Bytes>) {
        let asked = self.asked.take().unwrap_or_default();
        let mut line = format!("{asked}: {}", answer.status().as_u16());
        let location = answer.headers().get(LOCATION).and_then(|it| it.to_str().ok());
        if let Some(to) = location.and_then(|it| it.parse::<Uri>().ok()) {
            line.push_str(" to ");
            line.push_str(to.path());
        }
        let cookies: Vec<_> = answer.headers().get_all(SET_COOKIE).iter().filter_map(cookie_name).collect();
        if !cookies.is_empty() {
            line.push_str(", sets ");
            line.push_str(&cookies.join(", "));
        }
        if self.lines.len() < NOTES_MAX {
            self.lines.push(line);
        }
    }

    fn waits(&mut self, _: &Wait) {}
}

/// A cookie's name without its value.
fn cookie_name(line: &http::HeaderValue) -> Option<&str> {
    let name = line.to_str().ok()?.split(['=', ';']).next()?.trim();
    (!name.is_empty() && name.len() <= 64).then_some(name)
}
