//! The gateway behind the door: the production code, over a scratch folder, with a clock that can be set.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use gateway::{Gateway, Installation, Keys};
use identity::model::csrf;
use identity::model::grant::GrantPolicy;
use identity::model::principal::Principal;
use identity::model::setting::SettingValue;
use identity::port::{Clock, Random, SettingWrite, World};
use identity::{Authority, AuthoritySettings, Context};
use jiff::{SignedDuration, Timestamp};
use store::{Hasher, PasswordPolicy, SqliteStore, StoreOptions};
use tokio::sync::Mutex;

use super::Options;
use super::clock::LabClock;
use super::counters::Counters;
use super::scratch::Scratch;
use crate::assemble;
use crate::config;
use crate::random::{OsRandom, uuid};

/// How long an access token lives that does not say otherwise.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// The gateway, and what of it the laboratory turns by hand.
pub struct Inside {
    /// What decides.
    pub authority: Arc<Authority>,
    /// Now.
    pub clock: Arc<LabClock>,
    /// Where it listens, on loopback.
    pub address: SocketAddr,
    store: Arc<SqliteStore>,
    running: Mutex<Option<gateway::Running>>,
}

impl Inside {
    /// Starts one in front of this upstream.
    pub async fn start(
        options: &Options,
        scratch: &Scratch,
        upstream: SocketAddr,
        counters: &Arc<Counters>,
    ) -> anyhow::Result<Self> {
        let text = configuration(options, upstream);
        let config =
            config::parse("lab", scratch.path(), &text).context("the laboratory's own configuration")?;
        let (clock, random) = (Arc::new(LabClock::default()), Arc::new(OsRandom));
        let file = StoreOptions::new(scratch.data_dir().file(assemble::DATABASE));
        let store = SqliteStore::open(file, clock.now(), random.as_ref()).await?;
        let gateway_config = assemble::gateway_config(scratch.data_dir(), &config);
        let keys = Keys::load(&Keys::generate()?)?;
        let version = options.release.clone();
        let installation = Installation::new(&gateway_config, keys, clock.clone(), version);
        let policy = PasswordPolicy { memory_kib: 64, iterations: 1, ..PasswordPolicy::default() };
        let world = World {
            clock: clock.clone(),
            random: random.clone(),
            verifier: Arc::new(Hasher::new(&policy, random.clone())?),
            audit: counters.clone(),
            platform: installation.clone(),
            vault: store.clone(),
        };
        let mut csrf_key = [0; 32];
        random.fill(&mut csrf_key);
        let settings = AuthoritySettings {
            csrf_key: csrf::Key(csrf_key),
            attempt_policy: config.limits.attempts.clone(),
            token_life: TOKEN_LIFE,
            grant_policy: GrantPolicy::default(),
            tenants: config.catalyst.tenants.clone(),
            manager_version: config.catalyst.version.clone(),
        };
        let authority = Arc::new(Authority::new(store.clone(), world, settings));
        let control = tokio::runtime::Handle::current();
        let running = Gateway::start_with(
            &gateway_config,
            options.platform.dialects(),
            Arc::clone(&authority),
            installation,
            control,
        )?;
        let address = running.addresses().first().map(|it| it.1).context("the gateway does not listen")?;
        Ok(Self { authority, clock, address, store, running: Mutex::new(Some(running)) })
    }

    /// Now, by the clock that can be set.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What is known of a request of the laboratory itself.
    pub fn context(&self) -> Context {
        Context {
            request_id: uuid(self.authority.world.random.as_ref()),
            address: "local".to_owned(),
            door: "shell",
            now: self.now(),
        }
    }

    /// Who may do everything.
    pub async fn operator(&self) -> anyhow::Result<Principal> {
        self.authority.operator().await.map_err(refused)
    }

    /// Changes settings.
    pub async fn set(&self, values: Vec<(&'static str, SettingValue)>) -> anyhow::Result<()> {
        let operator = self.operator().await?;
        let writes = values.into_iter().map(|(name, value)| SettingWrite { name, value: Some(value) });
        let written =
            self.authority.write_settings(&self.context(), &operator, writes.collect(), false).await;
        written.map_err(refused)
    }

    /// How many sessions live now.
    pub async fn sessions_alive(&self) -> anyhow::Result<usize> {
        let listed =
            self.authority.store.list_sessions(None, None, self.now(), super::counters::SESSIONS_SHOWN);
        Ok(listed.await?.len())
    }

    /// Ends it and lets go of the scratch folder.
    pub async fn close(&self) -> anyhow::Result<()> {
        let running = self.running.lock().await.take();
        if let Some(running) = running {
            running.drain().await;
        }
        self.store.close().await.context("cannot close the database")
    }
}

/// An error of a refusal that nobody expects here.
pub fn refused(refusal: impl std::fmt::Debug) -> anyhow::Error {
    anyhow::anyhow!("the laboratory was refused something: {refusal:?}")
}

/// What the gateway is told, as an operator would write it.
fn configuration(options: &Options, upstream: SocketAddr) -> String {
    use std::fmt::Write as _;
    let mut text = String::from(
        "[listen]\nhttps = []\nhttp = [\"127.0.0.1:0\"]\nthreads = 1\n\
         [trusted_proxies]\nnetworks = [\"127.0.0.0/8\"]\n\
         [limits]\ndrain_timeout = 1\nfailures_free = 1000\nfailures_per_day = 10000\n\
         failures_per_address_minute = 10000\n",
    );
    if options.platform == super::Platform::Catalyst {
        let _ = write!(text, "[catalyst]\nversion = \"{}\"\n", options.release);
        for (id, name) in super::people::TENANTS {
            let _ = write!(
                text,
                "[[catalyst.tenant]]\nid = \"{id}\"\nname = \"{name}\"\nsubdomain = \"{}.lab.example\"\n",
                name.to_lowercase()
            );
        }
    }
    for (name, path) in options.platform.services() {
        let dialect = options.platform.dialect().name();
        let _ = write!(
            text,
            "[[service]]\nname = \"{name}\"\npath = \"{path}\"\nupstream = [\"http://{upstream}\"]\n\
             dialect = \"{dialect}\"\nidentity = \"headers\"\nallow = [\"everybody\"]\n",
        );
    }
    text
}
