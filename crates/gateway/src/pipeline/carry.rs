//! A yes, carried out: proofs off, identity on, to the service and back.

use std::time::Duration;

use http::header::HOST;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Response, StatusCode, Uri};
use identity::model::principal::Principal;
use identity::model::proof::Presented;

use super::{Exchange, body_proof};
use crate::body::{Answer, Inbound, Upload};
use crate::canonical::Canonical;
use crate::config::{IdentityProof, Target};
use crate::echo;
use crate::forward::{self, Failure, Outgoing};
use crate::headers::{self, Said};
use crate::service::Entry;
use crate::upstream::signed_jwt::Life;
use crate::upstream::{trusted_headers, trusted_proxy};

impl Exchange<'_> {
    pub(super) async fn carry(
        &self,
        entry: &Entry,
        canonical: Canonical,
        body: Inbound,
        presented: &Presented,
    ) -> Result<Response<Answer>, Failure> {
        if let IdentityProof::Session(account) = &entry.service.identity
            && matches!(entry.service.target, Target::Upstream { .. })
        {
            // On the heap, so that the future of other requests stays small.
            return Box::pin(self.through(entry, account, canonical, body, presented)).await;
        }
        forward::check_length(canonical.parts(), entry.service.body_max)?;
        let permit = entry.enter().ok_or(Failure::Busy)?;
        let mut parts = self.prepare(entry, canonical, self.principal.as_ref()).await?;
        body_proof::correct_length(&mut parts.headers, &body);
        if matches!(entry.service.target, Target::Echo) {
            let upload = Upload::new(body, entry.service.body_max, self.tuning.idle_timeout);
            return Box::pin(echo::answer(&parts, upload, &self.tuning.token_name)).await;
        }
        let returned =
            forward::send(entry, self.connection.thread.index, self.outgoing(entry, parts, body)).await?;
        if returned.response.status() == StatusCode::SWITCHING_PROTOCOLS {
            // Nobody asked for that.
            return Err(Failure::Broken);
        }
        let mut answer = returned.into_answer(permit);
        self.strip(entry, answer.headers_mut());
        Ok(answer)
    }

    /// Takes off an answer what is not for the client.
    pub(super) fn strip(&self, entry: &Entry, headers: &mut HeaderMap) {
        let wire = entry.service.dialect.wire();
        headers::strip_response(headers, &self.shared().reserved, wire, &self.tuning.token_name);
    }

    pub(super) fn outgoing(&self, entry: &Entry, parts: Box<Parts>, body: Inbound) -> Outgoing {
        let service = &entry.service;
        Outgoing {
            parts,
            body,
            request_timeout: service.request_timeout.unwrap_or(self.tuning.request_timeout),
            idle_timeout: self.idle_timeout(entry),
            is_head_kept: false,
        }
    }

    /// How long a body may rest: a service can only lengthen it.
    pub(super) fn idle_timeout(&self, entry: &Entry) -> Duration {
        let usual = self.tuning.idle_timeout;
        entry.service.idle_timeout.map_or(usual, |it| it.max(usual))
    }

    /// The head as the service gets it. Everything is taken off before anything is put on.
    pub(super) async fn prepare(
        &self,
        entry: &Entry,
        canonical: Canonical,
        principal: Option<&Principal>,
    ) -> Result<Box<Parts>, Failure> {
        let mut parts = canonical.into_parts();
        parts.extensions.clear();
        let host = parts.headers.get(HOST).cloned().unwrap_or(HeaderValue::from_static(""));
        headers::strip_request(&mut parts.headers, &self.shared().reserved, entry.service.dialect.wire());
        headers::set_request(
            &mut parts.headers,
            &Said {
                address: &self.context.address,
                is_secure: self.client.is_secure,
                host: &host,
                request_id: &self.context.request_id,
            },
        );
        match &entry.service.identity {
            IdentityProof::SignedJwt => self.sign(&mut parts, principal).await?,
            IdentityProof::Headers => {
                if let Some(principal) = principal {
                    trusted_headers::set(&mut parts.headers, principal);
                }
            }
            IdentityProof::Session(_) | IdentityProof::None => {}
        }
        entry.move_path(&mut parts)?;
        Ok(parts)
    }

    /// Signs that the request came through us, and for whom.
    async fn sign(&self, parts: &mut Parts, principal: Option<&Principal>) -> Result<(), Failure> {
        let unsigned = |fault| {
            super::log_fault(&fault, &self.context);
            Failure::Unsigned
        };
        let shared = self.shared();
        if let Some(principal) = principal {
            let life = Life { seconds: self.tuning.token_life, buffer: self.tuning.token_buffer };
            let token = shared.signed_jwt.value(&principal.subject, self.context.now, life).await;
            parts.headers.insert(self.tuning.token_name.clone(), token.map_err(unsigned)?);
        }
        // Last, because its life is short.
        let proof = shared.trusted_proxy.value(self.tuning.trusted_proxy_life).await.map_err(unsigned)?;
        parts.headers.insert(trusted_proxy::NAME, proof);
        Ok(())
    }
}

impl Entry {
    /// Names in a request the path by which the service knows it.
    pub(super) fn move_path(&self, parts: &mut Parts) -> Result<(), Failure> {
        if let Some(path) = self.upstream_path(parts.uri.path()) {
            parts.uri = with_path(path, parts.uri.query())?;
        }
        Ok(())
    }
}

fn with_path(mut path: String, query: Option<&str>) -> Result<Uri, Failure> {
    if let Some(query) = query {
        path.push('?');
        path.push_str(query);
    }
    PathAndQuery::from_maybe_shared(bytes::Bytes::from(path)).map(Uri::from).map_err(|_| Failure::Broken)
}
