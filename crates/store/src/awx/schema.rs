//! The schema: which tables and columns are read (AWX contract section F).
//!
//! Where a table has a second name, it is the one that the platform gateway of AAP 2.5 gives to the same
//! thing. The names under which a column is read are those of AWX.

use identity::model::import::summary::Kind;

/// The tables that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableId {
    ContentTypes,
    Users,
    Profiles,
    Social,
    Enterprise,
    Organizations,
    Teams,
    Roles,
    RoleMembers,
    RoleDefinitions,
    UserAssignments,
    Resources,
    Applications,
    Tokens,
    RefreshTokens,
}

/// One table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) id: TableId,
    /// What it is called, first in AWX.
    pub(crate) names: &'static [&'static str],
    /// The columns that it must have.
    pub(crate) columns: &'static [&'static str],
    /// The columns that it may have; they come after the others.
    pub(crate) optional: &'static [&'static str],
    /// Whether a database without it is not one of AWX.
    pub(crate) is_required: bool,
    /// What a row that cannot be read is counted as.
    pub(crate) kind: Kind,
}

impl Table {
    /// All columns, in the order in which rows have them.
    pub(crate) fn all_columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().chain(self.optional).copied()
    }

    /// The place of a column.
    pub(crate) fn place(&self, column: &str) -> Option<usize> {
        self.all_columns().position(|it| it == column)
    }
}

/// The table of this name, whatever its schema.
pub(crate) fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.names.contains(&name))
}

/// All tables, each after those that it refers to.
pub(crate) static TABLES: &[Table] = &[
    Table {
        id: TableId::ContentTypes,
        names: &["django_content_type"],
        columns: &["id", "app_label", "model"],
        optional: &[],
        is_required: false,
        kind: Kind::Membership,
    },
    Table {
        id: TableId::Users,
        names: &["auth_user", "aap_gateway_api_user"],
        columns: &["id", "username", "password", "is_superuser", "is_active"],
        optional: &["email", "first_name", "last_name", "date_joined", "last_login"],
        is_required: true,
        kind: Kind::User,
    },
    Table {
        id: TableId::Profiles,
        names: &["main_profile"],
        columns: &["user_id", "ldap_dn"],
        optional: &[],
        is_required: false,
        kind: Kind::User,
    },
    Table {
        id: TableId::Social,
        names: &["social_auth_usersocialauth"],
        columns: &["user_id", "provider", "uid"],
        optional: &[],
        is_required: false,
        kind: Kind::User,
    },
    Table {
        id: TableId::Enterprise,
        names: &["sso_userenterpriseauth"],
        columns: &["user_id", "provider"],
        optional: &[],
        is_required: false,
        kind: Kind::User,
    },
    Table {
        id: TableId::Organizations,
        names: &["main_organization", "aap_gateway_api_organization"],
        columns: &["id", "name"],
        optional: &["description", "created", "admin_role_id", "member_role_id"],
        is_required: true,
        kind: Kind::Organization,
    },
    Table {
        id: TableId::Teams,
        names: &["main_team", "aap_gateway_api_team"],
        columns: &["id", "name", "organization_id"],
        optional: &["description", "created", "admin_role_id", "member_role_id"],
        is_required: true,
        kind: Kind::Team,
    },
    Table {
        id: TableId::Roles,
        names: &["main_rbac_roles"],
        columns: &["id", "singleton_name"],
        optional: &[],
        is_required: false,
        kind: Kind::Membership,
    },
    Table {
        id: TableId::RoleMembers,
        names: &["main_rbac_roles_members"],
        columns: &["role_id", "user_id"],
        optional: &[],
        is_required: false,
        kind: Kind::Membership,
    },
    Table {
        id: TableId::RoleDefinitions,
        names: &["dab_rbac_roledefinition"],
        columns: &["id", "name"],
        optional: &[],
        is_required: false,
        kind: Kind::Membership,
    },
    Table {
        id: TableId::UserAssignments,
        names: &["dab_rbac_roleuserassignment"],
        columns: &["role_definition_id", "user_id", "object_id"],
        optional: &[],
        is_required: false,
        kind: Kind::Membership,
    },
    Table {
        id: TableId::Resources,
        names: &["dab_resource_registry_resource"],
        columns: &["content_type_id", "object_id", "ansible_id"],
        optional: &[],
        is_required: false,
        kind: Kind::Membership,
    },
    Table {
        id: TableId::Applications,
        names: &["main_oauth2application", "dab_oauth2_provider_oauth2application"],
        columns: &[
            "id",
            "name",
            "client_id",
            "client_secret",
            "client_type",
            "authorization_grant_type",
            "redirect_uris",
            "organization_id",
        ],
        optional: &[
            "description",
            "skip_authorization",
            "post_logout_redirect_uris",
            "algorithm",
            "app_url",
            "user_id",
            "created",
        ],
        is_required: false,
        kind: Kind::Application,
    },
    Table {
        id: TableId::Tokens,
        names: &["main_oauth2accesstoken", "dab_oauth2_provider_oauth2accesstoken"],
        columns: &["id", "token", "user_id", "application_id", "scope", "expires"],
        optional: &["description", "last_used", "created"],
        is_required: false,
        kind: Kind::Token,
    },
    Table {
        id: TableId::RefreshTokens,
        names: &["oauth2_provider_refreshtoken", "dab_oauth2_provider_oauth2refreshtoken"],
        columns: &["token", "user_id", "application_id", "access_token_id"],
        optional: &["revoked", "created"],
        is_required: false,
        kind: Kind::RefreshToken,
    },
];
