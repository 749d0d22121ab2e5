//! An application: what RFC 6749 calls a client.

use super::object::{ApplicationId, OrganizationId, Stamp, UserId};

/// Longest public name that is looked up, in bytes.
pub const CLIENT_ID_MAX: usize = 255;

/// A program that asks for tokens on behalf of users (RFC 6749 section 2).
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    /// Its number.
    pub id: ApplicationId,
    /// Its name, unique in its organization.
    pub name: String,
    /// Free text.
    pub description: String,
    /// The public name it shows itself with: 40 characters.
    pub client_id: String,
    /// Its secret as it is kept: `$sha256$` and hexadecimal, or the password hash that another
    /// installation kept it as; none for a public application.
    pub client_secret_hash: Option<String>,
    /// Whether it can keep a secret.
    pub client_type: ClientType,
    /// How it gets tokens.
    pub grant_type: GrantType,
    /// Where answers may be sent, separated by spaces.
    pub redirect_uris: String,
    /// Where a browser may be sent after signing out, separated by spaces.
    pub post_logout_redirect_uris: String,
    /// How identity tokens are signed: empty, `RS256` or `HS256`.
    pub algorithm: String,
    /// Whether the user is not asked for consent.
    pub skip_authorization: bool,
    /// What it may do beside its grant type.
    pub allowances: Allowances,
    /// Whether it must prove that it began what it ends (RFC 7636).
    pub requires_pkce: bool,
    /// Where a person finds it.
    pub app_url: Option<String>,
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// The user that owns it: whom tokens speak for that it gets by its own secret, and those that an
    /// administrator makes for it.
    pub user: Option<UserId>,
    /// Who made and changed it, and when.
    pub stamp: Stamp,
}

/// What an application may do beside its grant type. The contracts have no words for these; an operator
/// gives them at the shell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowances {
    /// It gets tokens for its owner by its own secret (RFC 6749 section 4.4).
    pub client_credentials: bool,
    /// It gets tokens through a browser on another device (RFC 8628).
    pub device: bool,
    /// It may ask about every token, not only about its own (RFC 7662).
    pub introspection: bool,
}

/// Whether an application can keep a secret (RFC 6749 section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientType {
    /// It can.
    Confidential,
    /// It cannot.
    Public,
}

/// How an application gets tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantType {
    /// By a code that a browser brings (RFC 6749 section 4.1).
    AuthorizationCode,
    /// By the user's password (RFC 6749 section 4.3).
    Password,
}
