//! Roles: what a user or a team may do, and on what.

use jiff::Timestamp;

use super::object::{AssignmentId, Noun, RoleId, StableId, Stamp, TeamId, UserId};

/// A named set of permissions. Only the five managed ones exist; they are made by the store's migration.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleDefinition {
    /// Its number.
    pub id: RoleId,
    /// Its name, unique.
    pub name: String,
    /// Free text.
    pub description: String,
    /// The permissions, such as `shared.view_organization`.
    pub permissions: Vec<String>,
    /// The kind of object it is given on; none for a role over everything.
    pub target: Option<Noun>,
    /// Whether the system made it and keeps it.
    pub is_managed: bool,
    /// Who made and changed it, and when.
    pub stamp: Stamp,
}

/// The managed roles, by their numbers in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ManagedRole {
    /// Reads everything, changes nothing.
    PlatformAuditor = 1,
    /// Belongs to a team.
    TeamMember = 2,
    /// Administers a team.
    TeamAdmin = 3,
    /// Administers an organization.
    OrganizationAdmin = 4,
    /// Belongs to an organization.
    OrganizationMember = 5,
}

impl ManagedRole {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::PlatformAuditor,
        Self::TeamMember,
        Self::TeamAdmin,
        Self::OrganizationAdmin,
        Self::OrganizationMember,
    ];

    /// The role of this number.
    pub fn from_id(id: RoleId) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }

    /// Its number.
    pub fn id(self) -> RoleId {
        RoleId(self as i64)
    }

    /// Its name, as every contract of the Ansible family spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PlatformAuditor => "Platform Auditor",
            Self::TeamMember => "Team Member",
            Self::TeamAdmin => "Team Admin",
            Self::OrganizationAdmin => "Organization Admin",
            Self::OrganizationMember => "Organization Member",
        }
    }

    /// The kind of object that it is given on; none for the auditor's role over everything.
    pub fn target(self) -> Option<Noun> {
        match self {
            Self::PlatformAuditor => None,
            Self::TeamMember | Self::TeamAdmin => Some(Noun::Team),
            Self::OrganizationAdmin | Self::OrganizationMember => Some(Noun::Organization),
        }
    }
}

/// A role given to a user, on one object or on everything.
#[derive(Clone, Debug, PartialEq)]
pub struct UserAssignment {
    /// Its number.
    pub id: AssignmentId,
    /// The role.
    pub role: ManagedRole,
    /// The user.
    pub user: UserId,
    /// The user's stable name.
    pub user_stable_id: StableId,
    /// The object's number; none for a role over everything.
    pub object_id: Option<i64>,
    /// The object's stable name.
    pub object_stable_id: Option<StableId>,
    /// When it was given.
    pub created_at: Timestamp,
    /// Who gave it.
    pub created_by: Option<UserId>,
}

/// A role given to a team, on one object.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamAssignment {
    /// Its number.
    pub id: AssignmentId,
    /// The role.
    pub role: ManagedRole,
    /// The team.
    pub team: TeamId,
    /// The team's stable name.
    pub team_stable_id: StableId,
    /// The object's number.
    pub object_id: Option<i64>,
    /// The object's stable name.
    pub object_stable_id: Option<StableId>,
    /// When it was given.
    pub created_at: Timestamp,
    /// Who gave it.
    pub created_by: Option<UserId>,
}
