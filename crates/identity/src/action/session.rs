//! Sessions: extended by their holder, listed and ended by an operator.

use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::audit::EventKind;
use crate::model::object::{SessionId, UserId};
use crate::model::principal::{Evidence, Principal};
use crate::model::session::{self, Session};

/// Most sessions in one listing.
const LIST_MAX: u32 = 10_000;

impl Authority {
    /// Restarts the overall timeout of the session that the principal showed. None if it showed none.
    pub async fn extend_session(
        &self,
        context: &Context,
        principal: &Principal,
    ) -> Result<Option<Session>, Refusal> {
        let Evidence::Session(session) = &principal.evidence else { return Ok(None) };
        let expires_at = session::end_of(context.now, self.settings().session_overall_timeout);
        Ok(self.store.extend_session(session.id, expires_at).await?)
    }

    /// The live sessions of a user or of everybody with their users' names, the newest first; at most
    /// 10,000.
    pub async fn list_sessions(
        &self,
        context: &Context,
        principal: &Principal,
        user: Option<UserId>,
    ) -> Result<Vec<(Session, String)>, Refusal> {
        if !principal.subject.reads_all() {
            return Err(Denial::NotPermitted.into());
        }
        Ok(self.store.list_sessions(user, context.now, LIST_MAX).await?)
    }

    /// Ends one session; whether there was one.
    pub async fn expire_session(
        &self,
        context: &Context,
        principal: &Principal,
        session: SessionId,
    ) -> Result<bool, Refusal> {
        if !principal.is_superuser() {
            return Err(Denial::NotPermitted.into());
        }
        let has_ended = self.store.end_session(session).await?;
        if has_ended {
            let kind = EventKind::SessionExpire(session);
            self.audit(context, kind, Some(principal.user()), format!("session {session}"));
        }
        Ok(has_ended)
    }

    /// Ends all sessions of a user or of everybody; how many there were.
    pub async fn expire_sessions(
        &self,
        context: &Context,
        principal: &Principal,
        user: Option<UserId>,
    ) -> Result<u64, Refusal> {
        if !principal.is_superuser() {
            return Err(Denial::NotPermitted.into());
        }
        let count = self.store.end_sessions(user).await?;
        let whose = user.map_or("everybody".to_owned(), |user| format!("user {user}"));
        let detail = format!("{count} sessions of {whose}");
        self.audit(context, EventKind::SessionExpire(SessionId::NEW), Some(principal.user()), detail);
        Ok(count)
    }
}
