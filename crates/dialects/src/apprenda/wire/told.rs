//! What a client sends to and reads of a real platform, and the names that its other clients look for in their
//! environment.

/// The product.
pub const PRODUCT: &str = "Apprenda Cloud Platform";
/// The key of a login's tenant.
pub const TENANT_ALIAS: &str = "tenantAlias";
/// The key of what went wrong, in any case (contract section 5).
pub const MESSAGE: &str = "message";
/// The list of messages of a report card.
pub const MESSAGES: &str = "messages";
/// The rows of a list.
pub const ITEMS: &str = "items";
/// Where the next page of a list is: an object with an address.
pub const NEXT_PAGE: &str = "nextPage";
/// That address.
pub const HREF: &str = "href";
/// The list of tenants.
pub const TENANTS: &str = "tenants";
/// The first segment of all addresses of sessions.
pub const AUTHENTICATION: &str = "/authentication";
/// The tenants of the platform's operators: asked without a name, nobody's login can fail by it.
pub const TENANTS_PROBE: &str = "/authentication/api/v1/sessions/soc/tenants";
/// Where sessions begin, which only POST does.
pub const SESSIONS_PROBE: &str = "/authentication/api/v1/sessions/soc";
/// Where the API of platform operations is.
pub const OPERATIONS_ROOT: &str = "/soc/api/v1/";
/// Where the API of the developer portal is.
pub const DEVELOPER_ROOT: &str = "/developer/api/v1/";
/// Where the API of the account portal is.
pub const ACCOUNT_ROOT: &str = "/account/api/v1/";
/// A list that an operator may read.
pub const CLOUDS: &str = "/soc/api/v1/clouds";
/// A list that a developer may read.
pub const APPLICATIONS: &str = "/developer/api/v1/apps";

/// Names in the environment of the exporter.
pub mod environment {
    /// The platform's host, without a scheme.
    pub const ROOT_URL: &str = "ACP_TARGET_ROOT_URL";
    /// The user.
    pub const USER: &str = "ACP_USER";
}

/// The last parts of paths at which people sign in with a browser, in any case.
pub const SIGN_IN_PAGES: [&str; 3] = ["login", "logon", "signin"];
/// The type of a page for people.
pub const PAGE: &str = "text/html";
/// What stands in a page that asks for a password, in lower case.
pub const PASSWORD_INPUT: &str = "type=\"password\"";
