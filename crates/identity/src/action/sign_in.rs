//! Sign in: a name and a password become a session. There is exactly one; every door calls it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::check_password::Memory;
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::audit::EventKind;
use crate::model::csrf::{self, Binding, Evidence, Forgery};
use crate::model::object::{AuthenticatorId, SessionId};
use crate::model::portal::Portal;
use crate::model::principal::Subject;
use crate::model::refusal_log::Cause;
use crate::model::secret::{Digest, LOWERCASE, Secret, generate};
use crate::model::session::{self, Session, SessionKind};
use crate::model::user::User;
use crate::port::{Begun, NewSession};

/// Characters of a session's secret, unless its contract spells it: 165 random bits.
const SECRET_LENGTH: usize = 32;

/// Most evicted sessions that one line of the audit log names.
const EVICTED_NAMED_MAX: usize = 20;

/// What somebody claims at a door.
pub struct Claim<'a> {
    /// The name.
    pub username: &'a str,
    /// The password.
    pub password: &'a Secret,
    /// The contract whose session is wanted.
    pub kind: SessionKind,
    /// The session that the client holds already; it ends when the new one begins.
    pub holds: Option<&'a Secret>,
    /// How the contract spells the session's secret; none is 32 small letters and digits.
    pub spelling: Option<&'a Spelling>,
    /// How long the session is to live, where the contract lets the client ask for that.
    pub length: Option<SignedDuration>,
    /// Where the session is wanted for, where the contract has portals.
    pub entry: Option<Entry<'a>>,
}

impl<'a> Claim<'a> {
    /// A claim in a contract that asks for nothing more.
    pub fn new(username: &'a str, password: &'a Secret, kind: SessionKind) -> Self {
        Self { username, password, kind, holds: None, spelling: None, length: None, entry: None }
    }
}

/// The portal that somebody wants to enter.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Which.
    pub portal: Portal,
    /// The tenant that is named for it (Apprenda contract section 1).
    pub tenant: Option<&'a str>,
}

/// Makes the secret of a session, of at least 128 random bits.
pub type Spelling = dyn Fn(&Draft<'_>) -> Result<Secret, Refusal> + Send + Sync;

/// What is known of a session before it has a secret.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// Whose it will be.
    pub subject: &'a Subject,
    /// When it begins.
    pub created_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// The XSRF token of a login whose secret carries it.
    pub csrf_token: &'a str,
}

/// A session that has just begun.
#[derive(Debug)]
pub struct SignedIn {
    /// Who signed in.
    pub user: User,
    /// The user with its roles.
    pub subject: Arc<Subject>,
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

    /// Begins a session for somebody who knows the password and may enter where it is for.
    pub async fn sign_in(&self, context: &Context, claim: Claim<'_>) -> Result<SignedIn, Refusal> {
        let subject = self.check_password(context, claim.username, claim.password, Memory::None).await?;
        if let Some(entry) = claim.entry {
            self.judge_entry(context, &subject, entry).await?;
        }
        let replaces = match claim.holds {
            Some(secret) => {
                self.store.find_session(&session::digest(claim.kind, secret)).await?.map(|held| held.id)
            }
            None => None,
        };
        let wanted = Wanted {
            kind: claim.kind,
            spelling: claim.spelling,
            length: claim.length,
            replaces,
            began_at: context.now,
            continues: None,
        };
        self.begin_session(context, &subject, wanted).await
    }

    /// Begins a session of a user who has shown enough.
    pub(super) async fn begin_session(
        &self,
        context: &Context,
        subject: &Arc<Subject>,
        wanted: Wanted<'_>,
    ) -> Result<SignedIn, Refusal> {
        let policy = self.settings().session_policy(wanted.kind, wanted.length);
        let overall_timeout = policy.overall_timeout.unwrap_or(SignedDuration::MAX);
        let timeout = policy.inactivity_timeout.unwrap_or(overall_timeout);
        let expires_at = session::end_of(context.now, overall_timeout);
        let login_token = self.csrf_key.login_token(subject.user.id, wanted.began_at);
        let secret = match wanted.spelling {
            Some(spelling) => spelling(&Draft {
                subject,
                created_at: wanted.began_at,
                expires_at,
                csrf_token: &login_token,
            })?,
            None => generate(&*self.world.random, LOWERCASE, SECRET_LENGTH),
        };
        let Begun { session, evicted } = self
            .store
            .create_session(NewSession {
                kind: wanted.kind,
                digest: session::digest(wanted.kind, &secret),
                user: subject.user.id,
                credential_version: subject.user.credential_version,
                created_at: context.now,
                expires_at,
                policy,
                address: context.address.clone(),
                authenticator: AuthenticatorId::LOCAL,
                replaces: wanted.replaces,
                continues: wanted.continues,
            })
            .await?
            // The password was changed, the user disabled, or what is gone on with ended, since it was looked at.
            .ok_or_else(|| {
                self.refusals.note(&context.request_id, Cause::Changed);
                Denial::WrongPassword
            })?;
        let detail = format!("session {} ({})", session.id, session.kind.as_str());
        self.audit(context, EventKind::SignIn, Some(&subject.user), detail);
        if !evicted.is_empty() {
            let detail = eviction(session.id, &evicted);
            self.audit(context, EventKind::SessionEvict(session.id), Some(&subject.user), detail);
        }
        let csrf_token = self.session_token(&session);
        let (user, subject) = (subject.user.clone(), Arc::clone(subject));
        Ok(SignedIn { user, subject, session, secret, csrf_token, timeout })
    }

    /// The CSRF token that belongs to a session, in the form of its contract; empty where there is none.
    pub fn session_token(&self, session: &Session) -> String {
        match session.kind {
            SessionKind::Gateway | SessionKind::Controller => self.csrf_key.session_token(&session.digest),
            SessionKind::Manager => self.csrf_key.manager_token(&session.digest),
            SessionKind::ManagerToken | SessionKind::ManagerRefresh => {
                self.csrf_key.login_token(session.user, session.created_at)
            }
            SessionKind::Cloud => String::new(),
        }
    }
}

/// Which sessions had to go, in words; some of them, if a cap was lowered and they are many.
fn eviction(session: SessionId, evicted: &[SessionId]) -> String {
    let named: Vec<String> = evicted.iter().take(EVICTED_NAMED_MAX).map(ToString::to_string).collect();
    let more = match evicted.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("session {session} in the place of {}{more}", named.join(", "))
}

/// A session that is to begin.
pub(super) struct Wanted<'a> {
    /// Of this contract.
    pub(super) kind: SessionKind,
    /// With a secret that is spelled so.
    pub(super) spelling: Option<&'a Spelling>,
    /// Of this length.
    pub(super) length: Option<SignedDuration>,
    /// In the place of this one.
    pub(super) replaces: Option<SessionId>,
    /// Since when: now, or the login that it goes on with.
    pub(super) began_at: Timestamp,
    /// The session of that login.
    pub(super) continues: Option<SessionId>,
}
