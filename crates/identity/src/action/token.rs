//! Tokens in bulk, and the claims that tokens for components are made of.

use std::sync::Arc;

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::object::{StableId, UserId};
use crate::model::principal::{Principal, Subject};

impl Authority {
    /// Revokes all tokens of a user or of everybody; how many there were. For operators.
    pub async fn revoke_tokens(
        &self,
        context: &Context,
        principal: &Principal,
        user: Option<UserId>,
    ) -> Result<u64, Refusal> {
        todo!()
    }

    /// The principal that an operator at the shell is: the system user, with every right.
    pub async fn operator(&self) -> Result<Principal, Refusal> {
        todo!()
    }

    /// The user of this name and its roles, for an operator.
    pub async fn user_named(&self, username: &str) -> Result<Option<Arc<Subject>>, Refusal> {
        todo!()
    }

    /// The user of this stable name and its roles, for components that ask by it.
    pub async fn user_by_stable_id(&self, stable_id: &StableId) -> Result<Option<Arc<Subject>>, Refusal> {
        todo!()
    }
}
