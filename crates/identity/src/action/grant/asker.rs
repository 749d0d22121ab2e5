//! Who an application belongs to: shown to a user who is asked to let it in.

use crate::authority::Authority;
use crate::denial::Refusal;
use crate::model::application::Application;
use crate::model::object::{Noun, Object};
use crate::model::query::Sight;

impl Authority {
    /// The name of an application's organization. A user is told it who is asked for consent, whatever else
    /// that user may see: it is how an application shows where it comes from.
    pub async fn organization_of(&self, application: &Application) -> Result<Option<String>, Refusal> {
        let found = self.store.find(Noun::Organization, application.organization.0, Sight::All).await?;
        Ok(match found {
            Some((Object::Organization(organization), _)) => Some(organization.name),
            _ => None,
        })
    }
}
