//! What a conversation has shown of secrets, so that it does not repeat them: a server may say back in its errors what
//! it was sent, and these end on screens and in logs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderName, HeaderValue, Request};
use identity::model::secret::Secret;
use percent_encoding::percent_decode_str;

use crate::client_half::{Next, Rejection};
use crate::steps;

/// Most secrets of one conversation that are remembered.
const SECRETS_MAX: usize = 64;
/// Shortest secret that is looked for, in bytes: a shorter one stands in every text.
const LENGTH_MIN: usize = 4;
/// How much of the beginning of a secret gives it away, in bytes: a text may be cut within it.
const BEGINNING: usize = 8;
/// Names of fields that hold secrets have one of these in them.
const FIELDS: [&str; 5] = ["password", "secret", "token", "refresh", "code"];
/// What stands in the place of a secret.
const HIDDEN: &str = "[hidden]";

/// The secrets that were shown.
#[derive(Debug, Default)]
pub struct Shown(Vec<Secret>);

impl Shown {
    /// Remembers what a request shows.
    pub fn note(&mut self, request: &Request<Bytes>) {
        for (name, value) in request.headers() {
            if value.is_sensitive() || *name == COOKIE || *name == AUTHORIZATION {
                self.note_header(name, value);
            }
        }
        if let Some(object) = steps::object(request.body()) {
            for (name, value) in &object {
                self.note_field(name, value.as_str().unwrap_or_default());
            }
        } else if let Ok(form) = std::str::from_utf8(request.body()) {
            for (name, value) in form.split('&').filter_map(|it| it.split_once('=')) {
                self.note_field(name, &percent_decode_str(value).decode_utf8_lossy());
            }
        }
    }

    fn note_header(&mut self, name: &HeaderName, value: &HeaderValue) {
        let Ok(text) = value.to_str() else { return };
        if *name == COOKIE {
            for (_, value) in text.split(';').filter_map(|it| it.split_once('=')) {
                self.keep(value);
            }
            return;
        }
        let proof = text.split_once(' ').map_or(text, |(_, proof)| proof);
        self.keep(proof);
        if *name == AUTHORIZATION
            && let Ok(pair) = STANDARD.decode(proof)
            && let Ok(pair) = String::from_utf8(pair)
            && let Some((_, password)) = pair.split_once(':')
        {
            self.keep(password);
        }
    }

    fn note_field(&mut self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        if FIELDS.iter().any(|it| name.contains(it)) {
            self.keep(value);
        }
    }

    fn keep(&mut self, secret: &str) {
        let secret = Secret::new(secret.trim());
        if secret.expose().len() >= LENGTH_MIN && self.0.len() < SECRETS_MAX && !self.0.contains(&secret) {
            self.0.push(secret);
        }
    }

    /// The end of a conversation without them.
    pub fn hide_in<T>(&self, end: Next<T>) -> Next<T> {
        match end {
            Next::Lost(why) => Next::Lost(self.hide(why)),
            Next::Refused(rejection) => Next::Refused(self.hide_said(rejection)),
            Next::Send(_) | Next::Wait(_) | Next::Done(_) => end,
        }
    }

    fn hide_said(&self, rejection: Rejection) -> Rejection {
        match rejection {
            Rejection::NotPermitted(said) => Rejection::NotPermitted(self.hide(said)),
            Rejection::TokensNotAllowed(said) => Rejection::TokensNotAllowed(self.hide(said)),
            Rejection::Forgery(said) => Rejection::Forgery(self.hide(said)),
            Rejection::Tenant(said) => Rejection::Tenant(self.hide(said)),
            Rejection::Elsewhere(said) => Rejection::Elsewhere(self.hide(said)),
            Rejection::Application(said) => Rejection::Application(self.hide(said)),
            Rejection::Device(said) => Rejection::Device(self.hide(said)),
            Rejection::Invalid(said) => Rejection::Invalid(self.hide(said)),
            other @ (Rejection::Password
            | Rejection::Token
            | Rejection::Over
            | Rejection::BasicOff
            | Rejection::NoTokens
            | Rejection::PasswordChange
            | Rejection::TooMany(_)
            | Rejection::Unencrypted
            | Rejection::Absent) => other,
        }
    }

    fn hide(&self, text: String) -> String {
        self.0.iter().fold(text, |text, secret| without(&text, secret.expose()))
    }
}

/// A text without a secret, or the beginning of one.
fn without(text: &str, secret: &str) -> String {
    let end = secret.char_indices().map(|(at, it)| at + it.len_utf8()).find(|it| *it >= BEGINNING);
    let beginning = &secret[..end.unwrap_or(secret.len())];
    let (mut clean, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, from)) = rest.split_once(beginning) {
        clean.push_str(before);
        clean.push_str(HIDDEN);
        let more = &secret[beginning.len()..];
        let same = from.chars().zip(more.chars()).take_while(|(one, other)| one == other);
        rest = &from[same.map(|(it, _)| it.len_utf8()).sum()..];
    }
    clean.push_str(rest);
    clean
}
