//! Passwords that are changed by showing a password: one's own, or an administrator's for somebody else.

use super::account::AccountFields;
use super::check_password::Memory;
use super::fields::{Fields, UserFields};
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::object::UserId;
use crate::model::principal::Principal;
use crate::model::secret::Secret;

impl Authority {
    /// Gives a user a new password. The principal shows its own password for that, however it signed in: a session
    /// that was stolen is not enough. A wrong one counts like one at a sign-in.
    pub async fn change_password(
        &self,
        context: &Context,
        principal: &Principal,
        user: UserId,
        shown: &Secret,
        new: Secret,
    ) -> Result<(), Refusal> {
        let is_own = user == principal.user().id;
        if !is_own {
            self.manage_accounts(principal)?;
        }
        let fields = UserFields { password: Some(new), ..UserFields::default() };
        if is_own {
            self.show_password(context, principal, shown).await?;
            self.update(context, principal, user.0, Fields::User(fields), false).await?;
            return Ok(());
        }
        let shown = Some(shown.clone());
        let fields = AccountFields { user: fields, shown, ..AccountFields::default() };
        self.update_account(context, principal, user, fields).await
    }

    /// Refuses who does not know the principal's own password.
    pub(super) async fn show_password(
        &self,
        context: &Context,
        principal: &Principal,
        shown: &Secret,
    ) -> Result<(), Refusal> {
        let own = principal.user();
        let subject = self.check_password(context, &own.username, shown, Memory::None).await?;
        if subject.user.id != own.id {
            return Err(Denial::WrongPassword.into());
        }
        Ok(())
    }
}
