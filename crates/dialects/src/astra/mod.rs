//! Astra: the platform gateway's contract under its astra name.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use identity::model::proof::Presented;
use identity::{Authority, Refusal};

use crate::client_half::ClientHalf;
use crate::dialect::{Dialect, Doorway, Help, Owned, Wire};
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

    fn client(&self) -> &'static dyn ClientHalf {
        &platform::client::ASTRA
    }
}
