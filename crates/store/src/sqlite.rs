//! The store itself: one database file, its caches, and its background work.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use identity::Fault;
use identity::port::Random;
use jiff::Timestamp;
use sqlx::Row as _;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::cache::Caches;
use crate::engine::{Done, Engine};
use crate::rows::fault;
use crate::sealer::{Purpose, Sealer};
use crate::{StoreOptions, migrate, sessions, settings, sql, tokens, vault};

/// How often last uses are written.
const FLUSH_TICK: Duration = Duration::from_secs(1);
/// Uses that are written in one job, so that nobody waits long behind them.
const FLUSH_MAX: usize = 1_000;

/// How the names of sealed facts begin.
const SEALED: &str = "sealed:";

/// The memory in one SQLite file.
pub struct SqliteStore {
    pub(crate) engine: Arc<Engine>,
    pub(crate) caches: Arc<Caches>,
    pub(crate) sealer: Arc<Sealer>,
    /// Whoever changes the key does it alone.
    pub(crate) key_change: tokio::sync::Mutex<()>,
    flusher: Mutex<Option<JoinHandle<()>>>,
}

impl SqliteStore {
    /// Opens the database, or makes it with what the system itself owns: the user `_system`, the local
    /// authenticator, the managed roles and the organization `Default`. Must be called on a tokio runtime:
    /// the writer and the flushing of last uses run there.
    ///
    /// # Errors
    /// A file that is no database of ours, is of a newer version, or is truncated, is refused and left as
    /// it is.
    pub async fn open(
        options: StoreOptions,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<Arc<Self>, Fault> {
        let mut connection = migrate::open(&options.file, now, random).await?;
        let unreadable = fault("the settings cannot be read");
        let is_anything_sealed = vault::is_anything_sealed(&mut connection).await.map_err(unreadable)?;
        let sealer = Arc::new(Sealer::new(options.vault_key, is_anything_sealed)?);
        let unreadable = fault("the settings cannot be read");
        let settings = settings::load(&mut connection, &sealer).await.map_err(unreadable)?;
        let caches = Caches::new(options.caches, options.verdict_life, settings, Arc::clone(&sealer));
        let caches = Arc::new(caches);
        let engine = Engine::start(&options.file, connection, Arc::clone(&caches), options.read_connections);
        let engine = Arc::new(engine);
        let flusher = tokio::spawn(flush_for_ever(Arc::clone(&engine), Arc::clone(&caches)));
        let (flusher, key_change) = (Mutex::new(Some(flusher)), tokio::sync::Mutex::new(()));
        Ok(Arc::new(Self { engine, caches, sealer, key_change, flusher }))
    }

    /// A fact of the program's own, such as a key, or none.
    pub async fn fact(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let name = name.to_owned();
        self.engine
            .read(|connection| {
                Box::pin(async move {
                    let row = sqlx::query(sql::FACT).bind(name).fetch_optional(connection).await?;
                    row.map(|row| row.try_get("value")).transpose()
                })
            })
            .await
    }

    /// Keeps a fact unless there is one of this name; what is kept now.
    pub async fn put_fact_if_absent(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, Fault> {
        let (name, value) = (name.to_owned(), value.to_vec());
        self.engine
            .write(|connection| {
                Box::pin(async move {
                    sqlx::query(sql::FACT_PUT).bind(&name).bind(value).execute(&mut *connection).await?;
                    let row = sqlx::query(sql::FACT).bind(&name).fetch_one(connection).await?;
                    Ok(Done::quiet(row.try_get("value")?))
                })
            })
            .await
    }

    /// A fact that is kept sealed, or none. A fault if it is there and does not open.
    pub async fn sealed_fact(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let name = format!("{SEALED}{name}");
        let Some(sealed) = self.fact(&name).await? else { return Ok(None) };
        self.sealer.open(Purpose::Fact, &name, &sealed).map(Some)
    }

    /// Keeps a fact sealed unless there is one of this name; what is kept now.
    pub async fn put_sealed_fact_if_absent(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, Fault> {
        let name = format!("{SEALED}{name}");
        let sealed = self.sealer.seal(Purpose::Fact, &name, value)?;
        let kept = self.put_fact_if_absent(&name, &sealed).await?;
        self.sealer.open(Purpose::Fact, &name, &kept)
    }

    /// Writes what is still in memory, ends the background work and tidies the file. Later calls are
    /// faults.
    pub async fn close(&self) -> Result<(), Fault> {
        self.stop_flusher();
        let flushed = flush(&self.engine, &self.caches).await;
        self.engine.close().await;
        flushed
    }

    fn stop_flusher(&self) {
        if let Some(flusher) = self.flusher.lock().unwrap_or_else(PoisonError::into_inner).take() {
            flusher.abort();
        }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.stop_flusher();
    }
}

async fn flush_for_ever(engine: Arc<Engine>, caches: Arc<Caches>) {
    let mut tick = interval(FLUSH_TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = flush(&engine, &caches).await {
            tracing::warn!(%error, "the last uses of tokens and sessions could not be written");
        }
    }
}

/// Writes the last uses of tokens and sessions.
pub(crate) async fn flush(engine: &Engine, caches: &Caches) -> Result<(), Fault> {
    let used = caches.take_used();
    for some in used.chunks(FLUSH_MAX) {
        let some = some.to_vec();
        engine
            .write(move |connection| Box::pin(async move { tokens::used(connection, &some).await }))
            .await?;
    }
    let used = caches.take_used_sessions();
    for some in used.chunks(FLUSH_MAX) {
        let some = some.to_vec();
        engine
            .write(move |connection| Box::pin(async move { sessions::used(connection, &some).await }))
            .await?;
    }
    Ok(())
}
