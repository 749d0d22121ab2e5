//! The catalog: which fields and relations the listed kinds have. Filters are parsed and validated
//! against it and turned into SQL by it, so a field that is not here can be neither asked for nor leaked.
//!
//! The names are those that both contracts of the Ansible family use.

use super::object::Noun;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A number.
    Integer,
    /// True or false.
    Boolean,
    /// An instant.
    Instant,
    /// Something that must never be compared: filtering by it is refused.
    Secret,
}

/// One field of a kind.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// One relation from a kind to another.
#[derive(Debug, PartialEq, Eq)]
pub struct Relation {
    /// Its name.
    pub name: &'static str,
    /// Where it starts.
    pub from: Noun,
    /// Where it leads.
    pub to: Noun,
    /// Whether it leads to many.
    pub is_many: bool,
}

/// One kind: its model's name, its fields and its relations.
#[derive(Debug)]
pub struct Entry {
    /// The kind.
    pub noun: Noun,
    /// The class name that messages use.
    pub model: &'static str,
    /// The fields.
    pub fields: &'static [Field],
    /// The relations.
    pub relations: &'static [Relation],
}

impl Entry {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The relation of this name.
    pub fn relation(&self, name: &str) -> Option<&'static Relation> {
        self.relations.iter().find(|relation| relation.name == name)
    }
}

/// The entry of a kind. Settings and sessions, which no contract lists as objects, have empty ones.
pub fn entry(noun: Noun) -> &'static Entry {
    match noun {
        Noun::User => &USER,
        Noun::Organization => &ORGANIZATION,
        Noun::Team => &TEAM,
        Noun::Token => &TOKEN,
        Noun::Application => &APPLICATION,
        Noun::Authenticator => &AUTHENTICATOR,
        Noun::RoleDefinition => &ROLE_DEFINITION,
        Noun::UserAssignment => &USER_ASSIGNMENT,
        Noun::TeamAssignment => &TEAM_ASSIGNMENT,
        Noun::Entry => &ENTRY,
        Noun::Setting => &SETTING,
        Noun::Session => &SESSION,
    }
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind }
}

const fn one(name: &'static str, from: Noun, to: Noun) -> Relation {
    Relation { name, from, to, is_many: false }
}

const fn many(name: &'static str, from: Noun, to: Noun) -> Relation {
    Relation { name, from, to, is_many: true }
}

use Kind::{Boolean, Instant, Integer, Secret, Text};

static USER: Entry = Entry {
    noun: Noun::User,
    model: "User",
    fields: &[
        field("id", Integer),
        field("created", Instant),
        field("created_by", Integer),
        field("modified", Instant),
        field("modified_by", Integer),
        field("username", Text),
        field("email", Text),
        field("first_name", Text),
        field("last_name", Text),
        field("last_login", Instant),
        field("last_login_from", Integer),
        field("password", Secret),
        field("is_superuser", Boolean),
        field("is_active", Boolean),
        field("is_platform_auditor", Boolean),
        field("managed", Boolean),
    ],
    relations: &[
        one("created_by", Noun::User, Noun::User),
        one("modified_by", Noun::User, Noun::User),
        one("last_login_from", Noun::User, Noun::Authenticator),
        many("organizations", Noun::User, Noun::Organization),
        many("teams", Noun::User, Noun::Team),
        many("tokens", Noun::User, Noun::Token),
        many("role_assignments", Noun::User, Noun::UserAssignment),
    ],
};

static ORGANIZATION: Entry = Entry {
    noun: Noun::Organization,
    model: "Organization",
    fields: &[
        field("id", Integer),
        field("created", Instant),
        field("created_by", Integer),
        field("modified", Instant),
        field("modified_by", Integer),
        field("name", Text),
        field("description", Text),
        field("managed", Boolean),
    ],
    relations: &[
        one("created_by", Noun::Organization, Noun::User),
        one("modified_by", Noun::Organization, Noun::User),
        many("teams", Noun::Organization, Noun::Team),
        many("users", Noun::Organization, Noun::User),
        many("admins", Noun::Organization, Noun::User),
        many("applications", Noun::Organization, Noun::Application),
    ],
};

static TEAM: Entry = Entry {
    noun: Noun::Team,
    model: "Team",
    fields: &[
        field("id", Integer),
        field("created", Instant),
        field("created_by", Integer),
        field("modified", Instant),
        field("modified_by", Integer),
        field("name", Text),
        field("description", Text),
        field("organization", Integer),
    ],
    relations: &[
        one("created_by", Noun::Team, Noun::User),
        one("modified_by", Noun::Team, Noun::User),
        one("organization", Noun::Team, Noun::Organization),
        many("users", Noun::Team, Noun::User),
        many("admins", Noun::Team, Noun::User),
    ],
};

static TOKEN: Entry = Entry {
    noun: Noun::Token,
    model: "OAuth2AccessToken",
    fields: &[
        field("id", Integer),
        field("created", Instant),
        field("created_by", Integer),
        field("modified", Instant),
        field("modified_by", Integer),
        field("expires", Instant),
        field("user", Integer),
        field("application", Integer),
        field("description", Text),
        field("last_used", Instant),
        field("scope", Text),
        field("token", Secret),
        field("refresh_token", Secret),
    ],
    relations: &[
        one("created_by", Noun::Token, Noun::User),
        one("modified_by", Noun::Token, Noun::User),
        one("user", Noun::Token, Noun::User),
        one("application", Noun::Token, Noun::Application),
    ],
};

static APPLICATION: Entry = Entry {
    noun: Noun::Application,
    model: "OAuth2Application",
    fields: &[
        field("id", Integer),
        field("created", Instant),
        field("created_by", Integer),
        field("modified", Instant),
        field("modified_by", Integer),
        field("name", Text),
        field("description", Text),
        field("client_id", Text),
        field("client_secret", Secret),
        field("client_type", Text),
        field("authorization_grant_type", Text),
        field("redirect_uris", Text),
        field("post_logout_redirect_uris", Text),
        field("algorithm", Text),
        field("skip_authorization", Boolean),
        field("app_url", Text),
        field("organization", Integer),
        field("user", Integer),
    ],
    relations: &[
        one("created_by", Noun::Application, Noun::User),
        one("modified_by", Noun::Application, Noun::User),
        one("organization", Noun::Application, Noun::Organization),
        one("user", Noun::Application, Noun::User),
        many("access_tokens", Noun::Application, Noun::Token),
    ],
};

static AUTHENTICATOR: Entry = Entry {
    noun: Noun::Authenticator,
    model: "Authenticator",
    fields: &[
        field("id", Integer),
        field("created", Instant),
        field("created_by", Integer),
        field("modified", Instant),
        field("modified_by", Integer),
        field("name", Text),
        field("enabled", Boolean),
        field("type", Text),
        field("order", Integer),
        field("slug", Text),
        field("configuration", Secret),
    ],
    relations: &[
        one("created_by", Noun::Authenticator, Noun::User),
        one("modified_by", Noun::Authenticator, Noun::User),
    ],
};

static ROLE_DEFINITION: Entry = Entry {
    noun: Noun::RoleDefinition,
    model: "RoleDefinition",
    fields: &[
        field("id", Integer),
        field("created", Instant),
        field("created_by", Integer),
        field("modified", Instant),
        field("modified_by", Integer),
        field("name", Text),
        field("description", Text),
        field("managed", Boolean),
    ],
    relations: &[
        one("created_by", Noun::RoleDefinition, Noun::User),
        one("modified_by", Noun::RoleDefinition, Noun::User),
    ],
};

static USER_ASSIGNMENT: Entry = Entry {
    noun: Noun::UserAssignment,
    model: "RoleUserAssignment",
    fields: &[
        field("id", Integer),
        field("created", Instant),
        field("created_by", Integer),
        field("role_definition", Integer),
        field("user", Integer),
        field("object_id", Text),
    ],
    relations: &[
        one("created_by", Noun::UserAssignment, Noun::User),
        one("user", Noun::UserAssignment, Noun::User),
        one("role_definition", Noun::UserAssignment, Noun::RoleDefinition),
    ],
};

static TEAM_ASSIGNMENT: Entry = Entry {
    noun: Noun::TeamAssignment,
    model: "RoleTeamAssignment",
    fields: &[
        field("id", Integer),
        field("created", Instant),
        field("created_by", Integer),
        field("role_definition", Integer),
        field("team", Integer),
        field("object_id", Text),
    ],
    relations: &[
        one("created_by", Noun::TeamAssignment, Noun::User),
        one("team", Noun::TeamAssignment, Noun::Team),
        one("role_definition", Noun::TeamAssignment, Noun::RoleDefinition),
    ],
};

static ENTRY: Entry = Entry {
    noun: Noun::Entry,
    model: "Entry",
    fields: &[
        field("id", Integer),
        field("created", Instant),
        field("created_by", Integer),
        field("operation", Text),
        field("content_type", Integer),
        field("object_id", Text),
        field("related_content_type", Integer),
        field("related_object_id", Text),
    ],
    relations: &[one("created_by", Noun::Entry, Noun::User)],
};

static SETTING: Entry = Entry { noun: Noun::Setting, model: "Setting", fields: &[], relations: &[] };

static SESSION: Entry = Entry { noun: Noun::Session, model: "Session", fields: &[], relations: &[] };

/// The number by which contracts know a kind (`content_type` of the activity stream).
pub const fn content_type(noun: Noun) -> i64 {
    match noun {
        Noun::User => 16,
        Noun::Team => 17,
        Noun::Organization => 18,
        Noun::RoleDefinition => 20,
        Noun::UserAssignment => 22,
        Noun::TeamAssignment => 23,
        Noun::Authenticator => 26,
        Noun::Application => 29,
        Noun::Token => 30,
        Noun::Entry => 31,
        Noun::Setting => 32,
        Noun::Session => 33,
    }
}

/// The kind of a `content_type` number.
pub fn noun_of(content_type_number: i64) -> Option<Noun> {
    [
        Noun::User,
        Noun::Team,
        Noun::Organization,
        Noun::RoleDefinition,
        Noun::UserAssignment,
        Noun::TeamAssignment,
        Noun::Authenticator,
        Noun::Application,
        Noun::Token,
        Noun::Entry,
        Noun::Setting,
        Noun::Session,
    ]
    .into_iter()
    .find(|noun| content_type(*noun) == content_type_number)
}
