//! The activity stream: who changed what.

use jiff::Timestamp;

use super::object::{EntryId, Noun, UserId};

/// One entry of the activity stream, written in the same transaction as the change it tells of.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number.
    pub id: EntryId,
    /// What was done.
    pub operation: Operation,
    /// The fields that changed; secrets stand as `$encrypted$`.
    pub changes: Vec<FieldChange>,
    /// The kind of the object.
    pub noun: Noun,
    /// The number (or for a setting the name) of the object.
    pub object_id: String,
    /// For an association, the kind of the other object.
    pub related_noun: Option<Noun>,
    /// For an association, the number of the other object.
    pub related_id: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// Who.
    pub created_by: Option<UserId>,
}

/// What was done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// It was made.
    Create,
    /// It was changed.
    Update,
    /// It was removed.
    Delete,
    /// Another was attached to it.
    Associate,
    /// Another was detached from it.
    Disassociate,
}

/// One field's change: none before means added, none after means removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The field.
    pub field: String,
    /// Its value before.
    pub before: Option<String>,
    /// Its value after.
    pub after: Option<String>,
}
