//! The part of the memory that writes users and teams together with what belongs to them.

use std::collections::HashMap;

use async_trait::async_trait;

use super::values::{Change, References, StoreError, Trail};
use crate::fault::Fault;
use crate::model::object::{Noun, Object};

/// Several changes that are carried out together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The changes and their trails, in their order. A role that is given to user 0 is given to the user that the
    /// first change makes, and so are the entries that tell of it.
    pub changes: Vec<(Change, Trail)>,
    /// A text that is kept with the user or the team of the first change; none leaves the old one.
    pub annex: Option<String>,
}

/// Users and teams with what belongs to them.
///
/// An annex is a text that a contract keeps with a user or a team. Nothing here looks into it, and no right comes
/// from it; it goes with its object.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Carries out several changes in one transaction. Returns the object of the first one as it is afterwards.
    async fn apply_all(&self, batch: Batch) -> Result<Option<(Object, References)>, StoreError>;

    /// The annexes of those of these users or teams that have one, by number.
    async fn find_annexes(&self, noun: Noun, ids: Vec<i64>) -> Result<HashMap<i64, String>, Fault>;
}
