//! The table of object endpoints (contract sections A.3 to A.10).

use crate::drf::endpoint::{Access, Endpoint};

macro_rules! v2 {
    ($path:literal) => {
        concat!("/api/v2/", $path)
    };
}

const READ: &str = "GET, HEAD, OPTIONS";
const LIST: &str = "GET, POST, HEAD, OPTIONS";
const DETAIL: &str = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS";

const fn known(path: &'static str, methods: &'static str, name: &'static str) -> Endpoint {
    Endpoint { path, methods, access: Access::Known, name }
}

/// All endpoints of objects.
pub static ENDPOINTS: &[Endpoint] = &[
    known(v2!("users/"), LIST, "User List"),
    known(v2!("users/{id}/"), DETAIL, "User Detail"),
    known(v2!("users/{id}/teams/"), READ, "User Teams List"),
    known(v2!("users/{id}/organizations/"), READ, "User Organizations List"),
    known(v2!("users/{id}/admin_of_organizations/"), READ, "User Admin of Organizations List"),
    known(v2!("users/{id}/roles/"), LIST, "User Roles List"),
    known(v2!("users/{id}/activity_stream/"), READ, "User Activity Stream List"),
    known(v2!("users/{id}/applications/"), LIST, "OAuth 2 Applications"),
    known(v2!("users/{id}/tokens/"), LIST, "OAuth2 User Tokens"),
    known(v2!("users/{id}/personal_tokens/"), LIST, "OAuth2 Personal Access Tokens"),
    known(v2!("users/{id}/personal_tokens/{token}/"), "GET, DELETE, HEAD, OPTIONS", "OAuth Token Detail"),
    known(v2!("users/{id}/authorized_tokens/"), LIST, "OAuth2 User Authorized Access Tokens"),
    known(v2!("organizations/"), LIST, "Organization List"),
    known(v2!("organizations/{id}/"), DETAIL, "Organization Detail"),
    known(v2!("organizations/{id}/users/"), LIST, "Organization Users List"),
    known(v2!("organizations/{id}/admins/"), LIST, "Organization Admins List"),
    known(v2!("organizations/{id}/teams/"), LIST, "Organization Teams List"),
    known(v2!("organizations/{id}/applications/"), LIST, "Organization OAuth2 Applications"),
    known(v2!("organizations/{id}/activity_stream/"), READ, "Organization Activity Stream List"),
    known(v2!("organizations/{id}/object_roles/"), READ, "Organization Object Roles List"),
    known(v2!("teams/"), LIST, "Team List"),
    known(v2!("teams/{id}/"), DETAIL, "Team Detail"),
    known(v2!("teams/{id}/users/"), LIST, "Team Users List"),
    known(v2!("teams/{id}/roles/"), LIST, "Team Roles List"),
    known(v2!("teams/{id}/object_roles/"), READ, "Team Object Roles List"),
    known(v2!("teams/{id}/activity_stream/"), READ, "Team Activity Stream List"),
    known(v2!("tokens/"), LIST, "OAuth2 Tokens"),
    known(v2!("tokens/{id}/"), DETAIL, "OAuth Token Detail"),
    known(v2!("tokens/{id}/activity_stream/"), READ, "OAuth2 Token Activity Stream List"),
    known(v2!("applications/"), LIST, "OAuth 2 Applications"),
    known(v2!("applications/{id}/"), DETAIL, "OAuth 2 Application Detail"),
    known(v2!("applications/{id}/tokens/"), LIST, "OAuth 2 Application Tokens"),
    known(v2!("applications/{id}/activity_stream/"), READ, "OAuth 2 Application Activity Stream List"),
    known(v2!("roles/"), READ, "Role List"),
    known(v2!("roles/{id}/"), READ, "Role Detail"),
    known(v2!("roles/{id}/users/"), LIST, "Role Users List"),
    known(v2!("roles/{id}/teams/"), LIST, "Role Teams List"),
    known(v2!("activity_stream/"), READ, "Activity Stream List"),
    known(v2!("activity_stream/{id}/"), READ, "Activity Stream Detail"),
];
