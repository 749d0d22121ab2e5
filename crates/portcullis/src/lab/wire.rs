//! Names of the wire that the laboratory needs beside those of the dialects: which paths sign in, where resources
//! are, and what its own control is called.

pub use dialects::apprenda::wire::TOKEN_HEADER as APPRENDA_TOKEN;
pub use dialects::catalyst::wire::{
    JWT_LOGIN, LOGOUT as MANAGER_LOGOUT, SERVER as MANAGER_SERVER, TOKEN as MANAGER_TOKEN, XSRF_HEADER,
};
pub use dialects::drf::wire::{CSRF_COOKIE, CSRF_HEADER};
pub use dialects::platform::wire::CSRF_FIELD;

/// Where the control of a laboratory is.
pub const CONTROL: &str = "/_lab/";
/// The header by which a test names a piece of work, to count how often it was done; in lower case.
pub const KEY_HEADER: &str = "x-lab-key";

/// Where the gateway has its own API, which no platform has.
pub const OWN: &str = "/portcullis/";

/// The services of Ansible Automation Platform and Astra.
pub const PLATFORM_SERVICES: [(&str, &str); 3] =
    [("controller", "/api/controller/"), ("galaxy", "/api/galaxy/"), ("eda", "/api/eda/")];
/// The resources of AWX.
pub const AWX_SERVICES: [(&str, &str); 1] = [("awx", "/api/v2/")];
/// The resources of Catalyst Manager.
pub const CATALYST_SERVICES: [(&str, &str); 1] = [("manager", "/dataservice/")];
/// The resources of Apprenda.
pub const APPRENDA_SERVICES: [(&str, &str); 3] =
    [("soc", "/soc/"), ("developer", "/developer/"), ("account", "/account/")];

/// Where one signs in at Ansible Automation Platform and Astra.
pub const PLATFORM_LOGINS: [&str; 2] = [dialects::platform::wire::LOGIN, "/api/geteway/v1/login/"];
/// Where one signs in at AWX.
pub const AWX_LOGINS: [&str; 1] = [dialects::awx::wire::LOGIN];
/// Where one signs in at Catalyst Manager.
pub const CATALYST_LOGINS: [&str; 2] = [dialects::catalyst::wire::LOGIN, JWT_LOGIN];
/// Where one signs in at Apprenda.
pub const APPRENDA_LOGINS: [&str; 1] = [dialects::apprenda::wire::SESSIONS];

/// Members of a login that hold the password, in lower case, in forms and in JSON.
pub const PASSWORD_FIELDS: [&str; 2] = ["password", dialects::catalyst::wire::PASSWORD_FIELD];

/// What AWX has no more after 24.6.1: tokens, applications and the authorization server.
pub const AWX_TOKEN_PATHS: [&str; 3] = ["/api/v2/tokens", "/api/v2/applications", "/api/o"];
/// The same below a user, an application or an organization.
pub const AWX_TOKEN_WORDS: [&str; 4] = ["tokens", "authorized_tokens", "personal_tokens", "applications"];
/// Keys of lists of addresses that lead there.
pub const AWX_TOKEN_KEYS: [&str; 5] =
    ["tokens", "applications", "oauth2", "personal_tokens", "authorized_tokens"];

/// The first path below which the JWT login of Catalyst Manager is.
pub const JWT: &str = "/jwt/";
/// The cookie and the path of Apprenda's pages.
pub const APPRENDA_LOGIN_PAGE: &str = "/login";
/// What that page says.
pub const APPRENDA_LOGIN_HTML: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>\
    <form method=\"post\" action=\"/login\"><input name=\"username\"><input name=\"password\" type=\"password\">\
    <button>Sign in</button></form></body></html>\n";
