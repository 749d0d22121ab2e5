//! Objects written: made, changed, removed, each with its right, its rules and its trail.

use crate::action::fields::Fields;
use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::object::{Noun, Object};
use crate::model::principal::Principal;
use crate::model::secret::Secret;
use crate::port::References;

/// An object that was written, and the secrets that are shown this once.
#[derive(Debug)]
pub struct Written {
    /// The object as it is now.
    pub object: Object,
    /// The names of what it refers to.
    pub references: References,
    /// The value of a new token.
    pub token: Option<Secret>,
    /// The value of its refresh token.
    pub refresh_token: Option<Secret>,
    /// The secret of a new confidential application.
    pub client_secret: Option<Secret>,
}

impl Authority {
    /// Makes an object. A dry run checks everything, writes nothing and returns none.
    pub async fn create(
        &self,
        context: &Context,
        principal: &Principal,
        fields: Fields,
        is_dry_run: bool,
    ) -> Result<Option<Written>, Refusal> {
        todo!()
    }

    /// Changes an object. A dry run checks everything, writes nothing and returns none.
    pub async fn update(
        &self,
        context: &Context,
        principal: &Principal,
        id: i64,
        fields: Fields,
        is_dry_run: bool,
    ) -> Result<Option<Written>, Refusal> {
        todo!()
    }

    /// Removes an object.
    pub async fn delete(
        &self,
        context: &Context,
        principal: &Principal,
        noun: Noun,
        id: i64,
    ) -> Result<(), Refusal> {
        todo!()
    }
}
