//! `WebSocket`: a handshake that is judged like a request, and a socket that ends with what opened it.

use std::sync::Arc;

use http::header::{CONNECTION, UPGRADE};
use http::{HeaderValue, Response, StatusCode};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use identity::Context;
use identity::action::Authentication;
use identity::model::object::UserId;
use identity::model::principal::Evidence;
use identity::model::proof::Presented;

use super::{Decision, Exchange, authenticate};
use crate::body::Answer;
use crate::canonical::Canonical;
use crate::config::Target;
use crate::forward::{self, Failure};
use crate::headers;
use crate::server::Shared;
use crate::service::Entry;
use crate::upgrade::{Ends, relay, set_handshake};

impl Exchange<'_> {
    pub(super) async fn socket(
        &self,
        entry: &Arc<Entry>,
        mut canonical: Canonical,
        body: Incoming,
        decision: Decision,
    ) -> Result<Response<Answer>, Failure> {
        if matches!(entry.service.target, Target::Echo) {
            return self.carry(entry, canonical, body, decision.principal).await;
        }
        let permit = entry.enter().ok_or(Failure::Busy)?;
        let client = canonical.take_upgrade().ok_or(Failure::Broken)?;
        let mut parts = self.prepare(entry, canonical, decision.principal.as_ref()).await?;
        set_handshake(&mut parts.headers);
        let thread = &self.connection.thread;
        let mut returned = forward::send(entry, thread.index, self.outgoing(entry, parts, body)).await?;
        let wire = entry.service.dialect.wire();
        if returned.response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let mut answer = returned.into_answer(permit);
            headers::strip_response(answer.headers_mut(), wire, &self.tuning.token_name);
            return Ok(answer);
        }
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
        headers::strip_response(&mut head.headers, wire, &self.tuning.token_name);
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

    fn holder(&self, entry: &Arc<Entry>, decision: Decision) -> Holder {
        let by_password = decision.principal.as_ref().map(|it| matches!(it.evidence, Evidence::Password));
        Holder {
            shared: Arc::clone(self.shared()),
            entry: Arc::clone(entry),
            user: decision.principal.as_ref().map(|it| it.user().id),
            by_password: by_password.unwrap_or(false),
            presented: decision.presented,
            context: self.context.clone(),
        }
    }
}

/// Who opened a socket, and by what.
struct Holder {
    shared: Arc<Shared>,
    entry: Arc<Entry>,
    user: Option<UserId>,
    by_password: bool,
    presented: Presented,
    context: Context,
}

impl Holder {
    /// Whether the socket may stay open.
    async fn is_allowed(self: Arc<Self>) -> bool {
        let Some(user) = self.user else { return true };
        if self.by_password {
            // A password is not hashed again every few seconds; the user must still be enabled.
            let store = Arc::clone(&self.shared.authority.store);
            if let Some(subject) = store.recall_subject(user) {
                return subject.user.is_enabled;
            }
            let found = self.shared.control.spawn(async move { store.find_subject(user).await }).await;
            return matches!(found, Ok(Ok(Some(subject))) if subject.user.is_enabled);
        }
        let context = Context { now: self.shared.installation.clock.now(), ..self.context.clone() };
        match authenticate(&self.shared, &self.presented, &context).await {
            Ok(Authentication::Known(principal)) => {
                principal.user().id == user && self.entry.service.allow.allows(&principal)
            }
            Ok(Authentication::Anonymous(_)) | Err(_) => false,
        }
    }
}

impl Canonical {
    /// The client's end of a connection that is to be switched.
    fn take_upgrade(&mut self) -> Option<OnUpgrade> {
        self.extensions_mut().remove::<OnUpgrade>()
    }
}
