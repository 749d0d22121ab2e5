//! One connection: HTTP/1.1 or HTTP/2 over it, under watch.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::poll_fn;
use futures_util::task::AtomicWaker;
use http::{Request, Response, StatusCode, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use identity::Authority;
use identity::model::object::StableId;
use identity::port::Random;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Installation;
use crate::body::{Answer, BodyError};
use crate::body_memory::BodyMemory;
use crate::config::{Limits, Network};
use crate::head_guard::HeadGuard;
use crate::headers::Reserved;
use crate::limits::{Busy, Connections, Counted, Taken, Verdict, Watch, Watched};
use crate::pipeline::{self, Own};
use crate::service::Table;
use crate::tls;
use crate::tuning::LiveTuning;
use crate::upstream::proxy_keys::ProxyKeys;
use crate::upstream::session::Keepers;
use crate::upstream::signed_jwt::SignedJwt;
use crate::upstream::trusted_proxy::TrustedProxy;

/// Largest header list of an HTTP/2 request in bytes.
const HTTP2_HEAD_MAX: u32 = 64 * 1024;
/// Requests at once on an HTTP/2 connection.
const HTTP2_STREAMS_MAX: u32 = 256;
/// Bytes of an answer that wait in memory for a slow HTTP/2 client, per stream.
const HTTP2_SEND_BUFFER: usize = 256 * 1024;
/// Most fields of a head that the HTTP library reads if it is not told; that many it keeps without an
/// allocation.
const HEADERS_USUAL: usize = 100;
/// Smallest buffer that the HTTP library works with.
const HEAD_MIN: usize = 8 * 1024;

/// What all data threads share.
pub struct Shared {
    /// Who decides.
    pub authority: Arc<Authority>,
    /// The installation.
    pub installation: Arc<Installation>,
    /// Where everything runs that may wait.
    pub control: Handle,
    /// What a reload replaces.
    pub live: ArcSwap<Live>,
    /// The certificate.
    pub tls: tls::Live,
    /// The dialects' own endpoints.
    pub own: Vec<Own>,
    /// What AWX's contract is also answered behind, such as `/api/controller`.
    pub prefix: Option<&'static str>,
    /// What the platform's challenge names beside its own words.
    pub resource_metadata: Option<&'static str>,
    /// The port of the first https listener, if there is one.
    pub https_port: Option<u16>,
    /// The names by which proofs travel, in any of the dialects.
    pub reserved: Reserved,
    /// The connections.
    pub connections: Arc<Connections>,
    /// The bodies that are read as a whole.
    pub body_memory: Arc<BodyMemory>,
    /// The signature of the moment.
    pub trusted_proxy: Arc<TrustedProxy>,
    /// Identity tokens.
    pub signed_jwt: SignedJwt,
    /// The settings at hand.
    pub tuning: LiveTuning,
    /// The keepers of upstream sessions.
    pub keepers: Arc<Keepers>,
    /// Cancelled when the gateway stops.
    pub stop: CancellationToken,
}

/// What a reload replaces.
pub struct Live {
    /// The services.
    pub table: Table,
    /// The limits.
    pub limits: Limits,
    /// Peers that are believed.
    pub trusted_proxies: Vec<Network>,
    /// The keys by which any other peer can show that it is a proxy.
    pub proxy_keys: ProxyKeys,
    /// Hosts that may be named, in lower case.
    pub hosts: Vec<String>,
}

/// One data thread.
pub struct Thread {
    /// Its number.
    pub index: usize,
    /// What all threads share.
    pub shared: Arc<Shared>,
    /// Its connections and sockets.
    pub tasks: TaskTracker,
    /// Random bytes that were not used yet, so that not every request asks the operating system.
    random: Mutex<(usize, [u8; 512])>,
}

impl Thread {
    /// The thread of this number.
    pub fn new(index: usize, shared: Arc<Shared>) -> Arc<Self> {
        Arc::new(Self {
            index,
            shared,
            tasks: TaskTracker::new(),
            random: Mutex::new((usize::MAX, [0; 512])),
        })
    }

    /// A new UUID.
    pub fn new_request_id(&self) -> String {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let (used, bytes) = &mut *random;
        if *used > bytes.len() - 16 {
            let source: &dyn Random = &*self.shared.authority.world.random;
            source.fill(bytes);
            *used = 0;
        }
        let mut id = [0; 16];
        id.copy_from_slice(&bytes[*used..*used + 16]);
        *used += 16;
        StableId::from_random(id).0
    }
}

/// One connection of a client.
pub struct Connection {
    /// The thread that carries it.
    pub thread: Arc<Thread>,
    /// The other end of its socket.
    pub peer: SocketAddr,
    /// Whether it is encrypted.
    pub is_tls: bool,
    /// What it waits for.
    pub watch: Arc<Watch>,
    /// Its place among all connections.
    pub counted: Arc<Counted>,
}

impl Connection {
    /// What all threads share.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.thread.shared
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Held>, Infallible> {
        let busy = self.watch.begin();
        let is_http2 = request.version() == Version::HTTP_2;
        let answer = AssertUnwindSafe(pipeline::answer(&self, request)).catch_unwind().await;
        let response = answer.unwrap_or_else(|_| {
            tracing::error!("a request broke the gateway's own code");
            let mut response = Response::new(Answer::Text(Bytes::new()));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        });
        let taken = is_http2.then(|| self.watch.stream());
        Ok(response.map(|answer| Held { answer, taken, _busy: busy }))
    }
}

/// An answer's body that keeps its connection busy until it is over.
struct Held {
    answer: Answer,
    taken: Option<Taken>,
    _busy: Busy,
}

impl Body for Held {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(taken) = &self.taken {
            taken.is_asked();
        }
        let polled = Pin::new(&mut self.answer).poll_frame(context);
        if let (Some(taken), Poll::Ready(_)) = (&self.taken, &polled) {
            taken.has_given();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.answer.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.answer.size_hint()
    }
}

/// Serves a connection until either side ends it, it is too slow, or the gateway stops.
pub async fn serve<T>(io: T, connection: Arc<Connection>, is_http2: bool)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = connection.shared().live.load().limits.clone();
    let watch = Arc::clone(&connection.watch);
    let stop = connection.shared().stop.clone();
    let io = TokioIo::new(Watched::new(io, Arc::clone(&watch), (!is_http2).then(HeadGuard::default)));
    let service = service_fn(move |request| Arc::clone(&connection).answer(request));
    if is_http2 {
        let served = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_header_list_size(HTTP2_HEAD_MAX)
            .max_concurrent_streams(HTTP2_STREAMS_MAX)
            .max_send_buf_size(HTTP2_SEND_BUFFER)
            .serve_connection(io, service);
        guard(served, http2::Connection::graceful_shutdown, &watch, &limits, stop).await;
    } else {
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            // The watch has finer limits: one for a head, another between requests.
            .header_read_timeout(None)
            .max_buf_size(limits.head_max.max(HEAD_MIN));
        if limits.headers_max != HEADERS_USUAL {
            builder.max_headers(limits.headers_max);
        }
        let served = builder.serve_connection(io, service).with_upgrades();
        guard(served, http1::UpgradeableConnection::graceful_shutdown, &watch, &limits, stop).await;
    }
}

/// Drives a connection and ends it when its time is up.
async fn guard<F>(
    served: F,
    finish: impl Fn(Pin<&mut F>),
    watch: &Watch,
    limits: &Limits,
    stop: CancellationToken,
) where
    F: Future<Output = hyper::Result<()>>,
{
    tokio::pin!(served);
    let period =
        (limits.head_timeout.min(limits.keep_alive_timeout) / 4).clamp(Duration::from_millis(50), MAX_PERIOD);
    let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + period, period);
    let stopped = stop.cancelled_owned();
    tokio::pin!(stopped);
    let bell = Arc::new(Bell { has_rung: AtomicBool::new(true), task: AtomicWaker::new() });
    let waker = Waker::from(Arc::clone(&bell));
    let mut is_finishing = false;
    loop {
        let event = poll_fn(|context| {
            if let Poll::Ready(ended) = served.as_mut().poll(context) {
                return Poll::Ready(Event::Ended(ended));
            }
            bell.task.register(context.waker());
            if !bell.has_rung.swap(false, Ordering::AcqRel) {
                return Poll::Pending;
            }
            let mut aside = Context::from_waker(&waker);
            if !is_finishing && stopped.as_mut().poll(&mut aside).is_ready() {
                return Poll::Ready(Event::Stop);
            }
            tick.poll_tick(&mut aside).map(|_| Event::Tick)
        })
        .await;
        bell.has_rung.store(true, Ordering::Release);
        match event {
            Event::Ended(Ok(())) => return,
            Event::Ended(Err(cause)) => {
                tracing::debug!("a connection ended early: {cause}");
                return;
            }
            Event::Stop => {
                is_finishing = true;
                finish(served.as_mut());
            }
            Event::Tick => match watch.judge(limits) {
                Verdict::Fine => {}
                Verdict::Idle if !is_finishing => {
                    is_finishing = true;
                    finish(served.as_mut());
                }
                Verdict::Idle | Verdict::Slow => return,
            },
        }
    }
}

/// What a connection's guard waits for.
enum Event {
    Ended(hyper::Result<()>),
    Stop,
    Tick,
}

/// Wakes a connection's task and remembers that it was not for the connection's own sake, so that the clock
/// and the stop need not be looked at for each of its requests.
struct Bell {
    has_rung: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.has_rung.store(true, Ordering::Release);
        self.task.wake();
    }
}

/// Longest time between two looks at a connection.
const MAX_PERIOD: Duration = Duration::from_millis(2500);
