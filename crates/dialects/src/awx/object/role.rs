//! Roles: the numbers that this contract gives them, and what they are called.
//!
//! Organization N has the numbers 16 N to 16 N + 12, team M 16 M + 13 to 16 M + 15; below 16 are the roles
//! over everything. So a number says what it is about without being stored.

use identity::model::object::Noun;
use identity::model::role::ManagedRole;

/// Numbers for each object.
const SPAN: i64 = 16;
/// Where a team's numbers begin within its span.
const TEAM_OFFSET: i64 = 13;

/// A role of one kind of object, or one over everything.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Role {
    /// Its key in `object_roles`.
    pub key: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it lets people do.
    pub description: &'static str,
    /// The role that really is given; none for one that nobody can be given here.
    pub managed: Option<ManagedRole>,
    /// Its place among the roles of its object.
    pub offset: i64,
}

const fn role(
    key: &'static str,
    name: &'static str,
    description: &'static str,
    managed: Option<ManagedRole>,
    offset: i64,
) -> Role {
    Role { key, name, description, managed, offset }
}

/// The roles of an organization, in the order of `object_roles`.
pub(super) static ORGANIZATION: &[Role] = &[
    role(
        "admin_role",
        "Admin",
        "Can manage all aspects of the organization",
        Some(ManagedRole::OrganizationAdmin),
        0,
    ),
    role("execute_role", "Execute", "May run any executable resources in the organization", None, 4),
    role("project_admin_role", "Project Admin", "Can manage all projects of the organization", None, 5),
    role(
        "inventory_admin_role",
        "Inventory Admin",
        "Can manage all inventories of the organization",
        None,
        6,
    ),
    role(
        "credential_admin_role",
        "Credential Admin",
        "Can manage all credentials of the organization",
        None,
        7,
    ),
    role("workflow_admin_role", "Workflow Admin", "Can manage all workflows of the organization", None, 8),
    role(
        "notification_admin_role",
        "Notification Admin",
        "Can manage all notifications of the organization",
        None,
        9,
    ),
    role(
        "job_template_admin_role",
        "Job Template Admin",
        "Can manage all job templates of the organization",
        None,
        10,
    ),
    role(
        "execution_environment_admin_role",
        "Execution Environment Admin",
        "Can manage all execution environments of the organization",
        None,
        11,
    ),
    role("auditor_role", "Auditor", "Can view all aspects of the organization", None, 3),
    role(
        "member_role",
        "Member",
        "User is a member of the organization",
        Some(ManagedRole::OrganizationMember),
        1,
    ),
    role("read_role", "Read", "May view settings for the organization", None, 2),
    role("approval_role", "Approve", "Can approve or deny a workflow approval node", None, 12),
];

/// The roles of a team, in the order of `object_roles`.
pub(super) static TEAM: &[Role] = &[
    role("admin_role", "Admin", "Can manage all aspects of the team", Some(ManagedRole::TeamAdmin), 13),
    role("member_role", "Member", "User is a member of the team", Some(ManagedRole::TeamMember), 14),
    role("read_role", "Read", "May view settings for the team", None, 15),
];

/// The roles over everything; their place is their number.
pub(super) static SINGLETONS: &[Role] = &[
    role("system_administrator", "System Administrator", "Can manage all aspects of the system", None, 1),
    role(
        "system_auditor",
        "System Auditor",
        "Can view all aspects of the system",
        Some(ManagedRole::PlatformAuditor),
        2,
    ),
];

/// A role and the object that it is about; none for one over everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    /// The role.
    pub role: &'static Role,
    /// What it is about.
    pub object: Option<(Noun, i64)>,
}

impl Numbered {
    /// The role of this number; none if no role can have it.
    pub fn read(number: i64) -> Option<Self> {
        let (id, place) = (number.div_euclid(SPAN), number.rem_euclid(SPAN));
        let (roles, object) = match (id, place) {
            (..0, _) => return None,
            (0, _) => (SINGLETONS, None),
            (_, TEAM_OFFSET..) => (TEAM, Some((Noun::Team, id))),
            _ => (ORGANIZATION, Some((Noun::Organization, id))),
        };
        roles.iter().find(|role| role.offset == place).map(|role| Self { role, object })
    }

    /// The role that is given under this name on this object.
    pub fn of(managed: ManagedRole, object_id: Option<i64>) -> Option<Self> {
        let object = managed.target().zip(object_id);
        let roles = match managed.target() {
            Some(noun) => roles_of(noun),
            None => SINGLETONS,
        };
        let role = roles.iter().find(|role| role.managed == Some(managed))?;
        (object.is_some() || managed.target().is_none()).then_some(Self { role, object })
    }

    /// All roles of an object.
    pub fn all(noun: Noun, id: i64) -> impl Iterator<Item = Self> {
        roles_of(noun).iter().map(move |role| Self { role, object: Some((noun, id)) })
    }

    /// Its number.
    pub fn number(self) -> i64 {
        self.object.map_or(0, |(_, id)| id.saturating_mul(SPAN)).saturating_add(self.role.offset)
    }
}

/// The roles of objects of a kind.
pub(super) fn roles_of(noun: Noun) -> &'static [Role] {
    match noun {
        Noun::Organization => ORGANIZATION,
        Noun::Team => TEAM,
        _ => &[],
    }
}

/// Their keys.
pub(super) fn names_of(noun: Noun) -> Vec<&'static str> {
    roles_of(noun).iter().map(|role| role.key).collect()
}
