//! The store itself: one database file, its caches, and its background work.

use std::sync::Arc;

use identity::Fault;
use identity::port::Random;
use jiff::Timestamp;

use crate::StoreOptions;

/// The memory in one SQLite file.
pub struct SqliteStore {}

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
        let _ = (options, now, random);
        Err(Fault::new(identity::Origin::Store, "not built yet"))
    }

    /// A fact of the program's own, such as a key, or none.
    pub async fn fact(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let _ = name;
        Ok(None)
    }

    /// Keeps a fact unless there is one of this name; what is kept now.
    pub async fn put_fact_if_absent(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, Fault> {
        let _ = (name, value);
        Ok(Vec::new())
    }

    /// Writes what is still in memory, ends the background work and tidies the file. Later calls are faults.
    pub async fn close(&self) -> Result<(), Fault> {
        Ok(())
    }
}
