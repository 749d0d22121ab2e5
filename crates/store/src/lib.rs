//! Remembers what identity decides: the SQLite implementation of [`identity::port::Store`], and the
//! hashing of passwords behind [`identity::port::PasswordVerifier`].
//!
//! * [`SqliteStore::open`] opens or makes the database; [`SqliteStore::close`] leaves it tidy.
//! * [`SqliteStore::sealed_fact`] and [`SqliteStore::put_sealed_fact_if_absent`] keep the program's own secrets.
//! * [`Hasher`] checks and makes password hashes, so many at once and no more.
//!
//! Every write goes through one writer (`engine`) that commits many at once and answers only after the
//! commit and after the caches (`cache`) have forgotten what the commit made untrue.

use std::path::PathBuf;

use jiff::SignedDuration;

mod annexes;
mod applications;
mod apply;
mod attempts;
mod authenticators;
pub mod awx;
mod cache;
mod codes;
mod columns;
mod compare;
mod devices;
mod engine;
mod entries;
mod filter;
mod grants;
mod import;
mod list;
mod migrate;
mod objects;
mod organizations;
mod password;
mod port;
mod references;
mod refresh_tokens;
mod relations;
mod roles;
mod rows;
mod sealer;
mod seed;
mod sessions;
mod settings;
mod sight;
mod sql;
mod sqlite;
mod statement;
mod subject;
mod sweep;
mod teams;
#[cfg(test)]
mod tests;
mod tokens;
mod users;
mod vault;

pub use password::{Hasher, PasswordPolicy};
pub use sealer::VaultKey;
pub use sqlite::SqliteStore;

/// Where the memory lies and how much of it is kept at hand.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The database file; made with mode 0600 if it is not there. Its directory must exist.
    pub file: PathBuf,
    /// How much the caches hold.
    pub caches: CacheSizes,
    /// Connections for reading; opened when needed.
    pub read_connections: u32,
    /// How long a right password is remembered.
    pub verdict_life: SignedDuration,
    /// Where the key lies under which secrets are sealed.
    pub vault_key: VaultKey,
}

impl StoreOptions {
    /// The defaults for a database in this file. The key of the vault lies beside it.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        Self {
            vault_key: VaultKey::Own(file.with_file_name("vault.key")),
            file,
            caches: CacheSizes::default(),
            read_connections: 4,
            verdict_life: SignedDuration::from_secs(30),
        }
    }
}

/// The most entries of each cache. Nothing is allocated before it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheSizes {
    /// Sessions, by digest.
    pub sessions: usize,
    /// Tokens, by digest.
    pub tokens: usize,
    /// Applications, by their public names.
    pub applications: usize,
    /// Users with their roles.
    pub subjects: usize,
    /// Right passwords of the last seconds.
    pub verdicts: usize,
}

impl Default for CacheSizes {
    fn default() -> Self {
        Self {
            sessions: 1_000_000,
            tokens: 200_000,
            applications: 10_000,
            subjects: 100_000,
            verdicts: 10_000,
        }
    }
}
