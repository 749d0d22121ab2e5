//! Authenticate: what a request presents becomes a principal.

use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::check_password::Memory;
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Ended, Malformed, Refusal, SessionEnd};
use crate::model::audit::EventKind;
use crate::model::csrf::{self, Binding, Forgery};
use crate::model::principal::{Charter, Evidence, Principal, Subject};
use crate::model::proof::Presented;
use crate::model::refusal_log::Cause;
use crate::model::scope::Scope;
use crate::model::secret::{Digest, Secret};
use crate::model::session::{self, Session, SessionKind};
use crate::port::RecalledToken;

/// Longest bearer token that is looked up, in bytes.
const BEARER_MAX: usize = 1024;

/// Three values, not two: nobody, somebody, or (as a [`Refusal`]) denied.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// Nothing was presented, or a session that is dead; why it is.
    Anonymous(Option<Ended>),
    /// Who asks.
    Known(Principal),
}

impl Authentication {
    /// The principal, or the refusal that asks for a proof.
    pub fn known(self) -> Result<Principal, Refusal> {
        match self {
            Self::Known(principal) => Ok(principal),
            Self::Anonymous(end) => Err(Denial::NoProof(end).into()),
        }
    }
}

impl Authority {
    /// Judges from memory alone. `None`: memory does not suffice, ask [`Self::authenticate`]. Never waits
    /// and never touches the disk, so it is fit for the threads that carry traffic.
    pub fn recall(
        &self,
        presented: &Presented,
        context: &Context,
    ) -> Option<Result<Authentication, Refusal>> {
        if let Some(malformed) = self.malformed(presented) {
            return Some(Err(Denial::MalformedProof(malformed).into()));
        }
        if let Some(bearer) = &presented.bearer {
            let digest = Digest::of(bearer.expose().as_bytes());
            let recalled = self.store.recall_token(&digest, context.now)?;
            let subject = self.store.recall_subject(recalled.token.user)?;
            return Some(self.judge_token(&recalled, &subject, presented, context));
        }
        if let Some((kind, secret)) = self.session_shown(presented) {
            let session = self.store.recall_session(&session::digest(*kind, secret))?;
            if session.ended(context.now).is_some() {
                return None;
            }
            let subject = self.store.recall_subject(session.user)?;
            return Some(self.judge_session(&session, &subject, presented, context));
        }
        let Some((username, password)) = &presented.basic else {
            return Some(Ok(Authentication::Anonymous(None)));
        };
        if !self.settings().is_basic_enabled {
            return Some(Ok(Authentication::Anonymous(None)));
        }
        let key = self.verdict_key_of(username, password);
        let recalled = self.store.recall_verdict(&key, context.now)?;
        let subject = self.store.recall_subject(recalled.user)?;
        let is_current =
            subject.user.is_enabled && subject.user.credential_version == recalled.credential_version;
        is_current.then(|| self.known(&subject, Scope::write(), Evidence::Password, presented, context))
    }

    /// Judges what a request presents, in the contract's order: bearer token, session, name and password.
    ///
    /// A bearer token that fails is denied, whatever else is there. A live session is preferred to a name
    /// and a password beside it (but under the controller's charter, where what is said explicitly goes
    /// first), and must pass the CSRF check if the request is not safe.
    pub async fn authenticate(
        &self,
        presented: &Presented,
        context: &Context,
    ) -> Result<Authentication, Refusal> {
        if let Some(malformed) = self.malformed(presented) {
            return Err(Denial::MalformedProof(malformed).into());
        }
        if let Some(bearer) = &presented.bearer {
            return self.authenticate_bearer(bearer, presented, context).await;
        }
        let mut end = None;
        if let Some((kind, secret)) = self.session_shown(presented) {
            let digest = session::digest(*kind, secret);
            let found = self.store.find_session(&digest).await?;
            match self.live_session(found, &digest, context).await? {
                Ok((session, subject)) => return self.judge_session(&session, &subject, presented, context),
                Err(dead) => end = Some(dead),
            }
        }
        match &presented.basic {
            Some((username, password)) if self.settings().is_basic_enabled => {
                let memory = Memory::Verdict(self.verdict_key_of(username, password));
                let subject = self.check_password(context, username, password, memory).await?;
                self.known(&subject, Scope::write(), Evidence::Password, presented, context)
            }
            _ => Ok(Authentication::Anonymous(end)),
        }
    }

    /// The session that counts, if one was shown.
    fn session_shown<'a>(&self, presented: &'a Presented) -> Option<&'a (SessionKind, Secret)> {
        let is_outranked = presented.charter == Charter::Controller
            && presented.basic.is_some()
            && self.settings().is_basic_enabled;
        presented.session.as_ref().filter(|_| !is_outranked)
    }

    /// What cannot be read. Broken Basic is not looked at while Basic is switched off.
    fn malformed(&self, presented: &Presented) -> Option<Malformed> {
        presented.malformed.filter(|malformed| match malformed {
            Malformed::BasicEmpty | Malformed::BasicSpaces | Malformed::BasicEncoding => {
                self.settings().is_basic_enabled
            }
            Malformed::Bearer | Malformed::Several | Malformed::Unencrypted => true,
        })
    }

    async fn authenticate_bearer(
        &self,
        bearer: &Secret,
        presented: &Presented,
        context: &Context,
    ) -> Result<Authentication, Refusal> {
        if bearer.expose().len() > BEARER_MAX {
            return Err(Denial::TokenRevoked.into());
        }
        let digest = Digest::of(bearer.expose().as_bytes());
        let recalled = self.store.find_token(&digest, context.now).await?.ok_or(Denial::TokenRevoked)?;
        let subject = self.store.find_subject(recalled.token.user).await?.ok_or(Denial::TokenRevoked)?;
        self.judge_token(&recalled, &subject, presented, context)
    }

    fn judge_token(
        &self,
        recalled: &RecalledToken,
        subject: &Arc<Subject>,
        presented: &Presented,
        context: &Context,
    ) -> Result<Authentication, Refusal> {
        let token = &recalled.token;
        if !subject.user.is_enabled {
            return Err(Denial::TokenRevoked.into());
        }
        if token.is_expired(context.now) {
            return Err(Denial::TokenExpired.into());
        }
        if recalled.is_first_use {
            let detail = format!("token {} scope {}", token.id, token.scope.as_str());
            self.audit(context, EventKind::TokenUse(token.id), Some(&subject.user), detail);
        }
        self.known(subject, token.scope.clone(), Evidence::Token(token.id), presented, context)
    }

    /// A session that was found and lives, and its user; or why there is none. One that is over is ended
    /// for good, so that no clock set back revives it.
    pub(super) async fn live_session(
        &self,
        found: Option<Arc<Session>>,
        digest: &Digest,
        context: &Context,
    ) -> Result<Result<(Arc<Session>, Arc<Subject>), Ended>, Refusal> {
        let Some(session) = found else {
            let ended = self.store.find_ended_session(digest).await?;
            return Ok(Err(ended.map_or(Ended::UNKNOWN, |it| Ended {
                end: it.end,
                session: Some(it.id),
                at: Some(it.at),
                by: it.by,
            })));
        };
        if let Some(end) = session.ended(context.now) {
            self.refusals.note(&context.request_id, clock_of(&session, end));
            self.store.end_session(session.id, end, context.now).await?;
            return Ok(Err(ended_now(&session, end, context)));
        }
        let subject = self.store.find_subject(session.user).await?.filter(|it| it.user.is_enabled);
        let gone = ended_now(&session, SessionEnd::UserGone, context);
        Ok(subject.map(|subject| (session, subject)).ok_or(gone))
    }

    fn judge_session(
        &self,
        session: &Arc<Session>,
        subject: &Arc<Subject>,
        presented: &Presented,
        context: &Context,
    ) -> Result<Authentication, Refusal> {
        if session.kind == SessionKind::ManagerRefresh {
            // It lives, but opens nothing by itself.
            return Ok(Authentication::Anonymous(Some(Ended::UNKNOWN)));
        }
        if !subject.user.is_enabled {
            return Ok(Authentication::Anonymous(Some(ended_now(session, SessionEnd::UserGone, context))));
        }
        if !presented.is_safe {
            self.judge_source(session, presented).map_err(Denial::Forged)?;
        }
        if !presented.is_quiet {
            self.store.note_session_use(session, context.now);
        }
        if session.address != context.address && session.last_use.note_elsewhere() {
            let detail = format!("session {} of {}", session.id, session.address);
            self.audit(context, EventKind::SessionElsewhere(session.id), Some(&subject.user), detail);
        }
        self.known(subject, Scope::write(), Evidence::Session(Arc::clone(session)), presented, context)
    }

    /// Whether a request that changes something comes from where its session was made, by the rule of the
    /// session's contract.
    fn judge_source(&self, session: &Session, presented: &Presented) -> Result<(), Forgery> {
        match session.kind {
            SessionKind::Gateway | SessionKind::Controller => {
                let binding = Binding::Session(&session.digest);
                csrf::check(&self.csrf_key, &presented.evidence, binding, &self.settings().trusted_origins)
            }
            SessionKind::Manager | SessionKind::ManagerToken | SessionKind::ManagerRefresh => {
                csrf::check_header(&presented.evidence, &self.session_token(session))
            }
            // Its secret travels in a header or a body that no foreign page can make.
            SessionKind::Cloud => Ok(()),
        }
    }

    /// Somebody who showed enough.
    fn known(
        &self,
        subject: &Arc<Subject>,
        scope: Scope,
        evidence: Evidence,
        presented: &Presented,
        context: &Context,
    ) -> Result<Authentication, Refusal> {
        let tenant = self.judge_tenant(subject.user.is_superuser, presented, context)?;
        let (subject, charter) = (Arc::clone(subject), presented.charter);
        Ok(Authentication::Known(Principal { subject, scope, evidence, charter, tenant }))
    }

    /// The key under which a verdict on this name and password is remembered. It cannot be computed
    /// outside this process, so a copy of memory's keys tells nothing of passwords.
    fn verdict_key_of(&self, username: &str, password: &Secret) -> Digest {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.verdict_key) else { return Digest([0; 32]) };
        mac.update(&(username.len() as u64).to_be_bytes());
        mac.update(username.as_bytes());
        mac.update(password.expose().as_bytes());
        Digest(mac.finalize().into_bytes().into())
    }
}

/// A session that turns out to be over in this moment.
fn ended_now(session: &Session, end: SessionEnd, context: &Context) -> Ended {
    Ended { end, session: Some(session.id), at: Some(context.now), by: None }
}

/// Which clock of a session ran out, and when it had been wound.
fn clock_of(session: &Session, end: SessionEnd) -> Cause {
    match (end, session.inactivity_timeout) {
        (SessionEnd::Inactive, Some(timeout)) => Cause::Rested { used_at: session.last_use.at(), timeout },
        _ => Cause::Lived { created_at: session.created_at, expires_at: session.expires_at },
    }
}
