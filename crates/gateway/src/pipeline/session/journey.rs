//! There and back through a session: sent with the proof, judged when the answer begins, and sent once more with a new
//! session where the answer proves that this does no harm.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use dialects::client_half::{ClientHalf, GLIMPSE};
use dialects::{Holding, Verdict};
use http::header::{CONTENT_ENCODING, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, response};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use identity::model::proof::Presented;

use super::super::Exchange;
use super::cargo::Cargo;
use super::{failure_of, seconds};
use crate::forward::{self, Failure, Returned};
use crate::headers;
use crate::service::Entry;
use crate::upstream::session::{Keeper, Live};

/// How long the beginning of a body is waited for that tells whether a session lives.
const GLIMPSE_TIMEOUT: Duration = Duration::from_secs(10);

/// An answer of somebody for whom the session lives.
pub struct Arrived {
    /// The answer, without what was read of it.
    pub returned: Returned,
    /// What was read of its body.
    pub glimpse: Bytes,
}

/// Whom the service takes a request for.
pub enum Face<'a> {
    /// The account.
    Account(&'a Arc<Keeper>, Arc<Live>),
    /// Nobody: a public path, asked by nobody. What is held is empty, for judging answers alone.
    Nobody(&'static dyn ClientHalf, Box<Holding>),
}

/// Somebody's way to a service and back.
pub struct Journey<'a> {
    entry: &'a Entry,
    presented: &'a Presented,
    face: Face<'a>,
    cargo: Cargo,
    /// Whether the method allows to send it again whatever became of it, if there is no body.
    is_reading: bool,
    is_second: bool,
    is_moved: bool,
    /// Whether the session turned out to live when an answer looked as if it did not.
    is_session_alive: bool,
}

impl<'a> Journey<'a> {
    /// One of somebody who presented this.
    pub fn new(entry: &'a Entry, presented: &'a Presented, face: Face<'a>, cargo: Cargo) -> Self {
        Self {
            entry,
            presented,
            face,
            cargo,
            is_reading: false,
            is_second: false,
            is_moved: false,
            is_session_alive: false,
        }
    }

    /// Goes there and back.
    pub async fn travel(mut self, exchange: &Exchange<'_>, parts: Box<Parts>) -> Result<Arrived, Failure> {
        self.is_reading = matches!(parts.method, Method::GET | Method::HEAD) && self.cargo.is_nothing();
        let mut parts = parts;
        loop {
            let (returned, sent) = match self.send(exchange, parts).await {
                Ok(both) => both,
                Err(unsent) => {
                    parts = self.elsewhere(exchange, unsent).await?;
                    continue;
                }
            };
            let (verdict, returned, glimpse) = self.judge(returned).await?;
            match verdict {
                Verdict::Alive => return Ok(Arrived { returned, glimpse }),
                _ if matches!(self.face, Face::Nobody(..)) => return Err(Failure::NoProof),
                verdict => {
                    // Its connection may hold the rest of a page that nobody wants.
                    drop(returned);
                    parts = self.renew(exchange, verdict, sent).await?;
                }
            }
        }
    }

    /// Sends it, and keeps its head for a second time if there may be one.
    async fn send(
        &mut self,
        exchange: &Exchange<'_>,
        mut parts: Box<Parts>,
    ) -> Result<(Returned, Option<Box<Parts>>), forward::Unreturned> {
        let thread = exchange.connection.thread.index;
        let node = match &self.face {
            Face::Account(_, live) => {
                live.write(&mut parts);
                self.entry.nodes.get(live.node)
            }
            Face::Nobody(..) => self.entry.order().next(),
        };
        parts.headers.insert(HOST, node.map_or(HeaderValue::from_static(""), |it| it.host.clone()));
        let mut outgoing = exchange.outgoing(self.entry, parts, self.cargo.take());
        outgoing.is_head_kept =
            self.cargo.is_repeatable() && !self.is_second && matches!(self.face, Face::Account(..));
        let mut returned = forward::send_to(self.entry, node, thread, outgoing).await?;
        let head = returned.head.take();
        Ok((returned, head))
    }

    /// Another node for what did not leave, if the service has one.
    async fn elsewhere(
        &mut self,
        exchange: &Exchange<'_>,
        unsent: forward::Unreturned,
    ) -> Result<Box<Parts>, Failure> {
        let (Some(parts), Face::Account(keeper, live)) = (unsent.head, &mut self.face) else {
            return Err(unsent.failure);
        };
        if self.is_moved || self.entry.nodes.len() < 2 || !self.cargo.is_repeatable() {
            return Err(unsent.failure);
        }
        self.is_moved = true;
        *live = keeper.relocate(live).await.map_err(|it| failure_of(&it))?;
        exchange.check_again(self.presented).await?;
        Ok(parts)
    }

    /// Another session in the place of one that is over, for a request that may be sent again.
    async fn renew(
        &mut self,
        exchange: &Exchange<'_>,
        verdict: Verdict,
        sent: Option<Box<Parts>>,
    ) -> Result<Box<Parts>, Failure> {
        let Face::Account(keeper, live) = &mut self.face else { return Err(Failure::NoProof) };
        if self.is_second {
            tracing::warn!(
                service = %self.entry.service.name,
                request_id = %exchange.context.request_id,
                "the service accepts no session of the gateway's: {verdict:?}, twice in a row"
            );
            return Err(if self.is_session_alive { Failure::Disowned } else { Failure::Unaccepted });
        }
        let renewed = keeper.replace(live, verdict).await;
        let is_unrun = match verdict {
            Verdict::Dead(death) => death.is_unrun,
            Verdict::Stale => true,
            Verdict::Alive | Verdict::Unsure => false,
        };
        let (true, Some(mut parts)) = (self.is_reading || (is_unrun && self.cargo.is_repeatable()), sent)
        else {
            return Err(Failure::Ended { is_unrun });
        };
        self.is_second = true;
        let renewed = renewed.map_err(|it| failure_of(&it))?;
        self.is_session_alive = renewed.generation == live.generation;
        if self.is_session_alive && !self.is_reading {
            // Then the answer is the service's own, and proves nothing.
            return Err(Failure::Disowned);
        }
        *live = renewed;
        // The service counts what it refuses, too.
        let load = keeper.load(&parts.method, parts.uri.path());
        Box::pin(keeper.wait_turn(load)).await.map_err(|it| Failure::Paced(seconds(&it)))?;
        exchange.check_again(self.presented).await?;
        headers::session::remove_proofs(&mut parts.headers, &exchange.shared().reserved);
        Ok(parts)
    }

    /// Whether the session lives, by the head of an answer and, only if that does not tell, the beginning of its
    /// body.
    async fn judge(&self, returned: Returned) -> Result<(Verdict, Returned, Bytes), Failure> {
        if returned.response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Ok((Verdict::Alive, returned, Bytes::new()));
        }
        let (verdict, returned) = returned.look(|head| self.verdict(head, None));
        if verdict != Verdict::Unsure {
            return Ok((verdict, returned, Bytes::new()));
        }
        // What is not usual lies on the heap, so that the future of a usual request stays small.
        Box::pin(self.judge_body(returned)).await
    }

    async fn judge_body(&self, mut returned: Returned) -> Result<(Verdict, Returned, Bytes), Failure> {
        if !is_plain(returned.response.headers()) {
            // It was asked for plain text: what cannot be judged does not go on.
            return Err(Failure::Broken);
        }
        let timeout = GLIMPSE_TIMEOUT.min(returned.idle_timeout());
        let glimpse = glimpse(returned.response.body_mut(), timeout).await?;
        let (verdict, returned) = returned.look(|head| self.verdict(head, Some(&glimpse)));
        let verdict = if verdict == Verdict::Unsure { Verdict::Alive } else { verdict };
        Ok((verdict, returned, glimpse))
    }

    fn verdict(&self, head: &response::Parts, body: Option<&[u8]>) -> Verdict {
        match &self.face {
            Face::Account(_, live) => live.judge(head, body),
            Face::Nobody(half, empty) => half.judge(empty, head, body),
        }
    }
}

/// Whether a body can be read as it comes.
pub(super) fn is_plain(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_ENCODING).is_none_or(|it| it.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// The beginning of a body.
async fn glimpse(body: &mut Incoming, timeout: Duration) -> Result<Bytes, Failure> {
    let deadline = tokio::time::Instant::now() + timeout;
    let mut read = Bytes::new();
    while read.len() < GLIMPSE && !body.is_end_stream() {
        let data = match tokio::time::timeout_at(deadline, body.frame()).await {
            Ok(Some(Ok(frame))) => frame.into_data().ok(),
            Ok(Some(Err(_))) => return Err(Failure::Broken),
            Err(_) if read.is_empty() => return Err(Failure::Timeout),
            Ok(None) | Err(_) => None,
        };
        let Some(data) = data else { break };
        read = if read.is_empty() {
            data
        } else {
            let mut longer = BytesMut::with_capacity(read.len() + data.len());
            longer.extend_from_slice(&read);
            longer.extend_from_slice(&data);
            longer.freeze()
        };
    }
    Ok(read)
}
