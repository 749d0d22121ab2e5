//! Operators: what the shell needs beside the actions that every door has.

use std::sync::Arc;

use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::fault::{Fault, Origin};
use crate::model::audit::EventKind;
use crate::model::object::{Noun, StableId, TokenId, UserId};
use crate::model::principal::{Charter, Evidence, Principal, Subject};
use crate::model::scope::Scope;
use crate::model::user::SYSTEM_USERNAME;

impl Authority {
    /// Revokes all tokens of a user or of everybody; how many there were.
    pub async fn revoke_tokens(
        &self,
        context: &Context,
        principal: &Principal,
        user: Option<UserId>,
    ) -> Result<u64, Refusal> {
        if !principal.is_superuser() {
            return Err(Denial::NotPermitted.into());
        }
        let count = self.store.revoke_tokens(user).await?;
        let whose = user.map_or("everybody".to_owned(), |user| format!("user {user}"));
        let detail = format!("{count} tokens of {whose}");
        self.audit(context, EventKind::TokenRevoke(TokenId::NEW), Some(principal.user()), detail);
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
