//! Collections: for each kind of object its name, its fields and its way from the wire.

use identity::action::Fields;
use identity::model::object::Noun;

use super::fields;
use super::read;
use crate::drf::field::Field;
use crate::drf::validate::{Aim, Errors, Values};

/// One kind of object as the contract serves it.
#[derive(Debug)]
pub(super) struct Collection {
    /// The kind.
    pub noun: Noun,
    /// Its name in addresses.
    pub name: &'static str,
    /// Its word in `type`.
    pub word: &'static str,
    /// What help texts call one of it.
    pub help: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
    /// How it is read from a body; none for a kind that clients only read.
    pub read: Option<Reader>,
    /// The fields that order a list when nothing is said.
    pub order: &'static [&'static str],
    /// The fields that `search=` looks into.
    pub searched: &'static [&'static str],
    /// Whether it has roles of its own.
    pub has_roles: bool,
}

/// How a validated body becomes fields.
pub(super) type Reader = fn(Values, Aim) -> Result<Fields, Errors>;

pub(super) static USERS: Collection = Collection {
    noun: Noun::User,
    name: "users",
    word: "user",
    help: "user",
    fields: fields::USER,
    read: Some(read::user),
    order: &["username"],
    searched: &["username", "first_name", "last_name", "email"],
    has_roles: false,
};

pub(super) static ORGANIZATIONS: Collection = Collection {
    noun: Noun::Organization,
    name: "organizations",
    word: "organization",
    help: "organization",
    fields: fields::ORGANIZATION,
    read: Some(read::organization),
    order: &["name"],
    searched: &["description", "name"],
    has_roles: true,
};

pub(super) static TEAMS: Collection = Collection {
    noun: Noun::Team,
    name: "teams",
    word: "team",
    help: "team",
    fields: fields::TEAM,
    read: Some(read::team),
    order: &["organization", "name"],
    searched: &["description", "name"],
    has_roles: true,
};

pub(super) static TOKENS: Collection = Collection {
    noun: Noun::Token,
    name: "tokens",
    word: "o_auth2_access_token",
    help: "access token",
    fields: fields::TOKEN,
    read: Some(read::token),
    order: &["id"],
    searched: &["description"],
    has_roles: false,
};

pub(super) static APPLICATIONS: Collection = Collection {
    noun: Noun::Application,
    name: "applications",
    word: "o_auth2_application",
    help: "application",
    fields: fields::APPLICATION,
    read: Some(read::application),
    order: &["organization", "name"],
    searched: &["name", "description"],
    has_roles: false,
};

pub(super) static ENTRIES: Collection = Collection {
    noun: Noun::Entry,
    name: "activity_stream",
    word: "activity_stream",
    help: "activity stream",
    fields: fields::ENTRY,
    read: None,
    order: &["id"],
    searched: &[],
    has_roles: false,
};

/// All collections.
pub(super) static ALL: &[&Collection] = &[&USERS, &ORGANIZATIONS, &TEAMS, &TOKENS, &APPLICATIONS, &ENTRIES];

/// Roles, which are no stored objects here.
pub(super) static ROLES: Collection = Collection {
    noun: Noun::RoleDefinition,
    name: "roles",
    word: "role",
    help: "role",
    fields: fields::ROLE,
    read: None,
    order: &[],
    searched: &[],
    has_roles: false,
};
