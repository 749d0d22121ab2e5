//! What passes between the decisions and the memory.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::fault::Fault;
use crate::model::entry::Entry;
use crate::model::import::Snapshot;
use crate::model::object::{
    ApplicationId, AuthenticatorId, Object, OrganizationId, RefreshTokenId, RoleId, SessionId, TeamId,
    TokenId, UserId,
};
use crate::model::secret::Digest;
use crate::model::session::{Session, SessionKind};
use crate::model::session_policy::SessionPolicy;
use crate::model::setting::SettingValue;
use crate::model::token::Token;

/// A password's hash: argon2id in PHC form, or Django's `pbkdf2_sha256$…`. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// What a user's password is checked against: everything from one reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The user.
    pub user: UserId,
    /// Counted up with each change of the password.
    pub version: i64,
    /// The password's hash; none for a user without a password.
    pub hash: Option<PasswordHash>,
}

/// A session to be begun.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its contract.
    pub kind: SessionKind,
    /// The digest of kind and secret.
    pub digest: Digest,
    /// Whose it is.
    pub user: UserId,
    /// The version of the credential that was shown for it.
    pub credential_version: i64,
    /// When it begins.
    pub created_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// How long it may rest, and how many there may be at once: those that are too many end in the same
    /// transaction. Its overall timeout is in `expires_at`.
    pub policy: SessionPolicy,
    /// The address that signs in.
    pub address: String,
    /// Through which authenticator.
    pub authenticator: AuthenticatorId,
    /// A session that this one takes the place of: it ends in the same transaction.
    pub replaces: Option<SessionId>,
    /// A session that this one goes on with: it must still be there, and its beginning is this one's too. All else
    /// counts from `created_at`.
    pub continues: Option<SessionId>,
}

/// A session that has begun.
#[derive(Clone, Debug, PartialEq)]
pub struct Begun {
    /// It.
    pub session: Session,
    /// The sessions that ended because there would have been too many, the first to go first.
    pub evicted: Vec<SessionId>,
}

/// A token to be made for an application.
#[derive(Clone, Debug)]
pub struct Issue {
    /// What is taken for it.
    pub taken: Taken,
    /// The token; its number and its grant are filled in by the store.
    pub token: Token,
    /// What is told in the activity stream.
    pub trail: Trail,
}

/// What a token is granted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Nothing that could be taken twice: a password or the application's own secret.
    Nothing,
    /// An authorization code that was not used.
    Code(Digest),
    /// A refresh token that was not used; its access token ends.
    Refresh(RefreshTokenId),
    /// A device's question that this user has allowed.
    Device(Digest),
}

/// What became of an [`Issue`].
#[derive(Clone, Debug)]
pub enum Issued {
    /// Here is the token.
    Token(Box<Token>),
    /// Somebody else had taken it before: the whole grant has ended.
    Replayed,
    /// It is no longer there, or the user or the application is gone.
    Gone,
}

/// What another installation knew, to be taken over.
#[derive(Clone, Debug)]
pub struct Import {
    /// What it knew; every user, organization and team has a stable name.
    pub snapshot: Snapshot,
    /// Whether what is here already becomes as it is there.
    pub overwrites: bool,
    /// Whether nothing is to be kept of it.
    pub is_dry_run: bool,
    /// When.
    pub at: Timestamp,
    /// Who takes it over.
    pub by: UserId,
}

/// A password verdict from memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recalled {
    /// Whose password it was.
    pub user: UserId,
    /// The version of the credential it was right for.
    pub credential_version: i64,
}

/// A token from memory.
#[derive(Clone, Debug)]
pub struct RecalledToken {
    /// The token. Its `last_used_at` is not kept up to date here.
    pub token: Arc<Token>,
    /// Whether this is the first use that this process has seen.
    pub is_first_use: bool,
}

/// A change to the stored objects.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a change lives for one call and is never collected")]
pub enum Change {
    /// A new object; its number is ignored. A user may come with a password.
    Create(Object, Option<PasswordHash>),
    /// An object in a new state, if it is still in the old one; a user may get a new password, which
    /// counts its credential's version up and ends its sessions but the one named.
    Update {
        /// As it was read.
        before: Object,
        /// As it is to be.
        after: Object,
        /// A new password for a user.
        password: Option<PasswordHash>,
        /// The session that outlives a change of password.
        keep_session: Option<SessionId>,
    },
    /// The object goes, with everything that is nothing without it.
    Delete(Object),
}

/// What is written to the activity stream with a change: who, when, and the entries. The object's number
/// is filled in by the store where it is empty.
#[derive(Clone, Debug)]
pub struct Trail {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Option<UserId>,
    /// What is told.
    pub entries: Vec<Entry>,
}

/// Why a change was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It contradicts another object.
    #[error("conflict: {0:?}")]
    Conflict(Conflict),
    /// Something broke.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What a change contradicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// A unique name is taken.
    Duplicate,
    /// The object is no longer as it was read, or is gone.
    Stale,
    /// An object that it refers to is gone.
    Dangling,
    /// No enabled administrator would be left.
    LastAdministrator,
}

/// One setting to be written; `None` resets it.
#[derive(Clone, Debug)]
pub struct SettingWrite {
    /// The setting.
    pub name: &'static str,
    /// Its new value.
    pub value: Option<SettingValue>,
}

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The objects.
    pub objects: Vec<Object>,
    /// The names of what they refer to.
    pub references: References,
    /// How many there are on all pages; none if it was not asked for.
    pub total: Option<u64>,
    /// The number of this page (the request may have asked for the last).
    pub number: u64,
}

/// The names of referred-to objects.
#[derive(Clone, Debug, Default)]
pub struct References {
    /// Users.
    pub users: HashMap<UserId, UserReference>,
    /// Organizations: name.
    pub organizations: HashMap<OrganizationId, String>,
    /// Organizations that are not among the objects: description.
    pub organization_descriptions: HashMap<OrganizationId, String>,
    /// Organizations that are among the objects: how many members, administrators and teams they have.
    pub organization_counts: HashMap<OrganizationId, OrganizationCounts>,
    /// Teams: name.
    pub teams: HashMap<TeamId, String>,
    /// Applications: name.
    pub applications: HashMap<ApplicationId, String>,
    /// Authenticators: name.
    pub authenticators: HashMap<AuthenticatorId, String>,
    /// Role definitions: name and description.
    pub roles: HashMap<RoleId, (String, String)>,
    /// Users that have the Platform Auditor role.
    pub auditors: Vec<UserId>,
    /// Applications: how many tokens they have, and the first ten (number and scope).
    pub application_tokens: HashMap<ApplicationId, (u64, Vec<(TokenId, String)>)>,
}

/// How many users and teams an organization has, given directly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrganizationCounts {
    /// Members.
    pub users: u64,
    /// Administrators.
    pub admins: u64,
    /// Teams.
    pub teams: u64,
}

/// What is shown of a user that something refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserReference {
    /// Its name.
    pub username: String,
    /// Its first name.
    pub first_name: String,
    /// Its last name.
    pub last_name: String,
}
