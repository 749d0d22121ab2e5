//! Tokens: what a program shows instead of a password.

use jiff::Timestamp;

use super::object::{ApplicationId, GrantId, Stamp, TokenId, UserId};
use super::scope::Scope;

/// An access token (RFC 6749 section 1.4), with its refresh token if an application has one. The values
/// are nowhere: only their digests are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// Its number.
    pub id: TokenId,
    /// The digest of its value: `$sha256$` and 64 hexadecimal digits.
    pub digest: String,
    /// The digest of its refresh token, if it has one that is alive.
    pub refresh_digest: Option<String>,
    /// The grant it comes from; none for a personal token.
    pub grant: Option<GrantId>,
    /// The user it speaks for.
    pub user: UserId,
    /// The application it was made for; none for a personal token.
    pub application: Option<ApplicationId>,
    /// Free text.
    pub description: String,
    /// How far it reaches.
    pub scope: Scope,
    /// When its life ends.
    pub expires_at: Timestamp,
    /// When it was used last, to the second or so.
    pub last_used_at: Option<Timestamp>,
    /// Who made and changed it, and when.
    pub stamp: Stamp,
}

impl Token {
    /// Whether its life is over at that instant.
    pub fn is_expired(&self, at: Timestamp) -> bool {
        at >= self.expires_at
    }
}
