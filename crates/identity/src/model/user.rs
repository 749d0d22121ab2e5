//! A user: an account of a person or a service.

use jiff::Timestamp;

use super::object::{AuthenticatorId, StableId, Stamp, UserId};

/// An account of a person or a service. Its password's hash is kept apart, as a credential.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Its number.
    pub id: UserId,
    /// The name that services behind the gateway know it by, for ever.
    pub stable_id: StableId,
    /// The name it signs in with: 1 to 150 characters, unique, compared exactly.
    pub username: String,
    /// Its e-mail address, or nothing.
    pub email: String,
    /// Its first name, or nothing.
    pub first_name: String,
    /// Its last name, or nothing.
    pub last_name: String,
    /// Whether it administers everything.
    pub is_superuser: bool,
    /// Whether it may sign in at all. Every proof of a disabled user is dead.
    pub is_enabled: bool,
    /// Whether the system made it and keeps it (`_system`).
    pub is_managed: bool,
    /// When it signed in last.
    pub last_login_at: Option<Timestamp>,
    /// Which authenticator it signed in through last.
    pub last_login_from: Option<AuthenticatorId>,
    /// Counts up when the password changes; cached verdicts of older versions are dead.
    pub credential_version: i64,
    /// The sources that vouch for it.
    pub sources: Vec<Source>,
    /// Who made and changed it, and when.
    pub stamp: Stamp,
}

/// One authenticator that knows a user, and the name it knows it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The authenticator.
    pub authenticator: AuthenticatorId,
    /// The authenticator's name, for messages.
    pub name: String,
    /// The user's name there.
    pub uid: String,
    /// The user's address there.
    pub email: String,
}

/// The reserved user that owns what the system does. It has no password and is never listed.
pub const SYSTEM_USERNAME: &str = "_system";

impl User {
    /// The name of the first source that is not our own password list, if there is one: such a user is
    /// external, even if it also has a password here (contract section C2).
    ///
    /// Of several, a company's own goes before others on the network, and these before a directory (AWX
    /// contract section D8).
    pub fn external_source(&self) -> Option<&str> {
        const RANKS: [&str; 3] = ["enterprise", "social", "ldap"];
        let rank = |name: &str| RANKS.iter().position(|it| *it == name).unwrap_or(RANKS.len());
        self.sources
            .iter()
            .filter(|source| source.authenticator != AuthenticatorId::LOCAL)
            .map(|source| source.name.as_str())
            .min_by_key(|name| rank(name))
    }

    /// Whether this is the reserved user that nobody may be or change.
    pub fn is_system(&self) -> bool {
        self.username == SYSTEM_USERNAME
    }
}
