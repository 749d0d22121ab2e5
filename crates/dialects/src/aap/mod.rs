//! Aap: the platform gateway's contract under its aap name, with its authorization server.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use identity::model::proof::Presented;
use identity::{Authority, Refusal};

use crate::client_half::ClientHalf;
use crate::dialect::{Dialect, Doorway, Help, Owned, Wire};
use crate::oauth;
use crate::platform::{self, Flavour};

#[cfg(test)]
mod tests;

/// The dialect.
#[derive(Clone, Copy, Debug)]
pub struct Aap;

impl Dialect for Aap {
    fn name(&self) -> &'static str {
        Flavour::AAP.name
    }

    fn owns(&self, path: &str) -> Owned {
        match oauth::owns(path, &oauth::Flavour::AAP) {
            Owned::No => platform::owns(path, &Flavour::AAP),
            owned => owned,
        }
    }

    fn routes(&self, authority: Arc<Authority>) -> axum::Router {
        let state = platform::state(Arc::clone(&authority), &Aap);
        platform::routes(authority, &Aap, &Flavour::AAP).merge(oauth::routes(state, &oauth::Flavour::AAP))
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
        &platform::client::AAP
    }
}
