//! A proof in a request's body: read within a bound before anything is decided, and taken out (Apprenda contract
//! section 1). Bodies of contracts that have no such proof are not touched.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use identity::model::proof::Presented;

use super::Exchange;
use crate::body::{Answer, Inbound};
use crate::body_memory::{self, Whole};
use crate::forward::check_length;
use crate::service::Entry;

/// Longest body in which a proof is looked for, in bytes; a service may take shorter ones only.
const BODY_MAX: u64 = 1024 * 1024;
/// Bytes of a longer one that are thrown away, so that its answer is read.
const DISCARD_MAX: usize = 8 * 1024 * 1024;
/// How long that may take.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(5);
/// What a longer one is told that shows no other proof.
const TOO_LONG: &str =
    "The request body is too large to look for a token in it. Send the token in the header.";

impl Exchange<'_> {
    /// Takes the proof out of a body that may carry one. The answer, if the body could not be read.
    pub(super) async fn body_proof(
        &self,
        entry: &Entry,
        parts: &Parts,
        body: Incoming,
        presented: &mut Presented,
    ) -> Result<Inbound, Box<Response<Answer>>> {
        let may = presented.malformed.is_none() && entry.service.dialect.may_carry_proof_in_body(parts);
        if !may || body.is_end_stream() {
            return Ok(body.into());
        }
        // What is not usual lies on the heap, so that the future of a usual request stays small.
        Box::pin(self.read_body_proof(entry, parts, body, presented)).await
    }

    async fn read_body_proof(
        &self,
        entry: &Entry,
        parts: &Parts,
        body: Incoming,
        presented: &mut Presented,
    ) -> Result<Inbound, Box<Response<Answer>>> {
        let bytes_max = entry.service.body_max.min(BODY_MAX);
        // Whoever has shown something, or needs not, is let pass with any body: it goes on as it comes.
        let is_needed = presented.is_empty() && !entry.is_public(parts.uri.path());
        if check_length(parts, bytes_max).is_err() {
            return if is_needed { Err(self.too_long(parts, body).await) } else { Ok(body.into()) };
        }
        let share = self.shared().body_memory.share(self.client.address);
        match body_memory::read(body, bytes_max, self.live.limits.body_timeout, share).await {
            Ok(Whole { bytes, rest: None, share }) => {
                Ok(Inbound::new(entry.service.dialect.take_proof_from_body(bytes, presented), None, share))
            }
            Ok(Whole { rest: Some(rest), share, .. }) if is_needed => {
                drop(share);
                Err(self.too_long(parts, rest).await)
            }
            Ok(Whole { bytes, rest, share }) => Ok(Inbound::new(bytes, rest, share)),
            Err(failure) => Err(Box::new(self.failure(failure))),
        }
    }

    /// The answer to a body that is too long. Who did not ask before sending it is sending it now, and some programs
    /// read no answer before they have: a part of it is thrown away for them.
    async fn too_long(&self, parts: &Parts, mut body: Incoming) -> Box<Response<Answer>> {
        if !parts.headers.contains_key(EXPECT) {
            let mut left = DISCARD_MAX;
            let discarded = async {
                while let (Some(Ok(frame)), true) = (body.frame().await, left > 0) {
                    left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
                }
            };
            // Whether all of it came makes no difference to the answer.
            let _ = tokio::time::timeout(self.live.limits.body_timeout.min(DISCARD_TIMEOUT), discarded).await;
        }
        let mut response = self.text(StatusCode::PAYLOAD_TOO_LARGE, TOO_LONG);
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        Box::new(response)
    }
}

/// Says how long a body is from which something was taken.
pub(super) fn correct_length(headers: &mut HeaderMap, body: &Inbound) {
    if let Some(length) = body.length_read()
        && headers.contains_key(CONTENT_LENGTH)
    {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
}
