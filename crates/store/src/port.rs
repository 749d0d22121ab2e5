//! The port: each function of [`Store`] as a reading or a job.

use std::sync::Arc;

use async_trait::async_trait;
use identity::model::application::{Application, CLIENT_ID_MAX};
use identity::model::attempt::{AttemptPolicy, Standing};
use identity::model::grant::{Code, Decision, DeviceGrant, RefreshToken};
use identity::model::import::summary::Summary;
use identity::model::object::{
    ApplicationId, GrantId, Noun, Object, RefreshTokenId, SessionId, StableId, TokenId, UserId,
};
use identity::model::principal::Subject;
use identity::model::query::{Query, Sight};
use identity::model::scope::Scope;
use identity::model::secret::Digest;
use identity::model::session::{EndedSession, Session, SessionKind};
use identity::model::setting::Settings;
use identity::model::token::Token;
use identity::port::{
    Begun, Change, Conflict, Credential, Import, Issue, Issued, NewSession, Page, PasswordHash, Recalled,
    RecalledToken, References, SettingWrite, Store, StoreError, Trail,
};
use identity::{Fault, SessionEnd};
use jiff::Timestamp;
use sqlx::Row as _;

use crate::engine::{Done, unexpected};
use crate::sqlite::SqliteStore;
use crate::{
    applications, apply, attempts, codes, devices, grants, list, references, refresh_tokens, sessions,
    settings, sql, subject, tokens, users,
};

#[async_trait]
impl Store for SqliteStore {
    fn recall_session(&self, digest: &Digest) -> Option<Arc<Session>> {
        self.caches.session(digest)
    }

    fn note_session_use(&self, session: &Arc<Session>, used_at: Timestamp) {
        self.caches.note_session(session, used_at);
    }

    async fn find_session(&self, digest: &Digest) -> Result<Option<Arc<Session>>, Fault> {
        let key = *digest;
        let load = self.engine.read_one(move |connection| Box::pin(sessions::by_digest(connection, key)));
        self.caches.session_or(digest, load).await
    }

    fn recall_token(&self, digest: &Digest, used_at: Timestamp) -> Option<RecalledToken> {
        self.caches.token(digest, used_at)
    }

    async fn find_token(&self, digest: &Digest, used_at: Timestamp) -> Result<Option<RecalledToken>, Fault> {
        let key = *digest;
        let load = self.engine.read_one(move |connection| Box::pin(tokens::by_digest(connection, key)));
        self.caches.token_or(digest, used_at, load).await
    }

    async fn look_at_token(&self, digest: &Digest) -> Result<Option<Arc<Token>>, Fault> {
        let key = *digest;
        let load = self.engine.read(move |connection| Box::pin(tokens::by_digest(connection, key)));
        self.caches.token_seen(digest, load).await
    }

    fn recall_subject(&self, user: UserId) -> Option<Arc<Subject>> {
        self.caches.subject(user)
    }

    async fn find_subject(&self, user: UserId) -> Result<Option<Arc<Subject>>, Fault> {
        let load = self.engine.read(move |connection| Box::pin(subject::load(connection, user)));
        self.caches.subject_or(user, load).await
    }

    fn recall_verdict(&self, key: &Digest, now: Timestamp) -> Option<Recalled> {
        self.caches.verdict(key, now)
    }

    fn remember_verdict(&self, key: Digest, verdict: Recalled, now: Timestamp) {
        self.caches.remember_verdict(key, verdict, now);
    }

    async fn find_credential(&self, username: &str) -> Result<Option<Credential>, Fault> {
        let username = username.to_owned();
        self.engine
            .read_one(|connection| Box::pin(async move { users::credential(connection, &username).await }))
            .await
    }

    async fn find_by_stable_id(&self, noun: Noun, stable_id: &StableId) -> Result<Option<i64>, Fault> {
        let text = match noun {
            Noun::User => sql::USER_BY_STABLE_ID,
            Noun::Organization => sql::ORGANIZATION_BY_STABLE_ID,
            Noun::Team => sql::TEAM_BY_STABLE_ID,
            // The other kinds have no stable names.
            _ => return Ok(None),
        };
        let stable_id = stable_id.0.clone();
        self.engine
            .read_one(move |connection| {
                Box::pin(async move {
                    let row = sqlx::query(text).bind(stable_id).fetch_optional(connection).await?;
                    row.map(|row| row.try_get("id")).transpose()
                })
            })
            .await
    }

    async fn upgrade_credential(
        &self,
        user: UserId,
        old: &PasswordHash,
        new: PasswordHash,
    ) -> Result<(), Fault> {
        let old = old.0.clone();
        self.engine
            .write(move |connection| {
                Box::pin(async move {
                    let query = sqlx::query(sql::CREDENTIAL_UPGRADE).bind(user.0).bind(old).bind(new.0);
                    query.execute(connection).await?;
                    Ok(Done::quiet(()))
                })
            })
            .await
    }

    async fn create_session(&self, session: NewSession) -> Result<Option<Begun>, Fault> {
        let caches = Arc::clone(&self.caches);
        let begun = self.engine.try_write(move |connection| {
            Box::pin(async move { sessions::create(connection, session, &caches).await })
        });
        match begun.await {
            Ok(session) => Ok(Some(session)),
            Err(StoreError::Conflict(_)) => Ok(None),
            Err(StoreError::Fault(fault)) => Err(fault),
        }
    }

    async fn end_session(&self, session: SessionId, end: SessionEnd, now: Timestamp) -> Result<bool, Fault> {
        self.engine.write(move |connection| Box::pin(sessions::end(connection, session, end, now))).await
    }

    async fn find_ended_session(&self, digest: &Digest) -> Result<Option<EndedSession>, Fault> {
        let key = *digest;
        self.engine.read_one(move |connection| Box::pin(sessions::ended(connection, key))).await
    }

    async fn end_sessions(&self, user: Option<UserId>, now: Timestamp) -> Result<u64, Fault> {
        self.engine.write(move |connection| Box::pin(sessions::end_all(connection, user, now))).await
    }

    async fn extend_session(
        &self,
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<Option<Session>, Fault> {
        self.engine.write(move |connection| Box::pin(sessions::extend(connection, session, expires_at))).await
    }

    async fn list_sessions(
        &self,
        user: Option<UserId>,
        kind: Option<SessionKind>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Session, String)>, Fault> {
        let (wanted, caches) = (sessions::Wanted { user, kind, limit }, Arc::clone(&self.caches));
        self.engine
            .read_one(move |connection| {
                Box::pin(async move { sessions::live(connection, wanted, now, &caches).await })
            })
            .await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, Fault> {
        self.sweep_all(now).await
    }

    async fn attempt_standing(
        &self,
        account: &Digest,
        address: &Digest,
        policy: &AttemptPolicy,
        now: Timestamp,
    ) -> Result<(Standing, Standing), Fault> {
        let (keys, policy) = ((*account, *address), policy.clone());
        self.engine
            .read(move |connection| {
                Box::pin(async move { attempts::standing(connection, keys, &policy, now).await })
            })
            .await
    }

    async fn attempt_failed(
        &self,
        account: &Digest,
        address: &Digest,
        policy: &AttemptPolicy,
        now: Timestamp,
    ) -> Result<Standing, Fault> {
        let (keys, policy) = ((*account, *address), policy.clone());
        self.engine
            .write(move |connection| {
                Box::pin(async move { attempts::failed(connection, keys, &policy, now).await })
            })
            .await
    }

    async fn attempt_succeeded(&self, account: &Digest) -> Result<(), Fault> {
        let key = *account;
        // Most accounts have no failures; then nothing is written.
        if !self.engine.read_one(move |connection| Box::pin(attempts::has_failed(connection, key))).await? {
            return Ok(());
        }
        self.engine.write(move |connection| Box::pin(attempts::succeeded(connection, key))).await
    }

    async fn find(&self, noun: Noun, id: i64, sight: Sight) -> Result<Option<(Object, References)>, Fault> {
        self.engine.read(move |connection| Box::pin(list::find(connection, noun, id, sight))).await
    }

    async fn list(&self, noun: Noun, query: &Query, sight: Sight) -> Result<Option<Page>, Fault> {
        let query = query.clone();
        self.engine
            .read(move |connection| {
                Box::pin(async move { list::list(connection, noun, &query, sight).await })
            })
            .await
    }

    async fn apply(&self, change: Change, trail: Trail) -> Result<Option<(Object, References)>, StoreError> {
        self.engine.try_write(move |connection| Box::pin(apply::apply(connection, change, trail))).await
    }

    async fn revoke_tokens(&self, user: Option<UserId>) -> Result<Vec<TokenId>, Fault> {
        self.engine.write(move |connection| Box::pin(tokens::revoke(connection, user))).await
    }

    async fn references(&self, objects: &[Object]) -> Result<References, Fault> {
        let objects = objects.to_vec();
        self.engine
            .read(move |connection| Box::pin(async move { references::of(connection, &objects).await }))
            .await
    }

    fn recall_application(&self, client_id: &str) -> Option<Arc<Application>> {
        self.caches.application(client_id)
    }

    async fn find_application(&self, client_id: &str) -> Result<Option<Arc<Application>>, Fault> {
        if client_id.len() > CLIENT_ID_MAX {
            return Ok(None);
        }
        let key = client_id.to_owned();
        let load = self.engine.read_one(move |it| Box::pin(applications::by_client_id(it, key)));
        self.caches.application_or(client_id.to_owned(), load).await
    }

    fn recall_application_of(&self, id: ApplicationId) -> Option<Arc<Application>> {
        self.caches.application_of(id)
    }

    async fn find_application_of(&self, id: ApplicationId) -> Result<Option<Arc<Application>>, Fault> {
        let load = self.engine.read(move |it| Box::pin(applications::by_id(it, id)));
        self.caches.application_of_or(id, load).await
    }

    async fn upgrade_client_secret(
        &self,
        application: ApplicationId,
        old: &str,
        new: String,
    ) -> Result<(), Fault> {
        let old = old.to_owned();
        self.engine.write(move |it| Box::pin(applications::upgrade(it, application, old, new))).await
    }

    async fn create_code(&self, code: Code) -> Result<(), Fault> {
        self.engine.write(move |it| Box::pin(codes::create(it, code))).await
    }

    async fn find_code(&self, digest: &Digest) -> Result<Option<Code>, Fault> {
        let digest = *digest;
        self.engine.read_one(move |it| Box::pin(codes::by_digest(it, digest))).await
    }

    async fn find_refresh_token(&self, digest: &Digest) -> Result<Option<RefreshToken>, Fault> {
        let digest = *digest;
        self.engine.read_one(move |it| Box::pin(refresh_tokens::by_digest(it, digest))).await
    }

    async fn issue(&self, issue: Issue) -> Result<Issued, Fault> {
        match self.engine.try_write(move |it| Box::pin(grants::issue(it, issue))).await {
            Ok(issued) => Ok(issued),
            // Its user or application has gone, or its scope was narrowed, since it was looked at.
            Err(StoreError::Conflict(Conflict::Dangling | Conflict::Stale)) => Ok(Issued::Gone),
            Err(error) => Err(unexpected(error)),
        }
    }

    async fn end_grant(&self, grant: GrantId) -> Result<u64, Fault> {
        self.engine
            .write(move |it| {
                Box::pin(async move {
                    let mut effects = Vec::new();
                    Ok(Done { value: grants::end(it, grant, &mut effects).await?, effects })
                })
            })
            .await
    }

    async fn end_grant_of_code(&self, code: &Digest) -> Result<bool, Fault> {
        let code = *code;
        self.engine.write(move |it| Box::pin(grants::end_of_code(it, code))).await
    }

    async fn has_consented(
        &self,
        user: UserId,
        application: ApplicationId,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let scope = scope.clone();
        self.engine
            .read(move |it| {
                Box::pin(async move { tokens::has_scope(it, (user, application), &scope, now).await })
            })
            .await
    }

    async fn create_device(&self, device: DeviceGrant) -> Result<bool, Fault> {
        self.engine.write(move |it| Box::pin(devices::create(it, device, devices::LIMITS))).await
    }

    async fn poll_device(
        &self,
        digest: &Digest,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<Option<DeviceGrant>, Fault> {
        let digest = *digest;
        self.engine.write(move |it| Box::pin(devices::poll(it, digest, application, now))).await
    }

    async fn find_device(&self, user_digest: &Digest) -> Result<Option<DeviceGrant>, Fault> {
        let digest = *user_digest;
        self.engine.read(move |it| Box::pin(devices::by_user_code(it, digest))).await
    }

    async fn decide_device(
        &self,
        user_digest: &Digest,
        decision: Decision,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let digest = *user_digest;
        match self.engine.try_write(move |it| Box::pin(devices::decide(it, digest, decision, now))).await {
            Ok(was_open) => Ok(was_open),
            // The user is gone.
            Err(StoreError::Conflict(Conflict::Dangling)) => Ok(false),
            Err(error) => Err(unexpected(error)),
        }
    }

    async fn revoke_refresh_tokens(
        &self,
        user: Option<UserId>,
        now: Timestamp,
    ) -> Result<Vec<RefreshTokenId>, Fault> {
        self.engine.write(move |it| Box::pin(refresh_tokens::revoke(it, user, now))).await
    }

    async fn clean_tokens(&self, now: Timestamp, refresh_before: Timestamp) -> Result<(u64, u64), Fault> {
        self.clean(now, refresh_before).await
    }

    async fn import(&self, import: Import) -> Result<Summary, Fault> {
        self.engine.write(move |connection| Box::pin(crate::import::import(connection, import))).await
    }

    fn settings(&self) -> Arc<Settings> {
        self.caches.settings()
    }

    async fn write_settings(&self, writes: Vec<SettingWrite>, trail: Trail) -> Result<(), Fault> {
        let sealer = Arc::clone(&self.sealer);
        self.engine.write(move |it| Box::pin(settings::write(it, writes, trail, sealer))).await
    }

    async fn ping(&self) -> Result<(), Fault> {
        self.engine
            .read_one(|connection| {
                Box::pin(async move { sqlx::query(sql::PING).fetch_one(connection).await.map(drop) })
            })
            .await
    }
}
