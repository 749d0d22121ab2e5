//! Astra: the platform gateway's contract under its astra name.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Response};
use identity::model::proof::{Presented, Proof};
use identity::{Authority, Refusal};

use crate::dialect::{Conversation, Dialect, Doorway, Help, Login, Owned, Wire};
use crate::platform::{self, Flavour};

#[cfg(test)]
mod tests;

/// The dialect.
#[derive(Clone, Copy, Debug)]
pub struct Astra;

impl Dialect for Astra {
    fn name(&self) -> &'static str {
        Flavour::ASTRA.name
    }

    fn owns(&self, path: &str) -> Owned {
        platform::owns(path, &Flavour::ASTRA)
    }

    fn routes(&self, authority: Arc<Authority>) -> axum::Router {
        platform::routes(authority, &Astra, &Flavour::ASTRA)
    }

    fn read_proof(&self, request: &Parts, doorway: &Doorway) -> Presented {
        platform::read_proof(request, doorway)
    }

    fn refuse(&self, refusal: &Refusal, request: &Parts, doorway: &Doorway) -> Response<Bytes> {
        platform::refuse(refusal, request, doorway)
    }

    fn help(&self) -> &'static Help {
        &platform::wire::HELP
    }

    fn wire(&self) -> &'static Wire {
        &platform::WIRE
    }

    fn converse(&self, login: Login) -> Box<dyn Conversation> {
        platform::converse(login)
    }

    fn write_proof(&self, proof: &Proof, headers: &mut HeaderMap) {
        platform::write_proof(proof, headers);
    }
}
