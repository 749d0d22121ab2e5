//! The fields of every kind of object, in the order of the answers (contract section A3).

use crate::drf::field::{COMMON, Field, Kind};

/// Longest name of an object, in characters.
const NAME_MAX: usize = 512;

macro_rules! common {
    ($($field:expr),* $(,)?) => {
        &[
            COMMON[0], COMMON[1], COMMON[2], COMMON[3], COMMON[4], COMMON[5], COMMON[6], COMMON[7],
            $($field),*
        ]
    };
}

const NAME: Field = Field::new("name", Kind::Text).required().max(NAME_MAX).help("The name of this object.");
const MANAGED: Field =
    Field::read("managed", Kind::Boolean).help("Whether the system made this object and keeps it.");

pub(super) static USER: &[Field] = common![
    Field::new("username", Kind::Username)
        .required()
        .max(150)
        .help("150 characters or fewer: letters, digits and @/./+/-/_."),
    Field::new("email", Kind::Email).blank().max(254),
    Field::text("first_name").max(150),
    Field::text("last_name").max(150),
    Field::read("last_login", Kind::Instant).nullable(),
    Field::read("last_login_from", Kind::Shown).help("The authenticator of the last login."),
    Field::new("password", Kind::Password).max(128).help("Never shown; $encrypted$ leaves it as it is."),
    Field::new("is_superuser", Kind::Boolean).help("Whether this user administers everything."),
    Field::read("is_platform_auditor", Kind::Boolean).help("Whether this user reads everything."),
    MANAGED,
    Field::read("last_login_results", Kind::Json),
    Field::read("authenticators", Kind::List).help("Deprecated: see associated_authenticators."),
    Field::read("authenticator_uid", Kind::Text).help("Deprecated: see associated_authenticators."),
    Field::read("associated_authenticators", Kind::Json).help("The authenticators that know this user."),
];

pub(super) static ORGANIZATION: &[Field] =
    common![NAME, Field::text("description").help("A description of this organization."), MANAGED,];

pub(super) static TEAM: &[Field] = common![
    NAME,
    Field::new("organization", Kind::Key).required().help("The organization of this team."),
    Field::text("description").help("A description of this team."),
];

pub(super) static TOKEN: &[Field] = common![
    Field::read("expires", Kind::Instant),
    Field::read("user", Kind::Shown).help("The user that this token speaks for."),
    Field::new("application", Kind::Key)
        .nullable()
        .help("The application of this token; a personal token has none."),
    Field::text("description").help("A description of this token."),
    Field::read("last_used", Kind::Instant).nullable().help("When this token was used last."),
    Field::new("scope", Kind::Text)
        .max(128)
        .help("How far this token reaches: words of read, write, openid and roles, separated by spaces."),
    Field::read("token", Kind::Text).help("The value of this token, shown once."),
    Field::read("refresh_token", Kind::Shown).nullable(),
];

pub(super) static APPLICATION: &[Field] = common![
    NAME,
    Field::read("client_id", Kind::Text),
    Field::text("redirect_uris").help("Where answers may be sent, separated by spaces."),
    Field::text("post_logout_redirect_uris").help("Where browsers may be sent after sign-out."),
    Field::new("algorithm", Kind::Choice(ALGORITHMS)).blank(),
    Field::new("user", Kind::Key).nullable().help("The owner of this application's tokens."),
    Field::text("description").help("A description of this application."),
    Field::new("organization", Kind::Key).required().help("The organization of this application."),
    Field::new("app_url", Kind::Url).nullable().blank().max(200).help("Where people find this application."),
    Field::read("client_secret", Kind::Text).help("The secret of a confidential application, shown once."),
    Field::new("client_type", Kind::Choice(CLIENT_TYPES))
        .required()
        .help("Whether this application can keep a secret."),
    Field::new("skip_authorization", Kind::Boolean).help("Whether users are not asked for consent."),
    Field::new("authorization_grant_type", Kind::Choice(GRANT_TYPES))
        .required()
        .created()
        .help("How this application gets tokens. Cannot be changed later."),
];

const ALGORITHMS: &[(&str, &str)] =
    &[("", "No OIDC support"), ("RS256", "RSA with SHA-2 256"), ("HS256", "HMAC with SHA-2 256")];
const CLIENT_TYPES: &[(&str, &str)] = &[("confidential", "Confidential"), ("public", "Public")];
const GRANT_TYPES: &[(&str, &str)] =
    &[("authorization-code", "Authorization code"), ("password", "Resource owner password-based")];

pub(super) static APP_URL: &[Field] = common![NAME, Field::read("app_url", Kind::Url).nullable().max(200),];

pub(super) static AUTHENTICATOR: &[Field] = common![
    NAME,
    Field::read("enabled", Kind::Boolean),
    Field::read("create_objects", Kind::Boolean),
    Field::read("remove_users", Kind::Boolean),
    Field::read("configuration", Kind::Json),
    Field::read("type", Kind::Text),
    Field::read("order", Kind::Integer),
    Field::read("slug", Kind::Text),
    Field::read("auto_migrate_users_to", Kind::Shown).nullable(),
];

pub(super) static ROLE_DEFINITION: &[Field] = &[
    COMMON[0],
    COMMON[1],
    COMMON[2],
    COMMON[3],
    Field::read("permissions", Kind::List),
    Field::read("content_type", Kind::Shown).nullable(),
    COMMON[6],
    COMMON[4],
    Field::read("name", Kind::Text),
    Field::read("description", Kind::Text),
    MANAGED,
    COMMON[7],
    COMMON[5],
];

macro_rules! assignment {
    ($($holder:expr),* $(,)?) => {
        &[
            COMMON[0], COMMON[1], COMMON[2], COMMON[3], COMMON[4], COMMON[5],
            Field::read("content_type", Kind::Shown),
            Field::new("object_id", Kind::Key)
                .nullable()
                .help("The number of the object that the role is given on."),
            Field::new("object_ansible_id", Kind::Uuid).nullable().help("Instead of it, the stable name."),
            Field::new("role_definition", Kind::Key).required().help("The role."),
            $($holder),*
        ]
    };
}

pub(super) static USER_ASSIGNMENT: &[Field] = assignment![
    Field::new("user", Kind::Key).nullable().help("The user that gets the role."),
    Field::new("user_ansible_id", Kind::Uuid).nullable().help("Instead of it, the stable name."),
];

pub(super) static TEAM_ASSIGNMENT: &[Field] = assignment![
    Field::new("team", Kind::Key).nullable().help("The team that gets the role."),
    Field::new("team_ansible_id", Kind::Uuid).nullable().help("Instead of it, the stable name."),
];

pub(super) static ENTRY: &[Field] = &[
    COMMON[0],
    COMMON[1],
    COMMON[2],
    COMMON[3],
    COMMON[4],
    COMMON[5],
    Field::read("operation", Kind::Text),
    Field::read("changes", Kind::Json).nullable(),
    Field::read("content_type", Kind::Integer),
    Field::read("object_id", Kind::Text).nullable(),
    Field::read("related_content_type", Kind::Integer).nullable(),
    Field::read("related_object_id", Kind::Text).nullable(),
    Field::read("content_type_model", Kind::Text).nullable(),
    Field::read("related_content_type_model", Kind::Text).nullable(),
];
