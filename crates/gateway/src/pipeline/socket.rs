//! `WebSocket`: a handshake that is judged like a request, and a socket that ends with what opened it.

use std::sync::Arc;

use http::header::{CONNECTION, UPGRADE};
use http::{HeaderValue, Response, StatusCode};
use hyper::upgrade::OnUpgrade;
use identity::Context;
use identity::action::Authentication;
use identity::model::principal::{Evidence, Principal};
use identity::model::proof::Presented;

use super::session::Arrived;
use super::{Decision, Exchange, authenticate};
use crate::body::{Answer, Inbound};
use crate::canonical::Canonical;
use crate::config::{IdentityProof, Target};
use crate::forward::{self, Failure};
use crate::server::Shared;
use crate::service::Entry;
use crate::upgrade::{Ends, relay, set_handshake};

impl Exchange<'_> {
    pub(super) async fn socket(
        &self,
        entry: &Arc<Entry>,
        mut canonical: Canonical,
        body: Inbound,
        decision: Decision,
    ) -> Result<Response<Answer>, Failure> {
        if matches!(entry.service.target, Target::Echo) {
            return self.carry(entry, canonical, body, &decision.presented).await;
        }
        let permit = entry.enter().ok_or(Failure::Busy)?;
        let client = canonical.take_upgrade().ok_or(Failure::Broken)?;
        let arrived = self.shake(entry, canonical, body, &decision).await?;
        let is_session = matches!(entry.service.identity, IdentityProof::Session(_));
        if arrived.returned.response.status() != StatusCode::SWITCHING_PROTOCOLS {
            if is_session {
                return self.hand_on(entry, arrived, None, permit).await;
            }
            let mut answer = arrived.returned.into_answer(permit);
            self.strip(entry, answer.headers_mut());
            return Ok(answer);
        }
        let thread = &self.connection.thread;
        let mut returned = arrived.returned;
        let is_websocket = returned
            .response
            .headers()
            .get(UPGRADE)
            .is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"websocket"));
        if !is_websocket {
            return Err(Failure::Broken);
        }
        let service = hyper::upgrade::on(&mut returned.response);
        let (mut head, _) = returned.into_switched().into_parts();
        self.strip(entry, &mut head.headers);
        if is_session {
            self.clean(entry, &mut head.headers);
        }
        head.headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        head.headers.insert(UPGRADE, HeaderValue::from_static("websocket"));

        let holder = Arc::new(self.holder(entry, decision));
        let stop = self.shared().stop.clone();
        // The connection is still one of the client's, and the request one of the service's.
        let counted = Arc::clone(&self.connection.counted);
        thread.tasks.spawn(async move {
            relay(Ends { client, service }, stop, || Arc::clone(&holder).is_allowed()).await;
            drop((counted, permit));
        });
        Ok(Response::from_parts(head, Answer::Text(bytes::Bytes::new())))
    }

    /// The handshake with the service.
    async fn shake(
        &self,
        entry: &Entry,
        canonical: Canonical,
        body: Inbound,
        decision: &Decision,
    ) -> Result<Arrived, Failure> {
        if let IdentityProof::Session(account) = &entry.service.identity {
            let mut parts = self.translate(entry, canonical)?;
            set_handshake(&mut parts.headers);
            return self.travel(entry, account, parts, body, &decision.presented).await;
        }
        let mut parts = self.prepare(entry, canonical, decision.principal.as_ref()).await?;
        set_handshake(&mut parts.headers);
        let outgoing = self.outgoing(entry, parts, body);
        let returned = forward::send(entry, self.connection.thread.index, outgoing).await?;
        Ok(Arrived { returned, glimpse: bytes::Bytes::new() })
    }

    pub(super) fn holder(&self, entry: &Arc<Entry>, decision: Decision) -> Holder {
        Holder {
            shared: Arc::clone(self.shared()),
            entry: Arc::clone(entry),
            principal: decision.principal,
            // That a socket is still open is no use of its session: one that ends by inactivity would not.
            presented: Presented { is_quiet: true, ..decision.presented },
            context: self.context.clone(),
        }
    }
}

/// Who opened a socket or waits for something, and by what.
pub(super) struct Holder {
    shared: Arc<Shared>,
    entry: Arc<Entry>,
    principal: Option<Principal>,
    presented: Presented,
    context: Context,
}

impl Holder {
    /// Whether the socket may stay open, and whoever waits may go on.
    pub(super) async fn is_allowed(self: Arc<Self>) -> bool {
        let Some(principal) = &self.principal else { return true };
        if matches!(principal.evidence, Evidence::Password) {
            return self.is_password_current(principal).await;
        }
        let context = Context { now: self.shared.installation.clock.now(), ..self.context.clone() };
        match authenticate(&self.shared, &self.presented, &context).await {
            Ok(Authentication::Known(now)) => now.user().id == principal.user().id && self.is_open_to(&now),
            Ok(Authentication::Anonymous(_)) | Err(_) => false,
        }
    }

    /// A password is not hashed again every few seconds: it is still right if neither it nor the name it was
    /// shown with has changed.
    async fn is_password_current(&self, before: &Principal) -> bool {
        let authority = &self.shared.authority;
        if !authority.settings().is_basic_enabled {
            return false;
        }
        let user = before.user();
        let subject = if let Some(subject) = authority.store.recall_subject(user.id) {
            subject
        } else {
            let (store, id) = (Arc::clone(&authority.store), user.id);
            let found = self.shared.control.spawn(async move { store.find_subject(id).await }).await;
            let Ok(Ok(Some(subject))) = found else { return false };
            subject
        };
        let now = &subject.user;
        now.is_enabled
            && now.credential_version == user.credential_version
            && now.username == user.username
            && self.is_open_to(&Principal { subject, ..before.clone() })
    }

    /// Whether the service, as it is configured by now, its portal and the scope still let the principal in.
    fn is_open_to(&self, principal: &Principal) -> bool {
        let live = self.shared.live.load();
        let entry = live.table.named(&self.entry.service.name);
        // What was counted once is not counted again.
        let Presented { is_safe, portal, .. } = self.presented;
        let asked = Presented { is_safe, portal, ..Presented::default() };
        entry.is_some_and(|it| it.service.allow.allows(principal))
            && self.shared.authority.authorize(principal, &asked, &self.context).is_ok()
    }
}

impl Canonical {
    /// The client's end of a connection that is to be switched.
    fn take_upgrade(&mut self) -> Option<OnUpgrade> {
        self.extensions_mut().remove::<OnUpgrade>()
    }
}
