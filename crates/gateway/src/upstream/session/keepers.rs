//! All keepers: made from the configuration, exchanged at a reload, closed at the end; and what a crash left behind.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use client::{Agent, Transport, Unwatched};
use futures_util::future::join_all;
use identity::model::secret::Digest;
use identity::{Authority, Fault, Origin};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::attempts::AllAttempts;
use super::counts::{Counts, add};
use super::live::Seats;
use super::login::Place;
use super::saved::{self, Record};
use super::slot::Slot;
use super::{Keeper, World};
use crate::config::{Account, IdentityProof, Service, Target};

/// How long one exchange with a service may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long a service that has just gone is waited for within one flight.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often keepers look what is due.
const TICK: Duration = Duration::from_secs(1);
/// How long signing out may take when the gateway ends.
const DRAIN_MAX: Duration = Duration::from_secs(10);
/// Most records of an earlier process that are looked at.
const RECORDS_MAX: usize = 1000;

/// The keepers of all services that want one.
pub struct Keepers {
    world: World,
    attempts: AllAttempts,
    by_service: ArcSwap<HashMap<String, Arc<Keeper>>>,
    ready: watch::Sender<bool>,
    stop: CancellationToken,
    /// Keepers that a reload has left without a service, on their way out.
    leaving: TaskTracker,
}

/// The keepers of a configuration that is about to be put in the place of another.
pub struct Plan(HashMap<String, Arc<Keeper>>);

impl Plan {
    /// The keeper of the service of this name.
    pub fn keeper(&self, service: &str) -> Option<Arc<Keeper>> {
        self.0.get(service).cloned()
    }
}

impl Keepers {
    /// No keepers yet; logins run on the control runtime.
    pub fn new(authority: &Authority, control: Handle) -> Self {
        let world = World {
            clock: Arc::clone(&authority.world.clock),
            random: Arc::clone(&authority.world.random),
            vault: Arc::clone(&authority.world.vault),
            control,
            patience: PATIENCE,
            manager_version: authority.manager_version.as_str().into(),
            is_vault_told: Arc::default(),
            half: |account| account.platform.client(),
        };
        Self::over(world)
    }

    pub(super) fn over(world: World) -> Self {
        Self {
            world,
            attempts: AllAttempts::default(),
            by_service: ArcSwap::default(),
            ready: watch::Sender::new(false),
            stop: CancellationToken::new(),
            leaving: TaskTracker::new(),
        }
    }

    /// The keepers of these services: those that there are, where nothing changed that matters to their sessions.
    /// Fails if a service's certificates cannot be read; nothing has changed then.
    pub fn plan(&self, services: &[Service]) -> Result<Plan, Fault> {
        let now = self.by_service.load();
        let mut planned = HashMap::new();
        for service in services {
            let IdentityProof::Session(account) = &service.identity else { continue };
            let (nodes, ca) = target(service)?;
            let kept = now.get(&service.name).filter(|it| it.serves(account, &nodes, ca.as_deref()));
            let keeper = match kept {
                Some(keeper) => Arc::clone(keeper),
                None => self.keeper(service, account, nodes, ca)?,
            };
            planned.insert(service.name.clone(), keeper);
        }
        Ok(Plan(planned))
    }

    /// Puts a plan into effect: new keepers begin, those that it leaves out sign their sessions out once nobody uses
    /// them.
    pub fn enact(&self, plan: Plan, services: &[Service]) {
        for service in services {
            if let (IdentityProof::Session(account), Some(keeper)) =
                (&service.identity, plan.0.get(&service.name))
            {
                // Limits may have changed.
                keeper.account.store(Arc::clone(account));
            }
        }
        let before = self.by_service.swap(Arc::new(plan.0));
        let now = self.by_service.load();
        let is_same = |one: Option<&Arc<Keeper>>, other| one.is_some_and(|it| Arc::ptr_eq(it, other));
        for (service, keeper) in before.iter().filter(|(name, it)| !is_same(now.get(*name), it)) {
            tracing::info!(
                service,
                "the account, the addresses or the certificates of the upstream session changed; signing out"
            );
            self.leaving.spawn_on(Arc::clone(keeper).close_at_leisure(), &self.world.control);
        }
        for keeper in now.values().filter(|it| !is_same(before.get(&it.service), it)) {
            let keeper = Arc::clone(keeper);
            let tending = async move {
                while !keeper.is_closed.load(Ordering::Relaxed) {
                    tokio::time::sleep(TICK).await;
                    keeper.tend().await;
                }
            };
            self.world.control.spawn(self.stop.clone().run_until_cancelled_owned(tending));
        }
    }

    /// Looks through what an earlier process left behind. Logins wait for that.
    pub async fn take_up(&self) {
        let keepers = self.by_service.load_full();
        let vault = &*self.world.vault;
        let names = match vault.names(saved::PREFIX).await {
            Ok(names) => names,
            Err(fault) => {
                if !keepers.is_empty() {
                    self.world.tell_of_vault(&fault.to_string());
                }
                Vec::new()
            }
        };
        join_all(names.iter().take(RECORDS_MAX).map(|name| self.take_up_one(&keepers, name))).await;
        self.ready.send_replace(true);
    }

    async fn take_up_one(&self, keepers: &HashMap<String, Arc<Keeper>>, name: &str) {
        let vault = &*self.world.vault;
        let found = match vault.find(name).await {
            Ok(found) => found,
            // It may have been sealed with another key. Whatever it was, nobody can use it.
            Err(fault) => {
                self.world.tell_of_vault(&fault.to_string());
                None
            }
        };
        let record = found.as_ref().and_then(Record::parse).filter(|it| it.is_recent(self.world.clock.now()));
        if let Some(record) = record {
            match saved::service_of(name).and_then(|it| keepers.get(it)) {
                Some(keeper) if record.is_of(&keeper.account.load()) => {
                    if keeper.take_up(name, record).await {
                        return;
                    }
                }
                // Another account at the same service: its certificates are known.
                Some(keeper) if record.is_at(&keeper.account.load(), &keeper.nodes) => {
                    if let Some(holding) = record.holding() {
                        keeper.end_foreign(&holding).await;
                    }
                }
                _ => sign_out(record).await,
            }
        }
        if let Err(why) = saved::forget(vault, name).await {
            self.world.tell_of_vault(&why);
        }
    }

    /// How things stand with each, in the order of their names.
    pub fn reports(&self) -> Vec<super::Report> {
        let mut reports: Vec<_> = self.by_service.load().values().map(|it| it.report()).collect();
        reports.sort_by(|one, other| one.service.cmp(&other.service));
        reports
    }

    /// The keeper of the service of this name.
    pub fn find(&self, service: &str) -> Option<Arc<Keeper>> {
        self.by_service.load().get(service).cloned()
    }

    /// Signs out everywhere, after the last request.
    pub async fn drain(&self) {
        self.stop.cancel();
        let keepers = self.by_service.swap(Arc::default());
        self.leaving.close();
        let closing = join_all(keepers.values().map(|it| it.close(Duration::ZERO)));
        let all = async { tokio::join!(closing, self.leaving.wait()) };
        if tokio::time::timeout(DRAIN_MAX, all).await.is_err() {
            tracing::warn!("not all upstream sessions could be signed out in time");
        }
    }

    fn keeper(
        &self,
        service: &Service,
        account: &Arc<Account>,
        nodes: Vec<String>,
        ca: Option<Vec<u8>>,
    ) -> Result<Arc<Keeper>, Fault> {
        let attempts = self.attempts.of(key(account), &nodes);
        let budget = account.rates.map_or_else(|| Arc::clone(&attempts.budget), |_| Arc::default());
        Ok(Arc::new(Keeper {
            service: service.name.clone(),
            half: (self.world.half)(account),
            account: ArcSwap::new(Arc::clone(account)),
            transport: Transport::new(ca.as_deref(), true, TIMEOUT)?,
            ca,
            world: self.world.clone(),
            seats: Seats::new(&attempts.sessions),
            attempts,
            nodes,
            own: Slot::new(None),
            tenants: ArcSwap::default(),
            retired: Mutex::default(),
            waiting: AtomicUsize::new(0),
            generation: AtomicU64::new(0),
            budget,
            counts: Counts::default(),
            ready: self.ready.subscribe(),
            is_closed: AtomicBool::new(false),
            is_swept: AtomicBool::new(false),
            is_version_told: AtomicBool::new(false),
            flights: TaskTracker::new(),
        }))
    }
}

impl Keeper {
    /// Whether a session of this keeper serves a service with this account, these nodes and certificates as well.
    fn serves(&self, account: &Account, nodes: &[String], ca: Option<&[u8]>) -> bool {
        *account == **self.account.load() && nodes == self.nodes && ca == self.ca.as_deref()
    }

    /// Takes up a session of an earlier process; whether its record is to stay.
    async fn take_up(self: &Arc<Self>, name: &str, record: Record) -> bool {
        let tenant = record.tenant().map(str::to_owned);
        let node = self.nodes.iter().position(|it| it == record.base());
        let Some(holding) = record.holding() else { return false };
        let (Some(node), Ok(slot)) = (node, self.slot(tenant.as_deref())) else {
            self.end_foreign(&holding).await;
            return false;
        };
        let Some(seat) = self.seats.take(self.account.load().sessions_max.max(1)) else {
            self.end_foreign(&holding).await;
            return false;
        };
        let live = self.settle_again(&slot, Place { holding, node, seat }, name);
        // While nobody can be asked, the first request will tell.
        if self.is_alive(&live).await == Some(false) {
            live.note_death();
            return false;
        }
        if slot.current().is_some() {
            self.end(&live).await;
            return false;
        }
        add(&self.counts.taken_up);
        tracing::info!(
            service = self.service,
            account = self.account.load().username,
            node = self.nodes.get(live.node),
            tenant,
            "took up an upstream session that an earlier process had left behind",
        );
        slot.replace(Some(live));
        true
    }

    async fn end_foreign(&self, holding: &dialects::Holding) {
        let agent = Agent::new(self.half, &self.transport);
        let _ = agent.talk(self.half.sign_out(holding), &mut Unwatched).await;
    }
}

/// Signs out what belongs to no service any more, as well as that goes.
async fn sign_out(record: Record) {
    let Some(platform) = record.platform() else { return };
    let (Some(holding), Ok(transport)) = (record.holding(), Transport::new(None, true, TIMEOUT)) else {
        return;
    };
    let half = platform.client();
    let agent = Agent::new(half, &transport);
    match agent.talk(half.sign_out(&holding), &mut Unwatched).await {
        Ok(()) => tracing::info!("signed out of an upstream session that no service has any more"),
        Err(why) => {
            tracing::info!("cannot sign out of an upstream session that no service has any more: {why}");
        }
    }
}

/// The bases of a service's nodes, and what is in the file of its certificates now.
fn target(service: &Service) -> Result<(Vec<String>, Option<Vec<u8>>), Fault> {
    let Target::Upstream { nodes, ca, .. } = &service.target else { return Ok((Vec::new(), None)) };
    let base = |node: &http::Uri| {
        let scheme = node.scheme_str().unwrap_or("http");
        format!("{scheme}://{}", node.authority().map_or("", |it| it.as_str()))
    };
    let read = |file: &std::path::PathBuf| {
        std::fs::read(file).map_err(|cause| {
            Fault::caused(Origin::Internal, format!("cannot read {}", file.display()), cause)
        })
    };
    Ok((nodes.iter().map(base).collect(), ca.as_ref().map(read).transpose()?))
}

/// What tells one account of a platform from another.
fn key(account: &Account) -> Digest {
    let portal = format!("{:?}", account.portal);
    // A token tells whose it is by itself.
    let token = if account.is_token { format!("{:?}", account.secret) } else { String::new() };
    let parts = [account.platform.name(), &portal, &account.username, &token];
    Digest::of_parts(&parts.map(str::as_bytes))
}
