//! Sign out: a session ends because its holder asks.

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::secret::Secret;
use crate::model::session::SessionKind;

impl Authority {
    /// Ends the session of this secret; whether there was one. Other sessions of the user live on.
    pub async fn sign_out(&self, context: &Context, kind: SessionKind, secret: &Secret) -> Result<bool, Refusal> {
        todo!()
    }
}
