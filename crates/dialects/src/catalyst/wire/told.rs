//! What a client reads of a Manager, and the names that other clients look for in their environment.

/// What most answers wrap their rows in.
pub const DATA: &str = "data";
/// Where its own API is.
pub const ROOT: &str = "/dataservice/";
/// What lists that scroll say of their place.
pub const PAGE_INFO: &str = "pageInfo";
/// Whether there are rows after these.
pub const MORE_ENTRIES: &str = "moreEntries";
/// The last entry of a page, and after which one the next page begins.
pub const END_ID: &str = "endId";
/// How the next page is asked for.
pub const START_ID: &str = "startId";
/// Whether a scroll of the statistics database has more.
pub const HAS_MORE_DATA: &str = "hasMoreData";
/// The name of such a scroll, in an answer and in the next question.
pub const SCROLL_ID: &str = "scrollId";
/// The XSRF token, in what a Manager tells of who asks (contract section A.6).
pub const CSRF_TOKEN: &str = "CSRFToken";
/// What is shown for a tenant, in the spelling of most releases; the published schema has a small s.
pub const TENANT_SESSION: &str = "VSessionId";
/// The release.
pub const VERSION: &str = "platformVersion";
/// Whether there are tenants.
pub const TENANCY_MODE: &str = "tenancyMode";
/// Whether who asks is the provider.
pub const USER_MODE: &str = "userMode";
/// In [`USER_MODE`]: it is.
pub const PROVIDER: &str = "provider";
/// In [`TENANCY_MODE`]: there are none.
pub const SINGLE_TENANT: &str = "SingleTenant";
/// The name of who asks.
pub const USER: &str = "user";
/// The groups of who asks.
pub const ROLES: &str = "roles";
/// A tenant's number.
pub const TENANT_ID: &str = "tenantId";
/// A tenant's subdomain.
pub const SUBDOMAIN: &str = "subDomain";
/// A tenant's name.
pub const NAME: &str = "name";
/// Whose a session is.
pub const SESSION_USER: &str = "rawUserName";
/// Whether the Manager works.
pub const IS_READY: &str = "isServerReady";

/// The access token of a JWT login.
pub const TOKEN: &str = "token";
/// Its XSRF token.
pub const JWT_CSRF: &str = "csrf";
/// When it ends, in seconds since 1970.
pub const EXPIRES: &str = "exp";
/// Whose it is.
pub const SUBJECT: &str = "sub";

/// A part of the address where passwords are changed, in small letters (contract section A.1).
pub const PASSWORD_RESET: &str = "passwordreset.html";
/// A part of the address of the welcome page.
pub const WELCOME: &str = "welcome.html";
/// A part of addresses where one signs in.
pub const LOGIN: &str = "login";
/// What stands in the form of a login page.
pub const FORM: &str = "j_security_check";
/// How the sentence about a wrong XSRF token begins.
pub const FILTER: &str = "SessionTokenFilter";
/// Words for the keys of accounts, wherever they stand in an address.
pub const KEYS: [&str; 4] = ["apikey", "apikeys", "api-key", "api-keys"];

/// The product.
pub const PRODUCT: &str = "Cisco Catalyst SD-WAN Manager";
/// Most sessions of the whole system, unless it was told otherwise (contract section B).
pub const SESSIONS_MAX: usize = 100;

/// Names in the environment: of Sastre, of the viptela package, of the provider for Terraform and its relatives.
pub mod environment {
    /// Sastre's host.
    pub const IP: &str = "VMANAGE_IP";
    /// Sastre's port.
    pub const PORT: &str = "VMANAGE_PORT";
    /// Sastre's user.
    pub const USER: &str = "VMANAGE_USER";
    /// Sastre's API key.
    pub const KEY: &str = "VMANAGE_APIKEY";
    /// The host of the viptela package.
    pub const HOST: &str = "VMANAGE_HOST";
    /// Its user.
    pub const USERNAME: &str = "VMANAGE_USERNAME";
    /// The address in the provider for Terraform.
    pub const SDWAN_URL: &str = "SDWAN_URL";
    /// Its user.
    pub const SDWAN_USERNAME: &str = "SDWAN_USERNAME";
    /// Its API key.
    pub const SDWAN_TOKEN: &str = "SDWAN_API_TOKEN";
}
