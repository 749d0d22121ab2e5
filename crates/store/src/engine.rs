//! The engine: connections for reading, and one writer that commits many jobs at once.
//!
//! A job runs inside its own savepoint, so its failure undoes only itself. Nobody is answered before the
//! commit has reached the disk and the caches have heard of it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use identity::port::{Conflict, StoreError};
use identity::{Fault, Origin};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{Connection as _, Row as _};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::cache::{Caches, Effect};
use crate::rows::fault;
use crate::sql;

/// Jobs that may wait for the writer.
const QUEUE_MAX: usize = 4096;
/// Jobs of one commit.
const BATCH_MAX: usize = 128;
/// How long a job may wait for a place in the queue.
const ENQUEUE_WAIT: Duration = Duration::from_secs(5);
/// How long a connection for reading may be waited for, and a reading may take.
const READ_WAIT: Duration = Duration::from_secs(10);
/// How long another process may hold the file.
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// How often the writer looks whether another process has written.
const FOREIGN_TICK: Duration = Duration::from_millis(250);

/// What a job gives: its value, and what the caches must hear once it is committed.
pub(crate) struct Done<T> {
    pub(crate) value: T,
    pub(crate) effects: Vec<Effect>,
}

impl<T> Done<T> {
    /// A value that leaves the caches alone.
    pub(crate) fn quiet(value: T) -> Self {
        Self { value, effects: Vec::new() }
    }
}

/// Why a job or a reading failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The database said so.
    Sql(sqlx::Error),
    /// The job itself found a contradiction.
    Conflict(Conflict),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl Failure {
    fn into_store_error(self) -> StoreError {
        let error = match self {
            Self::Conflict(conflict) => return StoreError::Conflict(conflict),
            Self::Sql(error) => error,
        };
        match error.as_database_error() {
            Some(it) if it.is_unique_violation() => StoreError::Conflict(Conflict::Duplicate),
            Some(it) if it.is_foreign_key_violation() => StoreError::Conflict(Conflict::Dangling),
            _ => StoreError::Fault(fault("the write failed")(error)),
        }
    }
}

/// The fault of a write that no state of the objects should contradict.
pub(crate) fn unexpected(error: StoreError) -> Fault {
    match error {
        StoreError::Fault(fault) => fault,
        StoreError::Conflict(conflict) => {
            Fault::new(Origin::Store, format!("the write met an unexpected conflict: {conflict:?}"))
        }
    }
}

/// What a job returns while it runs.
pub(crate) type Outcome<T> = Result<Done<T>, Failure>;

type Run<T> = Box<dyn for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Outcome<T>> + Send>;

#[async_trait]
trait Job: Send {
    /// Runs the work; whether it is to be kept.
    async fn run(&mut self, connection: &mut SqliteConnection) -> bool;
    /// The news for the caches.
    fn effects(&mut self) -> Vec<Effect>;
    /// Answers the caller. `is_committed` says whether the work is on the disk.
    fn answer(self: Box<Self>, is_committed: bool);
}

struct Work<T> {
    run: Option<Run<T>>,
    outcome: Option<Result<T, StoreError>>,
    effects: Vec<Effect>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

#[async_trait]
impl<T: Send> Job for Work<T> {
    async fn run(&mut self, connection: &mut SqliteConnection) -> bool {
        let Some(run) = self.run.take() else { return false };
        match run(connection).await {
            Ok(done) => {
                self.effects = done.effects;
                self.outcome = Some(Ok(done.value));
                true
            }
            Err(failure) => {
                self.outcome = Some(Err(failure.into_store_error()));
                false
            }
        }
    }

    fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    fn answer(self: Box<Self>, is_committed: bool) {
        let lost = || StoreError::Fault(Fault::new(Origin::Store, "the commit failed, nothing was written"));
        let outcome = match self.outcome {
            Some(Ok(_)) if !is_committed => Err(lost()),
            Some(outcome) => outcome,
            None => Err(lost()),
        };
        // Nobody listens when the caller has gone away; the work is done all the same.
        let _ = self.answer.send(outcome);
    }
}

/// The connections.
pub(crate) struct Engine {
    readers: SqlitePool,
    jobs: std::sync::Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    writer: std::sync::Mutex<Option<JoinHandle<()>>>,
}

/// How a file is opened that may not be ours: nothing is written to it.
pub(crate) fn plain_options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file).create_if_missing(false).busy_timeout(BUSY_WAIT)
}

/// How every connection is opened.
pub(crate) fn options(file: &Path) -> SqliteConnectOptions {
    plain_options(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .statement_cache_capacity(128)
        .with_regexp()
}

impl Engine {
    /// Starts the writer on this connection and prepares the readers.
    pub(crate) fn start(
        file: &Path,
        connection: SqliteConnection,
        caches: Arc<Caches>,
        read_connections: u32,
    ) -> Self {
        let readers = SqlitePoolOptions::new()
            .max_connections(read_connections.max(1))
            .min_connections(0)
            .acquire_timeout(READ_WAIT)
            .idle_timeout(Duration::from_secs(600))
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(options(file).pragma("query_only", "ON").pragma("cache_size", "-4096"));
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let writer = Writer { options: options(file), connection: Some(connection), version: None, caches };
        let task = tokio::spawn(writer.work(receiver));
        Self { readers, jobs: std::sync::Mutex::new(Some(sender)), writer: std::sync::Mutex::new(Some(task)) }
    }

    /// Runs a reading on one snapshot of the database.
    pub(crate) async fn read<T, F>(&self, reading: F) -> Result<T, Fault>
    where
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, sqlx::Error>>,
    {
        in_time(async {
            let mut transaction = self.readers.begin().await?;
            let value = reading(&mut transaction).await?;
            transaction.rollback().await?;
            Ok(value)
        })
        .await
    }

    /// Runs a reading of a single statement: that is a snapshot of its own.
    pub(crate) async fn read_one<T, F>(&self, reading: F) -> Result<T, Fault>
    where
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, sqlx::Error>>,
    {
        in_time(async {
            let mut connection = self.readers.acquire().await?;
            reading(&mut connection).await
        })
        .await
    }

    /// Runs a job on the writer. Its conflicts come back as such.
    pub(crate) async fn try_write<T, F>(&self, run: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Outcome<T>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let work = Work { run: Some(Box::new(run) as Run<T>), outcome: None, effects: Vec::new(), answer };
        let jobs = lock(&self.jobs).clone();
        let Some(jobs) = jobs else {
            return Err(Fault::new(Origin::Store, "the store is closed").into());
        };
        if jobs.send_timeout(Box::new(work), ENQUEUE_WAIT).await.is_err() {
            return Err(Fault::new(Origin::Store, "too many writes wait").into());
        }
        drop(jobs);
        match answered.await {
            Ok(outcome) => outcome,
            Err(_) => Err(Fault::new(Origin::Store, "the writer ended before the write").into()),
        }
    }

    /// Runs a job that no state of the objects can contradict.
    pub(crate) async fn write<T, F>(&self, run: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Outcome<T>> + Send + 'static,
    {
        self.try_write(run).await.map_err(unexpected)
    }

    /// Ends the writer after the jobs that wait, and closes the readers.
    pub(crate) async fn close(&self) {
        drop(lock(&self.jobs).take());
        self.readers.close().await;
        let task = lock(&self.writer).take();
        if let Some(task) = task
            && task.await.is_err()
        {
            tracing::error!("the writer of the store ended badly");
        }
    }
}

async fn in_time<T>(reading: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Fault> {
    match timeout(READ_WAIT * 2, reading).await {
        Ok(result) => result.map_err(fault("the reading failed")),
        Err(_) => Err(Fault::new(Origin::Store, "the reading took too long")),
    }
}

fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct Writer {
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    /// What SQLite counts up when another connection writes.
    version: Option<i64>,
    caches: Arc<Caches>,
}

impl Writer {
    async fn work(mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        let mut tick = interval(FOREIGN_TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                count = jobs.recv_many(&mut batch, BATCH_MAX) => {
                    if count == 0 {
                        break;
                    }
                    self.commit(&mut batch).await;
                }
                _ = tick.tick() => self.look_for_foreign_writes().await,
            }
        }
        if let Some(mut connection) = self.connection.take() {
            if let Err(error) = sqlx::query(sql::CHECKPOINT).execute(&mut connection).await {
                tracing::warn!(%error, "the write-ahead log could not be folded into the database");
            }
            let _ = connection.close().await;
        }
    }

    async fn commit(&mut self, batch: &mut Vec<Box<dyn Job>>) {
        let mut jobs = std::mem::take(batch);
        let result = std::panic::AssertUnwindSafe(self.run(&mut jobs)).catch_unwind().await;
        let is_committed = match result {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::error!(%error, "a commit failed, nothing of it was written");
                self.undo().await;
                false
            }
            Err(_) => {
                tracing::error!("a write panicked, nothing of its commit was written");
                // What the connection is in the middle of is unknown: a new one knows.
                self.connection = None;
                false
            }
        };
        // The caches hear of it before anybody is answered: nothing can accept any more what an answer
        // says is revoked. After a failure they forget what might have changed, and learn nothing.
        for job in &mut jobs {
            for effect in job.effects() {
                self.caches.apply(effect, is_committed);
            }
        }
        for job in jobs {
            job.answer(is_committed);
        }
    }

    async fn run(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), sqlx::Error> {
        let connection = self.connect().await?;
        sqlx::query(sql::BEGIN_JOBS).execute(&mut *connection).await?;
        let mut jobs = jobs.iter_mut().peekable();
        while let Some(job) = jobs.next() {
            if !job.run(&mut *connection).await {
                // Fails when the error has ended the whole transaction (a full disk does): then the jobs
                // before this one are lost too, and all are answered so.
                sqlx::query(sql::ROLLBACK_TO).execute(&mut *connection).await?;
            }
            let end = if jobs.peek().is_some() { sql::NEXT_JOB } else { sql::COMMIT_JOBS };
            sqlx::query(end).execute(&mut *connection).await?;
        }
        Ok(())
    }

    async fn undo(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        // Without a transaction the rollback fails, and that is as good.
        let _ = sqlx::query(sql::ROLLBACK).execute(&mut connection).await;
        if sqlx::query(sql::PING).execute(&mut connection).await.is_ok() {
            self.connection = Some(connection);
        }
    }

    async fn connect(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => SqliteConnection::connect_with(&self.options).await?,
        };
        Ok(self.connection.insert(connection))
    }

    /// Another process, such as an operator's command, may write to the same file. The caches forget
    /// everything then.
    async fn look_for_foreign_writes(&mut self) {
        let version: Result<i64, sqlx::Error> = async {
            let connection = self.connect().await?;
            sqlx::query(sql::DATA_VERSION).fetch_one(connection).await?.try_get(0)
        }
        .await;
        let Ok(version) = version else { return };
        if self.version.replace(version).is_some_and(|before| before != version) {
            tracing::info!("another process has written to the database, the caches are emptied");
            self.caches.clear();
            if let Some(connection) = &mut self.connection
                && let Ok(settings) = crate::settings::load(connection, &self.caches.sealer).await
            {
                self.caches.apply(Effect::SwapSettings(Arc::new(settings)), true);
            }
        }
    }
}
