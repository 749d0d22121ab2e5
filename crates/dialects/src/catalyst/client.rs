//! The client half: the login as a conversation (contract sections A.1, A.2 and G).

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, request, response};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::wire;
use crate::client_half::{
    ClientHalf, Conversation, Death, Holding, Login, Method as Way, Next, Recognised, Rejection, Style,
    Unspoken, Upkeep, Verdict, Who,
};
use crate::dialect::{Dialect as _, Owned};

/// What a form field keeps as it is.
const FIELD: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Longest secret that is believed, in bytes.
const SECRET_MAX: usize = 1024;
/// How long a token may be, in characters (rule G.2).
const TOKEN_LENGTH: std::ops::RangeInclusive<usize> = 20..=400;

/// A login under way.
pub struct FormLogin {
    login: Login,
    stage: Stage,
}

/// How far a login has come.
enum Stage {
    /// Nothing was sent.
    Begin,
    /// The form was sent.
    Form,
    /// The token of this session was asked for.
    Token(Secret),
    /// It is over.
    Over,
}

impl FormLogin {
    /// A login that has not begun.
    pub fn new(login: Login) -> Self {
        Self { login, stage: Stage::Begin }
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.login.base.trim_end_matches('/'))
    }

    /// The form goes without any cookie: an old one would make the server answer with a redirect (section A.1).
    fn send(&mut self) -> Next<Holding> {
        let Some((username, password)) = self.login.credential.pair() else {
            return self.lost("a login by form needs a name and a password");
        };
        let form = Secret::new(format!(
            "{}={}&{}={}",
            wire::USERNAME_FIELD,
            utf8_percent_encode(username, FIELD),
            wire::PASSWORD_FIELD,
            utf8_percent_encode(password, FIELD),
        ));
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.address(wire::LOGIN))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::copy_from_slice(form.expose().as_bytes()));
        match request {
            Ok(request) => {
                self.stage = Stage::Form;
                Next::Send(request)
            }
            Err(_) => self.lost("the server's address is no URL"),
        }
    }

    /// Success is 200, nothing in the body, and the cookie; a page is a refusal, whatever cookie it sets.
    fn judge(&mut self, answer: &Response<Bytes>) -> Next<Holding> {
        match answer.status() {
            StatusCode::OK if answer.body().is_empty() => match session(answer.headers()) {
                Some(secret) => self.ask(secret),
                None => self.lost("the login sets no session cookie"),
            },
            StatusCode::OK if is_page(answer.body()) => self.refused(),
            StatusCode::UNAUTHORIZED => self.refused(),
            StatusCode::OK => self.lost("the login answers with something else than a page"),
            status => self.lost(format!("the login answers {}", status.as_u16())),
        }
    }

    fn ask(&mut self, secret: Secret) -> Next<Holding> {
        let cookie = Secret::new(format!("{}={}", wire::SESSION_COOKIE, secret.expose()));
        let request = HeaderValue::from_str(cookie.expose()).map_err(http::Error::from).and_then(|mut it| {
            it.set_sensitive(true);
            Request::builder()
                .method(Method::GET)
                .uri(self.address(wire::TOKEN))
                .header(ACCEPT, "*/*")
                .header(CONTENT_TYPE, "application/json")
                .header(COOKIE, it)
                .body(Bytes::new())
        });
        match request {
            Ok(request) => {
                self.stage = Stage::Token(secret);
                Next::Send(request)
            }
            Err(_) => self.lost("the session cookie cannot stand in a header"),
        }
    }

    /// The token; releases before 19.2 have none, and ask for none.
    fn finish(&mut self, secret: Secret, answer: &Response<Bytes>) -> Next<Holding> {
        let csrf = match answer.status() {
            StatusCode::OK => match token(answer.body()) {
                Some(token) => Some(Secret::new(token)),
                None => return self.lost("the server answers with something else than a token"),
            },
            StatusCode::NOT_FOUND => None,
            status => return self.lost(format!("the token's address answers {}", status.as_u16())),
        };
        self.stage = Stage::Over;
        Next::Done(Holding::new(&self.login, Proof::Session { secret, csrf }))
    }

    fn refused(&mut self) -> Next<Holding> {
        self.stage = Stage::Over;
        Next::Refused(Rejection::Password)
    }

    fn lost(&mut self, why: impl Into<String>) -> Next<Holding> {
        self.stage = Stage::Over;
        Next::Lost(why.into())
    }
}

impl Conversation<Holding> for FormLogin {
    fn next(&mut self, response: Option<&Response<Bytes>>) -> Next<Holding> {
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        match (stage, response) {
            (Stage::Begin, _) => self.send(),
            (Stage::Form, Some(answer)) => self.judge(answer),
            (Stage::Token(secret), Some(answer)) => self.finish(secret, answer),
            (Stage::Form | Stage::Token(_), None) => self.lost("the server did not answer"),
            (Stage::Over, _) => self.lost("the login is over"),
        }
    }
}

/// The secret of the session that an answer begins; none if it ends one.
fn session(headers: &HeaderMap) -> Option<Secret> {
    headers.get_all(SET_COOKIE).iter().find_map(|line| {
        let (name, value) = line.to_str().ok()?.split(';').next()?.split_once('=')?;
        let value = value.trim();
        let is_secret = !value.is_empty() && value.len() <= SECRET_MAX && value != "\"\"";
        (name.trim() == wire::SESSION_COOKIE && is_secret).then(|| Secret::new(value))
    })
}

/// A token as the server writes it: one line, no page (rule G.2).
fn token(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let is_token = TOKEN_LENGTH.contains(&text.len()) && text.bytes().all(|it| it.is_ascii_graphic());
    (is_token && !is_page(body)).then_some(text)
}

fn is_page(body: &[u8]) -> bool {
    body.windows(5).any(|it| it.eq_ignore_ascii_case(b"<html"))
}

/// See the module.
pub struct Client;

impl ClientHalf for Client {
    fn methods(&self) -> &'static [Way] {
        &[Way::Session]
    }

    fn probes(&self) -> &'static [&'static str] {
        &["/dataservice/client/server/ready"]
    }

    fn recognise(&self, _: &str, _: &Response<Bytes>) -> Option<Recognised> {
        None
    }

    fn sign_in(&self, login: Login) -> Box<dyn Conversation<Holding>> {
        Box::new(FormLogin::new(login))
    }

    fn sign_out(&self, _: &Holding) -> Box<dyn Conversation<()>> {
        Box::new(Unspoken)
    }

    fn who(&self, _: &Holding) -> Box<dyn Conversation<Who>> {
        Box::new(Unspoken)
    }

    fn write_proof(&self, holding: &Holding, request: &mut request::Parts) {
        super::proof::write(&holding.proof, &mut request.headers);
    }

    fn judge(&self, _: &Holding, answer: &response::Parts, _: Option<&[u8]>) -> Verdict {
        match answer.status {
            StatusCode::UNAUTHORIZED => Verdict::Dead(Death { style: Style::Unauthorized, is_unrun: true }),
            _ => Verdict::Alive,
        }
    }

    fn upkeep(&self) -> Upkeep {
        Upkeep { path: None, every: Duration::from_secs(600) }
    }

    fn is_guarded(&self, _: &Method, path: &str) -> bool {
        super::Catalyst.owns(path) != Owned::No
    }

    fn environment(&self, _: &Holding) -> Vec<(&'static str, Secret)> {
        Vec::new()
    }
}
