//! The contract of the platform gateway, which two dialects speak: its names, its two halves, its answers.
//!
//! It decides nothing: what a request presents goes to `identity`, and what `identity` says comes back in
//! the contract's words.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use identity::model::proof::Presented;
use identity::{Authority, Refusal};

use crate::dialect::{Dialect, Doorway, Owned, Wire};
use crate::drf::{self, Brand, State};

pub mod wire;

mod manner;
mod proof;

mod denial;

pub mod claims;

pub mod object;

pub mod client;

mod server;

pub use server::TABLES;

#[cfg(test)]
mod tests;

/// In what the dialects of this contract differ.
#[derive(Clone, Copy, Debug)]
pub struct Flavour {
    /// The dialect's name.
    pub name: &'static str,
    /// The path below which it answers, without a slash at its end.
    pub root: &'static str,
    /// Whether it also answers `/api/`, the list of components.
    pub has_union: bool,
}

impl Flavour {
    /// Red Hat's.
    pub const AAP: Self = Self { name: "aap", root: "/api/gateway", has_union: true };
    /// Astra's, under the path that its published page prints by a slip.
    pub const ASTRA: Self = Self { name: "astra", root: "/api/geteway", has_union: false };
}

/// How this contract's proofs travel.
pub static WIRE: Wire = Wire {
    cookies: &[wire::SESSION_COOKIE, wire::CSRF_COOKIE],
    headers: &[wire::CSRF_HEADER, wire::SERVICE_TOKEN_HEADER],
    keeps_cookies: false,
    secret_paths: &[],
};

static BRAND: Brand = Brand {
    session_cookie: wire::SESSION_COOKIE,
    csrf_field: wire::CSRF_FIELD,
    csrf_header: wire::CSRF_HEADER_SHOWN,
    csrf_cookie: wire::csrf_cookie,
    login_page: wire::LOGIN,
    manner: &manner::MANNER,
};

/// Whether a path is the contract's own.
pub fn owns(path: &str, flavour: &Flavour) -> Owned {
    if flavour.has_union && (path == wire::API || path == wire::API.trim_end_matches('/')) {
        return Owned::Public;
    }
    let Some(rest) = path.strip_prefix(flavour.root) else { return Owned::No };
    match rest.strip_prefix('/') {
        None if rest.is_empty() => Owned::Public,
        None => Owned::No,
        Some("" | "v1" | "v1/") => Owned::Public,
        Some(rest) => {
            let endpoint = rest.strip_prefix("v1/").map(|rest| rest.split('/').next().unwrap_or_default());
            if endpoint.is_some_and(|it| wire::PUBLIC.contains(&it)) { Owned::Public } else { Owned::Yes }
        }
    }
}

/// The contract's endpoints.
pub fn routes(
    authority: Arc<Authority>,
    dialect: &'static dyn Dialect,
    flavour: &'static Flavour,
) -> axum::Router {
    server::routes(state(authority, dialect), flavour)
}

/// What all endpoints of a dialect of this contract share.
pub fn state(authority: Arc<Authority>, dialect: &'static dyn Dialect) -> State {
    State { authority, dialect, brand: &BRAND }
}

/// What a request presents.
pub fn read_proof(request: &Parts, doorway: &Doorway) -> Presented {
    drf::proof::read(&proof::HABITS, request, doorway)
}

/// How the contract says no.
pub fn refuse(refusal: &Refusal, request: &Parts, doorway: &Doorway) -> Response<Bytes> {
    denial::refuse(refusal, request, doorway)
}
