//! A yes, carried out through a session of the gateway's own: the service sees one client, and no caller sees the
//! service's cookies, tokens and login pages.

mod cargo;
mod hand_on;
mod journey;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dialects::client_half::{Holding, Login};
use dialects::shown_path;
use http::request::Parts;
use http::{Method, Response};
use http_body::Body as _;
use identity::model::audit::EventKind;
use identity::model::principal::Principal;
use identity::model::proof::{Presented, Proof};
use identity::model::refusal_log::Cause;
use identity::model::secret::Secret;
use identity::{Denial, Refusal};

use self::cargo::Cargo;
pub(super) use self::journey::Arrived;
use self::journey::{Face, Journey};
use super::{Decision, Exchange, body_proof};
use crate::body::{Answer, Inbound};
use crate::canonical::Canonical;
use crate::config::{Account, IdentityProof};
use crate::forward::{self, Failure};
use crate::headers;
use crate::server::Shared;
use crate::service::Entry;
use crate::upstream::session::{Keeper, Live, NoSession};

/// Who has been sending a body for so long is asked again whether they may.
const LONG: Duration = Duration::from_secs(1);

/// A request that changes something at a service through the gateway's account: what the audit log says of it.
pub(super) struct Change(String);

impl Exchange<'_> {
    /// Carries a request to a service that the gateway signs in at.
    pub(super) async fn through(
        &self,
        entry: &Entry,
        account: &Account,
        canonical: Canonical,
        body: Inbound,
        presented: &Presented,
    ) -> Result<Response<Answer>, Failure> {
        forward::check_length(canonical.parts(), entry.service.body_max)?;
        let permit = entry.enter().ok_or(Failure::Busy)?;
        let mut parts = self.translate(entry, canonical)?;
        body_proof::correct_length(&mut parts.headers, &body);
        let masked = self.masked(account, &mut parts);
        let arrived = self.travel(entry, account, parts, body, presented).await?;
        self.hand_on(entry, arrived, masked, permit).await
    }

    /// Waits for a session and for the request's turn, and takes it there and back.
    pub(super) async fn travel(
        &self,
        entry: &Entry,
        account: &Account,
        parts: Box<Parts>,
        body: Inbound,
        presented: &Presented,
    ) -> Result<Arrived, Failure> {
        let began = (!body.is_end_stream()).then(Instant::now);
        let cargo = if body.is_end_stream() {
            Cargo::Nothing
        } else {
            let share = self.shared().body_memory.share(self.client.address);
            // What is not usual lies on the heap, so that the future of a usual request stays small.
            Box::pin(Cargo::of(body, share, self.idle_timeout(entry))).await?
        };
        let half = account.platform.client();
        let keeper = entry.keeper.as_ref().ok_or(Failure::NoSession(1))?;
        let load = keeper.load(&parts.method, parts.uri.path());
        let Some(principal) = &self.principal else {
            // Nobody borrows the account. To the service it is the gateway that asks all the same, and whoever is
            // known goes first.
            keeper.turn(load, self.context.now).map_err(|it| Failure::Paced(whole_seconds(it)))?;
            let login = Login::new("", "", Secret::new(""), self.context.now);
            let proof = Proof::Session { secret: Secret::new(""), csrf: None };
            let empty = Box::new(Holding::new(&login, proof));
            let face = Face::Nobody(half, empty);
            return Journey::new(entry, presented, face, cargo).travel(self, parts).await;
        };
        let mut has_waited = began.is_some_and(|it| it.elapsed() >= LONG);
        // First the session, then the turn: those who waited together for a login do not set out all at once.
        let (mut live, was_opened) = self.session(keeper, account, principal).await?;
        if was_opened || keeper.turn(load, self.context.now).is_err() {
            let waited = Box::pin(keeper.wait_turn(load)).await;
            waited.map_err(|it| Failure::Paced(seconds(&it)))?;
            has_waited = true;
            (live, _) = self.session(keeper, account, principal).await?;
        }
        if has_waited {
            self.check_again(presented).await?;
        }
        Journey::new(entry, presented, Face::Account(keeper, live), cargo).travel(self, parts).await
    }

    /// Whether somebody who had to wait may still do what they came for: their right may have ended meanwhile.
    pub(super) async fn check_again(&self, presented: &Presented) -> Result<(), Failure> {
        let (Some(entry), Some(principal)) = (&self.service, &self.principal) else { return Ok(()) };
        let decision = Decision { principal: Some(principal.clone()), presented: presented.clone() };
        let holder = Arc::new(self.holder(entry, decision));
        // What is not usual lies on the heap, so that the future of a usual request stays small.
        if Box::pin(holder.is_allowed()).await { Ok(()) } else { Err(Failure::NoProof) }
    }

    /// The session for whoever asks, and whether it was waited for.
    async fn session(
        &self,
        keeper: &Arc<Keeper>,
        account: &Account,
        principal: &Principal,
    ) -> Result<(Arc<Live>, bool), Failure> {
        let asked = principal.tenant.as_deref().map(|it| tenant_name(self.shared(), it));
        let tenant = account.tenant.as_deref().or(asked);
        let (live, was_opened) = match keeper.live(tenant) {
            Some(live) => (live, false),
            None => (Box::pin(keeper.open(tenant)).await.map_err(|it| failure_of(&it))?, true),
        };
        if asked.is_some() && account.tenant.is_none() && live.holding.tenant.is_none() {
            // The service knows of no tenants: it would do for the provider what is meant for the tenant.
            return Err(Failure::NoTenant);
        }
        Ok((live, was_opened))
    }

    /// Refuses what hands out, shows, changes or ends the proofs of the account that all share.
    pub(super) fn check_guard(&self, entry: &Entry, canonical: &Canonical) -> Result<(), Refusal> {
        let IdentityProof::Session(account) = &entry.service.identity else { return Ok(()) };
        let path = canonical.path();
        let path = entry.upstream_path(path).map_or(Cow::Borrowed(path), Cow::Owned);
        let half = account.platform.client();
        // In whatever way it is written: every contract reads it as the most forgiving server would.
        if half.is_guarded(&canonical.parts().method, &path) {
            self.shared().authority.refusals.note(&self.context.request_id, Cause::Guarded);
            return Err(Denial::NotPermitted.into());
        }
        Ok(())
    }

    /// The head as the service gets it, but for the node and the proof.
    pub(super) fn translate(&self, entry: &Entry, canonical: Canonical) -> Result<Box<Parts>, Failure> {
        let mut parts = canonical.into_parts();
        parts.extensions.clear();
        headers::session::translate_request(
            &mut parts.headers,
            &self.shared().reserved,
            &self.context.request_id,
        );
        entry.move_path(&mut parts)?;
        Ok(parts)
    }

    /// What the log says of a request that goes on through a session and may change something.
    pub(super) fn change(&self, canonical: &Canonical) -> Option<Change> {
        let user = self.upstream_user().filter(|_| !canonical.is_safe())?;
        let service = self.service.as_ref().map_or("", |it| it.service.name.as_str());
        let method: &Method = &canonical.parts().method;
        Some(Change(format!("{method} {} of {service} as {user}", shown_path(canonical.path()))))
    }

    /// Tells the audit log who changed something, and what became of it.
    pub(super) fn audit_change(&self, change: Option<Change>, response: &Response<Answer>) {
        let Some(Change(what)) = change else { return };
        let user = self.principal.as_ref().map(Principal::user);
        let detail = format!("{what}: {}", response.status().as_u16());
        self.shared().authority.audit(&self.context, EventKind::UpstreamChange, user, detail);
    }

    /// The account through which a request goes on, if it does.
    pub(super) fn upstream_user(&self) -> Option<&str> {
        let service = &self.service.as_ref().filter(|_| self.is_through_session)?.service;
        match &service.identity {
            IdentityProof::Session(account) if account.username.is_empty() => Some("token"),
            IdentityProof::Session(account) => Some(&account.username),
            IdentityProof::SignedJwt | IdentityProof::Headers | IdentityProof::None => None,
        }
    }
}

/// Whether a service learns for which tenant somebody acts.
pub(super) fn is_told_of_tenants(shared: &Shared, entry: &Entry, number: &str) -> bool {
    match &entry.service.identity {
        IdentityProof::Headers => true,
        IdentityProof::Session(account) => {
            account.tenant.as_deref().is_none_or(|it| it == number || it == tenant_name(shared, number))
        }
        IdentityProof::SignedJwt | IdentityProof::None => false,
    }
}

/// The name of a tenant, by which services know it; its number, if it has none here.
fn tenant_name<'t>(shared: &'t Shared, number: &'t str) -> &'t str {
    let found = shared.authority.tenants.iter().find(|it| it.id == number);
    found.map_or(number, |it| it.name.as_str())
}

/// What somebody is told who gets no session.
fn failure_of(missing: &NoSession) -> Failure {
    Failure::NoSession(seconds(missing))
}

fn seconds(missing: &NoSession) -> u32 {
    whole_seconds(missing.retry_after())
}

fn whole_seconds(after: Duration) -> u32 {
    let whole = after.as_secs() + u64::from(after.subsec_nanos() > 0);
    u32::try_from(whole).unwrap_or(u32::MAX)
}
