//! Secrets that must come back in clear, sealed in the database.

use async_trait::async_trait;
use identity::model::secret::Secret;
use identity::port::Vault;
use identity::{Fault, Origin};

use crate::SqliteStore;

fn closed() -> Fault {
    Fault::new(Origin::Store, "the vault has no key")
}

#[async_trait]
impl Vault for SqliteStore {
    async fn put(&self, _: &str, _: &Secret) -> Result<(), Fault> {
        Err(closed())
    }

    async fn find(&self, _: &str) -> Result<Option<Secret>, Fault> {
        Err(closed())
    }

    async fn remove(&self, _: &str) -> Result<bool, Fault> {
        Err(closed())
    }

    async fn names(&self, _: &str) -> Result<Vec<String>, Fault> {
        Err(closed())
    }
}
