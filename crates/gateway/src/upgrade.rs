//! `WebSocket` (RFC 6455): the one upgrade that is let through. A socket lives as long as the session or
//! token that opened it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::poll_fn;
use http::header::{CONNECTION, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Version};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::CancellationToken;

/// How often it is asked whether the one who opened a socket may still have it.
pub const RECHECK: Duration = Duration::from_secs(3);
/// How long a socket may be silent in both directions.
const SILENCE_MAX: Duration = Duration::from_secs(3600);
/// How long both sides may take to switch.
const SWITCH_TIMEOUT: Duration = Duration::from_secs(10);

/// What a request asks its connection to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Nothing.
    None,
    /// A WebSocket.
    WebSocket,
    /// Something that we do not let through.
    Other,
}

/// What a request asks its connection to become.
pub fn wish(parts: &Parts) -> Wish {
    if parts.version != Version::HTTP_11
        || !parts.headers.contains_key(UPGRADE)
        || !names_upgrade(&parts.headers)
    {
        return Wish::None;
    }
    let is_websocket = parts.headers.get_all(UPGRADE).iter().count() == 1
        && parts.headers.get(UPGRADE).is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"websocket"));
    if is_websocket && parts.method == Method::GET { Wish::WebSocket } else { Wish::Other }
}

fn names_upgrade(headers: &HeaderMap) -> bool {
    headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|it| it.as_bytes().split(|byte| *byte == b','))
        .any(|it| it.trim_ascii().eq_ignore_ascii_case(b"upgrade"))
}

/// Puts the handshake's connection fields back, which were taken off as hop-by-hop.
pub fn set_handshake(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
}

/// Both ends of a socket, once they have switched.
pub struct Ends {
    /// The client's.
    pub client: OnUpgrade,
    /// The service's.
    pub service: OnUpgrade,
}

/// Carries bytes both ways until either side ends, both are silent for too long, `is_allowed` says no, or the
/// gateway stops.
pub async fn relay<F>(ends: Ends, stop: CancellationToken, is_allowed: impl Fn() -> F)
where
    F: Future<Output = bool>,
{
    let switched =
        tokio::time::timeout(SWITCH_TIMEOUT, async { tokio::try_join!(ends.client, ends.service) }).await;
    let Ok(Ok((client, service))) = switched else { return };
    let moved = Arc::new(AtomicU64::new(0));
    let mut client = Counted { io: TokioIo::new(client), moved: Arc::clone(&moved) };
    let mut service = Counted { io: TokioIo::new(service), moved: Arc::clone(&moved) };
    let watch = async {
        let (mut seen, mut since) = (0, Instant::now());
        loop {
            tokio::time::sleep(RECHECK).await;
            if !is_allowed().await {
                return;
            }
            let now = moved.load(Ordering::Relaxed);
            if now != seen {
                (seen, since) = (now, Instant::now());
            } else if since.elapsed() >= SILENCE_MAX {
                return;
            }
        }
    };
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut service) => {}
        () = watch => {}
        () = stop.cancelled() => {}
    }
    // Best effort: the client learns at once that it is over.
    let _ = tokio::time::timeout(
        Duration::from_secs(1),
        poll_fn(|it| std::pin::Pin::new(&mut client).poll_shutdown(it)),
    )
    .await;
}

/// Counts what is read, so that silence can be noticed.
struct Counted {
    io: TokioIo<Upgraded>,
    moved: Arc<AtomicU64>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let polled = std::pin::Pin::new(&mut self.io).poll_read(context, buffer);
        let count = buffer.filled().len() - before;
        if count > 0 {
            self.moved.fetch_add(count as u64, Ordering::Relaxed);
        }
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        std::pin::Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.io).poll_shutdown(context)
    }
}
