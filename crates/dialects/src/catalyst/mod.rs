//! The contract of Catalyst.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Response};
use identity::model::proof::{Presented, Proof};
use identity::{Authority, Refusal};

use crate::dialect::{Conversation, Dialect, Doorway, Help, Login, Next, Owned, Wire};

/// The dialect.
#[derive(Clone, Copy, Debug)]
pub struct Catalyst;

static WIRE: Wire = Wire { cookies: &[], headers: &[], keeps_cookies: false, secret_paths: &[] };
static HELP: Help = Help { sign_in: "", proof: "", change: "" };

struct Nothing;

impl Conversation for Nothing {
    fn next(&mut self, _: Option<&Response<Bytes>>) -> Next {
        Next::Lost("not here yet".to_owned())
    }
}

impl Dialect for Catalyst {
    fn name(&self) -> &'static str {
        "catalyst"
    }

    fn owns(&self, _: &str) -> Owned {
        Owned::No
    }

    fn routes(&self, _: Arc<Authority>) -> axum::Router {
        axum::Router::new()
    }

    fn read_proof(&self, _: &Parts, _: &Doorway) -> Presented {
        Presented::default()
    }

    fn refuse(&self, _: &Refusal, _: &Parts, _: &Doorway) -> Response<Bytes> {
        Response::default()
    }

    fn help(&self) -> &'static Help {
        &HELP
    }

    fn wire(&self) -> &'static Wire {
        &WIRE
    }

    fn converse(&self, _: Login) -> Box<dyn Conversation> {
        Box::new(Nothing)
    }

    fn write_proof(&self, _: &Proof, _: &mut HeaderMap) {}
}
