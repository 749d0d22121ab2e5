//! The door: what the own endpoints of every contract do alike. It asks who makes a request, and hands a refusal to
//! the audit log, to who may ask about it later, and to the contract that spells it.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::request::Parts;
use identity::action::Authentication;
use identity::model::audit::EventKind;
use identity::model::principal::Principal;
use identity::model::proof::Presented;
use identity::{Authority, Context, Denial, Ended, Fault, Origin, Refusal};

use crate::dialect::{Broken, Dialect, Doorway, Refused, shown_path};

/// Characters of a refusal's reason that are kept in the audit log.
const DETAIL_MAX: usize = 300;

/// What the own endpoints of a dialect share. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    /// Decides.
    pub authority: Arc<Authority>,
    /// Spells.
    pub dialect: &'static dyn Dialect,
}

/// Who made a request that was refused, once verified: its name. It stands in the answer's extensions beside
/// [`Refused`].
#[derive(Clone, Debug)]
pub struct Asker(pub String);

/// A request at a door: how it came in, and what it presents.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The request's id, address, door and time.
    pub context: Context,
    /// How it came in.
    pub doorway: Doorway,
    /// What it presents.
    pub presented: Presented,
}

impl Door {
    /// How a request came in, and what it presents.
    pub fn arrival(&self, parts: &Parts) -> Result<Arrival, Refusal> {
        let missing = || Fault::new(Origin::Internal, "a request came without its context");
        let context = parts.extensions.get::<Context>().ok_or_else(missing)?.clone();
        let doorway = parts.extensions.get::<Doorway>().ok_or_else(missing)?.clone();
        let mut presented = self.dialect.read_proof(parts, &doorway);
        presented.is_safe = parts.method.is_safe();
        Ok(Arrival { context, doorway, presented })
    }

    /// Who makes a request, if anybody is known to, and whether its proof reaches as far as it asks; or why the
    /// session that it shows is dead.
    pub async fn judge(&self, arrival: &Arrival) -> Result<Result<Principal, Option<Ended>>, Refusal> {
        let (presented, context) = (&arrival.presented, &arrival.context);
        let found = match self.authority.recall(presented, context) {
            Some(found) => found?,
            None => self.authority.authenticate(presented, context).await?,
        };
        match found {
            Authentication::Anonymous(ended) => Ok(Err(ended)),
            Authentication::Known(principal) => {
                self.authority.authorize(&principal, presented, context)?;
                Ok(Ok(principal))
            }
        }
    }

    /// Who makes a request; refused if nobody is known to.
    pub async fn known(&self, arrival: &Arrival) -> Result<Principal, Refusal> {
        self.judge(arrival).await?.map_err(|ended| Denial::NoProof(ended).into())
    }

    /// The dialect's answer to a refusal, which is told to whom it concerns.
    pub fn refuse(&self, refusal: &Refusal, parts: &Parts, principal: Option<&Principal>) -> Response {
        let doorway = parts.extensions.get::<Doorway>().cloned().unwrap_or_default();
        let mut response = self.dialect.refuse(refusal, parts, &doorway).map(Body::from);
        self.tell(refusal, parts, principal, &mut response);
        response
    }

    /// Tells the audit log of a denial, and marks its answer so that somebody can ask about it. Wrong passwords are
    /// told to the audit log where they are counted.
    pub fn tell(
        &self,
        refusal: &Refusal,
        parts: &Parts,
        principal: Option<&Principal>,
        response: &mut Response,
    ) {
        mark(refusal, principal, response);
        let Refusal::Denied(denial) = refusal else { return };
        let Some(context) = parts.extensions.get::<Context>() else { return };
        if *denial != Denial::WrongPassword {
            let detail = format!("{} {}: {refusal}", parts.method, shown_path(parts.uri.path()));
            let detail: String = detail.chars().take(DETAIL_MAX).collect();
            self.authority.audit(context, EventKind::Refusal, principal.map(Principal::user), detail);
        }
    }
}

/// Marks the answer to a refusal, so that somebody can ask about it by the request's id. What the client is told
/// stays as it is.
pub fn mark<B>(refusal: &Refusal, principal: Option<&Principal>, response: &mut http::Response<B>) {
    Broken::note(refusal, response.extensions_mut());
    let Refusal::Denied(denial) = refusal else { return };
    response.extensions_mut().insert(Refused(denial.clone()));
    if let Some(principal) = principal {
        response.extensions_mut().insert(Asker(principal.user().username.clone()));
    }
}
