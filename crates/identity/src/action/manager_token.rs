//! The JWT login of Catalyst Manager (its contract section A.10): an access token and a refresh token, which are
//! sessions of kinds of their own, so that they end with their user and can be listed and ended.

use jiff::SignedDuration;

use super::check_password::Memory;
use super::sign_in::{SignedIn, Spelling, Wanted};
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::secret::Secret;
use crate::model::session::{self, SessionKind};

/// Longest life of an access token that a client may ask for, in seconds: a week.
pub const LIFE_MAX: i64 = 604_800;

/// What a JWT login is asked for.
pub struct JwtLogin<'a> {
    /// The name.
    pub username: &'a str,
    /// The password.
    pub password: &'a Secret,
    /// How long the access token is to live; from one second to [`LIFE_MAX`].
    pub length: SignedDuration,
    /// How the access token is spelled.
    pub access: &'a Spelling,
    /// How the refresh token is spelled.
    pub refresh: &'a Spelling,
}

impl Authority {
    /// Signs in for tokens: first the access token, then the refresh token.
    pub async fn sign_in_for_tokens(
        &self,
        context: &Context,
        login: JwtLogin<'_>,
    ) -> Result<(SignedIn, SignedIn), Refusal> {
        let subject = self.check_password(context, login.username, login.password, Memory::None).await?;
        let wanted = |kind, spelling| Wanted {
            kind,
            spelling: Some(spelling),
            length: Some(login.length),
            replaces: None,
            began_at: context.now,
            continues: None,
        };
        let access =
            self.begin_session(context, &subject, wanted(SessionKind::ManagerToken, login.access)).await?;
        let refresh =
            self.begin_session(context, &subject, wanted(SessionKind::ManagerRefresh, login.refresh)).await?;
        Ok((access, refresh))
    }

    /// A new access token for a refresh token, which stays as it is.
    pub async fn refresh_manager_token(
        &self,
        context: &Context,
        refresh: &Secret,
        length: SignedDuration,
        spelling: &Spelling,
    ) -> Result<SignedIn, Refusal> {
        let digest = session::digest(SessionKind::ManagerRefresh, refresh);
        let found = self.store.find_session(&digest).await?;
        let (session, subject) = self
            .live_session(found, &digest, context)
            .await?
            .map_err(|ended| Denial::NoProof(Some(ended)))?;
        self.store.note_session_use(&session, context.now);
        let wanted = Wanted {
            kind: SessionKind::ManagerToken,
            spelling: Some(spelling),
            length: Some(length),
            replaces: None,
            // It goes on with the login, so that the XSRF token that the client got there stays good: the answer
            // to a refresh has none.
            began_at: session.created_at,
            continues: Some(session.id),
        };
        self.begin_session(context, &subject, wanted).await
    }
}
