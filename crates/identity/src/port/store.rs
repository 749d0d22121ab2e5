//! The memory: what decisions read and write. Every write is durable before it returns, and every change
//! that takes a right away has left all caches before it returns.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use crate::fault::Fault;
use crate::model::application::Application;
use crate::model::attempt::{AttemptPolicy, Standing};
use crate::model::entry::Entry;
use crate::model::grant::{Code, Decision, DeviceGrant, RefreshToken};
use crate::model::import::Snapshot;
use crate::model::import::summary::Summary;
use crate::model::object::{
    ApplicationId, AuthenticatorId, GrantId, Noun, Object, OrganizationId, RefreshTokenId, RoleId, SessionId,
    StableId, TeamId, TokenId, UserId,
};
use crate::model::principal::Subject;
use crate::model::query::{Query, Sight};
use crate::model::scope::Scope;
use crate::model::secret::Digest;
use crate::model::session::{Session, SessionKind};
use crate::model::setting::{SettingValue, Settings};
use crate::model::token::Token;

/// A password's hash: argon2id in PHC form, or Django's `pbkdf2_sha256$…`. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// The memory.
#[async_trait]
pub trait Store: Send + Sync {
    // Proofs, on the path of every request. The `recall_…` functions answer from memory alone and never
    // wait; the `find_…` functions fill the memory. Use is noted in memory and written within a second.

    /// The session of this digest, if it is in memory. Its timeouts are the caller's to judge.
    fn recall_session(&self, digest: &Digest) -> Option<Arc<Session>>;

    /// Notes that a session from memory was used. Never waits.
    fn note_session_use(&self, session: &Arc<Session>, used_at: Timestamp);

    /// The session of this digest.
    async fn find_session(&self, digest: &Digest) -> Result<Option<Arc<Session>>, Fault>;

    /// The token of this digest, if it is in memory; its use now is noted.
    fn recall_token(&self, digest: &Digest, used_at: Timestamp) -> Option<RecalledToken>;

    /// The token of this digest (of the clear value, untagged); its use now is noted.
    async fn find_token(&self, digest: &Digest, used_at: Timestamp) -> Result<Option<RecalledToken>, Fault>;

    /// A user and its roles, if it is in memory.
    fn recall_subject(&self, user: UserId) -> Option<Arc<Subject>>;

    /// A user and its roles.
    async fn find_subject(&self, user: UserId) -> Result<Option<Arc<Subject>>, Fault>;

    /// A password verdict of the last seconds, by a digest of name and password under a key of this
    /// process. None once it is older than its life, or the user's credential has changed.
    fn recall_verdict(&self, key: &Digest, now: Timestamp) -> Option<Recalled>;

    /// Remembers a right password for the configured seconds.
    fn remember_verdict(&self, key: Digest, verdict: Recalled, now: Timestamp);

    // Users and their credentials.

    /// The credential of the user of exactly this name (byte for byte).
    async fn find_credential(&self, username: &str) -> Result<Option<Credential>, Fault>;

    /// The number of the user, organization or team of this stable name.
    async fn find_by_stable_id(&self, noun: Noun, stable_id: &StableId) -> Result<Option<i64>, Fault>;

    /// Replaces a hash by one of today's cost for the same password, if it is still `old`. Does not count
    /// as a change of the password.
    async fn upgrade_credential(
        &self,
        user: UserId,
        old: &PasswordHash,
        new: PasswordHash,
    ) -> Result<(), Fault>;

    // Sessions.

    /// Begins a session, and writes the user's last login in the same transaction. None if the user is
    /// gone, disabled, or has another password than the one that was shown.
    async fn create_session(&self, session: NewSession) -> Result<Option<Session>, Fault>;

    /// Ends a session now.
    async fn end_session(&self, session: SessionId) -> Result<bool, Fault>;

    /// Ends all sessions of a user, or of everybody; how many there were.
    async fn end_sessions(&self, user: Option<UserId>) -> Result<u64, Fault>;

    /// Moves a live session's end; the session as it is then, or none if it is gone.
    async fn extend_session(
        &self,
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<Option<Session>, Fault>;

    /// The live sessions (at most `limit`), of a user or of everybody, the newest first.
    async fn list_sessions(
        &self,
        user: Option<UserId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Session, String)>, Fault>;

    /// Removes what is over: sessions, tallies. Returns how many sessions.
    async fn sweep(&self, now: Timestamp) -> Result<u64, Fault>;

    // Attempts. Keys are digests of the claimed name or of the address, so that unknown names leave no
    // trace and cost the same.

    /// How the account and the address stand now.
    async fn attempt_standing(
        &self,
        account: &Digest,
        address: &Digest,
        policy: &AttemptPolicy,
        now: Timestamp,
    ) -> Result<(Standing, Standing), Fault>;

    /// Counts one failure of both; how the account stands after it.
    async fn attempt_failed(
        &self,
        account: &Digest,
        address: &Digest,
        policy: &AttemptPolicy,
        now: Timestamp,
    ) -> Result<Standing, Fault>;

    /// Forgets the account's failures after a success.
    async fn attempt_succeeded(&self, account: &Digest) -> Result<(), Fault>;

    // Objects.

    /// One object that the eyes may see, with the names of what it refers to.
    async fn find(&self, noun: Noun, id: i64, sight: Sight) -> Result<Option<(Object, References)>, Fault>;

    /// A page of the objects that the query asks for and the eyes may see. None if there is no such page.
    async fn list(&self, noun: Noun, query: &Query, sight: Sight) -> Result<Option<Page>, Fault>;

    /// Carries out a change and its entries of the activity stream in one transaction. Returns the object
    /// as it is afterwards (numbered, if it is new), or none after a removal.
    async fn apply(&self, change: Change, trail: Trail) -> Result<Option<(Object, References)>, StoreError>;

    /// Revokes all access tokens of a user, or of everybody; which there were.
    async fn revoke_tokens(&self, user: Option<UserId>) -> Result<Vec<TokenId>, Fault>;

    /// The names of what is referred to; for objects that were built elsewhere.
    async fn references(&self, objects: &[Object]) -> Result<References, Fault>;

    // Grants. What is taken is taken once: each of these is one transaction.

    /// The application of this public name, if it is in memory.
    fn recall_application(&self, client_id: &str) -> Option<Arc<Application>>;

    /// The application of this public name.
    async fn find_application(&self, client_id: &str) -> Result<Option<Arc<Application>>, Fault>;

    /// The application of this number, if it is in memory.
    fn recall_application_of(&self, id: ApplicationId) -> Option<Arc<Application>>;

    /// The application of this number, whoever asks.
    async fn find_application_of(&self, id: ApplicationId) -> Result<Option<Arc<Application>>, Fault>;

    /// Keeps an application's secret in another form, if it is still kept as `old`.
    async fn upgrade_client_secret(
        &self,
        application: ApplicationId,
        old: &str,
        new: String,
    ) -> Result<(), Fault>;

    /// Keeps a new authorization code.
    async fn create_code(&self, code: Code) -> Result<(), Fault>;

    /// The authorization code of this digest, used or not, until it is swept.
    async fn find_code(&self, digest: &Digest) -> Result<Option<Code>, Fault>;

    /// The refresh token of this digest, ended or not, while its grant lives.
    async fn find_refresh_token(&self, digest: &Digest) -> Result<Option<RefreshToken>, Fault>;

    /// Takes what a token is granted for and makes the token, with a refresh token if it has a
    /// `refresh_digest`. Of many that take the same, one gets it; the others end the grant.
    async fn issue(&self, issue: Issue) -> Result<Issued, Fault>;

    /// Ends a grant with its access and refresh tokens; how many access tokens there were.
    async fn end_grant(&self, grant: GrantId) -> Result<u64, Fault>;

    /// Ends what a used code gave; whether there was anything.
    async fn end_grant_of_code(&self, code: &Digest) -> Result<bool, Fault>;

    /// Whether the user has a live token of the application with exactly this scope: then it has consented
    /// before.
    async fn has_consented(
        &self,
        user: UserId,
        application: ApplicationId,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<bool, Fault>;

    /// Keeps a device's question; false if another that lives has the same user code.
    async fn create_device(&self, device: DeviceGrant) -> Result<bool, Fault>;

    /// A device asks: its question as it was before this, with the instant of asking written down. One that
    /// asks before its interval is over waits five seconds longer from then on.
    async fn poll_device(&self, digest: &Digest, now: Timestamp) -> Result<Option<DeviceGrant>, Fault>;

    /// The question of this user code.
    async fn find_device(&self, user_digest: &Digest) -> Result<Option<DeviceGrant>, Fault>;

    /// Writes down what a user says to a question that is open and lives; whether it was.
    async fn decide_device(
        &self,
        user_digest: &Digest,
        decision: Decision,
        now: Timestamp,
    ) -> Result<bool, Fault>;

    /// Ends all refresh tokens of a user, or of everybody; which were alive.
    async fn revoke_refresh_tokens(
        &self,
        user: Option<UserId>,
        now: Timestamp,
    ) -> Result<Vec<RefreshTokenId>, Fault>;

    /// Removes tokens whose life is over: access tokens, and refresh tokens made before `refresh_before`;
    /// how many of each.
    async fn clean_tokens(&self, now: Timestamp, refresh_before: Timestamp) -> Result<(u64, u64), Fault>;

    // Imports.

    /// Takes over what a snapshot has, in one transaction: all of it or nothing. A dry run does the same and
    /// undoes it.
    async fn import(&self, import: Import) -> Result<Summary, Fault>;

    // Settings.

    /// All settings now. Never waits.
    fn settings(&self) -> Arc<Settings>;

    /// Sets or resets settings in one transaction, with entries in the activity stream; they are effective
    /// when this returns.
    async fn write_settings(&self, writes: Vec<SettingWrite>, trail: Trail) -> Result<(), Fault>;

    // The whole.

    /// Whether the database answers.
    async fn ping(&self) -> Result<(), Fault>;
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
    /// How long it may rest.
    pub inactivity_timeout: Option<SignedDuration>,
    /// The most sessions of its kind that its user may have. Those that were made first end in the same
    /// transaction; none is without limit.
    pub sessions_max: Option<u32>,
    /// The address that signs in.
    pub address: String,
    /// Through which authenticator.
    pub authenticator: AuthenticatorId,
    /// A session that this one takes the place of: it ends in the same transaction.
    pub replaces: Option<SessionId>,
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
