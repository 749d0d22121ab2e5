//! Unlock: an account that failures have closed is opened by an administrator.

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::audit::EventKind;
use crate::model::object::Noun;
use crate::model::principal::Principal;
use crate::model::secret::Digest;

impl Authority {
    /// Forgets the failures of a user's account, so that its password is looked at again (Catalyst contract section
    /// A.7). What an address has failed stays counted.
    pub async fn unlock(
        &self,
        context: &Context,
        principal: &Principal,
        username: &str,
    ) -> Result<(), Refusal> {
        self.manage_accounts(principal)?;
        let user = self.find_named(Noun::User, username, None).await?.ok_or(Refusal::Absent(Noun::User))?;
        self.store.attempt_succeeded(&account_digest(username)).await?;
        self.audit(context, EventKind::Unlock, Some(principal.user()), format!("user {user}"));
        Ok(())
    }
}

/// The digest under which the failures of an account are counted.
pub(super) fn account_digest(username: &str) -> Digest {
    Digest::of_parts(&[b"account", username.as_bytes()])
}
