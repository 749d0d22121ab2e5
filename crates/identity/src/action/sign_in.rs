//! Sign in: a name and a password become a session. There is exactly one; every door calls it.

use jiff::SignedDuration;

use super::check_password::Memory;
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::audit::EventKind;
use crate::model::csrf::{self, Binding, Evidence, Forgery};
use crate::model::object::AuthenticatorId;
use crate::model::secret::{Digest, LOWERCASE, Secret, generate};
use crate::model::session::{self, Session, SessionKind};
use crate::model::user::User;
use crate::port::NewSession;

/// Characters of a session's secret: 165 random bits.
const SECRET_LENGTH: usize = 32;

/// What somebody claims at a door.
#[derive(Debug)]
pub struct Claim<'a> {
    /// The name.
    pub username: &'a str,
    /// The password.
    pub password: &'a Secret,
    /// The contract whose session is wanted.
    pub kind: SessionKind,
    /// The session that the client holds already; it ends when the new one begins.
    pub holds: Option<&'a Secret>,
}

/// A session that has just begun.
#[derive(Debug)]
pub struct SignedIn {
    /// Who signed in.
    pub user: User,
    /// The session.
    pub session: Session,
    /// Its secret; nobody can ask for it again.
    pub secret: Secret,
    /// The CSRF token that belongs to it.
    pub csrf_token: String,
    /// How long it lives if it is not used again: its overall timeout, or its inactivity timeout.
    pub timeout: SignedDuration,
}

impl Authority {
    /// Whether a sign-in may come from where it says: with a token that we made for strangers or, where
    /// somebody signs in anew, with the token of the session that the browser still holds.
    pub fn judge_sign_in_source(&self, evidence: &Evidence, held: Option<&Digest>) -> Result<(), Forgery> {
        let settings = self.settings();
        let check = |binding| csrf::check(&self.csrf_key, evidence, binding, &settings.trusted_origins);
        match (check(Binding::Anonymous), held) {
            (Err(Forgery::TokenWrong(_)), Some(digest)) => check(Binding::Session(digest)),
            (verdict, _) => verdict,
        }
    }

    /// Begins a session for somebody who knows the password.
    pub async fn sign_in(&self, context: &Context, claim: Claim<'_>) -> Result<SignedIn, Refusal> {
        let subject = self.check_password(context, claim.username, claim.password, Memory::None).await?;
        let replaces = match claim.holds {
            Some(secret) => {
                self.store.find_session(&session::digest(claim.kind, secret)).await?.map(|held| held.id)
            }
            None => None,
        };
        let settings = self.settings();
        let (overall_timeout, inactivity_timeout, sessions_max) = match claim.kind {
            SessionKind::Gateway => (settings.session_overall_timeout, None, None),
            SessionKind::Controller => {
                (SignedDuration::MAX, Some(settings.session_inactivity_timeout), settings.sessions_max)
            }
        };
        let secret = generate(&*self.world.random, LOWERCASE, SECRET_LENGTH);
        let session = self
            .store
            .create_session(NewSession {
                kind: claim.kind,
                digest: session::digest(claim.kind, &secret),
                user: subject.user.id,
                credential_version: subject.user.credential_version,
                created_at: context.now,
                expires_at: session::end_of(context.now, overall_timeout),
                inactivity_timeout,
                sessions_max,
                address: context.address.clone(),
                authenticator: AuthenticatorId::LOCAL,
                replaces,
            })
            .await?
            // The password was changed, or the user disabled, since it was looked at.
            .ok_or(Denial::WrongPassword)?;
        let detail = format!("session {}", session.id);
        self.audit(context, EventKind::SignIn, Some(&subject.user), detail);
        let csrf_token = self.csrf_key.session_token(&session.digest);
        let timeout = inactivity_timeout.unwrap_or(overall_timeout);
        Ok(SignedIn { user: subject.user.clone(), session, secret, csrf_token, timeout })
    }
}
