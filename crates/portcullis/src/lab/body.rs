//! The body of an answer of a laboratory: whole, or cut off in the middle.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Sleep;

/// Largest body of a request or an answer, in bytes.
pub const BODY_MAX: usize = 16 * 1024 * 1024;
/// How long the first half of a cut body has to leave before the connection goes.
const LEAVE_TIME: Duration = Duration::from_millis(50);

/// The body of an answer.
pub enum LabBody {
    /// All of it.
    Whole(Option<Bytes>),
    /// This much, and then the connection breaks.
    Cut(Option<Bytes>, Pin<Box<Sleep>>),
}

impl LabBody {
    /// All of it.
    pub fn whole(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|it| !it.is_empty()))
    }

    /// The first half of it.
    pub fn cut(bytes: &Bytes) -> Self {
        let half = bytes.slice(..bytes.len().div_ceil(2).min(bytes.len().saturating_sub(1)));
        Self::Cut(Some(half).filter(|it| !it.is_empty()), Box::pin(tokio::time::sleep(LEAVE_TIME)))
    }
}

impl Body for LabBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|it| Ok(Frame::data(it)))),
            Self::Cut(bytes, sleep) => {
                if let Some(bytes) = bytes.take() {
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                std::task::ready!(sleep.as_mut().poll(context));
                Poll::Ready(Some(Err(io::Error::other("cut on demand"))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |it| it.len() as u64)),
            Self::Cut(..) => SizeHint::default(),
        }
    }
}

/// Reads a body to its end. None if it is too long or does not come.
pub async fn read(body: Incoming) -> Option<Bytes> {
    Some(Limited::new(body, BODY_MAX).collect().await.ok()?.to_bytes())
}
