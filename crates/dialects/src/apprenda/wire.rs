//! Names and shapes of the contract, and the texts that never change.

use identity::model::portal::Portal;
use serde_json::{Value, json};

pub mod told;

/// Where sessions are, with a slash behind it (contract section 1).
pub const SESSIONS: &str = "/authentication/api/v1/sessions/";
/// Where the published page's example ends a session, by a slip.
pub const SESSIONS_SLIP: &str = "/api/v1/sessions/";
/// What logs show only the beginning of: a session's token stands behind it.
pub const SECRET_PATHS: &[&str] = &[
    "/authentication/api/v1/sessions/soc/",
    "/authentication/api/v1/sessions/developer/",
    "/authentication/api/v1/sessions/account/",
    "/api/v1/sessions/soc/",
    "/api/v1/sessions/developer/",
    "/api/v1/sessions/account/",
];
/// The word behind a portal under which its tenants are.
pub const TENANTS: &str = "tenants";

/// The header that carries a session's token; names of headers know no case.
pub const TOKEN_HEADER: &str = "apprendasessiontoken";
/// The member of a body that carries it, in any case, and the first key of the login's answer.
pub const TOKEN_KEY: &str = "ApprendaSessionToken";
/// The key that most clients read (contract section 0.1).
pub const TOKEN_KEY_LOWER: &str = "apprendaSessionToken";
/// The key of the session's address.
pub const HREF_KEY: &str = "href";
/// The program that takes no answer with both keys, by a part of its name.
pub const POWERSHELL: &str = "PowerShell";

/// Keys of a login, in lower case: they are read in any case.
pub const USERNAME_KEY: &str = "username";
/// The password's.
pub const PASSWORD_KEY: &str = "password";
/// The tenant's.
pub const TENANT_KEYS: [&str; 2] = ["tenantalias", "developerteamalias"];

/// Most bytes of a login's body.
pub const LOGIN_MAX: usize = 64 * 1024;

/// What a refusal because of the list of Platform Operators says, also in the status line (contract section 2).
pub const NOT_AUTHORIZED: &str = "You are not authorized to access this application";
/// What a wrong name or password is told.
pub const WRONG_PASSWORD: &str = "The credentials are not valid.";
/// What a request without a proof is told.
pub const NO_TOKEN: &str = "No session token was provided. Sign in and send the token in the header \
                            ApprendaSessionToken.";
/// What a request with the token of a session that is over is told.
pub const DEAD_TOKEN: &str = "The session token is not valid or has expired.";
/// What a request with two different proofs is told.
pub const SEVERAL_TOKENS: &str = "More than one session token was provided.";
/// What a request over http is told where there is nowhere to send it.
pub const UNENCRYPTED: &str = "This request must be made over https.";
/// What a login is told whose body is no JSON.
pub const NOT_JSON: &str = "The content type must be application/json.";
/// What a login is told whose body is too long.
pub const LOGIN_TOO_LONG: &str = "The request body is longer than 65536 bytes.";
/// What a path is told that is nothing.
pub const NOT_FOUND: &str = "Not found.";
/// What is told who ends a session by a text that cannot be a token.
pub const NO_SESSION: &str = "There is no such session.";
/// What a wrong method is told.
pub const NOT_ALLOWED: &str = "The method is not allowed here.";
/// What a query is told that is no form.
pub const QUERY_BROKEN: &str = "The query cannot be read.";
/// What a query is told that is ambiguous.
pub const QUERY_REPEATED: &str = "The query names a value twice.";
/// What a login is told that is no object, or an ambiguous one.
pub const NOT_AN_OBJECT: &str = "The request body must be a JSON object that names no field twice.";
/// What a login is told whose keys differ only in case.
pub const FIELD_REPEATED: &str = "The request body names a field twice.";
/// What a login is told that wants to be in two places.
pub const TWO_TENANTS: &str = "The request names two tenants.";
/// What a login is told whose tenant is no text.
pub const TENANT_NO_TEXT: &str = "The field tenantAlias must be a text.";
/// What a login is told that claims nothing.
pub const FIELDS_MISSING: &str = "The fields username and password are required.";
/// What is told while too much is going on.
pub const BUSY: &str = "The platform is busy. Try again later.";
/// What is told when something broke.
pub const SERVER_ERROR: &str = "A server error occurred.";
/// What is told who asks too often.
pub const TOO_MANY: &str = "Too many requests. Try again later.";
/// What a token is told that only reads.
pub const READ_ONLY: &str = "The access token does not allow requests that change something.";
/// What is told of rights that this contract has no words for.
pub const NOT_PERMITTED: &str = "The request is not permitted.";

/// The portal of this name in a path.
pub fn portal(word: &str) -> Option<Portal> {
    match word {
        "soc" => Some(Portal::Operations),
        "developer" => Some(Portal::Developer),
        "account" => Some(Portal::Account),
        _ => None,
    }
}

/// A portal's name in a path.
pub fn portal_word(portal: Portal) -> &'static str {
    match portal {
        Portal::Operations => "soc",
        Portal::Developer => "developer",
        Portal::Account => "account",
    }
}

/// The portal that a service's path belongs to. Its first name is read in any case, without parameters and without
/// what Windows leaves out at the end of a name, as servers may read it that are asked for it: nobody gets around a
/// portal's rule by its spelling.
pub fn portal_of(path: &str) -> Option<Portal> {
    let first = path.split('/').map(bare_name).find(|it| !it.is_empty()).unwrap_or_default();
    portal(&first.to_ascii_lowercase())
}

/// A segment without what begins with a semicolon or colon, and without dots and spaces at its end.
fn bare_name(segment: &str) -> &str {
    let ends = [";", ":", "%3B", "%3A"].into_iter().filter_map(|it| segment.find(it));
    let mut name = &segment[..ends.min().unwrap_or(segment.len())];
    while let Some(shorter) = name.strip_suffix('.').or_else(|| name.strip_suffix("%20")) {
        name = shorter;
    }
    name
}

/// The body of an answer that says something went wrong (contract section 5).
pub fn message(text: &str) -> String {
    json!({ "message": text }).to_string()
}

/// The answer to a login (contract section 0.1). `href` has the token's `==` in small digits, as the published page
/// has it.
pub fn signed_in(host: &str, portal: Portal, token: &str, is_powershell: bool) -> String {
    let word = portal_word(portal);
    let encoded = token.replace('=', "%3D");
    let href = format!("https://{host}{SESSIONS}{word}/{}", token.replace('=', "%3d"));
    let mut body = serde_json::Map::new();
    if !is_powershell {
        body.insert(TOKEN_KEY.to_owned(), json!(encoded));
    }
    body.insert(TOKEN_KEY_LOWER.to_owned(), json!(encoded));
    body.insert(HREF_KEY.to_owned(), json!(href));
    Value::Object(body).to_string()
}
