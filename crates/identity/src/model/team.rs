//! A team: a group of users inside an organization.

use super::object::{OrganizationId, StableId, Stamp, TeamId};

/// A group of users inside one organization.
#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    /// Its number.
    pub id: TeamId,
    /// The name that services know it by, for ever.
    pub stable_id: StableId,
    /// Its name: 1 to 512 characters, unique in its organization.
    pub name: String,
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// Free text.
    pub description: String,
    /// Who made and changed it, and when.
    pub stamp: Stamp,
}
