//! The table of object endpoints (contract section A2).

use crate::drf::endpoint::{Access, Endpoint};

macro_rules! v1 {
    ($path:literal) => {
        concat!("/api/gateway/v1/", $path)
    };
}

/// The applications that have an address for people.
pub(super) const APP_URLS: &str = v1!("app_urls/");
/// The kinds of authenticators there are.
pub(super) const PLUGINS: &str = v1!("authenticator_plugins/");
/// The maps of an authenticator.
pub(super) const AUTHENTICATOR_MAPS: &str = v1!("authenticators/{id}/authenticator_maps/");
/// The page about the `OpenAPI` document.
pub(super) const DOCS: &str = v1!("docs/");
/// The `OpenAPI` document.
pub(super) const SCHEMA: &str = v1!("docs/schema/");

const READ: &str = "GET, HEAD, OPTIONS";
const LIST: &str = "GET, POST, HEAD, OPTIONS";
const DETAIL: &str = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS";
const REMOVE: &str = "GET, DELETE, HEAD, OPTIONS";
const CHANGE: &str = "POST, OPTIONS";

const fn known(path: &'static str, methods: &'static str, name: &'static str) -> Endpoint {
    Endpoint { path, methods, access: Access::Known, name }
}

const fn page(path: &'static str, name: &'static str) -> Endpoint {
    Endpoint { path, methods: READ, access: Access::Page, name }
}

/// All endpoints of objects.
pub const ENDPOINTS: &[Endpoint] = &[
    known(v1!("users/"), LIST, "User List"),
    known(v1!("users/{id}/"), DETAIL, "User Instance"),
    known(v1!("users/{id}/authenticators/"), READ, "Authenticator List"),
    known(v1!("users/{id}/organizations/"), READ, "Organization List"),
    known(v1!("users/{id}/teams/"), READ, "Team List"),
    known(v1!("users/{id}/tokens/"), READ, "O Auth2 Token List"),
    known(v1!("users/{id}/personal_tokens/"), READ, "O Auth2 Token List"),
    known(v1!("users/{id}/authorized_tokens/"), READ, "O Auth2 Token List"),
    known(v1!("organizations/"), LIST, "Organization List"),
    known(v1!("organizations/{id}/"), DETAIL, "Organization Instance"),
    known(v1!("organizations/{id}/teams/"), READ, "Team List"),
    known(v1!("organizations/{id}/users/"), READ, "User List"),
    known(v1!("organizations/{id}/users/associate/"), CHANGE, "User Associate"),
    known(v1!("organizations/{id}/users/disassociate/"), CHANGE, "User Disassociate"),
    known(v1!("organizations/{id}/admins/"), READ, "User List"),
    known(v1!("organizations/{id}/admins/associate/"), CHANGE, "User Associate"),
    known(v1!("organizations/{id}/admins/disassociate/"), CHANGE, "User Disassociate"),
    known(v1!("teams/"), LIST, "Team List"),
    known(v1!("teams/{id}/"), DETAIL, "Team Instance"),
    known(v1!("teams/{id}/users/"), READ, "User List"),
    known(v1!("teams/{id}/users/associate/"), CHANGE, "User Associate"),
    known(v1!("teams/{id}/users/disassociate/"), CHANGE, "User Disassociate"),
    known(v1!("teams/{id}/admins/"), READ, "User List"),
    known(v1!("teams/{id}/admins/associate/"), CHANGE, "User Associate"),
    known(v1!("teams/{id}/admins/disassociate/"), CHANGE, "User Disassociate"),
    known(v1!("tokens/"), LIST, "O Auth2 Token List"),
    known(v1!("tokens/{id}/"), DETAIL, "O Auth2 Token Instance"),
    known(v1!("applications/"), LIST, "O Auth2 Application List"),
    known(v1!("applications/{id}/"), DETAIL, "O Auth2 Application Instance"),
    known(v1!("applications/{id}/tokens/"), READ, "O Auth2 Token List"),
    known(APP_URLS, READ, "App Url List"),
    known(v1!("authenticators/"), READ, "Authenticator List"),
    known(v1!("authenticators/{id}/"), READ, "Authenticator Instance"),
    known(AUTHENTICATOR_MAPS, READ, "Authenticator Map List"),
    known(v1!("authenticators/{id}/users/"), READ, "User List"),
    known(PLUGINS, READ, "Authenticator Plugin"),
    known(v1!("role_definitions/"), READ, "Role Definition List"),
    known(v1!("role_definitions/{id}/"), READ, "Role Definition Instance"),
    known(v1!("role_definitions/{id}/user_assignments/"), READ, "Role User Assignment List"),
    known(v1!("role_definitions/{id}/team_assignments/"), READ, "Role Team Assignment List"),
    known(v1!("role_user_assignments/"), LIST, "Role User Assignment List"),
    known(v1!("role_user_assignments/{id}/"), REMOVE, "Role User Assignment Instance"),
    known(v1!("role_team_assignments/"), LIST, "Role Team Assignment List"),
    known(v1!("role_team_assignments/{id}/"), REMOVE, "Role Team Assignment Instance"),
    known(v1!("activitystream/"), READ, "Entry List"),
    known(v1!("activitystream/{id}/"), READ, "Entry Instance"),
    page(DOCS, "Documentation"),
    page(SCHEMA, "Schema"),
];

/// The endpoints that the list at the version's root names: name and address, sorted.
pub fn endpoint_names() -> &'static [(&'static str, &'static str)] {
    &[
        ("activitystream", v1!("activitystream/")),
        ("app_urls", APP_URLS),
        ("applications", v1!("applications/")),
        ("authenticator_plugins", PLUGINS),
        ("authenticators", v1!("authenticators/")),
        ("docs", DOCS),
        ("organizations", v1!("organizations/")),
        ("role_definitions", v1!("role_definitions/")),
        ("role_team_assignments", v1!("role_team_assignments/")),
        ("role_user_assignments", v1!("role_user_assignments/")),
        ("teams", v1!("teams/")),
        ("tokens", v1!("tokens/")),
        ("users", v1!("users/")),
    ]
}
