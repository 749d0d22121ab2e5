//! The caller: who makes a request to an own endpoint, found out once by the layer and asked for by handlers.

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::Response;
use http::Method;
use http::header::{CONTENT_TYPE, COOKIE};
use http::request::Parts;
use identity::action::Authentication;
use identity::model::principal::Principal;
use identity::model::proof::Presented;
use identity::{Context, Denial, Ended, Fault, Origin, Refusal};
use serde_json::Value;

use super::State;
use super::body::{self, BodyError};
use crate::dialect::Doorway;

/// Who makes a request, and how it came in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The request's id, address, door and time.
    pub context: Context,
    /// How it came in.
    pub doorway: Doorway,
    /// Who asks, if anybody is known to.
    pub principal: Option<Principal>,
    /// Why the session that was shown is dead, if it is.
    pub ended: Option<Ended>,
}

impl Caller {
    /// Finds out who makes a request, and whether its proof reaches as far as its method.
    pub async fn find(state: &State, parts: &Parts) -> Result<Self, Refusal> {
        Self::judge(state, parts, &Self::presented(state, parts)).await
    }

    /// What a request presents, with the CSRF token of its form.
    pub(super) fn presented(state: &State, parts: &Parts) -> Presented {
        let nowhere = Doorway::default();
        let doorway = parts.extensions.get::<Doorway>().unwrap_or(&nowhere);
        let mut presented = state.dialect.read_proof(parts, doorway);
        presented.is_safe = parts.method.is_safe();
        if let Some(token) = parts.extensions.get::<FormToken>() {
            presented.evidence.field = Some(token.0.clone());
        }
        presented
    }

    /// Judges what a request presents.
    pub(super) async fn judge(state: &State, parts: &Parts, presented: &Presented) -> Result<Self, Refusal> {
        let mut caller = Self::nobody(parts)?;
        let found = match state.authority.recall(presented, &caller.context) {
            Some(found) => found?,
            None => state.authority.authenticate(presented, &caller.context).await?,
        };
        match found {
            Authentication::Anonymous(ended) => caller.ended = ended,
            Authentication::Known(principal) => {
                state.authority.authorize(&principal, presented, &caller.context)?;
                caller.principal = Some(principal);
            }
        }
        Ok(caller)
    }

    /// A caller who has shown nothing.
    pub(super) fn nobody(parts: &Parts) -> Result<Self, Refusal> {
        let missing = || Fault::new(Origin::Internal, "a request came without its context");
        let context = parts.extensions.get::<Context>().ok_or_else(missing)?.clone();
        let doorway = parts.extensions.get::<Doorway>().ok_or_else(missing)?.clone();
        Ok(Self { context, doorway, principal: None, ended: None })
    }

    /// Who asks; refused if nobody is known to.
    pub fn known(&self) -> Result<&Principal, Refusal> {
        self.principal.as_ref().ok_or_else(|| Denial::NoProof(self.ended).into())
    }
}

impl FromRequestParts<State> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        Self::find(state, parts).await.map_err(|refusal| refuse(state, &refusal, parts))
    }
}

/// The CSRF token that a form carries in a field of its own, for clients that send no header.
#[derive(Clone)]
struct FormToken(String);

/// Looks for a CSRF token under this name in a form that comes with a cookie, and gives the body back. Other
/// requests pass through unread.
pub async fn read_form_token(name: &str, parts: &mut Parts, body: Body) -> Result<Body, BodyError> {
    let content_type =
        parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_form = ["application/x-www-form-urlencoded", "multipart/form-data"]
        .iter()
        .any(|form| content_type.get(..form.len()).is_some_and(|it| it.eq_ignore_ascii_case(form)));
    if parts.method != Method::POST || !is_form || !parts.headers.contains_key(COOKIE) {
        return Ok(body);
    }
    let bytes = body::collect(body).await?;
    // A form that cannot be read is refused where it is needed.
    if let Ok(form) = body::parse(parts, bytes.clone()).await
        && let Some(Value::String(token)) = form.get(name)
    {
        parts.extensions.insert(FormToken(token));
    }
    Ok(Body::from(bytes))
}

/// The dialect's answer to a refusal, which is told to whom it concerns.
pub fn refuse(state: &State, refusal: &Refusal, parts: &Parts) -> Response {
    let principal = parts.extensions.get::<Caller>().and_then(|it| it.principal.as_ref());
    state.door().refuse(refusal, parts, principal)
}
