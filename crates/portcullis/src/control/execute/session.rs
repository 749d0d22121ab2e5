//! Sessions from the shell.

use identity::model::object::SessionId;
use identity::model::session::Session;
use serde_json::{Map, Value, json};

use super::super::Which;
use super::{No, Operator, counted, instant, object};
use crate::output::Report;

const COLUMNS: [&str; 7] = ["id", "username", "kind", "address", "created_at", "last_used_at", "expires_at"];

impl Operator<'_> {
    pub(super) async fn list_sessions(&self, username: Option<&str>) -> Result<Report, No> {
        let user = self.user_id(username).await?;
        let sessions = self.authority.list_sessions(&self.context, &self.principal, user, None).await?;
        let rows = sessions.iter().map(|it| row(&it.session, &it.username)).collect();
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

fn row(session: &Session, username: &str) -> Map<String, Value> {
    // Its end if it is not used again, which for some is sooner than its overall timeout.
    let last_use_at = session.last_use.at();
    let ends_at = last_use_at.checked_add(session.remaining(last_use_at)).unwrap_or(session.expires_at);
    let row = json!({
        "id": session.id.0,
        "username": username,
        "kind": session.kind.as_str(),
        "address": session.address,
        "created_at": instant(session.created_at),
        "last_used_at": instant(last_use_at),
        "expires_at": instant(ends_at),
    });
    object(row)
}
