//! Sessions: extended by their holder, listed and ended by an operator.

use std::collections::HashMap;

use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal, SessionEnd};
use crate::model::audit::EventKind;
use crate::model::object::{SessionId, UserId};
use crate::model::principal::{Evidence, Principal};
use crate::model::session::{self, Session, SessionKind};
use crate::model::session_policy::{Reach, Standing};

/// Most sessions in one listing.
const LIST_MAX: u32 = 10_000;

/// A live session as it is listed.
#[derive(Clone, Debug)]
pub struct ListedSession {
    /// The session, with its last use up to now.
    pub session: Session,
    /// The name of its user.
    pub username: String,
    /// Its place among those that may go when there are too many, where its contract has a most: 1 goes next.
    pub place: Option<u32>,
}

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

    /// The live sessions of a user or of everybody, of one kind or of all, the newest first; at most 10,000.
    pub async fn list_sessions(
        &self,
        context: &Context,
        principal: &Principal,
        user: Option<UserId>,
        kind: Option<SessionKind>,
    ) -> Result<Vec<ListedSession>, Refusal> {
        if !principal.subject.reads_all() {
            return Err(Denial::NotPermitted.into());
        }
        let listed = self.store.list_sessions(user, kind, context.now, LIST_MAX).await?;
        let mut places: HashMap<SessionId, u32> = HashMap::new();
        for one in SessionKind::ALL.into_iter().filter(|it| kind.is_none_or(|kind| kind == *it)) {
            let policy = self.settings().session_policy(one, None);
            let Some(reach) = policy.caps.iter().map(|it| it.reach).min() else { continue };
            let others = (reach != Reach::System).then_some(one);
            let all = self.store.list_sessions(None, others, context.now, LIST_MAX).await?;
            let standings: Vec<Standing> = all.iter().map(|(session, _)| session.standing()).collect();
            let found = policy.places(&standings);
            let own = standings.iter().filter(|it| it.kind == one);
            places.extend(own.filter_map(|it| found.get(&it.id).map(|place| (it.id, *place))));
        }
        Ok(listed
            .into_iter()
            .map(|(session, username)| ListedSession {
                place: places.get(&session.id).copied(),
                session,
                username,
            })
            .collect())
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
        let has_ended = self.store.end_session(session, SessionEnd::Removed, context.now).await?;
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
        let count = self.store.end_sessions(user, context.now).await?;
        let whose = user.map_or("everybody".to_owned(), |user| format!("user {user}"));
        let detail = format!("{count} sessions of {whose}");
        self.audit(context, EventKind::SessionExpire(SessionId::NEW), Some(principal.user()), detail);
        Ok(count)
    }
}
