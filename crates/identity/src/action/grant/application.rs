//! Applications show who they are (RFC 6749 section 2.3).

use std::sync::Arc;

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::application::Application;
use crate::model::secret::Secret;

/// What an application shows of itself.
#[derive(Clone, Copy, Debug)]
pub struct ApplicationProof<'a> {
    /// Its public name.
    pub client_id: &'a str,
    /// Its secret, if it showed one.
    pub secret: Option<&'a Secret>,
}

impl Authority {
    /// The application that shows itself. A confidential one must show its secret; a public one has none.
    /// Refused with `InvalidClient`.
    pub async fn authenticate_application(
        &self,
        context: &Context,
        proof: Option<ApplicationProof<'_>>,
    ) -> Result<Arc<Application>, Refusal> {
        let _ = (context, proof);
        todo!()
    }
}
