//! Carries a request to a service and its answer back, without holding either in memory.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version, response};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;

use crate::body::{Answer, Cut, Download, Inbound, Loan, Upload};
use crate::pool::{Pool, connect};
use crate::service::{Entry, Node, Permit};

/// How long a pooled connection may take to be free.
const READY_MAX: Duration = Duration::from_millis(200);

/// Why a service's answer is not there. Each has its status and its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The request is longer than the service takes.
    TooLong,
    /// The client stopped sending.
    ClientIdle,
    /// The service has as many requests as it may have.
    Busy,
    /// No node was worth a try.
    AllDown,
    /// No node could be reached.
    Unreachable,
    /// The answer did not begin in time.
    Timeout,
    /// The connection broke, or the answer is no HTTP.
    Broken,
    /// We could not sign who asks.
    Unsigned,
    /// The service has no session for us, and gets no new one for so many seconds.
    NoSession(u32),
    /// The service may not be asked again for so many seconds.
    Paced(u32),
    /// The session had ended when the request came, which could not be sent again; whether it is certain that nothing
    /// was done.
    Ended {
        /// Whether that is so.
        is_unrun: bool,
    },
    /// The service accepts no session of ours, not even a new one.
    Unaccepted,
    /// The service answers as if nobody had signed in, while our session lives.
    Disowned,
    /// The service has no tenants, or not this one, and the request is for one.
    NoTenant,
    /// The service wants somebody to have signed in, and nobody has.
    NoProof,
}

impl Failure {
    /// The status and the text of the answer.
    pub fn answer(self) -> (StatusCode, &'static str) {
        match self {
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "Request body is too large."),
            Self::ClientIdle => (StatusCode::REQUEST_TIMEOUT, "Request body did not arrive in time."),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "The service is busy."),
            Self::AllDown => (StatusCode::SERVICE_UNAVAILABLE, "The service is not available."),
            Self::Unreachable => (StatusCode::BAD_GATEWAY, "The service cannot be reached."),
            Self::Timeout => (StatusCode::GATEWAY_TIMEOUT, "The service did not answer in time."),
            Self::Broken => (StatusCode::BAD_GATEWAY, "The service did not answer properly."),
            Self::Unsigned => (StatusCode::SERVICE_UNAVAILABLE, "The request cannot be signed now."),
            Self::NoSession(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "The gateway has no session at the service now.")
            }
            Self::Paced(_) => {
                (StatusCode::TOO_MANY_REQUESTS, "The service may not be asked so often. Try again later.")
            }
            Self::Ended { is_unrun: true } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The gateway's session at the service had ended. Nothing was done; send the request again.",
            ),
            Self::Ended { is_unrun: false } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The gateway's session at the service ended. It is not known whether the request was carried out.",
            ),
            Self::Unaccepted => {
                (StatusCode::BAD_GATEWAY, "The service does not accept the gateway's account.")
            }
            Self::Disowned => (
                StatusCode::BAD_GATEWAY,
                "The service answered as if nobody had signed in, though the gateway's session lives.",
            ),
            Self::NoTenant => (StatusCode::FORBIDDEN, "The service cannot be asked for this tenant."),
            Self::NoProof => (StatusCode::UNAUTHORIZED, "Sign in to use this."),
        }
    }

    /// After how many seconds it is worth another try, where that is known.
    pub fn retry_after(self) -> Option<u32> {
        match self {
            Self::Busy | Self::AllDown | Self::Unsigned | Self::Ended { .. } => Some(1),
            Self::NoSession(seconds) | Self::Paced(seconds) => Some(seconds.max(1)),
            Self::TooLong
            | Self::ClientIdle
            | Self::Unreachable
            | Self::Timeout
            | Self::Broken
            | Self::Unaccepted
            | Self::Disowned
            | Self::NoTenant
            | Self::NoProof => None,
        }
    }
}

/// A request that is ready for its service.
pub struct Outgoing {
    /// Its head: the canonical one with our headers set.
    pub parts: Box<Parts>,
    /// Its body.
    pub body: Inbound,
    /// How long the answer may take to begin.
    pub request_timeout: Duration,
    /// How long either body may rest.
    pub idle_timeout: Duration,
    /// Whether a second copy of the head is wanted, for another request with the same body.
    pub is_head_kept: bool,
}

/// What came back, before anything is taken off it.
pub struct Returned {
    /// The answer.
    pub response: Response<Incoming>,
    /// The head as it was sent, if a copy was made.
    pub head: Option<Box<Parts>>,
    loan: Loan,
    idle_timeout: Duration,
}

impl Returned {
    /// What somebody makes of the head of the answer.
    pub fn look<T>(self, judge: impl FnOnce(&response::Parts) -> T) -> (T, Self) {
        let (head, body) = self.response.into_parts();
        let judged = judge(&head);
        (judged, Self { response: Response::from_parts(head, body), ..self })
    }

    /// The head of an answer after which the connection is no longer HTTP.
    pub fn into_switched(self) -> Response<Incoming> {
        self.response
    }

    /// The answer as it goes on to the client.
    pub fn into_answer(self, permit: Permit) -> Response<Answer> {
        let (parts, download) = self.into_download(permit);
        Response::from_parts(parts, Answer::Download(Box::new(download)))
    }

    /// The same, of whose body so much was read already, and without trailers.
    pub fn into_answer_after(self, glimpse: Bytes, permit: Permit) -> Response<Answer> {
        let (parts, download) = self.into_download(permit);
        Response::from_parts(parts, Answer::Download(Box::new(download.after(glimpse))))
    }

    fn into_download(self, permit: Permit) -> (response::Parts, Download) {
        let (mut parts, body) = self.response.into_parts();
        parts.version = Version::HTTP_11;
        // Only a WebSocket handshake may switch, and it does not come through here.
        (parts, Download::new(body, self.idle_timeout, self.loan, permit))
    }

    /// How long the answer may rest.
    pub fn idle_timeout(&self) -> Duration {
        self.idle_timeout
    }
}

/// Why nothing came back.
pub struct Unreturned {
    /// In words.
    pub failure: Failure,
    /// The head, if nothing of the request was sent and a copy was made.
    pub head: Option<Box<Parts>>,
}

/// Whether the declared length of a body is within what the service takes.
pub fn check_length(parts: &Parts, bytes_max: u64) -> Result<(), Failure> {
    let Some(declared) = parts.headers.get(CONTENT_LENGTH) else { return Ok(()) };
    let length = declared.to_str().ok().and_then(|it| it.parse::<u64>().ok());
    if length.is_some_and(|it| it <= bytes_max) { Ok(()) } else { Err(Failure::TooLong) }
}

/// Sends a request to the service and waits for the head of its answer.
pub async fn send(entry: &Entry, thread: usize, outgoing: Outgoing) -> Result<Returned, Failure> {
    send_among(entry, entry.order(), thread, outgoing).await.map_err(|it| it.failure)
}

/// Sends a request to this node of the service and waits for the head of its answer.
pub async fn send_to(
    entry: &Entry,
    node: Option<&Node>,
    thread: usize,
    outgoing: Outgoing,
) -> Result<Returned, Unreturned> {
    send_among(entry, node.into_iter().filter(|it| it.health.is_up()), thread, outgoing).await
}

async fn send_among<'a>(
    entry: &Entry,
    nodes: impl Iterator<Item = &'a Node>,
    thread: usize,
    outgoing: Outgoing,
) -> Result<Returned, Unreturned> {
    let Outgoing { mut parts, body, request_timeout, idle_timeout, is_head_kept } = outgoing;
    parts.version = Version::HTTP_11;
    let upload = Upload::new(body, entry.service.body_max, idle_timeout);
    if http_body::Body::size_hint(&upload).exact().is_none() && !parts.headers.contains_key(CONTENT_LENGTH) {
        // Said here, because a client library sends no body of unknown length with GET otherwise.
        parts.headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    let is_sent = upload.completion();
    // A request without a body whose repetition does no harm may be sent once more.
    let is_repeatable = is_sent.load(Ordering::Relaxed) && matches!(parts.method, Method::GET | Method::HEAD);
    let spare = (is_repeatable || is_head_kept).then(|| copy(&parts));
    let request = Some(Request::from_parts(*parts, upload));
    let mut attempt = Attempt { request, spare, is_repeatable, is_sent, request_timeout };

    let mut failure = Failure::AllDown;
    for node in nodes {
        let pool = node.pool(thread);
        let outcome = match attempt.pooled(&pool).await {
            Outcome::Unsent(_) => Box::pin(attempt.fresh(entry, node)).await,
            other => other,
        };
        match outcome {
            Outcome::Returned(response, sender) => {
                node.health.succeeded();
                let loan = Loan { sender, pool, is_sent: attempt.is_sent };
                return Ok(Returned { response, head: attempt.spare, loan, idle_timeout });
            }
            Outcome::Failed(failure) => return Err(Unreturned { failure, head: None }),
            Outcome::Unsent(failed) => {
                tracing::warn!(service = %entry.service.name, node = %node.address, "the node failed: {failed:?}");
                node.health.failed();
                failure = failed;
            }
        }
    }
    Err(Unreturned { failure, head: attempt.spare })
}

/// A second copy of a head.
fn copy(parts: &Parts) -> Box<Parts> {
    let (mut copy, ()) = Request::new(()).into_parts();
    copy.method.clone_from(&parts.method);
    copy.uri.clone_from(&parts.uri);
    copy.headers.clone_from(&parts.headers);
    Box::new(copy)
}

/// What became of an attempt.
enum Outcome {
    /// The answer began.
    Returned(Response<Incoming>, SendRequest<Upload>),
    /// Nothing was sent, so another connection can be tried with the request, which is in its place again.
    Unsent(Failure),
    /// It failed for good.
    Failed(Failure),
}

struct Attempt {
    /// The request while it is not on its way.
    request: Option<Request<Upload>>,
    /// Its head once more.
    spare: Option<Box<Parts>>,
    /// Whether it may still be repeated when nobody knows what became of it.
    is_repeatable: bool,
    is_sent: Arc<AtomicBool>,
    request_timeout: Duration,
}

impl Attempt {
    /// Tries the connections that are there already.
    async fn pooled(&mut self, pool: &Pool<Upload>) -> Outcome {
        while let Some(mut sender) = pool.take() {
            // One that is not free soon is still busy with a request that was answered too early.
            if !sender.is_ready() && !Box::pin(is_ready_soon(&mut sender)).await {
                continue;
            }
            match self.exchange(sender).await {
                Outcome::Unsent(_) => {}
                // The service closed the connection while the request was on its way.
                Outcome::Failed(Failure::Broken) if self.is_repeatable => {
                    self.is_repeatable = false;
                    self.request =
                        self.spare.as_ref().map(|it| Request::from_parts(*copy(it), Upload::empty()));
                    return Outcome::Unsent(Failure::Broken);
                }
                other => return other,
            }
        }
        Outcome::Unsent(Failure::Unreachable)
    }

    /// Tries a new connection.
    async fn fresh(&mut self, entry: &Entry, node: &Node) -> Outcome {
        match connect(&entry.connector, &node.address).await {
            Ok(sender) => self.exchange(sender).await,
            Err(fault) => {
                tracing::debug!(node = %node.address, "{}", fault.as_str());
                Outcome::Unsent(Failure::Unreachable)
            }
        }
    }

    async fn exchange(&mut self, mut sender: SendRequest<Upload>) -> Outcome {
        let Some(request) = self.request.take() else { return Outcome::Failed(Failure::Broken) };
        let answer = sender.try_send_request(request);
        tokio::pin!(answer);
        loop {
            let was_sent = self.is_sent.load(Ordering::Relaxed);
            match tokio::time::timeout(self.request_timeout, answer.as_mut()).await {
                Ok(Ok(response)) => return Outcome::Returned(response, sender),
                Ok(Err(mut broken)) => {
                    self.request = broken.take_message();
                    return match self.request {
                        Some(_) => Outcome::Unsent(Failure::Unreachable),
                        None => Outcome::Failed(reason(broken.error())),
                    };
                }
                // The time counts from the end of the request; its body has its own limit.
                Err(_) if !was_sent => {}
                Err(_) => return Outcome::Failed(Failure::Timeout),
            }
        }
    }
}

async fn is_ready_soon(sender: &mut SendRequest<Upload>) -> bool {
    matches!(tokio::time::timeout(READY_MAX, sender.ready()).await, Ok(Ok(())))
}

/// Why an exchange broke: the client's body, or the service.
fn reason(error: &hyper::Error) -> Failure {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(it) = cause {
        match it.downcast_ref::<Cut>() {
            Some(Cut::TooLong) => return Failure::TooLong,
            Some(Cut::Idle) => return Failure::ClientIdle,
            None => cause = it.source(),
        }
    }
    Failure::Broken
}
