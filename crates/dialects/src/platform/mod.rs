//! The contract of the platform gateway, which two dialects speak: its names, its two halves, its answers.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};
use identity::model::proof::{Presented, Proof};
use identity::{Authority, Refusal};

use crate::dialect::{Conversation, Dialect, Doorway, Login, Next, Owned, Wire};

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
    cookies: &["gateway_sessionid", "csrftoken"],
    headers: &["x-csrftoken", "x-dab-jw-token", "x-trusted-proxy"],
};

/// Whether a path is the contract's own.
pub fn owns(path: &str, flavour: &Flavour) -> Owned {
    match path.strip_prefix(flavour.root) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => Owned::Yes,
        _ if flavour.has_union && (path == "/api/" || path == "/api") => Owned::Public,
        _ => Owned::No,
    }
}

/// The contract's endpoints.
pub fn routes(_authority: Arc<Authority>, _dialect: &'static dyn Dialect, _flavour: &Flavour) -> axum::Router {
    axum::Router::new()
}

/// What a request presents.
pub fn read_proof(_request: &Parts, _doorway: &Doorway) -> Presented {
    Presented::default()
}

/// How the contract says no.
pub fn refuse(_refusal: &Refusal, _request: &Parts, _doorway: &Doorway) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response
}

struct Silent;

impl Conversation for Silent {
    fn next(&mut self, _response: Option<&Response<Bytes>>) -> Next {
        Next::Lost("not ready".to_owned())
    }
}

/// A login at a server of this contract.
pub fn converse(_login: Login) -> Box<dyn Conversation> {
    Box::new(Silent)
}

/// Writes a proof onto a request.
pub fn write_proof(_proof: &Proof, _headers: &mut HeaderMap) {}
