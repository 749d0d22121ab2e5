//! Sign out: a session ends because its holder asks.

use crate::authority::{Authority, Context};
use crate::denial::{Refusal, SessionEnd};
use crate::model::audit::EventKind;
use crate::model::secret::Secret;
use crate::model::session::{self, SessionKind};

impl Authority {
    /// Ends the session of this secret; whether there was one. Other sessions of the user live on.
    pub async fn sign_out(
        &self,
        context: &Context,
        kind: SessionKind,
        secret: &Secret,
    ) -> Result<bool, Refusal> {
        let Some(session) = self.store.find_session(&session::digest(kind, secret)).await? else {
            return Ok(false);
        };
        let has_ended = self.store.end_session(session.id, SessionEnd::SignedOut, context.now).await?;
        if has_ended {
            let subject = self.store.find_subject(session.user).await?;
            let detail = format!("session {}", session.id);
            self.audit(context, EventKind::SignOut, subject.as_deref().map(|it| &it.user), detail);
        }
        Ok(has_ended)
    }
}
