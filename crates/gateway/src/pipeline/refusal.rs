//! A no: spelled by the service's dialect, told to the audit log, and kept for who asks about it later.

use std::borrow::Cow;
use std::time::Duration;

use dialects::door::Asker;
use dialects::{Dialect, Refused, shown_path};
use http::header::EXPECT;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use identity::Refusal;
use identity::model::audit::EventKind;
use identity::model::principal::Principal;
use identity::model::refusal_log;

use super::{Exchange, log_fault};
use crate::body::{Answer, Inbound};
use crate::forward::check_length;
use crate::service::Entry;

/// Characters of a refusal's reason that are kept in the audit log.
const DETAIL_MAX: usize = 300;
/// Bytes of a refused body that are waited for.
const ARRIVING_MAX: usize = 64 * 1024;
/// For how long.
const ARRIVING_TIMEOUT: Duration = Duration::from_secs(1);
/// In whose words a request is refused that belongs to no contract.
const OWN: &str = "portcullis";

impl Exchange<'_> {
    /// A no, in the words of the service's dialect.
    pub(super) fn refuse(&self, entry: &Entry, parts: &Parts, refusal: &Refusal) -> Response<Answer> {
        let mut response = entry.service.dialect.refuse(refusal, parts, &self.doorway).map(Answer::Text);
        if let Refusal::Broken(fault) = refusal {
            log_fault(fault, &self.context);
            return response;
        }
        if let Refusal::Denied(denial) = refusal {
            response.extensions_mut().insert(Refused(denial.clone()));
        }
        let mut detail =
            format!("{} {} of {}: {refusal}", parts.method, shown_path(parts.uri.path()), entry.service.name);
        let end = (0..=DETAIL_MAX.min(detail.len())).rev().find(|it| detail.is_char_boundary(*it));
        detail.truncate(end.unwrap_or(0));
        let user = self.principal.as_ref().map(Principal::user);
        self.shared().authority.audit(&self.context, EventKind::Refusal, user, detail);
        response
    }

    /// Lets the short body of a request arrive that is refused, and throws it away. Over HTTP/2 the stream would be
    /// reset in the middle of it otherwise, and some programs take that for an error and read no answer.
    pub(super) async fn let_arrive(&self, parts: &Parts, body: Inbound) {
        if parts.headers.contains_key(EXPECT) || check_length(parts, ARRIVING_MAX as u64).is_err() {
            return;
        }
        let arrived = Limited::new(body, ARRIVING_MAX);
        let arrived = async {
            let mut arrived = std::pin::pin!(arrived);
            while let Some(Ok(_)) = arrived.frame().await {}
        };
        // Whether all of it came makes no difference to the answer.
        let _ = tokio::time::timeout(self.live.limits.body_timeout.min(ARRIVING_TIMEOUT), arrived).await;
    }

    /// Keeps what was refused, by us or by the service itself, under the id that the answer carries. `path` is as
    /// logs show it.
    pub(super) fn remember<'p>(
        &self,
        method: &Method,
        path: &dyn Fn() -> Cow<'p, str>,
        response: &mut Response<Answer>,
    ) {
        let refused = response.extensions_mut().remove::<Refused>();
        let asker = response.extensions_mut().remove::<Asker>();
        let status = response.status();
        let says_no = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
            // How often a service may be asked beyond our own limits is its own business.
            StatusCode::TOO_MANY_REQUESTS => self.service.is_none(),
            _ => false,
        };
        if refused.is_none() && !says_no {
            return;
        }
        let known = self.principal.as_ref().map(|it| it.user().username.clone());
        self.shared().authority.refusals.record(refusal_log::Refused {
            request_id: self.context.request_id.clone(),
            is_id_chosen: self.is_id_chosen,
            at: self.context.now,
            dialect: self.dialect.map_or(OWN, Dialect::name),
            service: self.service.as_ref().map(|it| it.service.name.clone()),
            address: self.context.address.clone(),
            method: method.as_str().to_owned(),
            path: path().into_owned(),
            status: status.as_u16(),
            username: asker.map(|Asker(name)| name).or(known),
            denial: refused.map(|Refused(denial)| denial),
            cause: None,
        });
    }
}
