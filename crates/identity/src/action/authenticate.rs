//! Authenticate: what a request presents becomes a principal.

use crate::authority::{Authority, Context};
use crate::denial::{Refusal, SessionEnd};
use crate::model::principal::Principal;
use crate::model::proof::Presented;

/// Three values, not two: nobody, somebody, or (as a [`Refusal`]) denied.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// Nothing was presented, or a session that is dead; why it is.
    Anonymous(Option<SessionEnd>),
    /// Who asks.
    Known(Principal),
}

impl Authority {
    /// Judges from memory alone. `None`: memory does not suffice, ask [`Self::authenticate`]. Never waits
    /// and never touches the disk, so it is fit for the threads that carry traffic.
    pub fn recall(&self, presented: &Presented, context: &Context) -> Option<Result<Authentication, Refusal>> {
        todo!()
    }

    /// Judges what a request presents, in the contract's order: bearer token, session, name and password.
    ///
    /// A bearer token that fails is denied, whatever else is there. A live session is preferred to a name
    /// and a password beside it, and must pass the CSRF check if the request is not safe.
    pub async fn authenticate(&self, presented: &Presented, context: &Context) -> Result<Authentication, Refusal> {
        todo!()
    }
}
