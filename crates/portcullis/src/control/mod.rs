//! Control: how a command on the data directory reaches the gateway. With a running server the request goes
//! through a Unix socket and is carried out there; without one the command opens the data itself. What is
//! carried out is the same code in both cases.

mod client;
mod execute;
mod server;
mod words;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use identity::model::secret::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::output::Report;

pub use client::{Asked, ask, is_served};
pub use execute::execute;
pub use server::ControlServer;

/// The socket's name in the data directory.
pub const SOCKET: &str = "control.sock";
/// Longest request in bytes: room for the largest setting, a logo.
pub const REQUEST_MAX: usize = 2 * 1024 * 1024;
/// Longest answer in bytes.
pub const RESPONSE_MAX: u64 = 256 * 1024 * 1024;

/// What a command asks for. One JSON line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Makes a user.
    UserAdd {
        /// Its name.
        username: String,
        /// Its e-mail address.
        email: Option<String>,
        /// Its first name.
        first_name: Option<String>,
        /// Its last name.
        last_name: Option<String>,
        /// Whether it administers everything.
        is_superuser: bool,
        /// Its password; without one it cannot sign in by password.
        password: Option<Password>,
    },
    /// Lists users.
    UserList,
    /// Gives a user a new password.
    UserPassword {
        /// Its name.
        username: String,
        /// The new password.
        password: Password,
    },
    /// Lets a user sign in, or no more.
    UserEnable {
        /// Its name.
        username: String,
        /// Whether it may.
        is_enabled: bool,
    },
    /// Removes a user.
    UserDelete {
        /// Its name.
        username: String,
    },
    /// Makes a token for a user.
    TokenCreate {
        /// The user's name.
        username: String,
        /// How far it reaches; none is `write`.
        scope: Option<String>,
        /// Free text.
        description: Option<String>,
    },
    /// Lists tokens.
    TokenList {
        /// Whose; none is everybody's.
        username: Option<String>,
    },
    /// Revokes access tokens.
    TokenRevoke {
        /// Which.
        which: Which,
        /// Whether refresh tokens are revoked with them.
        #[serde(default)]
        with_refresh: bool,
    },
    /// Removes tokens whose life is over.
    TokenClean,
    /// Lists live sessions.
    SessionList {
        /// Whose; none is everybody's.
        username: Option<String>,
        /// Of which kind; none is all.
        #[serde(default)]
        kind: Option<String>,
    },
    /// Ends sessions.
    SessionExpire {
        /// Which.
        which: Which,
    },
    /// Removes sessions that are over.
    SessionClean,
    /// Makes an application.
    ApplicationCreate(NewApplication),
    /// Lists applications.
    ApplicationList,
    /// Removes an application with its tokens.
    ApplicationDelete {
        /// Its number, its public name or its name.
        which: String,
    },
    /// Lists settings.
    SettingList,
    /// Shows one setting.
    SettingGet {
        /// Its name.
        name: String,
    },
    /// Sets one setting.
    SettingSet {
        /// Its name.
        name: String,
        /// The new value as it was typed.
        value: String,
    },
    /// Gives one setting its default again.
    SettingReset {
        /// Its name.
        name: String,
    },
    /// Stores a secret.
    SecretSet {
        /// Its name.
        name: String,
        /// Its value.
        secret: Password,
    },
    /// Lists the names of secrets.
    SecretList,
    /// Removes a secret.
    SecretRemove {
        /// Its name.
        name: String,
    },
    /// Seals everything under a new key.
    SecretRekey {
        /// Whether what does not open is removed.
        forgets: bool,
    },
    /// Tells why a request was refused.
    Explain {
        /// The request's id.
        request_id: String,
    },
    /// Takes over what another installation knew.
    Import {
        /// The file in the data directory that has it.
        extract: PathBuf,
        /// Whether nothing is to be written.
        is_dry_run: bool,
        /// Whether what is here already becomes as it is there.
        overwrites: bool,
    },
}

impl Request {
    /// How long carrying it out may take. Password checks queue up, lists may be long, and an import may have
    /// millions of rows.
    pub fn timeout(&self) -> Duration {
        match self {
            Self::Import { .. } => Duration::from_secs(60 * 60),
            _ => Duration::from_secs(60),
        }
    }
}

/// An application as it is to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct NewApplication {
    /// Its name.
    pub name: String,
    /// The number or the name of its organization.
    pub organization: String,
    /// Free text.
    pub description: Option<String>,
    /// Whether it cannot keep a secret.
    pub is_public: bool,
    /// Whether it gets tokens by the user's password, and not by a code.
    pub uses_password: bool,
    /// Where answers may be sent.
    pub redirect_uris: Vec<String>,
    /// Whether users are not asked for consent.
    pub skip_authorization: bool,
    /// The name of the user that owns it.
    pub user: Option<String>,
    /// Whether it gets tokens for its owner by its own secret.
    pub allows_client_credentials: bool,
    /// Whether it gets tokens through a browser on another device.
    pub allows_device: bool,
    /// Whether it may ask about every token.
    pub allows_introspection: bool,
    /// Whether it must prove that it began what it ends; none is what its type needs.
    pub requires_pkce: Option<bool>,
}

/// Which of several things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// The one of this number.
    One(i64),
    /// Those of this user.
    User(String),
    /// All.
    All,
}

/// A password on its way through the socket. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub Secret);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Serialize for Password {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

/// What became of a request. One JSON line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Response {
    /// It was done.
    Done {
        /// What there is to tell.
        report: Report,
    },
    /// It was refused, or there is no such thing. Nothing was changed.
    Refused {
        /// Why.
        message: String,
    },
    /// Too much is going on.
    Busy {
        /// What to do.
        message: String,
    },
    /// Something broke.
    Failed {
        /// What, in general words; the server's log has the causes.
        message: String,
    },
}
