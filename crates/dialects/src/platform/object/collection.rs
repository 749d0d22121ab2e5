//! Collections: for each kind of object its name, its fields and its way from and to the wire.

use identity::action::Fields;
use identity::model::object::Noun;

use super::fields;
use super::read::{self, Purpose};
use crate::drf::field::Field;
use crate::drf::validate::{Errors, Values};

/// One kind of object as the contract serves it.
#[derive(Debug)]
pub(super) struct Collection {
    /// The kind.
    pub noun: Noun,
    /// Its name in addresses.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
    /// How it is read from a body; none for a kind that clients only read.
    pub read: Option<Reader>,
    /// Whether the newest stand first when nothing is said.
    pub is_newest_first: bool,
}

/// How a validated body becomes fields.
pub(super) type Reader = fn(Values, Purpose) -> Result<Fields, Errors>;

/// All collections.
pub(super) static ALL: &[&Collection] = &[
    &USERS,
    &ORGANIZATIONS,
    &TEAMS,
    &TOKENS,
    &APPLICATIONS,
    &AUTHENTICATORS,
    &ROLE_DEFINITIONS,
    &USER_ASSIGNMENTS,
    &TEAM_ASSIGNMENTS,
    &ENTRIES,
];

pub(super) static USERS: Collection = Collection {
    noun: Noun::User,
    name: "users",
    fields: fields::USER,
    read: Some(read::user),
    is_newest_first: false,
};

pub(super) static ORGANIZATIONS: Collection = Collection {
    noun: Noun::Organization,
    name: "organizations",
    fields: fields::ORGANIZATION,
    read: Some(read::organization),
    is_newest_first: false,
};

pub(super) static TEAMS: Collection = Collection {
    noun: Noun::Team,
    name: "teams",
    fields: fields::TEAM,
    read: Some(read::team),
    is_newest_first: false,
};

pub(super) static TOKENS: Collection = Collection {
    noun: Noun::Token,
    name: "tokens",
    fields: fields::TOKEN,
    read: Some(read::token),
    is_newest_first: false,
};

pub(super) static APPLICATIONS: Collection = Collection {
    noun: Noun::Application,
    name: "applications",
    fields: fields::APPLICATION,
    read: Some(read::application),
    is_newest_first: false,
};

pub(super) static AUTHENTICATORS: Collection = Collection {
    noun: Noun::Authenticator,
    name: "authenticators",
    fields: fields::AUTHENTICATOR,
    read: None,
    is_newest_first: false,
};

pub(super) static ROLE_DEFINITIONS: Collection = Collection {
    noun: Noun::RoleDefinition,
    name: "role_definitions",
    fields: fields::ROLE_DEFINITION,
    read: None,
    is_newest_first: false,
};

pub(super) static USER_ASSIGNMENTS: Collection = Collection {
    noun: Noun::UserAssignment,
    name: "role_user_assignments",
    fields: fields::USER_ASSIGNMENT,
    read: Some(read::user_assignment),
    is_newest_first: false,
};

pub(super) static TEAM_ASSIGNMENTS: Collection = Collection {
    noun: Noun::TeamAssignment,
    name: "role_team_assignments",
    fields: fields::TEAM_ASSIGNMENT,
    read: Some(read::team_assignment),
    is_newest_first: false,
};

pub(super) static ENTRIES: Collection = Collection {
    noun: Noun::Entry,
    name: "activitystream",
    fields: fields::ENTRY,
    read: None,
    is_newest_first: true,
};
