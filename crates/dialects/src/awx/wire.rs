//! Every name and shape of the contract that is no object: paths, cookies, headers, fixed texts.

use identity::model::secret::Secret;
use jiff::{SignedDuration, Timestamp};

use crate::dialect::Help;
use crate::drf::time;

pub use crate::drf::setting_value::ENCRYPTED;
pub use crate::drf::wire::{COOKIE_NAME_HEADER, CSRF_COOKIE, CSRF_HEADER, CSRF_HEADER_SHOWN, TIMEOUT_HEADER};

/// How somebody signs in and shows it.
pub static HELP: Help = Help {
    sign_in: "POST /api/login/ with username, password and the csrftoken cookie's value in X-CSRFToken, \
              or make a token with POST /api/v2/tokens/",
    proof: "Cookie: awx_sessionid=…, or Authorization: Bearer TOKEN, or Authorization: Basic",
    change: "with a session: X-CSRFToken with the csrftoken cookie's value, and Referer over https",
};

/// The list of versions.
pub const API: &str = "/api/";
/// The only version.
pub const V2: &str = "/api/v2/";
/// The login page.
pub const LOGIN: &str = "/api/login/";
/// The logout.
pub const LOGOUT: &str = "/api/logout/";
/// Where a login leads that does not say where (contract section B3).
pub const PROFILE: &str = "/accounts/profile/";

/// What answers call the product; clients compare it (contract section G2).
pub const PRODUCT: &str = "AWX";
/// The version of the contract; clients compare it.
pub const VERSION: &str = "24.6.1";

/// The cookie that carries a session's secret.
pub const SESSION_COOKIE: &str = "awx_sessionid";
/// The cookie by which scripts of the pages know that somebody has signed in.
pub const LOGGED_IN_COOKIE: &str = "userLoggedIn";
/// The form field that carries a CSRF token.
pub const CSRF_FIELD: &str = "csrfmiddlewaretoken";
/// The header that keeps a request from counting as use of its session, in lower case (contract section B4).
pub const QUIET_HEADER: &str = "x-ws-session-quiet";
/// The header that carries an identity from gateway to service, in lower case (contract section E3).
pub const IDENTITY_HEADER: &str = "x-dab-jw-token";
/// The header by which a trusted proxy shows itself, in lower case (contract section E2).
pub const TRUSTED_PROXY_HEADER: &str = "x-trusted-proxy";

/// Largest body of a login, in bytes.
pub const LOGIN_BODY_MAX: usize = 64 * 1024;

/// The challenge of every 401: so, without quotes and without a comma (contract section 1.3).
pub const CHALLENGE: &str = "Bearer realm=api authorization_url=/api/o/authorize/";

/// Every failure to show who asks (contract section 1.4).
pub const NO_CREDENTIALS: &str =
    "Authentication credentials were not provided. To establish a login session, visit /api/login/.";
/// No right.
pub const NOT_PERMITTED: &str = "You do not have permission to perform this action.";
/// Something broke.
pub const SERVER_ERROR: &str = "A server error occurred.";
/// Too much is going on.
pub const BUSY: &str = "The server is busy. Try again later.";
/// No such path.
pub const NOT_FOUND: &str = "The requested resource could not be found.";
/// A body of another kind than JSON.
pub const WRONG_CONTENT_TYPE: &str = "You did not use correct Content-Type in your HTTP request. If you are \
    using our REST API, the Content-Type must be application/json";
/// What stands behind a complaint of the JSON parser.
pub const TRAILING_COMMA: &str = "\nPossible cause: trailing comma.";
/// A body that is JSON, but no object.
pub const NOT_AN_OBJECT: &str = "JSON parse error - not a JSON object";

/// `Cache-Control` of everything about signing in.
pub const NEVER_CACHED: &str = "max-age=0, no-cache, no-store, must-revalidate, private";

/// The `Set-Cookie` of a CSRF token (contract section B1): it lives as long as the browser.
pub fn csrf_cookie(token: &str, is_secure: bool) -> String {
    format!("{CSRF_COOKIE}={token}; Path=/; SameSite=Lax{}", secure(is_secure))
}

/// The `Set-Cookie` of a session (contract section B1).
pub fn session_cookie(secret: &Secret, age: SignedDuration, now: Timestamp, is_secure: bool) -> String {
    let end = now.saturating_add(age).unwrap_or(Timestamp::MAX);
    format!(
        "{SESSION_COOKIE}={}; expires={}; HttpOnly; Max-Age={}; Path=/; SameSite=Lax{}",
        secret.expose(),
        time::http_date(end),
        age.as_secs(),
        secure(is_secure),
    )
}

/// The `Set-Cookie` that tells scripts that somebody has signed in.
pub fn logged_in_cookie(is_secure: bool) -> String {
    format!("{LOGGED_IN_COOKIE}=true; Path=/; SameSite=Lax{}", secure(is_secure))
}

/// The `Set-Cookie` that tells scripts that nobody has (contract section B6).
pub fn logged_out_cookie(is_secure: bool) -> String {
    format!("{LOGGED_IN_COOKIE}=false; Path=/{}", secure(is_secure))
}

/// The `Set-Cookie` that removes a session's cookie.
pub const SESSION_COOKIE_GONE: &str =
    "awx_sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax";

fn secure(is_secure: bool) -> &'static str {
    if is_secure { "; Secure" } else { "" }
}

/// The user that asks.
pub const ME: &str = "/api/v2/me/";
/// The users.
pub const USERS: &str = "/api/v2/users/";
/// The tokens.
pub const TOKENS: &str = "/api/v2/tokens/";
/// How the controller is.
pub const PING: &str = "/api/v2/ping/";
/// The root of the authorization server, without a slash at its end.
pub const OAUTH: &str = "/api/o";
/// What the login says behind the platform gateway (contract section B6).
pub const ELSEWHERE: &str = "Please log in via Platform Authentication.";

/// The key of a release.
pub const RELEASE: &str = "version";
/// The keys of a ping that no other contract has.
pub const PING_KEYS: [&str; 2] = ["active_node", "install_uuid"];
/// The key of the versions of the API, and the one that there is.
pub const VERSIONS: (&str, &str) = ("available_versions", "v2");

/// What tools of the controller read from their environment: the address, a token, a name and a password
/// (contract sections G1 and G2).
pub const ENVIRONMENT: [&str; 4] =
    ["CONTROLLER_HOST", "CONTROLLER_OAUTH_TOKEN", "CONTROLLER_USERNAME", "CONTROLLER_PASSWORD"];
/// The same for older tools (contract section G3).
pub const OLD_ENVIRONMENT: [&str; 4] =
    ["TOWER_HOST", "TOWER_OAUTH_TOKEN", "TOWER_USERNAME", "TOWER_PASSWORD"];
