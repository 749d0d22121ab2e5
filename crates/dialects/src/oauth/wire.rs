//! Every name and shape of the endpoints here: parameters, paths, fixed texts, JSON bodies.

use serde::Serialize;

/// The media type of a request's body (RFC 6749 section 3.2).
pub const FORM_TYPE: &str = "application/x-www-form-urlencoded";
/// The media type of answers in words.
pub const TEXT_TYPE: &str = "text/html; charset=utf-8";

/// Longest body of a request, in bytes.
pub const BODY_MAX: usize = 64 * 1024;
/// Longest query that is looked at, in bytes.
pub const QUERY_MAX: usize = 16 * 1024;
/// Most parameters of a request.
pub const FIELDS_MAX: usize = 32;
/// Longest name or value of a parameter, in bytes.
pub const FIELD_MAX: usize = 8 * 1024;
/// Longest `Authorization` header that is looked at, in bytes.
pub const AUTHORIZATION_MAX: usize = 8 * 1024;

/// The kind of grant that is asked for.
pub const GRANT_TYPE: &str = "grant_type";
/// The public name of an application.
pub const CLIENT_ID: &str = "client_id";
/// The secret of an application.
pub const CLIENT_SECRET: &str = "client_secret";
/// How far a token reaches.
pub const SCOPE: &str = "scope";
/// A user's name.
pub const USERNAME: &str = "username";
/// A user's password.
pub const PASSWORD: &str = "password";
/// An authorization code.
pub const CODE: &str = "code";
/// What shows that an application began an authorization (RFC 7636).
pub const CODE_VERIFIER: &str = "code_verifier";
/// What the verifier is compared with (RFC 7636).
pub const CODE_CHALLENGE: &str = "code_challenge";
/// How the challenge is made (RFC 7636).
pub const CODE_CHALLENGE_METHOD: &str = "code_challenge_method";
/// Where the browser brings an answer.
pub const REDIRECT_URI: &str = "redirect_uri";
/// What an authorization request asks for.
pub const RESPONSE_TYPE: &str = "response_type";
/// What an application gets back with the answer, unread.
pub const STATE: &str = "state";
/// Whether the user is asked again: `auto` or `force`.
pub const APPROVAL_PROMPT: &str = "approval_prompt";
/// What an identity token would repeat. It is kept and not used.
pub const NONCE: &str = "nonce";
/// What an identity token would tell. It is kept and not used.
pub const CLAIMS: &str = "claims";
/// Who answers (RFC 9207).
pub const ISSUER: &str = "iss";
/// What is wrong, as one of the standard's words.
pub const ERROR: &str = "error";
/// The same for people.
pub const ERROR_DESCRIPTION: &str = "error_description";
/// The button of a page that says no.
pub const DENY: &str = "deny";
/// The button of a page that says yes.
pub const ALLOW: &str = "allow";
/// A refresh token.
pub const REFRESH_TOKEN: &str = "refresh_token";
/// A device code (RFC 8628).
pub const DEVICE_CODE: &str = "device_code";
/// What a user types for a device (RFC 8628).
pub const USER_CODE: &str = "user_code";
/// A token that is asked about, or revoked.
pub const TOKEN: &str = "token";

/// The grant by a code.
pub const GRANT_CODE: &str = "authorization_code";
/// The grant by a user's password.
pub const GRANT_PASSWORD: &str = "password";
/// The grant by a refresh token.
pub const GRANT_REFRESH: &str = "refresh_token";
/// The grant by an application's own secret.
pub const GRANT_APPLICATION: &str = "client_credentials";
/// The grant by a device code.
pub const GRANT_DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Where an authorization server describes itself (RFC 8414 section 3).
pub const SERVER_METADATA: &str = "/.well-known/oauth-authorization-server";
/// The same, where `OpenID` clients look that follow RFC 8414 section 5.
pub const OPENID_METADATA: &str = "/.well-known/openid-configuration";
/// Where a protected resource names its authorization server (RFC 9728 section 3).
pub const PROTECTED_RESOURCE: &str = "/.well-known/oauth-protected-resource";

/// The challenge to an application that did not show itself (AWX contract section D3).
pub const CHALLENGE: &str = "Bearer error=\"invalid_client\"";
/// The methods of the endpoints for applications, as `Allow` lists them.
pub const FORM_METHODS: &str = "POST, OPTIONS";
/// The methods of what is only read.
pub const READ_METHODS: &str = "GET, HEAD, OPTIONS";
/// The methods of pages.
pub const PAGE_METHODS: &str = "GET, POST, HEAD, OPTIONS";

/// A name and a password that do not belong together.
pub const WRONG_PASSWORD: &str = "Invalid credentials given.";
/// Parameters in the address (RFC 6749 section 2.3.1 forbids them there).
pub const IN_QUERY: &str = "URL query parameters are not allowed";
/// A body beyond its limits, or that is no form.
pub const BROKEN_FORM: &str = "The request body cannot be read.";
/// A parameter beyond its limit.
pub const TOO_LONG: &str = "A parameter is too long.";
/// Two different ways of showing an application.
pub const TWO_CLIENTS: &str = "The client is named in two different ways.";
/// No token is named (RFC 7009 section 2.1, RFC 7662 section 2.1).
pub const MISSING_TOKEN: &str = "Missing token parameter.";
/// No refresh token (AWX contract section D3).
pub const MISSING_REFRESH: &str = "Missing refresh token parameter.";
/// No code.
pub const MISSING_CODE: &str = "Missing code parameter.";
/// No name.
pub const MISSING_USERNAME: &str = "Request is missing username parameter.";
/// No password (AWX contract section D3).
pub const MISSING_PASSWORD: &str = "Request is missing password parameter.";
/// No device code.
pub const MISSING_DEVICE_CODE: &str = "Missing device_code parameter.";
/// The answer to a refresh token whose life is over (AWX contract section D3).
pub const REFRESH_EXPIRED: &str = "The refresh token has expired.";

/// A parameter that is there twice (RFC 6749 section 3.2).
pub fn duplicate(name: &str) -> &'static str {
    match name {
        GRANT_TYPE => "Duplicate grant_type parameter.",
        CLIENT_ID => "Duplicate client_id parameter.",
        CLIENT_SECRET => "Duplicate client_secret parameter.",
        SCOPE => "Duplicate scope parameter.",
        USERNAME => "Duplicate username parameter.",
        PASSWORD => "Duplicate password parameter.",
        CODE => "Duplicate code parameter.",
        CODE_VERIFIER => "Duplicate code_verifier parameter.",
        CODE_CHALLENGE => "Duplicate code_challenge parameter.",
        CODE_CHALLENGE_METHOD => "Duplicate code_challenge_method parameter.",
        REDIRECT_URI => "Duplicate redirect_uri parameter.",
        RESPONSE_TYPE => "Duplicate response_type parameter.",
        STATE => "Duplicate state parameter.",
        REFRESH_TOKEN => "Duplicate refresh_token parameter.",
        DEVICE_CODE => "Duplicate device_code parameter.",
        TOKEN => "Duplicate token parameter.",
        _ => "Duplicate parameter.",
    }
}

/// The user said no (RFC 6749 section 4.1.2.1).
pub const ACCESS_DENIED: &str = "access_denied";
/// The request cannot be used (RFC 6749 section 4.1.2.1).
pub const INVALID_REQUEST: &str = "invalid_request";
/// No application has this name (AWX contract section D4).
pub const INVALID_CLIENT_ID: &str = "Invalid client_id parameter value.";
/// No application is named.
pub const MISSING_CLIENT_ID: &str = "Missing client_id parameter.";
/// The address is not the application's (AWX contract section D4).
pub const FOREIGN_REDIRECT: &str = "Mismatching redirect URI.";
/// A parameter with a character that no page shows.
pub const CONTROL_CHARACTER: &str = "A parameter holds a control character.";
/// What an application is told whose user comes from elsewhere; not from where.
pub const EXTERNAL_USER: &str =
    "OAuth2 Tokens cannot be created by users associated with an external authentication provider";

/// The refusal of users of an external source (AAP contract section C2, AWX contract section D8).
pub fn external_user(source: &str) -> String {
    format!(
        "(access_denied) OAuth2 Tokens cannot be created by users associated with an external authentication \
         provider ({source})"
    )
}

/// An answer that carries a token (RFC 6749 section 5.1).
#[derive(Serialize)]
pub struct TokenBody<'a> {
    /// The token.
    pub access_token: &'a str,
    /// Its life, in seconds.
    pub expires_in: i64,
    /// How it is shown.
    pub token_type: &'static str,
    /// How far it reaches.
    pub scope: &'a str,
    /// The refresh token, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<&'a str>,
}

/// An answer that says no (RFC 6749 section 5.2).
#[derive(Serialize)]
pub struct ErrorBody<'a> {
    /// What is wrong, as one of the standard's words.
    pub error: &'a str,
    /// The same for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<&'a str>,
}

/// What a device is told (RFC 8628 section 3.2).
#[derive(Serialize)]
pub struct DeviceBody<'a> {
    /// What it asks with.
    pub device_code: &'a str,
    /// What it shows.
    pub user_code: &'a str,
    /// Where the user types that.
    pub verification_uri: String,
    /// The same with the code in it, for pictures.
    pub verification_uri_complete: String,
    /// The life of both codes, in seconds.
    pub expires_in: i64,
    /// How long it waits between two questions, in seconds.
    pub interval: i64,
}

/// What is told of a token (RFC 7662 section 2.2).
#[derive(Serialize)]
pub struct IntrospectionBody<'a> {
    /// Whether it is alive.
    pub active: bool,
    /// How far it reaches.
    pub scope: &'a str,
    /// For which application it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<&'a str>,
    /// Whom it speaks for.
    pub username: &'a str,
    /// How it is shown.
    pub token_type: &'static str,
    /// When its life ends, in seconds since 1970.
    pub exp: i64,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// Whom it speaks for, by the name that services know.
    pub sub: &'a str,
    /// Who made it.
    pub iss: String,
}

/// All that is told of a token that is dead, or not the asking application's business.
#[derive(Serialize)]
pub struct Inactive {
    /// Never.
    pub active: bool,
}

/// How tokens are shown (RFC 6750).
pub const BEARER: &str = "Bearer";

/// The endpoint that gives tokens, below the root.
pub const TOKEN_PATH: &str = "/token/";
/// The endpoint that revokes them, below the root.
pub const REVOKE_PATH: &str = "/revoke_token/";
/// The endpoint where devices begin, below the root.
pub const DEVICE_PATH: &str = "/device_authorization/";

/// The key of a token that was given.
pub const ACCESS_TOKEN: &str = "access_token";
/// The key of a life, in seconds.
pub const EXPIRES_IN: &str = "expires_in";
/// The key of how long a device waits between two questions, in seconds.
pub const INTERVAL: &str = "interval";
/// The key of where a user types what a device shows.
pub const VERIFICATION_URI: &str = "verification_uri";
/// The same with the code in it.
pub const VERIFICATION_URI_COMPLETE: &str = "verification_uri_complete";

/// What was shown for a token is not valid (RFC 6749 section 5.2).
pub const INVALID_GRANT: &str = "invalid_grant";
/// The application did not show itself (RFC 6749 section 5.2).
pub const INVALID_CLIENT: &str = "invalid_client";
/// The application may not do this (RFC 6749 section 5.2).
pub const UNAUTHORIZED_CLIENT: &str = "unauthorized_client";
/// Nobody may do this here (RFC 6749 section 5.2).
pub const UNSUPPORTED_GRANT_TYPE: &str = "unsupported_grant_type";
/// There is no such scope (RFC 6749 section 5.2).
pub const INVALID_SCOPE: &str = "invalid_scope";
/// The user has not answered yet (RFC 8628 section 3.5).
pub const AUTHORIZATION_PENDING: &str = "authorization_pending";
/// The device asks too often (RFC 8628 section 3.5).
pub const SLOW_DOWN: &str = "slow_down";
/// The device's code is over (RFC 8628 section 3.5).
pub const EXPIRED_TOKEN: &str = "expired_token";
