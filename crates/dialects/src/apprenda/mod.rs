//! The contract of Apprenda's Cloud Platform: a session token in a header, won by a name and a password.
//!
//! Sources: the platform's own pages (versions 7 to 9) and its clients, as the contract's sections name them. It
//! decides nothing: what a request presents goes to `identity`, and what `identity` says comes back in the
//! contract's words.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use identity::model::portal::Portal;
use identity::model::proof::Presented;
use identity::{Authority, Refusal};

use crate::client_half::ClientHalf;
use crate::dialect::{Dialect, Doorway, Help, Owned, Wire};
use crate::door::Door;

pub mod wire;

pub mod token;

mod body;
mod proof;

mod denial;

mod server;

mod client;

#[cfg(test)]
mod tests;

/// The dialect.
#[derive(Clone, Copy, Debug)]
pub struct Apprenda;

static WIRE: Wire = Wire {
    cookies: &[],
    headers: &[wire::TOKEN_HEADER],
    keeps_cookies: false,
    secret_paths: wire::SECRET_PATHS,
};

static HELP: Help = Help {
    sign_in: "POST /authentication/api/v1/sessions/soc (or developer, or account) over https with the JSON object \
              {\"username\": …, \"password\": …}",
    proof: "ApprendaSessionToken: the token of the sign-in's answer, or the same as a member of the JSON object that \
            POST and PUT send",
    change: "nothing beside the token",
};

impl Dialect for Apprenda {
    fn name(&self) -> &'static str {
        "apprenda"
    }

    fn owns(&self, path: &str) -> Owned {
        server::owns(path)
    }

    fn routes(&self, authority: Arc<Authority>) -> axum::Router {
        server::routes(Door { authority, dialect: &Apprenda })
    }

    fn read_proof(&self, request: &Parts, doorway: &Doorway) -> Presented {
        proof::read(request, doorway)
    }

    fn refuse(&self, refusal: &Refusal, request: &Parts, doorway: &Doorway) -> Response<Bytes> {
        denial::refuse(refusal, request, doorway)
    }

    fn failure(&self, _: StatusCode, sentence: &str) -> Bytes {
        Bytes::from(wire::message(sentence))
    }

    fn may_carry_proof_in_body(&self, request: &Parts) -> bool {
        proof::may_be_in_body(request)
    }

    fn take_proof_from_body(&self, body: Bytes, presented: &mut Presented) -> Bytes {
        proof::take_from_body(body, presented)
    }

    fn portal(&self, path: &str) -> Option<Portal> {
        wire::portal_of(path)
    }

    fn is_secret(&self, segment: &str) -> bool {
        segment.len() >= token::LENGTH && token::canonical(segment).is_some()
    }

    fn help(&self) -> &'static Help {
        &HELP
    }

    fn wire(&self) -> &'static Wire {
        &WIRE
    }

    fn client(&self) -> &'static dyn ClientHalf {
        &client::Client
    }
}
