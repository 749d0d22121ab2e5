//! The bodies that flow through a data thread: none, a text of ours, an own endpoint's answer, or a stream
//! from the other side with its limits.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use tokio::time::{Instant, Sleep};

use crate::body_memory::Share;
use crate::pool::Pool;
use crate::service::Permit;

/// What a body may break with.
pub type BodyError = Box<dyn Error + Send + Sync>;

/// Why a stream was cut.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Cut {
    /// Nothing came for too long.
    #[error("the body rested for too long")]
    Idle,
    /// It is longer than allowed.
    #[error("the body is too long")]
    TooLong,
}

/// A request's body as it comes in: what was read of it before anything was decided, and what is still to come.
pub struct Inbound {
    read: Bytes,
    rest: Option<Incoming>,
    /// The place in memory of what was read.
    share: Option<Share>,
}

impl From<Incoming> for Inbound {
    fn from(body: Incoming) -> Self {
        Self { read: Bytes::new(), rest: (!body.is_end_stream()).then_some(body), share: None }
    }
}

impl Inbound {
    /// A body that begins with what was read of it; the rest is none if that was all. What was read has its place
    /// in memory until it has gone on.
    pub fn new(read: Bytes, rest: Option<Incoming>, share: Share) -> Self {
        Self { read, rest, share: Some(share) }
    }

    /// A body that is all there, and whose place in memory is held by whoever may need it again.
    pub fn kept(read: Bytes) -> Self {
        Self { read, rest: None, share: None }
    }

    /// What was read of it, what is still to come, and the place of the first in memory.
    pub fn into_parts(self) -> (Bytes, Option<Incoming>, Option<Share>) {
        (self.read, self.rest, self.share)
    }

    /// How long it is, if it was read to its end before anything was decided.
    pub fn length_read(&self) -> Option<usize> {
        (self.rest.is_none() && !self.read.is_empty()).then_some(self.read.len())
    }
}

impl Body for Inbound {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if !self.read.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.read)))));
        }
        self.share = None;
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_empty() && self.rest.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.rest {
            Some(rest) => longer(self.read.len(), &rest.size_hint()),
            None => SizeHint::with_exact(self.read.len() as u64),
        }
    }
}

/// How long a body is that begins with so many bytes more.
fn longer(read: usize, rest: &SizeHint) -> SizeHint {
    let (read, mut hint) = (read as u64, SizeHint::new());
    hint.set_lower(rest.lower().saturating_add(read));
    if let Some(upper) = rest.upper() {
        hint.set_upper(upper.saturating_add(read));
    }
    hint
}

/// A request's body on its way to a service: counted, and cut when it is too long or rests too long.
pub struct Upload {
    inner: Option<Inbound>,
    left: u64,
    rest: Rest,
    is_complete: Arc<AtomicBool>,
}

impl Upload {
    /// A body of at most so many bytes that rests at most that long.
    pub fn new(inner: Inbound, bytes_max: u64, idle_timeout: Duration) -> Self {
        let is_empty = inner.is_end_stream();
        Self {
            inner: (!is_empty).then_some(inner),
            left: bytes_max,
            rest: Rest::new(idle_timeout),
            is_complete: Arc::new(AtomicBool::new(is_empty)),
        }
    }

    /// No body.
    pub fn empty() -> Self {
        Self {
            inner: None,
            left: 0,
            rest: Rest::new(Duration::ZERO),
            is_complete: Arc::new(AtomicBool::new(true)),
        }
    }

    /// Tells later whether all of it was sent.
    pub fn completion(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_complete)
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        let Some(inner) = &mut this.inner else { return Poll::Ready(None) };
        match Pin::new(&mut *inner).poll_frame(context) {
            Poll::Pending => this.rest.poll(context).map(|cut| Some(Err(cut.into()))),
            Poll::Ready(None) => {
                this.inner = None;
                this.is_complete.store(true, Ordering::Relaxed);
                Poll::Ready(None)
            }
            Poll::Ready(Some(Ok(frame))) if frame.is_trailers() => {
                // Some servers read trailers as if they stood in the head, where our own names are: none
                // goes on. They end a body.
                this.inner = None;
                this.is_complete.store(true, Ordering::Relaxed);
                Poll::Ready(None)
            }
            Poll::Ready(Some(Ok(frame))) => {
                this.rest.end();
                let length = frame.data_ref().map_or(0, |it| it.len() as u64);
                let Some(left) = this.left.checked_sub(length) else {
                    return Poll::Ready(Some(Err(Cut::TooLong.into())));
                };
                this.left = left;
                if inner.is_end_stream() {
                    this.inner = None;
                    this.is_complete.store(true, Ordering::Relaxed);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(cause))) => Poll::Ready(Some(Err(cause.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or(SizeHint::with_exact(0), Body::size_hint)
    }
}

/// A service's answer on its way to the client. When it was read to the end, its connection can be used
/// again; when it is dropped before, the connection is closed.
pub struct Download {
    /// What was read of it before it went on.
    glimpse: Bytes,
    inner: Incoming,
    rest: Rest,
    /// Whether what follows the body goes on: headers stand there that nobody has looked at.
    has_trailers: bool,
    loan: Option<Loan>,
    /// Counts the request among those of its service until the answer is over.
    _permit: Permit,
}

/// A connection that goes back to its pool.
pub struct Loan {
    /// The connection.
    pub sender: SendRequest<Upload>,
    /// Where it goes back to.
    pub pool: Arc<Pool<Upload>>,
    /// Whether the request was sent to the end.
    pub is_sent: Arc<AtomicBool>,
}

impl Loan {
    fn give_back(self) {
        if self.is_sent.load(Ordering::Relaxed) {
            self.pool.give_back(self.sender);
        }
    }
}

impl Download {
    /// An answer that rests at most that long.
    pub fn new(inner: Incoming, idle_timeout: Duration, loan: Loan, permit: Permit) -> Self {
        let (glimpse, rest) = (Bytes::new(), Rest::new(idle_timeout));
        let mut this = Self { glimpse, inner, rest, has_trailers: true, loan: Some(loan), _permit: permit };
        if this.inner.is_end_stream() {
            this.end();
        }
        this
    }

    /// The same, of which so much was read already, and without trailers.
    pub fn after(self, glimpse: Bytes) -> Self {
        Self { glimpse, has_trailers: false, ..self }
    }

    fn end(&mut self) {
        if let Some(loan) = self.loan.take() {
            loan.give_back();
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if !self.glimpse.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.glimpse)))));
        }
        match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Pending => self.rest.poll(context).map(|cut| {
                self.loan = None;
                Some(Err(cut.into()))
            }),
            Poll::Ready(None) => {
                self.end();
                Poll::Ready(None)
            }
            Poll::Ready(Some(Ok(frame))) => {
                self.rest.end();
                if self.inner.is_end_stream() {
                    self.end();
                }
                if frame.is_trailers() && !self.has_trailers {
                    // They are the last of it.
                    self.end();
                    return Poll::Ready(None);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(cause))) => {
                self.loan = None;
                Poll::Ready(Some(Err(cause.into())))
            }
        }
    }
}

/// How long a stream may rest. A timer exists only while it does.
struct Rest {
    timeout: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    is_running: bool,
}

impl Rest {
    fn new(timeout: Duration) -> Self {
        Self { timeout, timer: None, is_running: false }
    }

    fn end(&mut self) {
        self.is_running = false;
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Cut> {
        let deadline = Instant::now() + self.timeout;
        let is_running = std::mem::replace(&mut self.is_running, true);
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if !is_running {
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(context).map(|()| Cut::Idle)
    }
}

/// An answer's body.
pub enum Answer {
    /// A text of ours, or nothing.
    Text(Bytes),
    /// What an own endpoint answers.
    Own(axum::body::Body),
    /// What a service answers.
    Download(Box<Download>),
}

impl Body for Answer {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Text(text) if text.is_empty() => Poll::Ready(None),
            Self::Text(text) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(text))))),
            Self::Own(body) => Pin::new(body).poll_frame(context).map_err(Into::into),
            Self::Download(download) => download.poll(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Own(body) => body.is_end_stream(),
            Self::Download(download) => download.glimpse.is_empty() && download.inner.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Text(text) => SizeHint::with_exact(text.len() as u64),
            Self::Own(body) => body.size_hint(),
            Self::Download(download) => longer(download.glimpse.len(), &download.inner.size_hint()),
        }
    }
}
