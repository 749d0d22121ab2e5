//! Bodies of requests: in memory, from a file of any size, or from a pipe.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::{fmt, io};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use identity::Fault;
use tokio::io::{AsyncRead, ReadBuf};

use crate::trouble::Trouble;

/// How much of a file is read at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// The body of a request.
pub enum Payload {
    /// In memory.
    Bytes(Bytes),
    /// A file, read while it is sent; its length now is what is announced.
    File(PathBuf),
    /// Whatever comes from here, such as a pipe; sent in chunks, and never twice.
    Reader(Box<dyn AsyncRead + Send + Sync + Unpin>),
}

/// A source could not be read to the length that was announced.
#[derive(Debug, thiserror::Error)]
#[error("the body could not be read")]
pub struct Unreadable(#[source] io::Error);

impl Payload {
    /// No body.
    pub fn empty() -> Self {
        Self::Bytes(Bytes::new())
    }

    /// The same once more; none for what can be read only once.
    pub fn again(&self) -> Option<Self> {
        match self {
            Self::Bytes(bytes) => Some(Self::Bytes(bytes.clone())),
            Self::File(path) => Some(Self::File(path.clone())),
            Self::Reader(_) => None,
        }
    }

    /// As the library wants it; `sent` counts the bytes that went out.
    pub(crate) async fn open(self, sent: &Arc<AtomicU64>) -> Result<reqwest::Body, Fault> {
        let (source, left): (Box<dyn AsyncRead + Send + Sync + Unpin>, _) = match self {
            Self::Bytes(bytes) => return Ok(reqwest::Body::from(bytes)),
            Self::File(path) => {
                let file = tokio::fs::File::open(&path).await.map_err(|it| Trouble::Body.caused(it))?;
                let length = file.metadata().await.map_err(|it| Trouble::Body.caused(it))?.len();
                (Box::new(file), Some(length))
            }
            Self::Reader(reader) => (reader, None),
        };
        Ok(reqwest::Body::wrap(Read { source, left, sent: Arc::clone(sent), buffer: vec![0; CHUNK] }))
    }
}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Reader(_) => f.write_str("Reader"),
        }
    }
}

/// A body that is read while it is sent.
struct Read {
    source: Box<dyn AsyncRead + Send + Sync + Unpin>,
    left: Option<u64>,
    sent: Arc<AtomicU64>,
    buffer: Vec<u8>,
}

impl Body for Read {
    type Data = Bytes;
    type Error = Unreadable;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Unreadable>>> {
        let this = &mut *self;
        // A file that has grown since is sent as it was announced.
        let most = this.left.map_or(CHUNK, |left| usize::try_from(left).unwrap_or(CHUNK).min(CHUNK));
        if most == 0 {
            return Poll::Ready(None);
        }
        let mut room = ReadBuf::new(&mut this.buffer[..most]);
        if let Err(cause) = ready!(Pin::new(&mut this.source).poll_read(cx, &mut room)) {
            return Poll::Ready(Some(Err(Unreadable(cause))));
        }
        let chunk = Bytes::copy_from_slice(room.filled());
        if chunk.is_empty() {
            let is_short = this.left.is_some_and(|left| left > 0);
            let cause = || Unreadable(io::ErrorKind::UnexpectedEof.into());
            return Poll::Ready(is_short.then(|| Err(cause())));
        }
        let count = chunk.len() as u64;
        this.left = this.left.map(|left| left.saturating_sub(count));
        this.sent.fetch_add(count, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
