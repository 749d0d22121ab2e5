//! The contract of AWX 24.6.1: sessions, Basic, bearer tokens, and the objects that are about them.
//!
//! It decides nothing: what a request presents goes to `identity`, and what `identity` says comes back in
//! the contract's words.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Response};
use identity::model::principal::Principal;
use identity::model::proof::Presented;
use identity::{Authority, Refusal};

use crate::client_half::ClientHalf;
use crate::dialect::{Dialect, Doorway, Help, Owned, Wire};
use crate::drf::{self, Brand, State};

pub mod wire;

mod manner;
mod owned;
mod proof;

mod denial;

pub mod body;
pub mod object;

mod client;

mod server;

pub use server::TABLES;

#[cfg(test)]
mod tests;

/// The dialect.
#[derive(Clone, Copy, Debug)]
pub struct Awx;

/// How this contract's proofs travel. Services behind the gateway get their own word on who asks.
static WIRE: Wire = Wire {
    cookies: &[wire::SESSION_COOKIE, wire::CSRF_COOKIE, wire::LOGGED_IN_COOKIE],
    headers: &[wire::CSRF_HEADER, wire::QUIET_HEADER, wire::IDENTITY_HEADER, wire::TRUSTED_PROXY_HEADER],
    keeps_cookies: false,
    secret_paths: &[],
};

static BRAND: Brand = Brand {
    session_cookie: wire::SESSION_COOKIE,
    csrf_field: wire::CSRF_FIELD,
    csrf_header: wire::CSRF_HEADER_SHOWN,
    csrf_cookie: |token, _, is_secure| wire::csrf_cookie(token, is_secure),
    login_page: wire::LOGIN,
    manner: &manner::MANNER,
};

impl Dialect for Awx {
    fn name(&self) -> &'static str {
        "awx"
    }

    fn owns(&self, path: &str) -> Owned {
        owned::owns(path)
    }

    fn routes(&self, authority: Arc<Authority>) -> axum::Router {
        server::routes(State { authority, dialect: &Awx, brand: &BRAND })
    }

    fn read_proof(&self, request: &Parts, doorway: &Doorway) -> Presented {
        drf::proof::read(&proof::HABITS, request, doorway)
    }

    fn keep_alive(
        &self,
        presented: &Presented,
        principal: &Principal,
        doorway: &Doorway,
        headers: &mut HeaderMap,
    ) {
        proof::keep_alive(presented, principal, doorway, headers);
    }

    fn refuse(&self, refusal: &Refusal, request: &Parts, _: &Doorway) -> Response<Bytes> {
        denial::refuse(refusal, request)
    }

    fn help(&self) -> &'static Help {
        &wire::HELP
    }

    fn wire(&self) -> &'static Wire {
        &WIRE
    }

    fn client(&self) -> &'static dyn ClientHalf {
        &client::CLIENT
    }
}
