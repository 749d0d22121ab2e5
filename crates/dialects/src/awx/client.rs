//! The client half (contract sections B, C and D).

use std::time::Duration;

use bytes::Bytes;
use http::{Method as Verb, Response, StatusCode, request, response};
use identity::model::secret::Secret;

use super::proof::HABITS;
use super::wire::{LOGIN, SESSION_COOKIE};
use crate::client_half::{
    ClientHalf, Conversation, Death, Holding, Login, Method, Recognised, Style, Unspoken, Upkeep, Verdict,
    Who,
};
use crate::drf;
use crate::drf::form_login::{Door, FormLogin};

/// Where the contract's form is.
static DOOR: Door = Door { path: LOGIN, session_cookie: SESSION_COOKIE };

/// See the module.
pub struct Client;

impl ClientHalf for Client {
    fn methods(&self) -> &'static [Method] {
        &Method::ALL
    }

    fn probes(&self) -> &'static [&'static str] {
        &["/api/v2/ping/"]
    }

    fn recognise(&self, _: &str, _: &Response<Bytes>) -> Option<Recognised> {
        None
    }

    fn sign_in(&self, login: Login) -> Box<dyn Conversation<Holding>> {
        Box::new(FormLogin::new(login, &DOOR))
    }

    fn sign_out(&self, _: &Holding) -> Box<dyn Conversation<()>> {
        Box::new(Unspoken)
    }

    fn who(&self, _: &Holding) -> Box<dyn Conversation<Who>> {
        Box::new(Unspoken)
    }

    fn write_proof(&self, holding: &Holding, request: &mut request::Parts) {
        drf::proof::write(&HABITS, &holding.proof, &mut request.headers);
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

    fn is_guarded(&self, _: &Verb, path: &str) -> bool {
        path.starts_with("/api/log") || path.starts_with("/api/o/")
    }

    fn environment(&self, _: &Holding) -> Vec<(&'static str, Secret)> {
        Vec::new()
    }
}
