//! What a keeper does, against a small service on a loopback port and with a clock of its own.

mod budget;
mod crash;
mod doubts;
mod fake;
mod life;
mod limits;
mod opening;
mod slot;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use dialects::Method;
use dialects::client_half::ClientHalf;
use identity::model::policy::Policy;
use identity::model::secret::Secret;
use identity::port::{Clock, Random, Vault};
use identity::{Fault, Origin};
use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Handle;

use self::fake::{ENDLESS, Fake};
use super::{Keeper, Keepers, NoSession, World};
use crate::config::{Account, IdentityProof, SecretSource, Service, Target};

#[derive(Default)]
struct TestClock(AtomicI64);

impl TestClock {
    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        start + SignedDuration::from_micros(self.0.load(Ordering::SeqCst))
    }
}

struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            *byte = self.0.fetch_add(1, Ordering::SeqCst).to_le_bytes()[0];
        }
    }
}

#[derive(Default)]
struct TestVault {
    secrets: Mutex<BTreeMap<String, Secret>>,
    is_broken: AtomicBool,
}

impl TestVault {
    fn check(&self) -> Result<(), Fault> {
        if self.is_broken.load(Ordering::SeqCst) { Err(Fault::new(Origin::Store, "broken")) } else { Ok(()) }
    }

    fn records(&self) -> usize {
        self.secrets.lock().unwrap().keys().filter(|it| it.starts_with("upstream-session/")).count()
    }

    fn set_password(&self, password: &str) {
        self.secrets.lock().unwrap().insert("manager".to_owned(), Secret::new(password));
    }
}

#[async_trait]
impl Vault for TestVault {
    async fn put(&self, name: &str, secret: &Secret) -> Result<(), Fault> {
        self.check()?;
        self.secrets.lock().unwrap().insert(name.to_owned(), secret.clone());
        Ok(())
    }

    async fn find(&self, name: &str) -> Result<Option<Secret>, Fault> {
        Ok(self.secrets.lock().unwrap().get(name).cloned())
    }

    async fn remove(&self, name: &str) -> Result<bool, Fault> {
        self.check()?;
        Ok(self.secrets.lock().unwrap().remove(name).is_some())
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        self.check()?;
        Ok(self.secrets.lock().unwrap().keys().filter(|it| it.starts_with(prefix)).cloned().collect())
    }
}

/// A gateway's worth of keepers.
struct Bed {
    clock: Arc<TestClock>,
    vault: Arc<TestVault>,
    keepers: Keepers,
}

impl Bed {
    async fn new(services: &[Service]) -> Self {
        Self::with(services, &Arc::default(), |_| &ENDLESS).await
    }

    async fn with(
        services: &[Service],
        vault: &Arc<TestVault>,
        half: fn(&Account) -> &'static dyn ClientHalf,
    ) -> Self {
        let clock = Arc::new(TestClock::default());
        if vault.secrets.lock().unwrap().is_empty() {
            vault.set_password("right");
        }
        let world = World {
            clock: Arc::<TestClock>::clone(&clock),
            random: Arc::new(Counting(AtomicU64::new(0))),
            vault: Arc::<TestVault>::clone(vault),
            control: Handle::current(),
            patience: Duration::ZERO,
            manager_version: "20.12.1".into(),
            is_vault_told: Arc::default(),
            half,
        };
        let bed = Self { clock, vault: Arc::clone(vault), keepers: Keepers::over(world) };
        bed.load(services);
        bed.keepers.take_up().await;
        bed
    }

    fn load(&self, services: &[Service]) {
        self.keepers.enact(self.keepers.plan(services).unwrap(), services);
    }

    fn keeper(&self) -> Arc<Keeper> {
        self.keepers.find("manager").unwrap()
    }
}

/// What the account is told in most tests; a test changes what it is about.
fn account() -> Account {
    Account {
        platform: dialects::named("catalyst").unwrap(),
        method: Method::Session,
        portal: None,
        username: "svc".to_owned(),
        secret: SecretSource::Stored("manager".to_owned()),
        is_token: false,
        tenant: None,
        sessions_max: 4,
        queue_max: 200,
        queue_timeout: Duration::from_secs(20),
        rates: None,
        is_exclusive: false,
    }
}

fn service(nodes: &[&str], account: Account) -> Service {
    Service {
        name: "manager".into(),
        path: "/dataservice/".into(),
        host: None,
        target: Target::Upstream {
            nodes: nodes.iter().map(|it| it.parse().unwrap()).collect(),
            path: None,
            ca: None::<PathBuf>,
            ping: None,
        },
        dialect: dialects::named("catalyst").unwrap(),
        public: Vec::new(),
        allow: Policy { everybody: true, ..Policy::default() },
        identity: IdentityProof::Session(Arc::new(account)),
        expired_session: dialects::ExpiredSession::default(),
        connect_timeout: Duration::from_secs(2),
        request_timeout: None,
        idle_timeout: None,
        body_max: 1024,
        concurrency_max: 100,
    }
}

/// A service and a gateway in front of it.
async fn pair() -> (Arc<Fake>, Bed) {
    let fake = Fake::start().await;
    let bed = Bed::new(&[service(&[&fake.base], account())]).await;
    (fake, bed)
}

/// Waits until no flight of the account's own slot is in the air.
async fn landed(keeper: &Keeper) {
    let flight = keeper.own.lock().flight.clone();
    if let Some(mut flight) = flight {
        let _ = flight.wait_for(Option::is_some).await;
    }
}
