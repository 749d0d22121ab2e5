//! Our own API: what callers of any contract ask the gateway about itself. It only reads: why a request was refused,
//! how the caller's own session stands, and how the gateway and its sessions at services fare.

mod denial;
mod proof;
pub mod wire;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use dialects::{Dialect, Doorway, door, shown_path};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, Version};
use identity::model::audit::EventKind;
use identity::model::principal::Principal;
use identity::model::proof::Presented;
use identity::{Authority, Context, Denial, Refusal};
use serde_json::Value;

use crate::metrics;
use crate::upstream::session::Keepers;

/// A request to our own API, and who answers it.
pub struct Asked<'a> {
    /// Decides.
    pub authority: &'a Authority,
    /// The contracts whose proofs are read.
    pub dialects: &'a [&'static dyn Dialect],
    /// The request's head; nothing is ever read from its body.
    pub parts: &'a Parts,
    /// How it came in.
    pub doorway: &'a Doorway,
    /// Its id, address, door and time.
    pub context: &'a Context,
    /// How the gateway fares.
    pub standing: &'a Standing<'a>,
}

/// How the gateway fares.
pub struct Standing<'a> {
    /// The keepers of upstream sessions.
    pub keepers: &'a Keepers,
    /// Connections of clients.
    pub connections: usize,
    /// The requests that each service has at the moment.
    pub in_flight: Vec<(String, usize)>,
}

/// What is asked for.
enum Endpoint<'a> {
    Refusal(&'a str),
    Session,
    Upstreams,
    Metrics,
}

/// Whether a canonical path belongs to our own API. No service has it, and no contract.
pub fn owns(path: &str) -> bool {
    path.strip_prefix(wire::ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers a request to our own API.
pub async fn answer(asked: &Asked<'_>) -> Response<Bytes> {
    let Some(endpoint) = find(asked.parts.uri.path()) else {
        return error(StatusCode::NOT_FOUND, "there is nothing at this path");
    };
    if asked.parts.method != Method::GET && asked.parts.method != Method::HEAD {
        let mut response = error(StatusCode::METHOD_NOT_ALLOWED, "this can only be read: use GET");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let Some(mut presented) = proof::read(asked.dialects, asked.parts, asked.doorway) else {
        return error(StatusCode::BAD_REQUEST, "show exactly one proof");
    };
    // Who asks how long a session lives does not make it live longer.
    presented.is_quiet = matches!(endpoint, Endpoint::Session);
    let principal = match known(asked, &presented).await {
        Ok(principal) => principal,
        Err(refusal) => return asked.refuse(&refusal, None),
    };
    let told = match endpoint {
        Endpoint::Refusal(id) => refusal(asked, &principal, id),
        Endpoint::Session => session(asked, &principal).await,
        Endpoint::Upstreams => {
            readers_only(&principal).map(|()| Some(wire::upstreams(&asked.standing.keepers.reports())))
        }
        Endpoint::Metrics => match readers_only(&principal) {
            Ok(()) => return text(metrics::CONTENT_TYPE, metrics::text(asked.standing)),
            Err(refusal) => Err(refusal),
        },
    };
    match told {
        Ok(Some(value)) => json(StatusCode::OK, &value),
        Ok(None) => error(StatusCode::NOT_FOUND, wire::NO_SUCH_REFUSAL),
        Err(refusal) => asked.refuse(&refusal, Some(&principal)),
    }
}

fn find(path: &str) -> Option<Endpoint<'_>> {
    match path {
        wire::SESSION => return Some(Endpoint::Session),
        wire::UPSTREAMS => return Some(Endpoint::Upstreams),
        wire::METRICS => return Some(Endpoint::Metrics),
        _ => {}
    }
    let id = path.strip_prefix(wire::REFUSALS)?;
    (!id.is_empty() && !id.contains('/')).then_some(Endpoint::Refusal(id))
}

async fn known(asked: &Asked<'_>, presented: &Presented) -> Result<Principal, Refusal> {
    let found = match asked.authority.recall(presented, asked.context) {
        Some(found) => found?,
        None => asked.authority.authenticate(presented, asked.context).await?,
    };
    let principal = found.known()?;
    asked.authority.authorize(&principal, presented, asked.context)?;
    Ok(principal)
}

fn refusal(asked: &Asked<'_>, principal: &Principal, id: &str) -> Result<Option<Value>, Refusal> {
    // Ids are written in small letters by us, and as they like by others.
    let found = asked.authority.explain(principal, id, asked.context.now)?;
    Ok(found.map(|it| Value::Object(wire::refusal(&it))))
}

/// Administrators and auditors, and nobody else.
fn readers_only(principal: &Principal) -> Result<(), Refusal> {
    if principal.subject.reads_all() { Ok(()) } else { Err(Denial::NotPermitted.into()) }
}

async fn session(asked: &Asked<'_>, principal: &Principal) -> Result<Option<Value>, Refusal> {
    let listed = asked.authority.own_session(asked.context, principal).await?;
    Ok(Some(wire::session(principal, listed.as_ref(), asked.context.now)))
}

impl Asked<'_> {
    /// The answer to a refusal, told to the audit log and marked so that somebody can ask about it.
    fn refuse(&self, refusal: &Refusal, principal: Option<&Principal>) -> Response<Bytes> {
        let told = denial::told(refusal);
        let mut response = error(told.status, told.text);
        if told.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(wire::CHALLENGE));
        }
        if let Some(seconds) = told.retry_after {
            response.headers_mut().insert(http::header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        door::mark(refusal, principal, &mut response);
        if let Refusal::Denied(denial) = refusal
            && *denial != Denial::WrongPassword
        {
            let parts = self.parts;
            let detail = format!("{} {}: {refusal}", parts.method, shown_path(parts.uri.path()));
            let detail: String = detail.chars().take(wire::DETAIL_MAX).collect();
            self.authority.audit(self.context, EventKind::Refusal, principal.map(Principal::user), detail);
        }
        response
    }
}

fn error(status: StatusCode, sentence: &str) -> Response<Bytes> {
    json(status, &serde_json::json!({ "error": sentence }))
}

fn json(status: StatusCode, value: &Value) -> Response<Bytes> {
    let mut response = text("application/json", value.to_string());
    *response.status_mut() = status;
    response
}

fn text(kind: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.version_mut() = Version::HTTP_11;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
