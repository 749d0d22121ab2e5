//! What all stored objects share: numbers, stamps, and one enum over their kinds.

use jiff::Timestamp;

use super::application::Application;
use super::authenticator::Authenticator;
use super::entry::Entry;
use super::organization::Organization;
use super::role::{RoleDefinition, TeamAssignment, UserAssignment};
use super::team::Team;
use super::token::Token;
use super::user::User;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl $name {
            /// The number of an object that the store has not numbered yet.
            pub const NEW: Self = Self(0);
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// The number of a user.
    UserId,
    /// The number of an organization.
    OrganizationId,
    /// The number of a team.
    TeamId,
    /// The number of a token.
    TokenId,
    /// The number of an application.
    ApplicationId,
    /// The number of a session record. Never the session's secret.
    SessionId,
    /// The number of an authenticator.
    AuthenticatorId,
    /// The number of a role definition.
    RoleId,
    /// The number of a role assignment.
    AssignmentId,
    /// The number of an entry of the activity stream.
    EntryId,
    /// The number of a grant: what a user or an application let an application do.
    GrantId,
    /// The number of a refresh token.
    RefreshTokenId,
}

/// A name that an object keeps for ever and that other services know it by: a UUID in lower-case
/// hyphenated form (RFC 9562).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StableId(pub String);

impl StableId {
    /// A version 4 UUID made of 16 random bytes.
    pub fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let mut text = String::with_capacity(36);
        for (index, byte) in bytes.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            for nibble in [byte >> 4, byte & 0x0f] {
                text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
        Self(text)
    }
}

impl std::fmt::Display for StableId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who made an object and who changed it last, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it; none for what the system made.
    pub created_by: Option<UserId>,
    /// When it was changed last.
    pub modified_at: Timestamp,
    /// Who changed it last.
    pub modified_by: Option<UserId>,
}

impl Stamp {
    /// The stamp of something made now.
    pub fn new(at: Timestamp, by: Option<UserId>) -> Self {
        Self { created_at: at, created_by: by, modified_at: at, modified_by: by }
    }
}

/// The kinds of stored objects that can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Noun {
    /// [`User`].
    User,
    /// [`Organization`].
    Organization,
    /// [`Team`].
    Team,
    /// [`Token`].
    Token,
    /// [`Application`].
    Application,
    /// [`Authenticator`].
    Authenticator,
    /// [`RoleDefinition`].
    RoleDefinition,
    /// [`UserAssignment`].
    UserAssignment,
    /// [`TeamAssignment`].
    TeamAssignment,
    /// [`Entry`] of the activity stream.
    Entry,
    /// A setting. Never listed as an object, but the activity stream speaks of it.
    Setting,
    /// A session. Never listed as an object by a contract.
    Session,
}

/// One stored object of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// A user.
    User(User),
    /// An organization.
    Organization(Organization),
    /// A team.
    Team(Team),
    /// A token.
    Token(Token),
    /// An application.
    Application(Application),
    /// An authenticator.
    Authenticator(Authenticator),
    /// A role definition.
    RoleDefinition(RoleDefinition),
    /// A role given to a user.
    UserAssignment(UserAssignment),
    /// A role given to a team.
    TeamAssignment(TeamAssignment),
    /// An entry of the activity stream.
    Entry(Entry),
}

impl Object {
    /// The kind of this object.
    pub fn noun(&self) -> Noun {
        match self {
            Self::User(_) => Noun::User,
            Self::Organization(_) => Noun::Organization,
            Self::Team(_) => Noun::Team,
            Self::Token(_) => Noun::Token,
            Self::Application(_) => Noun::Application,
            Self::Authenticator(_) => Noun::Authenticator,
            Self::RoleDefinition(_) => Noun::RoleDefinition,
            Self::UserAssignment(_) => Noun::UserAssignment,
            Self::TeamAssignment(_) => Noun::TeamAssignment,
            Self::Entry(_) => Noun::Entry,
        }
    }

    /// The number of this object.
    pub fn id(&self) -> i64 {
        match self {
            Self::User(it) => it.id.0,
            Self::Organization(it) => it.id.0,
            Self::Team(it) => it.id.0,
            Self::Token(it) => it.id.0,
            Self::Application(it) => it.id.0,
            Self::Authenticator(it) => it.id.0,
            Self::RoleDefinition(it) => it.id.0,
            Self::UserAssignment(it) => it.id.0,
            Self::TeamAssignment(it) => it.id.0,
            Self::Entry(it) => it.id.0,
        }
    }
}
