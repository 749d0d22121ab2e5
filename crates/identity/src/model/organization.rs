//! An organization: a group of users and teams.

use super::object::{OrganizationId, StableId, Stamp};

/// A group of users and teams with administrators of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Organization {
    /// Its number.
    pub id: OrganizationId,
    /// The name that services know it by, for ever.
    pub stable_id: StableId,
    /// Its name: 1 to 512 characters, unique.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Whether the system made it and keeps it.
    pub is_managed: bool,
    /// Who made and changed it, and when.
    pub stamp: Stamp,
}
