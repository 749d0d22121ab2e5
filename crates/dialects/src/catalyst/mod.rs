//! The contract of Cisco Catalyst SD-WAN Manager: form login, session cookie, XSRF token, JWT login.
//!
//! It decides nothing: what a request presents goes to `identity`, and what `identity` says comes back in the
//! contract's words.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};
use identity::model::proof::{Presented, Proof};
use identity::{Authority, Refusal};

use crate::dialect::{Conversation, Dialect, Doorway, Help, Login, Owned, Wire};
use crate::door::Door;

pub mod wire;

mod owned;
mod proof;

pub mod denial;

mod client;

pub mod server;

#[cfg(test)]
mod tests;

/// The dialect.
#[derive(Clone, Copy, Debug)]
pub struct Catalyst;

/// How this contract's proofs travel. A Manager behind us has sessions of its own, which are the gateway's
/// business: no client sees its cookies.
static WIRE: Wire = Wire {
    cookies: &[wire::SESSION_COOKIE],
    headers: &[wire::XSRF_HEADER, wire::TENANT_HEADER],
    keeps_cookies: true,
    secret_paths: &[],
};

static HELP: Help = Help {
    sign_in: "POST /j_security_check with the form fields j_username and j_password (success is 200 with an \
              empty body), then GET /dataservice/client/token; or POST /jwt/login",
    proof: "Cookie: JSESSIONID=…, or Authorization: Bearer TOKEN with an access token or the token of a JWT login",
    change: "with a session or a JWT: X-XSRF-TOKEN with the text of /dataservice/client/token",
};

impl Dialect for Catalyst {
    fn name(&self) -> &'static str {
        "catalyst"
    }

    fn owns(&self, path: &str) -> Owned {
        owned::owns(path)
    }

    fn routes(&self, authority: Arc<Authority>) -> axum::Router {
        server::routes(Door { authority, dialect: &Catalyst })
    }

    fn read_proof(&self, request: &Parts, doorway: &Doorway) -> Presented {
        proof::read(request, doorway)
    }

    fn refuse(&self, refusal: &Refusal, request: &Parts, doorway: &Doorway) -> Response<Bytes> {
        denial::refuse(refusal, request, doorway)
    }

    fn failure(&self, status: StatusCode, sentence: &str) -> Bytes {
        denial::failure(status, sentence)
    }

    fn help(&self) -> &'static Help {
        &HELP
    }

    fn wire(&self) -> &'static Wire {
        &WIRE
    }

    fn converse(&self, login: Login) -> Box<dyn Conversation> {
        Box::new(client::FormLogin::new(login))
    }

    fn write_proof(&self, proof: &Proof, headers: &mut HeaderMap) {
        proof::write(proof, headers);
    }
}
