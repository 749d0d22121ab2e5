//! Checks a password: the one place where failures are counted, for every door.

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::principal::Subject;
use crate::model::secret::Secret;
use std::sync::Arc;

impl Authority {
    /// The user that a name and a password belong to. An unknown name, a user without a password, a
    /// disabled user and a wrong password cost the same.
    pub(crate) async fn check_password(
        &self,
        context: &Context,
        username: &str,
        password: &Secret,
    ) -> Result<Arc<Subject>, Refusal> {
        todo!()
    }
}
