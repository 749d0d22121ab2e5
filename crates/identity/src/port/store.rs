//! The memory: what decisions read and write. Every write is durable before it returns, and every change
//! that takes a right away has left all caches before it returns.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::account::AccountStore;
use super::values::{
    Begun, Change, Credential, Import, Issue, Issued, NewSession, Page, PasswordHash, Recalled,
    RecalledToken, References, SettingWrite, StoreError, Trail,
};

use crate::denial::SessionEnd;
use crate::fault::Fault;
use crate::model::application::Application;
use crate::model::attempt::{AttemptPolicy, Standing};
use crate::model::grant::{Code, Decision, DeviceGrant, RefreshToken};
use crate::model::import::summary::Summary;
use crate::model::object::{
    ApplicationId, GrantId, Noun, Object, RefreshTokenId, SessionId, StableId, TokenId, UserId,
};
use crate::model::principal::Subject;
use crate::model::query::{Query, Sight};
use crate::model::scope::Scope;
use crate::model::secret::Digest;
use crate::model::session::{EndedSession, Session, SessionKind};
use crate::model::setting::Settings;
use crate::model::token::Token;

/// The memory.
#[async_trait]
pub trait Store: AccountStore + Send + Sync {
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

    /// The token of this digest for somebody who only asks about it, from memory where possible: that is no
    /// use of it.
    async fn look_at_token(&self, digest: &Digest) -> Result<Option<Arc<Token>>, Fault>;

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
    /// gone, disabled, or has another password than the one that was shown. Which sessions go because of it is
    /// decided in the same transaction, by uses up to that moment.
    async fn create_session(&self, session: NewSession) -> Result<Option<Begun>, Fault>;

    /// Ends a session now, and remembers why; whether there was one.
    async fn end_session(&self, session: SessionId, end: SessionEnd, now: Timestamp) -> Result<bool, Fault>;

    /// What is still known of a session of this digest that is over.
    async fn find_ended_session(&self, digest: &Digest) -> Result<Option<EndedSession>, Fault>;

    /// Ends all sessions of a user, or of everybody; how many there were.
    async fn end_sessions(&self, user: Option<UserId>, now: Timestamp) -> Result<u64, Fault>;

    /// Moves a live session's end; the session as it is then, or none if it is gone.
    async fn extend_session(
        &self,
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<Option<Session>, Fault>;

    /// The live sessions (at most `limit`) with their users' names, the newest first: of a user or of everybody,
    /// of one kind or of all. Each with its last use up to now.
    async fn list_sessions(
        &self,
        user: Option<UserId>,
        kind: Option<SessionKind>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Session, String)>, Fault>;

    /// Removes what is over: sessions, codes and questions of devices an hour after their end, grants that nothing
    /// carries on, tallies, old entries. Returns how many sessions.
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
    /// `refresh_digest`. Of many that take the same, one gets it; the others end the grant. A token that would
    /// reach further than its refresh token does by now is not made.
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

    /// Keeps a device's question; false if another that lives has the same user code, or too many are kept.
    async fn create_device(&self, device: DeviceGrant) -> Result<bool, Fault>;

    /// A device of this application asks: its question as it was before this, with the instant of asking
    /// written down. One that asks before its interval is over waits five seconds longer from then on. There
    /// is none for another application, and its asking leaves no trace.
    async fn poll_device(
        &self,
        digest: &Digest,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<Option<DeviceGrant>, Fault>;

    /// The question of this user code.
    async fn find_device(&self, user_digest: &Digest) -> Result<Option<DeviceGrant>, Fault>;

    /// Writes down what a user says to a question that is open and lives; whether it was.
    async fn decide_device(
        &self,
        user_digest: &Digest,
        decision: Decision,
        now: Timestamp,
    ) -> Result<bool, Fault>;

    /// Ends all refresh tokens of a user, or of everybody; which were alive. What could still become one goes
    /// too: codes that nobody has used, and devices that were allowed and have not fetched their token.
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
