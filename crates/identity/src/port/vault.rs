//! A place for secrets that must come back in clear, such as the password of an account at another server.

use async_trait::async_trait;

use crate::fault::{Fault, Origin};
use crate::model::secret::Secret;

/// Longest name of a secret, in characters.
pub const VAULT_NAME_MAX: usize = 200;
/// Longest secret, in bytes.
pub const VAULT_SECRET_MAX: usize = 64 * 1024;
/// Most secrets.
pub const VAULT_SECRETS_MAX: usize = 10_000;

/// Whether a text can be the name of a secret; if not, what is wrong with it.
pub fn vault_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.chars().count() > VAULT_NAME_MAX {
        return Err("the name of a secret has 1 to 200 characters");
    }
    if name.chars().any(char::is_control) {
        return Err("the name of a secret has no control characters");
    }
    Ok(())
}

/// Keeps secrets sealed (AES-256-GCM) under a key that does not lie in the same place.
#[async_trait]
pub trait Vault: Send + Sync {
    /// Keeps a secret under a name, in the place of one that was there.
    async fn put(&self, name: &str, secret: &Secret) -> Result<(), Fault>;

    /// The secret of this name. A fault if it is there and cannot be unsealed.
    async fn find(&self, name: &str) -> Result<Option<Secret>, Fault>;

    /// Forgets a secret; whether there was one.
    async fn remove(&self, name: &str) -> Result<bool, Fault>;

    /// The names that begin so, in order.
    async fn names(&self, prefix: &str) -> Result<Vec<String>, Fault>;

    /// Seals everything under a new key, all or nothing; how much that was, and how much was forgotten. What does not
    /// open is a fault, unless it is to be forgotten.
    async fn change_key(&self, forgets: bool) -> Result<(usize, usize), Fault> {
        let _ = forgets;
        Err(Fault::new(Origin::Store, "this vault has no key that could be changed"))
    }
}
