//! Sessions from the shell.

use identity::action::ListedSession;
use identity::model::object::SessionId;
use identity::model::session::SessionKind;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::super::Which;
use super::{No, Operator, counted, instant, object};
use crate::output::Report;

const COLUMNS: [&str; 10] = [
    "id",
    "username",
    "kind",
    "address",
    "created_at",
    "last_used_at",
    "expires_at",
    "inactivity_left",
    "overall_left",
    "place",
];

impl Operator<'_> {
    pub(super) async fn list_sessions(
        &self,
        username: Option<&str>,
        kind: Option<&str>,
    ) -> Result<Report, No> {
        let kind = kind.map(kind_of).transpose()?;
        let user = self.user_id(username).await?;
        let sessions = self.authority.list_sessions(&self.context, &self.principal, user, kind).await?;
        let rows = sessions.iter().map(|it| row(it, self.context.now)).collect();
        Ok(Report::list(&COLUMNS, rows))
    }

    pub(super) async fn expire_sessions(&self, which: Which) -> Result<Report, No> {
        let user = match which {
            Which::One(id) => {
                let session = SessionId(id);
                let was = self.authority.expire_session(&self.context, &self.principal, session).await?;
                return if was {
                    Ok(counted(1, "session", "ended"))
                } else {
                    Err(No::Words(format!("there is no such session: {id}")))
                };
            }
            Which::User(username) => self.user_id(Some(&username)).await?,
            Which::All => None,
        };
        let count = self.authority.expire_sessions(&self.context, &self.principal, user).await?;
        Ok(counted(count, "session", "ended"))
    }

    pub(super) async fn clean_sessions(&self) -> Result<Report, No> {
        let count = self.authority.clean_sessions(&self.context, &self.principal).await?;
        Ok(counted(count, "session", "removed whose life was over"))
    }
}

fn kind_of(word: &str) -> Result<SessionKind, No> {
    let kind = SessionKind::ALL.into_iter().find(|it| it.as_str() == word);
    kind.ok_or_else(|| No::Words(format!("there is no such kind of session: {word:?}")))
}

fn row(listed: &ListedSession, now: Timestamp) -> Map<String, Value> {
    let session = &listed.session;
    // Its end if it is not used again, which for some is sooner than its overall timeout.
    let last_use_at = session.last_use.at();
    let ends_at = last_use_at.checked_add(session.remaining(last_use_at)).unwrap_or(session.expires_at);
    let (inactivity, overall) = (session.inactivity_left(now), session.overall_left(now));
    let row = json!({
        "id": session.id.0,
        "username": listed.username,
        "kind": session.kind.as_str(),
        "address": session.address,
        "created_at": instant(session.created_at),
        "last_used_at": instant(last_use_at),
        "expires_at": instant(ends_at),
        "inactivity_left": inactivity.map(spoken),
        "inactivity_left_seconds": inactivity.map(|it| it.as_secs()),
        "overall_left": overall.map(spoken),
        "overall_left_seconds": overall.map(|it| it.as_secs()),
        "place": listed.place,
    });
    object(row)
}

/// A duration for people, in whole seconds.
fn spoken(duration: SignedDuration) -> String {
    format!("{:#}", SignedDuration::from_secs(duration.as_secs()))
}
