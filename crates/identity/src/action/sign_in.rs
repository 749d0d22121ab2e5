//! Sign in: a name and a password become a session. There is exactly one; every door calls it.

use jiff::SignedDuration;

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::secret::Secret;
use crate::model::session::{Session, SessionKind};
use crate::model::user::User;

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
    /// Its overall timeout.
    pub overall_timeout: SignedDuration,
}

impl Authority {
    /// Begins a session for somebody who knows the password.
    pub async fn sign_in(&self, context: &Context, claim: Claim<'_>) -> Result<SignedIn, Refusal> {
        todo!()
    }
}
