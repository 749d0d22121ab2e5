//! Sessions: extended by their holder, listed and ended by an operator.

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::object::{SessionId, UserId};
use crate::model::principal::Principal;
use crate::model::session::Session;

impl Authority {
    /// Restarts the overall timeout of the session that the principal showed. None if it showed none.
    pub async fn extend_session(&self, context: &Context, principal: &Principal) -> Result<Option<Session>, Refusal> {
        todo!()
    }

    /// The live sessions of a user or of everybody with their users' names, the newest first.
    pub async fn list_sessions(
        &self,
        context: &Context,
        principal: &Principal,
        user: Option<UserId>,
    ) -> Result<Vec<(Session, String)>, Refusal> {
        todo!()
    }

    /// Ends one session; whether there was one.
    pub async fn expire_session(
        &self,
        context: &Context,
        principal: &Principal,
        session: SessionId,
    ) -> Result<bool, Refusal> {
        todo!()
    }

    /// Ends all sessions of a user or of everybody; how many there were.
    pub async fn expire_sessions(
        &self,
        context: &Context,
        principal: &Principal,
        user: Option<UserId>,
    ) -> Result<u64, Refusal> {
        todo!()
    }
}
