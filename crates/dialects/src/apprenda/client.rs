//! The client half: the login as a conversation (contract section 8).

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{Method, Request, Response, StatusCode, Uri, request, response};
use identity::model::portal::Portal;
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use serde_json::{Value, json};

use super::wire;
use crate::client_half::{
    ClientHalf, Conversation, Death, Holding, Login, Method as Way, Next, Recognised, Rejection, Style,
    Unspoken, Upkeep, Verdict, Who,
};
use crate::dialect::{Dialect as _, Owned};

/// Longest token that a server is believed to issue, in bytes.
const TOKEN_MAX: usize = 4096;

/// A login under way.
pub struct SignIn {
    login: Login,
    stage: Stage,
}

/// How far a login has come.
enum Stage {
    /// Nothing was sent.
    Begin,
    /// The name and the password were sent there; how often before.
    Sent(String, u8),
    /// It is over.
    Over,
}

impl SignIn {
    /// A login that has not begun.
    pub fn new(login: Login) -> Self {
        Self { login, stage: Stage::Begin }
    }

    /// Asks for a session. Whatever the address of the platform says, that goes encrypted.
    fn ask(&mut self) -> Next<Holding> {
        let base = self.login.base.trim_end_matches('/');
        let base = match base.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => format!("https://{rest}"),
            _ => base.to_owned(),
        };
        let word = wire::portal_word(Portal::Operations);
        self.send(format!("{base}{}{word}", wire::SESSIONS), 0)
    }

    fn send(&mut self, address: String, count: u8) -> Next<Holding> {
        let Some((username, password)) = self.login.credential.pair() else {
            return self.lost("a login by form needs a name and a password");
        };
        let body = Secret::new(
            json!({
                "username": username,
                "password": password,
            })
            .to_string(),
        );
        let request = Request::builder()
            .method(Method::POST)
            .uri(&address)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .body(Bytes::copy_from_slice(body.expose().as_bytes()));
        match request {
            Ok(request) => {
                self.stage = Stage::Sent(address, count);
                Next::Send(request)
            }
            Err(_) => self.lost("the server's address is no URL"),
        }
    }

    fn judge(&mut self, answer: &Response<Bytes>, address: &str, count: u8) -> Next<Holding> {
        match answer.status() {
            StatusCode::CREATED | StatusCode::OK => match read_token(answer.body()) {
                Some(secret) => {
                    self.stage = Stage::Over;
                    Next::Done(Holding::new(&self.login, Proof::Session { secret, csrf: None }))
                }
                None => self.lost("the sign-in's answer holds no ApprendaSessionToken"),
            },
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => {
                self.stage = Stage::Over;
                Next::Refused(Rejection::Password)
            }
            StatusCode::FORBIDDEN => self.lost("the user is no Platform Operator of this platform"),
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT if count == 0 => {
                match next_address(answer, address) {
                    Some(next) => self.send(next, count + 1),
                    None => self.lost("the sign-in is sent to another host, or away from https"),
                }
            }
            status => self.lost(format!("the sign-in answers {}", status.as_u16())),
        }
    }

    fn lost(&mut self, why: impl Into<String>) -> Next<Holding> {
        self.stage = Stage::Over;
        Next::Lost(why.into())
    }
}

impl Conversation<Holding> for SignIn {
    fn next(&mut self, response: Option<&Response<Bytes>>) -> Next<Holding> {
        match (std::mem::replace(&mut self.stage, Stage::Over), response) {
            (Stage::Begin, _) => self.ask(),
            (Stage::Sent(address, count), Some(answer)) => self.judge(answer, &address, count),
            (Stage::Sent(..), None) => self.lost("the server did not answer"),
            (Stage::Over, _) => self.lost("the login is over"),
        }
    }
}

/// Where a redirect leads, if that is encrypted and the same host.
fn next_address(answer: &Response<Bytes>, address: &str) -> Option<String> {
    let next = answer.headers().get(LOCATION)?.to_str().ok()?;
    let (from, to): (Uri, Uri) = (address.parse().ok()?, next.parse().ok()?);
    let is_fit = to.scheme_str() == Some("https")
        && to.host().is_some_and(|it| from.host().is_some_and(|from| it.eq_ignore_ascii_case(from)));
    is_fit.then(|| next.to_owned())
}

/// The token of an answer, under either spelling of its key.
fn read_token(body: &[u8]) -> Option<Secret> {
    let Value::Object(object) = serde_json::from_slice(body).ok()? else { return None };
    let (_, value) = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(wire::TOKEN_KEY))?;
    let token = value.as_str().filter(|it| !it.is_empty() && it.len() <= TOKEN_MAX)?;
    Some(Secret::new(token))
}

/// See the module.
pub struct Client;

impl ClientHalf for Client {
    fn methods(&self) -> &'static [Way] {
        &[Way::Session]
    }

    fn probes(&self) -> &'static [&'static str] {
        &["/soc/"]
    }

    fn recognise(&self, _: &str, _: &Response<Bytes>) -> Option<Recognised> {
        None
    }

    fn sign_in(&self, login: Login) -> Box<dyn Conversation<Holding>> {
        Box::new(SignIn::new(login))
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
        super::Apprenda.owns(path) != Owned::No
    }

    fn environment(&self, _: &Holding) -> Vec<(&'static str, Secret)> {
        Vec::new()
    }
}
