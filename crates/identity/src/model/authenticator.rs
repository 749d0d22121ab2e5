//! An authenticator: a list of users that the gateway asks. One is built in, our own.

use super::object::{AuthenticatorId, Stamp};

/// A configured source of users (contract section F). For now only the built-in local one.
#[derive(Clone, Debug, PartialEq)]
pub struct Authenticator {
    /// Its number.
    pub id: AuthenticatorId,
    /// Its name, shown in messages and on the login page.
    pub name: String,
    /// Whether it is asked.
    pub is_enabled: bool,
    /// The long name of its plugin.
    pub plugin: String,
    /// Its place among the authenticators; lower is asked first.
    pub order: i64,
    /// Its unchanging short name.
    pub slug: String,
    /// Who made and changed it, and when.
    pub stamp: Stamp,
}

impl AuthenticatorId {
    /// The built-in list of local passwords.
    pub const LOCAL: Self = Self(1);
}
