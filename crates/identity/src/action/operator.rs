//! Operators: what the shell needs beside the actions that every door has.

use std::sync::Arc;

use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::fault::{Fault, Origin};
use crate::model::audit::EventKind;
use crate::model::object::{Noun, RefreshTokenId, SessionId, StableId, TokenId, UserId};
use crate::model::principal::{Charter, Evidence, Principal, Subject};
use crate::model::scope::Scope;
use crate::model::user::SYSTEM_USERNAME;

/// The tokens that an operator revoked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revoked {
    /// Access tokens.
    pub tokens: Vec<TokenId>,
    /// Refresh tokens, if they were to be revoked too.
    pub refresh_tokens: Vec<RefreshTokenId>,
}

/// How much was removed whose life was over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Access tokens.
    pub tokens: u64,
    /// Refresh tokens.
    pub refresh_tokens: u64,
}

impl Authority {
    /// Revokes the access tokens of a user or of everybody, and the refresh tokens if that is said. Without
    /// it applications fetch new access tokens by the refresh tokens that they hold (AWX contract section
    /// D7).
    pub async fn revoke_tokens(
        &self,
        context: &Context,
        principal: &Principal,
        user: Option<UserId>,
        with_refresh: bool,
    ) -> Result<Revoked, Refusal> {
        only_administrators(principal)?;
        // Refresh tokens first: one that is used in between would bring a new access token.
        let refresh_tokens = if with_refresh {
            self.store.revoke_refresh_tokens(user, context.now).await?
        } else {
            Vec::new()
        };
        let tokens = self.store.revoke_tokens(user).await?;
        let whose = user.map_or("everybody".to_owned(), |user| format!("user {user}"));
        let detail =
            format!("{} access and {} refresh tokens of {whose}", tokens.len(), refresh_tokens.len());
        self.audit(context, EventKind::TokenRevoke(TokenId::NEW), Some(principal.user()), detail);
        Ok(Revoked { tokens, refresh_tokens })
    }

    /// Removes the tokens whose life is over; how many there were.
    pub async fn clean_tokens(&self, context: &Context, principal: &Principal) -> Result<Cleaned, Refusal> {
        only_administrators(principal)?;
        let life = self.settings().refresh_life;
        let refresh_before = context.now.checked_sub(life).unwrap_or(jiff::Timestamp::MIN);
        let (tokens, refresh_tokens) = self.store.clean_tokens(context.now, refresh_before).await?;
        let detail = format!("{tokens} access and {refresh_tokens} refresh tokens whose life was over");
        self.audit(context, EventKind::TokenRevoke(TokenId::NEW), Some(principal.user()), detail);
        Ok(Cleaned { tokens, refresh_tokens })
    }

    /// Removes the sessions that are over; how many there were.
    pub async fn clean_sessions(&self, context: &Context, principal: &Principal) -> Result<u64, Refusal> {
        only_administrators(principal)?;
        let count = self.store.sweep(context.now).await?;
        let detail = format!("{count} sessions that were over");
        self.audit(context, EventKind::SessionExpire(SessionId::NEW), Some(principal.user()), detail);
        Ok(count)
    }

    /// The principal that an operator at the shell is: the system user, with every right.
    pub async fn operator(&self) -> Result<Principal, Refusal> {
        let system = self.user_named(SYSTEM_USERNAME).await?;
        let mut subject = system
            .ok_or_else(|| Fault::new(Origin::Store, "the system user is missing from the database"))?
            .as_ref()
            .clone();
        subject.user.is_superuser = true;
        Ok(Principal {
            subject: Arc::new(subject),
            scope: Scope::write(),
            evidence: Evidence::Operator,
            charter: Charter::Platform,
            tenant: None,
        })
    }

    /// The user of this name and its roles, for an operator.
    pub async fn user_named(&self, username: &str) -> Result<Option<Arc<Subject>>, Refusal> {
        match self.store.find_credential(username).await? {
            Some(credential) => Ok(self.store.find_subject(credential.user).await?),
            None => Ok(None),
        }
    }

    /// The user of this stable name and its roles, for components that ask by it.
    pub async fn user_by_stable_id(&self, stable_id: &StableId) -> Result<Option<Arc<Subject>>, Refusal> {
        match self.store.find_by_stable_id(Noun::User, stable_id).await? {
            Some(user) => Ok(self.store.find_subject(UserId(user)).await?),
            None => Ok(None),
        }
    }
}

fn only_administrators(principal: &Principal) -> Result<(), Refusal> {
    if principal.is_superuser() { Ok(()) } else { Err(Denial::NotPermitted.into()) }
}
