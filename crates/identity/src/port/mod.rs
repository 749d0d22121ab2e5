//! The few things that decisions ask of the world. The program hands them down as trait objects.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

mod account;
mod platform;
mod store;
mod values;
mod vault;

pub use account::{AccountStore, Batch};
pub use platform::{Health, NodeStatus, Platform, ServiceStatus};
pub use store::Store;
pub use values::{
    Begun, Change, Conflict, Credential, Import, Issue, Issued, NewSession, OrganizationCounts, Page,
    PasswordHash, Recalled, RecalledToken, References, SettingWrite, StoreError, Taken, Trail, UserReference,
};
pub use vault::{VAULT_NAME_MAX, VAULT_SECRET_MAX, VAULT_SECRETS_MAX, Vault, vault_name};

use crate::denial::Refusal;
use crate::model::audit::Event;
use crate::model::secret::Secret;

/// What time it is. The only way to know.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Bytes that nobody can guess. The only way to get some.
pub trait Random: Send + Sync {
    /// Fills the buffer from the operating system's generator.
    fn fill(&self, buffer: &mut [u8]);
}

/// Checks and makes password hashes. It bounds how many run at once and how many wait.
#[async_trait]
pub trait PasswordVerifier: Send + Sync {
    /// Whether the password belongs to the hash. `None` is a user without a password, or no user at all:
    /// it costs the same and is always wrong. Refused with [`Refusal::Busy`] when too many wait.
    async fn verify(&self, password: &Secret, hash: Option<&PasswordHash>) -> Result<Verdict, Refusal>;

    /// A hash of the password by today's cost.
    async fn hash(&self, password: &Secret) -> Result<PasswordHash, Refusal>;
}

/// What a verifier found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is another one.
    Wrong,
    /// It is the right one, under a hash of today's cost.
    Right,
    /// It is the right one, under a hash that should be made anew.
    RightButOutdated,
}

/// Where audit events go. Must neither wait nor fail.
pub trait AuditLog: Send + Sync {
    /// Records one event.
    fn record(&self, event: &Event);
}

/// The ports that are not the store, in one bundle.
#[derive(Clone)]
pub struct World {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Bytes that nobody can guess.
    pub random: Arc<dyn Random>,
    /// Password hashes.
    pub verifier: Arc<dyn PasswordVerifier>,
    /// The audit log.
    pub audit: Arc<dyn AuditLog>,
    /// The installation.
    pub platform: Arc<dyn Platform>,
    /// Secrets that must come back in clear.
    pub vault: Arc<dyn Vault>,
}
