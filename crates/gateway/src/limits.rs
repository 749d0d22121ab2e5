//! What connections may cost: how many there may be, and how long each may keep us waiting.

use std::collections::HashMap;
use std::io::IoSlice;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::config::Limits;
use crate::head_guard::HeadGuard;

/// Counts connections, in all and by address.
#[derive(Default)]
pub struct Connections(Mutex<HashMap<IpAddr, usize>>, AtomicUsize);

/// One counted connection.
pub struct Counted {
    connections: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    /// Counts one more connection, if there may be one more.
    pub fn enter(self: &Arc<Self>, address: IpAddr, limits: &Limits) -> Option<Counted> {
        let mut addresses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if self.1.load(Ordering::Relaxed) >= limits.connections_max {
            return None;
        }
        let count = addresses.entry(address).or_default();
        if *count >= limits.connections_per_address_max {
            return None;
        }
        *count += 1;
        self.1.fetch_add(1, Ordering::Relaxed);
        Some(Counted { connections: Arc::clone(self), address })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.1.load(Ordering::Relaxed)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut addresses = self.connections.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = addresses.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                addresses.remove(&self.address);
            }
        }
        self.connections.1.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a connection waits for, and since when. Times are milliseconds after the beginning plus one; 0 is
/// "does not wait".
pub struct Watch {
    began: Instant,
    requests: AtomicUsize,
    /// Whether the beginning of a head is here and its end is not.
    is_in_head: AtomicBool,
    head_since: AtomicU64,
    idle_since: AtomicU64,
    write_since: AtomicU64,
    /// Since when each stream's body waits for the client to take more of it.
    streams: Mutex<Vec<Weak<AtomicU64>>>,
}

/// What a connection's waiting has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may go on.
    Fine,
    /// Nothing was asked for too long: it can be closed in good order.
    Idle,
    /// The client is too slow: it is cut.
    Slow,
}

/// A request that is being answered.
pub struct Busy(Arc<Watch>);

/// The body of an answer on an HTTP/2 stream. A client that opens no window for it keeps the connection
/// writable and its place at a service taken, so each body has a clock of its own.
pub struct Taken {
    watch: Arc<Watch>,
    since: Arc<AtomicU64>,
}

impl Taken {
    /// The client takes more.
    pub fn is_asked(&self) {
        self.since.store(0, Ordering::Relaxed);
    }

    /// A part was handed over; the client has to take it before it is asked for the next.
    pub fn has_given(&self) {
        self.since.store(self.watch.now(), Ordering::Relaxed);
    }
}

impl Watch {
    /// A connection that begins now and owes us the head of a request.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            requests: AtomicUsize::new(0),
            is_in_head: AtomicBool::new(false),
            head_since: AtomicU64::new(1),
            idle_since: AtomicU64::new(0),
            write_since: AtomicU64::new(0),
            streams: Mutex::default(),
        })
    }

    /// Watches over the body of one more answer.
    pub fn stream(self: &Arc<Self>) -> Taken {
        let since = Arc::new(AtomicU64::new(self.now()));
        self.streams.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&since));
        Taken { watch: Arc::clone(self), since }
    }

    /// A head has arrived; until the answer is over the client owes nothing but reading.
    pub fn begin(self: &Arc<Self>) -> Busy {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.head_since.store(0, Ordering::Relaxed);
        self.idle_since.store(0, Ordering::Relaxed);
        Busy(Arc::clone(self))
    }

    /// Whether the connection may go on.
    pub fn judge(&self, limits: &Limits) -> Verdict {
        if self.is_over(&self.write_since, limits.write_timeout) || self.has_stalled(limits.write_timeout) {
            return Verdict::Slow;
        }
        if self.requests.load(Ordering::Relaxed) > 0 {
            return Verdict::Fine;
        }
        if self.is_over(&self.head_since, limits.head_timeout) {
            return Verdict::Slow;
        }
        if self.is_over(&self.idle_since, limits.keep_alive_timeout) { Verdict::Idle } else { Verdict::Fine }
    }

    /// Whether a body was left alone for too long. Forgets those that are over.
    fn has_stalled(&self, timeout: Duration) -> bool {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let mut has_stalled = false;
        streams.retain(|stream| {
            let Some(since) = stream.upgrade() else { return false };
            has_stalled |= self.is_over(&since, timeout);
            true
        });
        has_stalled
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn is_over(&self, since: &AtomicU64, timeout: Duration) -> bool {
        let since = since.load(Ordering::Relaxed);
        since != 0 && u128::from(self.now().saturating_sub(since)) >= timeout.as_millis()
    }

    fn has_read(&self, is_in_head: bool) {
        self.is_in_head.store(is_in_head, Ordering::Relaxed);
        if is_in_head
            && self.requests.load(Ordering::Relaxed) == 0
            && self.head_since.load(Ordering::Relaxed) == 0
        {
            self.head_since.store(self.now(), Ordering::Relaxed);
        }
    }

    fn writes<T>(&self, polled: &Poll<T>) {
        match polled {
            Poll::Ready(_) => self.write_since.store(0, Ordering::Relaxed),
            Poll::Pending if self.write_since.load(Ordering::Relaxed) == 0 => {
                self.write_since.store(self.now(), Ordering::Relaxed);
            }
            Poll::Pending => {}
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if self.0.requests.fetch_sub(1, Ordering::Relaxed) == 1 {
            let now = self.0.now();
            self.0.idle_since.store(now, Ordering::Relaxed);
            if self.0.is_in_head.load(Ordering::Relaxed) {
                // The next request has begun to arrive meanwhile.
                self.0.head_since.store(now, Ordering::Relaxed);
            }
        }
    }
}

/// A client's stream under watch.
pub struct Watched<T> {
    io: T,
    watch: Arc<Watch>,
    /// For HTTP/1.
    guard: Option<HeadGuard>,
}

impl<T> Watched<T> {
    /// Puts a stream under watch.
    pub fn new(io: T, watch: Arc<Watch>, guard: Option<HeadGuard>) -> Self {
        Self { io, watch, guard }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Watched<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let this = &mut *self;
        let polled = Pin::new(&mut this.io).poll_read(context, buffer);
        if let Some(guard) = &mut this.guard
            && buffer.filled().len() > before
        {
            guard.filter(&mut buffer.filled_mut()[before..]);
            this.watch.has_read(guard.is_in_head());
        }
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(context, bytes);
        self.watch.writes(&polled);
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_flush(context);
        self.watch.writes(&polled);
        polled
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let polled = write_together(Pin::new(&mut self.io), context, parts);
        self.watch.writes(&polled);
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

/// Bytes up to which the parts of a message are put together before they are written.
const TOGETHER_MAX: usize = 1024;

/// Writes the parts of a message. Small ones are put together first: that costs less than the system's way
/// through a list.
pub fn write_together<T: AsyncWrite>(
    io: Pin<&mut T>,
    context: &mut Context<'_>,
    parts: &[IoSlice<'_>],
) -> Poll<std::io::Result<usize>> {
    if let [part] = parts {
        return io.poll_write(context, part);
    }
    let length = parts.iter().map(|it| it.len()).sum();
    let mut whole = [0; TOGETHER_MAX];
    let Some(whole) = whole.get_mut(..length) else { return io.poll_write_vectored(context, parts) };
    let mut end = 0;
    for part in parts {
        whole[end..end + part.len()].copy_from_slice(part);
        end += part.len();
    }
    io.poll_write(context, whole)
}
