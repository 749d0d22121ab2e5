//! The contract of Cisco Catalyst SD-WAN Manager: form login, session cookie, XSRF token, JWT login.
//!
//! It decides nothing: what a request presents goes to `identity`, and what `identity` says comes back in the
//! contract's words.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use identity::model::proof::Presented;
use identity::{Authority, Refusal};

use crate::client_half::ClientHalf;
use crate::dialect::{Dialect, Doorway, Help, Owned, Wire};
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
        &wire::HELP
    }

    fn wire(&self) -> &'static Wire {
        &WIRE
    }

    fn client(&self) -> &'static dyn ClientHalf {
        &client::Client
    }
}
