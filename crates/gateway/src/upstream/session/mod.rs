//! Sessions at services that the gateway opens itself and keeps for all who call: one keeper for each service, one
//! session for each tenant. A login is a flight: there is one at a time, and whoever needs its outcome waits for it.

mod attempts;
mod budget;
mod counts;
mod flight;
mod keepers;
mod live;
mod login;
mod no_session;
mod report;
mod saved;
mod slot;
mod tend;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use client::Transport;
use dialects::Verdict;
use dialects::client_half::ClientHalf;
use http::Method;
use identity::model::pace::Load;
use identity::port::{Clock, Random, Vault};
use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

pub use keepers::{Keepers, Plan};
pub use live::Live;
pub use no_session::NoSession;
pub use report::{Report, SessionReport, State};

use crate::config::Account;
use attempts::Attempts;
use budget::Budget;
use counts::Counts;
use flight::{Departure, Errand};
use live::Seats;
use slot::Slot;

/// Most tenants about which something is known at once, those without a session among them.
const SLOTS_MAX: usize = 1000;
/// How long requests of the gateway's own wait for their turn.
const OWN_TURN_MAX: Duration = Duration::from_secs(2);

/// Keeps the upstream sessions of one service: one for each tenant.
pub struct Keeper {
    service: String,
    /// The bases of the nodes, in their order.
    nodes: Vec<String>,
    /// The certificates that they must chain to, PEM.
    ca: Option<Vec<u8>>,
    half: &'static dyn ClientHalf,
    account: ArcSwap<Account>,
    transport: Transport,
    world: World,
    attempts: Arc<Attempts>,
    /// The slot of whoever acts for no tenant.
    own: Arc<Slot>,
    tenants: ArcSwap<HashMap<Box<str>, Arc<Slot>>>,
    /// Sessions that were replaced and are signed out once nobody uses them, with the time since when.
    retired: Mutex<Vec<(Arc<Live>, Timestamp)>>,
    seats: Arc<Seats>,
    waiting: AtomicUsize,
    generation: AtomicU64,
    /// Shared by all services of the account that are asked as fast as the contract allows.
    budget: Arc<Budget>,
    counts: Counts,
    /// Whether what a crash left behind was looked through.
    ready: watch::Receiver<bool>,
    is_closed: AtomicBool,
    /// Whether all sessions were collected to be signed out: what lands now is left to itself.
    is_swept: AtomicBool,
    is_version_told: AtomicBool,
    flights: TaskTracker,
}

/// What a keeper needs of the world.
#[derive(Clone)]
struct World {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    vault: Arc<dyn Vault>,
    /// Where logins run.
    control: Handle,
    /// How long a service that has just gone is waited for within one flight.
    patience: Duration,
    /// The release that our own Catalyst contract speaks.
    manager_version: Arc<str>,
    is_vault_told: Arc<AtomicBool>,
    /// How one speaks to the platform of an account.
    half: fn(&Account) -> &'static dyn ClientHalf,
}

impl World {
    /// Tells once that the vault is of no use: the sessions are kept all the same.
    fn tell_of_vault(&self, why: &str) {
        if !self.is_vault_told.swap(true, Ordering::Relaxed) {
            tracing::warn!("upstream sessions are not found again after a crash: {why}");
        }
    }
}

/// One of those that wait for a session or for their turn. As many wait as `queue_max` says.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Keeper {
    /// The account with which it signs in, and its limits.
    pub fn account(&self) -> Arc<Account> {
        self.account.load_full()
    }

    /// The session for this tenant, if there is one; notes that it is used. Takes no lock and no memory. Where the
    /// account is bound to a tenant, that one counts.
    pub fn live(&self, tenant: Option<&str>) -> Option<Arc<Live>> {
        let live = match self.tenant(tenant) {
            None => self.own.current(),
            Some(tenant) => self.tenants.load().get(tenant)?.current(),
        }?;
        live.note_use(self.world.clock.now());
        Some(live)
    }

    /// The session for this tenant, opened if there is none. Whoever comes while it is being opened waits for it,
    /// within the limits of the queue.
    pub async fn open(self: &Arc<Self>, tenant: Option<&str>) -> Result<Arc<Live>, NoSession> {
        if let Some(live) = self.live(tenant) {
            return Ok(live);
        }
        let slot = self.slot(self.tenant(tenant))?;
        self.fly(&slot, Errand::Open).await
    }

    /// Another session in the place of one that an answer showed to be dead or stale. The first who says so of a
    /// generation causes one login, all others wait for it; who says it of an earlier generation gets the new one.
    ///
    /// Where the service has a path that tells, the dead one is asked about first: if it lives after all, the same
    /// one comes back, since otherwise anybody who finds a path with such an answer could have us sign in at will.
    pub async fn replace(
        self: &Arc<Self>,
        dead: &Arc<Live>,
        verdict: Verdict,
    ) -> Result<Arc<Live>, NoSession> {
        let errand = match verdict {
            Verdict::Alive | Verdict::Unsure => return Ok(Arc::clone(dead)),
            Verdict::Stale => Errand::Refresh(Arc::clone(dead)),
            Verdict::Dead(death) => Errand::Bury(Arc::clone(dead), death),
        };
        let slot = self.slot(dead.tenant.as_deref())?;
        self.fly(&slot, errand).await
    }

    /// A session at another node in the place of one whose node cannot be reached. With one node there is none.
    pub async fn relocate(self: &Arc<Self>, from: &Arc<Live>) -> Result<Arc<Live>, NoSession> {
        if self.nodes.len() < 2 {
            let (retry_after, why) = (Duration::from_secs(1), "the only node cannot be reached".into());
            return Err(NoSession::Unreachable { retry_after, why });
        }
        let slot = self.slot(from.tenant.as_deref())?;
        self.fly(&slot, Errand::Leave(Arc::clone(from))).await
    }

    /// Takes the turn of one request, or tells how long to wait for it.
    pub fn turn(&self, load: Load, now: Timestamp) -> Result<(), Duration> {
        if load == Load::Uncounted {
            return Ok(());
        }
        self.budget.take(&self.rates(), load, now)
    }

    /// Waits for the turn of one request, within the limits of the queue; tells how long it would have to wait if
    /// that is longer than it may.
    pub async fn wait_turn(&self, load: Load) -> Result<(), NoSession> {
        if self.turn(load, self.world.clock.now()).is_ok() {
            return Ok(());
        }
        let _waiting = self.queue()?;
        let began = Instant::now();
        let queue_timeout = self.account.load().queue_timeout;
        let steps: &[Load] = if load == Load::Bulk { &[Load::Bulk, Load::Ordinary] } else { &[load] };
        for step in steps {
            let left = queue_timeout.saturating_sub(began.elapsed());
            let promised = self.budget.promise(&self.rates(), *step, self.world.clock.now(), left);
            tokio::time::sleep(promised.map_err(NoSession::Busy)?).await;
        }
        Ok(())
    }

    /// How heavy a request is for the service. Where its contract knows no pace and the configuration sets one, all
    /// requests count alike.
    pub fn load(&self, method: &Method, path: &str) -> Load {
        match self.half.load(method, path) {
            Load::Uncounted
                if self.half.rates().ordinary.requests == 0 && self.account.load().rates.is_some() =>
            {
                Load::Ordinary
            }
            load => load,
        }
    }

    fn rates(&self) -> dialects::client_half::Rates {
        self.account.load().rates.unwrap_or_else(|| self.half.rates())
    }

    /// Waits for the turn of so many light requests of the gateway's own. They go before long, however many wait.
    async fn own_turn(&self, requests: usize) {
        for _ in 0..requests {
            let now = self.world.clock.now();
            if let Ok(wait) = self.budget.promise(&self.rates(), Load::Ordinary, now, OWN_TURN_MAX) {
                tokio::time::sleep(wait).await;
            }
        }
    }

    /// A place among those that wait.
    fn queue(&self) -> Result<Waiting<'_>, NoSession> {
        let account = self.account.load();
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting(&self.waiting);
        if before < account.queue_max { Ok(waiting) } else { Err(NoSession::Busy(account.queue_timeout)) }
    }

    /// The tenant whose session serves whoever acts for this one: none is the account's own.
    fn tenant<'a>(&self, tenant: Option<&'a str>) -> Option<&'a str> {
        tenant.filter(|_| self.account.load().tenant.is_none())
    }

    /// The slot of a tenant, made if there is none.
    fn slot(&self, tenant: Option<&str>) -> Result<Arc<Slot>, NoSession> {
        let Some(tenant) = tenant else { return Ok(Arc::clone(&self.own)) };
        if let Some(slot) = self.tenants.load().get(tenant) {
            return Ok(Arc::clone(slot));
        }
        let now = self.world.clock.now();
        // Whoever makes slots takes turns; the lock of the retired ones is free for that.
        let _turn = self.retired();
        let mut slots = HashMap::clone(&self.tenants.load());
        if let Some(slot) = slots.get(tenant) {
            return Ok(Arc::clone(slot));
        }
        slots.retain(|_, slot| !slot.leave_if_spent(now));
        if slots.len() >= SLOTS_MAX {
            return Err(NoSession::Full);
        }
        let slot = Slot::new(Some(tenant));
        slots.insert(tenant.into(), Arc::clone(&slot));
        self.tenants.store(Arc::new(slots));
        Ok(slot)
    }

    /// All slots.
    fn slots(&self) -> Vec<Arc<Slot>> {
        let mut slots = vec![Arc::clone(&self.own)];
        slots.extend(self.tenants.load().values().cloned());
        slots
    }

    fn retired(&self) -> MutexGuard<'_, Vec<(Arc<Live>, Timestamp)>> {
        self.retired.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a session aside that is signed out once nobody uses it.
    fn retire(&self, live: Arc<Live>) {
        let now = self.world.clock.now();
        self.retired().push((live, now));
    }

    /// Starts a flight, or waits for the one in the air.
    async fn fly(self: &Arc<Self>, slot: &Arc<Slot>, errand: Errand) -> Result<Arc<Live>, NoSession> {
        let (mut arrival, _waiting) = match self.depart(slot, errand)? {
            Departure::Landed(live) => return Ok(live),
            // Who starts it waits in no queue.
            Departure::Started(arrival) => (arrival, None),
            Departure::Flying(arrival) => (arrival, Some(self.queue()?)),
        };
        let queue_timeout = self.account.load().queue_timeout;
        let outcome = match tokio::time::timeout(queue_timeout, arrival.wait_for(Option::is_some)).await {
            Ok(Ok(outcome)) => outcome.clone(),
            // The flight was lost with all on board.
            Ok(Err(_)) => None,
            Err(_) => return Err(NoSession::Timeout),
        };
        let lost = || NoSession::Lost { retry_after: Duration::from_secs(1), why: "the login broke".into() };
        let live = outcome.unwrap_or_else(|| Err(lost()))?;
        live.note_use(self.world.clock.now());
        Ok(live)
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("service", &self.service).finish_non_exhaustive()
    }
}
