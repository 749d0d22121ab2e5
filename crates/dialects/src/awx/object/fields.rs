//! The fields of every kind of object, in the order of the answers (contract sections A.3 to A.10, G.5).

use crate::drf::field::{Default, Field, Kind};

/// Longest name of an organization or a team, in characters.
const NAME_MAX: usize = 512;
/// Longest name of an application, in characters.
const APPLICATION_NAME_MAX: usize = 255;
/// Longest name of a person or a user, in characters.
const PERSON_MAX: usize = 150;
/// Longest e-mail address, in characters.
const EMAIL_MAX: usize = 254;
/// Longest free text, in characters. The contract has no limit, we do.
const TEXT_MAX: usize = 64 * 1024;

const URL: Field = Field::read("url", Kind::Text).unfilterable();
const RELATED: Field = Field::read("related", Kind::Json).unfilterable();
const SUMMARY: Field = Field::read("summary_fields", Kind::Json).title("Summary fields").unfilterable();
const CREATED: Field = Field::read("created", Kind::Instant);
const MODIFIED: Field = Field::read("modified", Kind::Instant);

/// The fields that every kind begins with; only its `id` is labelled differently.
macro_rules! common {
    ($id:expr, $types:expr; $($field:expr),* $(,)?) => {
        &[$id, Field::read("type", Kind::Choice($types)), URL, RELATED, SUMMARY, $($field),*]
    };
}

const ID: Field = Field::read("id", Kind::Integer);
const NAME: Field = Field::new("name", Kind::Text).required().max(NAME_MAX);
const DESCRIPTION: Field = Field::text("description").max(TEXT_MAX).default(Default::Text(""));

const USERNAME_HELP: &str = "Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.";

pub(super) static USER: &[Field] = common![
    ID.title("ID"), &[("user", "User")];
    CREATED.unfilterable(),
    MODIFIED.unfilterable(),
    Field::new("username", Kind::Username).required().max(PERSON_MAX).help(USERNAME_HELP),
    Field::text("first_name").max(PERSON_MAX),
    Field::text("last_name").max(PERSON_MAX),
    Field::text("email").max(EMAIL_MAX).title("Email address"),
    Field::new("is_superuser", Kind::Boolean)
        .nullable()
        .title("Superuser status")
        .help("Designates that this user has all permissions without explicitly assigning them.")
        .default(Default::Boolean(false)),
    Field::new("is_system_auditor", Kind::Boolean).nullable().unfilterable().default(Default::Boolean(false)),
    Field::new("password", Kind::Password)
        .blank()
        .help("Field used to change the password.")
        .default(Default::Text("")),
    Field::read("ldap_dn", Kind::Text).unfilterable(),
    Field::read("last_login", Kind::Instant),
    Field::read("external_account", Kind::Shown)
        .unfilterable()
        .help("Set if the account is managed by an external service"),
];

pub(super) static ORGANIZATION: &[Field] = common![
    ID, &[("organization", "Organization")];
    CREATED,
    MODIFIED,
    NAME,
    DESCRIPTION,
    Field::new("max_hosts", Kind::Integer)
        .help("Maximum number of hosts allowed to be managed by this organization.")
        .default(Default::Integer(0)),
    Field::read("custom_virtualenv", Kind::Text),
    Field::new("default_environment", Kind::Key)
        .nullable()
        .help("The default execution environment for jobs run by this organization."),
];

pub(super) static TEAM: &[Field] = common![
    ID, &[("team", "Team")];
    CREATED,
    MODIFIED,
    NAME,
    DESCRIPTION,
    Field::new("organization", Kind::Key).required(),
];

pub(super) const SCOPE: &str = "Allowed scopes, further restricts user's permissions. Must be a simple \
    space-separated string with allowed scopes ['read', 'write'].";

pub(super) static TOKEN: &[Field] = common![
    ID, &[("o_auth2_access_token", "Access Token")];
    CREATED,
    MODIFIED,
    DESCRIPTION,
    Field::read("user", Kind::Key).help("The user representing the token owner"),
    Field::read("token", Kind::Text),
    Field::read("refresh_token", Kind::Shown).unfilterable(),
    Field::new("application", Kind::Key).nullable().created(),
    Field::read("expires", Kind::Instant),
    Field::new("scope", Kind::Text).nullable().blank().help(SCOPE).default(Default::Text("write")),
];

const CLIENT_TYPES: &[(&str, &str)] = &[("confidential", "Confidential"), ("public", "Public")];
const GRANT_TYPES: &[(&str, &str)] =
    &[("authorization-code", "Authorization code"), ("password", "Resource owner password-based")];

pub(super) static APPLICATION: &[Field] = common![
    ID, &[("o_auth2_application", "Application")];
    CREATED,
    MODIFIED.unfilterable(),
    Field::new("name", Kind::Text).required().max(APPLICATION_NAME_MAX),
    DESCRIPTION,
    Field::read("client_id", Kind::Text),
    Field::read("client_secret", Kind::Text)
        .title("Client Secret")
        .help("Used for more stringent verification of access to an application when creating a token."),
    Field::new("client_type", Kind::Choice(CLIENT_TYPES))
        .required()
        .title("Client Type")
        .help("Set to Public or Confidential depending on how secure the client device is."),
    Field::text("redirect_uris").max(TEXT_MAX).title("Redirect URIs").help("Allowed URIs list, space separated"),
    Field::new("authorization_grant_type", Kind::Choice(GRANT_TYPES))
        .required()
        .created()
        .title("Authorization Grant Type")
        .help("The Grant type the user must use for acquire tokens for this application."),
    Field::new("skip_authorization", Kind::Boolean)
        .title("Skip Authorization")
        .help("Set True to skip authorization step for completely trusted applications.")
        .default(Default::Boolean(false)),
    Field::new("organization", Kind::Key).required().help("Organization containing this application."),
];

const OPERATIONS: &[(&str, &str)] = &[
    ("create", "Entity Created"),
    ("update", "Entity Updated"),
    ("delete", "Entity Deleted"),
    ("associate", "Entity Associated with another Entity"),
    ("disassociate", "Entity was Disassociated with another Entity"),
];

pub(super) static ENTRY: &[Field] = common![
    ID, &[("activity_stream", "Activity Stream")];
    Field::read("timestamp", Kind::Instant),
    Field::read("operation", Kind::Choice(OPERATIONS)).help("The action taken with respect to the given object(s)."),
    Field::read("changes", Kind::Json)
        .help("A summary of the new and changed values when an object is created, updated, or deleted"),
    Field::read("object1", Kind::Text),
    Field::read("object2", Kind::Text),
    Field::read("object_association", Kind::Shown).unfilterable(),
    Field::read("action_node", Kind::Text).unfilterable(),
    Field::read("object_type", Kind::Shown).unfilterable(),
];

/// The fields of a role.
pub(super) static ROLE: &[Field] = common![
    ID, &[("role", "Role")];
    Field::read("name", Kind::Text),
    Field::read("description", Kind::Text),
];
