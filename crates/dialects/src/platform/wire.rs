//! Every name and shape of the contract that is no object: paths, cookies, headers, fixed texts.

use identity::model::secret::Secret;
use jiff::{SignedDuration, Timestamp};

use crate::dialect::Help;
use crate::drf::time::http_date;

pub use crate::drf::setting_value::ENCRYPTED;
pub use crate::drf::wire::{CSRF_COOKIE, CSRF_HEADER, CSRF_HEADER_SHOWN};

/// How somebody signs in and shows it.
pub static HELP: Help = Help {
    sign_in: "POST /api/gateway/v1/login/ with username, password and the csrftoken cookie's value in X-CSRFToken, \
              or make a token with POST /api/gateway/v1/tokens/",
    proof: "Cookie: gateway_sessionid=…, or Authorization: Bearer TOKEN, or Authorization: Basic",
    change: "with a session: X-CSRFToken with the csrftoken cookie's value, and Referer over https",
};

/// The list of components.
pub const API: &str = "/api/";
/// The gateway itself, as answers name it whichever path the request used.
pub const ROOT: &str = "/api/gateway/";
/// The only version.
pub const V1: &str = "/api/gateway/v1/";
/// The login page.
pub const LOGIN: &str = "/api/gateway/v1/login/";

/// The endpoints below the version that answer without a proof (contract section A2).
pub const PUBLIC: [&str; 6] = ["login", "logout", "ping", "ui_auth", "jwt_key", "docs"];

/// The cookie that carries a session's secret.
pub const SESSION_COOKIE: &str = "gateway_sessionid";
/// The form field that carries a CSRF token.
pub const CSRF_FIELD: &str = "csrfmiddlewaretoken";
/// The life of the CSRF cookie: 364 days.
pub const CSRF_COOKIE_AGE: SignedDuration = SignedDuration::from_secs(31_449_600);
/// The header by which a component shows that it is one, in lower case.
pub const SERVICE_TOKEN_HEADER: &str = "x-ansible-service-auth";

/// Largest body of a login, in bytes.
pub const LOGIN_BODY_MAX: usize = 64 * 1024;

/// The challenge of a 401 (contract section B5). There is no `Basic` one, so no browser asks.
pub const CHALLENGE: &str = "Bearer realm=\"api\"";
/// The challenge after a token that is not one.
pub const CHALLENGE_INVALID: &str =
    "Bearer realm=\"api\",error=\"invalid_token\",error_description=\"The access token is invalid.\"";
/// The challenge after a token whose life is over.
pub const CHALLENGE_EXPIRED: &str =
    "Bearer realm=\"api\",error=\"invalid_token\",error_description=\"The access token has expired.\"";

/// Nothing, or nothing readable, was presented.
pub const NO_CREDENTIALS: &str = "Authentication credentials were not provided.";
/// A name and a password that do not belong together.
pub const WRONG_PASSWORD: &str = "Invalid username/password.";
/// A Basic header without a value.
pub const BASIC_EMPTY: &str = "Invalid basic header. No credentials provided.";
/// A Basic header with spaces in its value.
pub const BASIC_SPACES: &str = "Invalid basic header. Credentials string should not contain spaces.";
/// A Basic header that cannot be decoded.
pub const BASIC_ENCODING: &str = "Invalid basic header. Credentials not correctly base64 encoded.";
/// More than one `Authorization` header.
pub const SEVERAL: &str = "Invalid authorization header. There must be only one.";
/// No right.
pub const NOT_PERMITTED: &str = "You do not have permission to perform this action.";
/// No right to change an address.
pub const EMAIL_RESTRICTED: &str = "Email updates are restricted to administrators.";
/// Something broke.
pub const SERVER_ERROR: &str = "A server error occurred.";
/// Too much is going on.
pub const BUSY: &str = "The server is busy. Try again later.";
/// No such thing.
pub const NOT_FOUND: &str = "Not found.";
/// The login page after a failure.
pub const LOGIN_FAILED: &str =
    "Please enter a correct username and password. Note that both fields may be case-sensitive.";

/// An instant in the form of the ping answer: UTC, microseconds, `+00:00`.
pub fn instant_with_offset(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

/// The `Set-Cookie` of a CSRF token.
pub fn csrf_cookie(token: &str, now: Timestamp, is_secure: bool) -> String {
    format!(
        "{CSRF_COOKIE}={token}; expires={}; Max-Age={}; Path=/; SameSite=Lax{}",
        http_date(later(now, CSRF_COOKIE_AGE)),
        CSRF_COOKIE_AGE.as_secs(),
        secure(is_secure),
    )
}

/// The `Set-Cookie` of a session.
pub fn session_cookie(secret: &Secret, age: SignedDuration, now: Timestamp, is_secure: bool) -> String {
    format!(
        "{SESSION_COOKIE}={}; expires={}; HttpOnly; Max-Age={}; Path=/; SameSite=Lax{}",
        secret.expose(),
        http_date(later(now, age)),
        age.as_secs(),
        secure(is_secure),
    )
}

/// The `Set-Cookie` that removes a session's cookie.
pub const SESSION_COOKIE_GONE: &str =
    "gateway_sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax";

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn secure(is_secure: bool) -> &'static str {
    if is_secure { "; Secure" } else { "" }
}

/// Where sessions end.
pub const LOGOUT: &str = "/api/gateway/v1/logout/";
/// The user that asks.
pub const ME: &str = "/api/gateway/v1/me/";
/// The session that asks.
pub const SESSION: &str = "/api/gateway/v1/session/";
/// The users.
pub const USERS: &str = "/api/gateway/v1/users/";
/// The tokens.
pub const TOKENS: &str = "/api/gateway/v1/tokens/";
/// How the gateway is.
pub const PING: &str = "/api/gateway/v1/ping/";
/// The root of the authorization server, without a slash at its end.
pub const OAUTH: &str = "/o";

/// The key of a ping's time, which no other contract has.
pub const PONG: &str = "pong";
/// The key of a ping's judgement.
pub const STATUS: &str = "status";
/// The key of a release.
pub const VERSION: &str = "version";
/// The key of the components, and of the one that is the gateway.
pub const APIS: &str = "apis";
/// The component that is the gateway.
pub const GATEWAY: &str = "gateway";
/// The key of what the list of components says of itself.
pub const API_DESCRIPTION: &str = "description";
/// What the platform is called.
pub const AAP_PRODUCT: &str = "Ansible Automation Platform";
/// What it is called under its other name.
pub const ASTRA_PRODUCT: &str = "Astra Automation";
/// The word by which it says so, in lower case.
pub const ASTRA_WORD: &str = "astra";

/// What this platform's own tools read from their environment: the address, a token, a name and a password.
pub const ENVIRONMENT: [&str; 4] = ["AAP_HOSTNAME", "AAP_TOKEN", "AAP_USERNAME", "AAP_PASSWORD"];
/// The same for tools of the controller behind the gateway.
pub const CONTROLLER_ENVIRONMENT: [&str; 4] =
    ["CONTROLLER_HOST", "CONTROLLER_OAUTH_TOKEN", "CONTROLLER_USERNAME", "CONTROLLER_PASSWORD"];
/// By which these tools know where the controller is at a gateway (AWX contract sections G1 and G2).
pub const CONTROLLER_PREFIX: [&str; 2] =
    ["CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX", "AWXKIT_API_BASE_PATH"];
/// Where it is.
pub const CONTROLLER_ROOT: &str = "/api/controller/";
