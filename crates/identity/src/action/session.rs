//! Sessions: extended by their holder, listed and ended by an operator.

use std::collections::{HashMap, HashSet};

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
    /// None also where 10,000 live sessions or more would have to be compared.
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
        let kinds: HashSet<SessionKind> = listed.iter().map(|(session, _)| session.kind).collect();
        let (mut places, mut everybody) = (HashMap::new(), None);
        for kind in kinds {
            places.extend(self.places(context, kind, user, &mut everybody).await?);
        }
        let list = |(session, username): (Session, String)| {
            let place = places.get(&session.id).copied();
            ListedSession { session, username, place }
        };
        Ok(listed.into_iter().map(list).collect())
    }

    /// The session that the principal showed, as it is listed. None if it showed none.
    pub async fn own_session(
        &self,
        context: &Context,
        principal: &Principal,
    ) -> Result<Option<ListedSession>, Refusal> {
        let Evidence::Session(session) = &principal.evidence else { return Ok(None) };
        let places = self.places(context, session.kind, Some(session.user), &mut None).await?;
        Ok(Some(ListedSession {
            session: Session::clone(session),
            username: principal.user().username.clone(),
            place: places.get(&session.id).copied(),
        }))
    }

    /// The places of the live sessions of one kind, or at least of those of this user. Only those are read that
    /// a place depends on; where that is everybody's, they are read once.
    async fn places(
        &self,
        context: &Context,
        kind: SessionKind,
        user: Option<UserId>,
        everybody: &mut Option<Vec<Standing>>,
    ) -> Result<HashMap<SessionId, u32>, Refusal> {
        let policy = self.settings().session_policy(kind, None);
        let read;
        let standings = match policy.widest_reach() {
            None => return Ok(HashMap::new()),
            Some(Reach::System) => match everybody {
                Some(read) => read,
                None => everybody.insert(self.standings(context, None, None).await?),
            },
            Some(Reach::Platform) => {
                read = self.standings(context, Some(kind), None).await?;
                &read
            }
            Some(Reach::User) => {
                read = self.standings(context, Some(kind), user).await?;
                &read
            }
        };
        let mut places = policy.places(standings);
        let own: HashSet<SessionId> = standings.iter().filter(|it| it.kind == kind).map(|it| it.id).collect();
        places.retain(|id, _| own.contains(id));
        Ok(places)
    }

    /// How these live sessions stand; nothing if there are more than one listing holds. Those that would be
    /// missing began first: whoever is told its place without them would be told a wrong one.
    async fn standings(
        &self,
        context: &Context,
        kind: Option<SessionKind>,
        user: Option<UserId>,
    ) -> Result<Vec<Standing>, Refusal> {
        let read = self.store.list_sessions(user, kind, context.now, LIST_MAX).await?;
        let is_whole = read.len() < LIST_MAX as usize;
        Ok(read.iter().filter(|_| is_whole).map(|(session, _)| session.standing()).collect())
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
