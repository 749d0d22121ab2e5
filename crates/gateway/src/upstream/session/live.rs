//! One upstream session that lives: what was won, where, and the headers that show it, made once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use dialects::client_half::ClientHalf;
use dialects::{Holding, Verdict};
use http::request::Parts;
use http::{HeaderMap, Method, Request, response};
use jiff::{SignedDuration, Timestamp};

/// An upstream session. Whoever sends a request with it keeps it at hand until the head of the answer is there.
pub struct Live {
    /// What the login won.
    pub holding: Holding,
    /// The number of the service's node that it lives at: requests go there and nowhere else.
    pub node: usize,
    /// Grows with each session of a keeper.
    pub generation: u64,
    /// For which tenant; none for the account's own.
    pub tenant: Option<Box<str>>,
    /// When it began, or was lengthened last.
    pub since: Timestamp,
    half: &'static dyn ClientHalf,
    proof: Prepared,
    used_at: AtomicI64,
    kept_at: AtomicI64,
    retry_at: AtomicI64,
    is_dead: AtomicBool,
    is_recorded: AtomicBool,
    /// The name of its record in the vault.
    pub(super) record: Option<String>,
    pub(super) seat: Arc<Seat>,
}

/// How a new session came to be.
pub(super) struct Won {
    pub holding: Holding,
    pub node: usize,
    pub generation: u64,
    pub tenant: Option<Box<str>>,
    pub record: Option<String>,
    pub seat: Arc<Seat>,
}

impl Live {
    pub(super) fn new(half: &'static dyn ClientHalf, won: Won, now: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            proof: Prepared::of(half, &won.holding),
            holding: won.holding,
            node: won.node,
            generation: won.generation,
            tenant: won.tenant,
            since: now,
            half,
            used_at: AtomicI64::new(now.as_microsecond()),
            kept_at: AtomicI64::new(now.as_microsecond()),
            retry_at: AtomicI64::new(i64::MIN),
            is_dead: AtomicBool::new(false),
            is_recorded: AtomicBool::new(false),
            record: won.record,
            seat: won.seat,
        })
    }

    /// Writes the proof onto a request that goes to this session's node.
    pub fn write(&self, parts: &mut Parts) {
        match &self.proof {
            Prepared::Headers { reading, writing } => {
                let headers = if parts.method.is_safe() { reading } else { writing };
                for (name, value) in headers {
                    parts.headers.insert(name, value.clone());
                }
            }
            Prepared::EachTime => self.half.write_proof(&self.holding, parts),
        }
    }

    /// What an answer says of the life of this session; see [`ClientHalf::judge`].
    pub fn judge(&self, answer: &response::Parts, body: Option<&[u8]>) -> Verdict {
        self.half.judge(&self.holding, answer, body)
    }

    /// Notes that somebody uses it.
    pub(super) fn note_use(&self, now: Timestamp) {
        let now = now.as_microsecond();
        // Most uses fall into the same moment as another one's.
        if self.used_at.load(Ordering::Relaxed) != now {
            self.used_at.store(now, Ordering::Relaxed);
        }
    }

    /// Notes that the server was shown that it is in use.
    pub(super) fn note_upkeep(&self, now: Timestamp) {
        self.kept_at.store(now.as_microsecond(), Ordering::Relaxed);
    }

    /// When somebody used it last.
    pub fn used_at(&self) -> Timestamp {
        Timestamp::from_microsecond(self.used_at.load(Ordering::Relaxed)).unwrap_or(self.since)
    }

    /// When it was kept alive last.
    pub(super) fn kept_at(&self) -> Timestamp {
        Timestamp::from_microsecond(self.kept_at.load(Ordering::Relaxed)).unwrap_or(self.since)
    }

    /// Puts the next attempt to keep it alive off.
    pub(super) fn put_off(&self, until: Timestamp) {
        self.retry_at.store(until.as_microsecond(), Ordering::Relaxed);
    }

    /// Whether it is to be kept alive now: it was used since that was done last, and not within this time.
    pub(super) fn wants_upkeep(&self, every: SignedDuration, now: Timestamp) -> bool {
        let used_at = self.used_at();
        let is_put_off = now.as_microsecond() < self.retry_at.load(Ordering::Relaxed);
        // Where the clock was set back, nobody knows how long ago that was.
        let is_due = used_at > self.kept_at() || self.kept_at() > now;
        is_due && now.duration_since(used_at) >= every && !is_put_off
    }

    /// Notes that the server knows it no more: it takes no place there.
    pub(super) fn note_death(&self) {
        self.is_dead.store(true, Ordering::Relaxed);
        self.seat.release();
    }

    /// Notes that there is a record of it in the vault.
    pub(super) fn note_record(&self) {
        self.is_recorded.store(true, Ordering::Relaxed);
    }

    /// Whether there is a record of it in the vault.
    pub(super) fn was_recorded(&self) -> bool {
        self.is_recorded.load(Ordering::Relaxed)
    }

    /// Whether the server knows it no more.
    pub(super) fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// The headers of a proof.
enum Prepared {
    /// The same for every request that changes nothing, and for every one that may.
    Headers { reading: HeaderMap, writing: HeaderMap },
    /// Different from path to path.
    EachTime,
}

impl Prepared {
    fn of(half: &dyn ClientHalf, holding: &Holding) -> Self {
        let written = |method: &Method, path: &str| {
            let uri = format!("{}{path}", holding.base);
            let (mut parts, ()) = Request::builder().method(method).uri(&uri).body(()).ok()?.into_parts();
            let before = parts.uri.clone();
            half.write_proof(holding, &mut parts);
            (parts.uri == before).then_some(parts.headers)
        };
        let same = |method: &Method| {
            let headers = written(method, "/")?;
            // Headers of one name twice would be cut to one.
            let is_plain = headers.keys_len() == headers.len();
            (is_plain && Some(&headers) == written(method, "/some/where?a=1").as_ref()).then_some(headers)
        };
        match (same(&Method::GET), same(&Method::POST), same(&Method::DELETE)) {
            (Some(reading), Some(writing), Some(other)) if writing == other => {
                Self::Headers { reading, writing }
            }
            _ => Self::EachTime,
        }
    }
}

/// How many sessions the service has given us, all tenants together, dying ones among them.
#[derive(Debug, Default)]
pub(super) struct Seats {
    taken: AtomicUsize,
    /// The same of all services with this account.
    of_account: Arc<AtomicUsize>,
}

/// The place of one session at the service.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    is_taken: AtomicBool,
}

impl Seats {
    /// None is taken; the account counts its own.
    pub(super) fn new(of_account: &Arc<AtomicUsize>) -> Arc<Self> {
        Arc::new(Self { taken: AtomicUsize::new(0), of_account: Arc::clone(of_account) })
    }

    /// A place, if fewer than so many are taken.
    pub(super) fn take(self: &Arc<Self>, max: usize) -> Option<Arc<Seat>> {
        let taken =
            self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |it| (it < max).then_some(it + 1));
        taken.ok()?;
        self.of_account.fetch_add(1, Ordering::Relaxed);
        Some(Arc::new(Seat { seats: Arc::clone(self), is_taken: AtomicBool::new(true) }))
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// How many are taken by all services with this account.
    pub(super) fn of_account(&self) -> usize {
        self.of_account.load(Ordering::Relaxed)
    }
}

impl Seat {
    /// Gives the place back.
    pub(super) fn release(&self) {
        if self.is_taken.swap(false, Ordering::Relaxed) {
            self.seats.taken.fetch_sub(1, Ordering::Relaxed);
            self.seats.of_account.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.release();
    }
}
