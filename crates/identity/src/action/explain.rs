//! Explain: what those who run the gateway may know about a refusal.

use std::sync::Arc;

use jiff::Timestamp;

use crate::authority::Authority;
use crate::denial::{Denial, Refusal};
use crate::model::principal::Principal;
use crate::model::refusal_log::Refused;

impl Authority {
    /// The refusal of the request of this id, if it is still kept. Only for administrators and auditors: it knows
    /// more than the client was told.
    pub fn explain(
        &self,
        principal: &Principal,
        request_id: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<Refused>>, Refusal> {
        if !principal.subject.reads_all() {
            return Err(Denial::NotPermitted.into());
        }
        Ok(self.refusals.find(request_id, now))
    }
}
