//! A contract of a few words: bearer tokens, and a death in each style.

use std::time::Duration;

use bytes::Bytes;
use dialects::client_half::{Death, Recognised, Style, Unspoken, Upkeep, Who};
use dialects::{ClientHalf, Conversation, Holding, Login, Method, Next, Rejection, Verdict};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method as Verb, Request, Response, Uri, request, response};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::Timestamp;
use serde_json::Value;

pub struct Stub;

/// Asks for a new token and takes the body for it; 401 and 429 refuse.
struct Ask {
    address: String,
    shown: String,
    before: Option<Holding>,
    login: Option<Login>,
}

impl Conversation<Holding> for Ask {
    fn next(&mut self, response: Option<&Response<Bytes>>) -> Next<Holding> {
        let Some(answer) = response else {
            let request = Request::post(&self.address).body(Bytes::copy_from_slice(self.shown.as_bytes()));
            return Next::Send(request.unwrap());
        };
        if answer.status() == 401 {
            return Next::Refused(Rejection::Password);
        }
        if answer.status() == 429 {
            return Next::Refused(Rejection::TooMany(None));
        }
        if answer.status() != 200 {
            return Next::Lost("no token".to_owned());
        }
        let proof = Proof::Bearer(Secret::new(String::from_utf8_lossy(answer.body())));
        Next::Done(match (self.before.take(), &self.login) {
            (Some(before), _) => Holding { proof, ..before },
            (None, Some(login)) => Holding::new(login, proof),
            (None, None) => return Next::Lost("nothing".to_owned()),
        })
    }
}

impl ClientHalf for Stub {
    fn methods(&self) -> &'static [Method] {
        &[Method::Token]
    }

    fn probes(&self) -> &'static [&'static str] {
        &["/"]
    }

    fn recognise(&self, _: &str, _: &Response<Bytes>) -> Option<Recognised> {
        None
    }

    fn sign_in(&self, login: Login) -> Box<dyn Conversation<Holding>> {
        let shown = login.credential.pair().map(|(_, it)| it.to_owned()).unwrap_or_default();
        let address = format!("{}/sign-in", login.base);
        Box::new(Ask { address, shown, before: None, login: Some(login) })
    }

    fn renew(&self, holding: &Holding, _: Timestamp) -> Option<Box<dyn Conversation<Holding>>> {
        let shown = holding.renewal.as_ref()?.expose().to_owned();
        let address = format!("{}/renew", holding.base);
        Some(Box::new(Ask { address, shown, before: Some(holding.clone()), login: None }))
    }

    fn sign_out(&self, _: &Holding) -> Box<dyn Conversation<()>> {
        Box::new(Unspoken)
    }

    fn who(&self, _: &Holding) -> Box<dyn Conversation<Who>> {
        Box::new(Unspoken)
    }

    fn write_proof(&self, holding: &Holding, request: &mut request::Parts) {
        if let Proof::Bearer(token) = &holding.proof {
            let value = format!("Bearer {}", token.expose()).parse().unwrap();
            request.headers.insert(AUTHORIZATION, value);
        }
    }

    fn judge(&self, _: &Holding, answer: &response::Parts, body: Option<&[u8]>) -> Verdict {
        let dead = |style, is_unrun| Verdict::Dead(Death { style, is_unrun });
        let is_page = answer.headers.get(CONTENT_TYPE).is_some_and(|it| it == "text/html");
        match (answer.status.as_u16(), body) {
            (401, _) => dead(Style::Unauthorized, true),
            (418, _) => dead(Style::PasswordChange, false),
            (419, _) => Verdict::Stale,
            (302, _) if answer.headers.get("location").is_some_and(|it| it == "/welcome") => {
                dead(Style::Redirect, false)
            }
            (200, None) if is_page => Verdict::Unsure,
            (200, Some(body)) if body.starts_with(b"<login>") => dead(Style::LoginPage, false),
            _ => Verdict::Alive,
        }
    }

    fn next_page(&self, _: &Uri, answer: &Value) -> Option<String> {
        answer["next"].as_str().map(str::to_owned)
    }

    fn upkeep(&self) -> Upkeep {
        Upkeep { path: None, every: Duration::from_secs(1) }
    }

    fn is_guarded(&self, _: &Verb, _: &str) -> bool {
        false
    }

    fn environment(&self, _: &Holding) -> Vec<(&'static str, Secret)> {
        Vec::new()
    }
}
