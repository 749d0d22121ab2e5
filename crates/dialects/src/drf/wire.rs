//! The names on the wire that the whole family shares.

use jiff::SignedDuration;

/// The cookie that carries a CSRF token. Scripts of our pages may read it.
pub const CSRF_COOKIE: &str = "csrftoken";
/// The header that carries a CSRF token, in lower case.
pub const CSRF_HEADER: &str = "x-csrftoken";
/// The same as documents and pages write it.
pub const CSRF_HEADER_SHOWN: &str = "X-CSRFToken";

/// The framework's sentence for who asks too often, and the whole seconds after which to ask again, at least one.
pub fn throttled(after: SignedDuration) -> (String, i64) {
    let seconds = after.as_secs().saturating_add(i64::from(after.subsec_nanos() > 0)).max(1);
    let unit = if seconds == 1 { "second" } else { "seconds" };
    (format!("Request was throttled. Expected available in {seconds} {unit}."), seconds)
}

/// The media type of data.
pub const JSON: &str = "application/json";
/// The media type of pages.
pub const HTML: &str = "text/html";
/// The media type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";
/// The language in which a client half wants answers, some of whose words it looks at.
pub const ENGLISH: &str = "en";
/// The header in which a server says its release to who has signed in, in lower case.
pub const VERSION_HEADER: &str = "x-api-product-version";
/// The header in which it says what it is, in lower case.
pub const PRODUCT_HEADER: &str = "x-api-product-name";
/// The header that tells how long a session may rest, in seconds, in lower case.
pub const TIMEOUT_HEADER: &str = "session-timeout";
/// The header that tells the session cookie's name once, in lower case.
pub const COOKIE_NAME_HEADER: &str = "x-api-session-cookie-name";

/// The framework's own name for a session's cookie, which old releases keep (AWX contract, the landscape of releases).
pub const OLD_SESSION_COOKIE: &str = "sessionid";

/// The key of a refusal's sentence.
pub const DETAIL: &str = "detail";
/// The key of what is wrong, in answers of the authorization server.
pub const ERROR: &str = "error";
/// The same for people.
pub const ERROR_DESCRIPTION: &str = "error_description";
/// The key of a list's rows.
pub const RESULTS: &str = "results";
/// The key of where the next page of a list is.
pub const NEXT: &str = "next";
/// The query that asks for pages as large as the server makes them.
pub const LARGE_PAGES: &str = "?page_size=200";

/// The field and the key of a name.
pub const USERNAME: &str = "username";
/// The field of a password.
pub const PASSWORD: &str = "password";
/// The key of an object's number.
pub const ID: &str = "id";
/// The key of an address for mail.
pub const EMAIL: &str = "email";
/// The key of who may do everything.
pub const IS_SUPERUSER: &str = "is_superuser";
/// The keys of who may read everything, and how we call that.
pub const AUDITORS: [(&str, &str); 2] =
    [("is_system_auditor", "system auditor"), ("is_platform_auditor", "platform auditor")];
/// The key of a token's value.
pub const TOKEN: &str = "token";
/// The key of what a token is for.
pub const DESCRIPTION: &str = "description";
/// The key of how far it reaches.
pub const SCOPE: &str = "scope";
/// The key of its end.
pub const EXPIRES: &str = "expires";
/// The key of its last use.
pub const LAST_USED: &str = "last_used";
/// The key of the application that it belongs to.
pub const APPLICATION: &str = "application";
/// What stands after the number of a user for the list of all their tokens.
pub const USER_TOKENS: &str = "/tokens/";
/// What a token is for that was made without saying so.
pub const TOKEN_PURPOSE: &str = "portcullis";

/// What stands in a page before the token of its JSON island.
pub const ISLAND_TOKEN: &str = "\"csrfToken\":";
/// What a sentence begins with that refuses a request as forged.
pub const FORGED: &str = "CSRF Failed: ";
/// What a page says that refuses a request as forged: the framework's own page, and the one in which it shows data.
pub const FORGED_PAGES: [&str; 2] =
    ["<p>CSRF verification failed.", "&quot;detail&quot;: &quot;CSRF Failed: "];
/// The checks of a form: what the page says that refuses it, in the words of either page that there is, and what
/// we say of it.
pub const FORGERIES: [(&str, &str); 9] = [
    ("no Referer", "no Referer reached it"),
    ("but none was sent", "no Referer reached it"),
    ("Referer is malformed", "the Referer that reached it is no address"),
    ("Referer is insecure", "the server takes itself to be reached over https, and the Referer says http"),
    (
        "Origin checking failed",
        "it does not know its own address; it has to be among the trusted origins there",
    ),
    (
        "does not match any trusted origins",
        "it does not know its own address; it has to be among the trusted origins there",
    ),
    ("CSRF cookie not set", "the cookie did not reach it"),
    ("requires a CSRF cookie", "the cookie did not reach it"),
    ("CSRF token", "it does not accept the token of its own page"),
];

/// The key of the seconds that a session has left.
pub const EXPIRES_IN_SECONDS: &str = "expires_in_seconds";
/// The key of a session's end.
pub const EXPIRES_ON: &str = "expires_on";

/// Where the addresses of the API begin.
pub const API_ROOT: &str = "api";
/// The components that have a tree of their own below that, by their first segment. One is a slip that is in print.
pub const COMPONENTS: [&str; 5] = ["gateway", "geteway", "controller", "galaxy", "eda"];
/// The first segments, of a server or of a component, behind which somebody signs in, gets tokens or signs out.
pub const GUARDED_ROOTS: [&str; 9] =
    ["login", "logout", "o", "sso", "social", "accounts", "auth", "legacy_auth", "_ui"];
/// The endpoints of a version that are about the proofs of whoever asks.
pub const GUARDED_ENDPOINTS: [&str; 9] = [
    "login",
    "logout",
    "session",
    "tokens",
    "legacy_auth",
    "auth",
    "jwt_claims",
    "service_keys",
    "awx-tokens",
];
/// The lists of tokens below an object.
pub const GUARDED_LISTS: [&str; 4] = ["tokens", "personal_tokens", "authorized_tokens", "awx-tokens"];
/// The objects that have passwords.
pub const USERS: &str = "users";
/// The objects that have secrets.
pub const APPLICATIONS: &str = "applications";
/// Pages to sign in with that are no part of the API: paths, and what stands behind `#`.
pub const LOGIN_PAGES: [&str; 2] = ["/login", "/ui/login"];

/// What asks for a password in a page.
pub const PASSWORD_FIELDS: [&str; 2] = ["type=\"password\"", "type='password'"];

/// How a page names the path to which its form is sent.
pub fn form_actions(path: &str) -> [String; 2] {
    [format!("action=\"{path}\""), format!("action='{path}'")]
}
