//! Grants: applications, access tokens and refresh tokens.

use std::collections::HashSet;

use identity::model::application::{Allowances, Application, ClientType};
use identity::model::import::summary::{Kind, Outcome};
use identity::model::import::{ApplicationRecord, RefreshTokenRecord, TokenRecord};
use identity::model::object::{ApplicationId, GrantId, OrganizationId, TokenId, UserId};
use identity::model::token::Token;
use sqlx::Row as _;

use super::{Importer, TAKEN, unless_taken};
use crate::engine::Failure;
use crate::rows::micros;
use crate::{applications, sql, tokens};

/// What is said of a confidential application whose secret could not be read.
const NO_SECRET: &str = "without a usable secret: give --secret-key-file, or a new secret to each of them";

/// What is said of tokens that would get more rights here than they had.
const RAISED: &str = "their users administer everything here, but not there";

/// What is said of an application that cannot keep a secret.
const NO_PKCE: &str = "public ones that need not use PKCE, as in AWX; have those that can require it";

impl Importer<'_> {
    pub(super) async fn application(&mut self, record: ApplicationRecord) -> Result<(), Failure> {
        let Some(organization) = self.organizations.get(&record.organization).copied() else {
            self.summary.skip(Kind::Application, "their organization was not taken over", record.name);
            return Ok(());
        };
        if record.client_type == ClientType::Confidential && record.secret.is_none() {
            self.summary.remark(Kind::Application, NO_SECRET, record.name.as_str());
        }
        if let Some(before) = applications::by_client_id(self.connection, record.client_id.clone()).await? {
            self.applications.insert(record.number, before.id);
            return self.application_again(&record, &before, organization).await;
        }
        let number = record.number;
        let application = self.as_application(record, organization);
        match unless_taken(applications::create(self.connection, &application).await)? {
            Some(id) => {
                if application.client_type == ClientType::Public {
                    self.summary.remark(Kind::Application, NO_PKCE, application.name);
                }
                self.applications.insert(number, ApplicationId(id));
                self.summary.add(Kind::Application, Outcome::New);
            }
            None => self.summary.skip(Kind::Application, TAKEN, application.name),
        }
        Ok(())
    }

    /// An application that is here already. A secret that could not be read before is filled in.
    async fn application_again(
        &mut self,
        record: &ApplicationRecord,
        before: &Application,
        organization: OrganizationId,
    ) -> Result<(), Failure> {
        let mut after = before.clone();
        if self.overwrites {
            let there = self.as_application(record.clone(), organization);
            after = Application {
                id: before.id,
                client_secret_hash: there.client_secret_hash.or_else(|| after.client_secret_hash.take()),
                allowances: before.allowances,
                requires_pkce: before.requires_pkce,
                stamp: before.stamp.clone(),
                ..there
            };
        } else if before.client_type == ClientType::Confidential && before.client_secret_hash.is_none() {
            after.client_secret_hash = record.secret.as_ref().map(|it| it.0.clone());
        }
        if after == *before {
            self.summary.add(Kind::Application, Outcome::Unchanged);
            return Ok(());
        }
        after.stamp.modified_at = self.at;
        after.stamp.modified_by = Some(self.by);
        let updated = applications::update(self.connection, before, &after, &mut self.effects).await;
        match unless_taken(updated)? {
            Some(()) => self.summary.add(Kind::Application, Outcome::Updated),
            None => self.summary.skip(Kind::Application, TAKEN, after.name),
        }
        Ok(())
    }

    fn as_application(&self, record: ApplicationRecord, organization: OrganizationId) -> Application {
        Application {
            id: ApplicationId::NEW,
            name: record.name,
            description: record.description,
            client_id: record.client_id,
            client_secret_hash: record.secret.map(|it| it.0),
            client_type: record.client_type,
            grant_type: record.grant_type,
            redirect_uris: record.redirect_uris,
            post_logout_redirect_uris: record.post_logout_redirect_uris,
            algorithm: record.algorithm,
            skip_authorization: record.skip_authorization,
            allowances: Allowances::default(),
            // AWX asks nobody for it, and what has worked there is to work here.
            requires_pkce: false,
            app_url: record.app_url,
            organization,
            user: record.user.and_then(|number| self.users.get(&number).copied()),
            stamp: self.stamp(record.created_at),
        }
    }

    /// The numbers there of access tokens whose refresh tokens have come to their end here: these tokens were
    /// exchanged or revoked since the last import, and must not come back.
    pub(super) async fn ended(&mut self, records: &[RefreshTokenRecord]) -> Result<HashSet<i64>, Failure> {
        let mut ended = HashSet::new();
        for it in records {
            let query = sqlx::query(sql::REFRESH_STATE).bind(&it.digest.0[..]);
            if let Some(row) = query.fetch_optional(&mut *self.connection).await?
                && row.try_get::<Option<i64>, _>("ended_at")?.is_some()
            {
                ended.insert(it.token);
            }
        }
        Ok(ended)
    }

    /// Takes a token over. One that a refresh token comes with waits for it to begin their grant.
    pub(super) async fn token(
        &mut self,
        record: TokenRecord,
        ended: &HashSet<i64>,
        carried: &HashSet<i64>,
    ) -> Result<(), Failure> {
        if let Some(row) = self.find(sql::TOKEN_ID, &record.digest.0).await? {
            self.tokens.insert(record.number, TokenId(row));
            self.summary.add(Kind::Token, Outcome::Unchanged);
            return Ok(());
        }
        if ended.contains(&record.number) {
            self.summary.skip(Kind::Token, "they were exchanged or revoked here since the last import", "");
            return Ok(());
        }
        let Some(user) = self.users.get(&record.user).copied() else {
            self.summary.skip(Kind::Token, "their users were not taken over", "");
            return Ok(());
        };
        if self.raised.contains(&user) {
            self.summary.skip(Kind::Token, RAISED, "");
            return Ok(());
        }
        let application = record.application.map(|number| self.applications.get(&number).copied());
        if application == Some(None) {
            self.summary.skip(Kind::Token, "their applications were not taken over", "");
            return Ok(());
        }
        let application = application.flatten();
        let grant = match application {
            Some(application) if carried.contains(&record.number) => {
                Some(self.begin(user, application).await?)
            }
            _ => None,
        };
        let token = Token {
            id: TokenId::NEW,
            digest: record.digest.to_tagged(),
            refresh_digest: None,
            grant,
            user,
            application,
            description: record.description,
            scope: record.scope,
            expires_at: record.expires_at,
            last_used_at: record.last_used_at,
            stamp: self.stamp(record.created_at),
        };
        let id = tokens::insert(self.connection, &token, grant).await?;
        self.tokens.insert(record.number, id);
        self.summary.add(Kind::Token, Outcome::New);
        Ok(())
    }

    /// Takes a refresh token over. Its life begins with the import, since AWX lets it live as long as its
    /// access token.
    pub(super) async fn refresh_token(&mut self, record: RefreshTokenRecord) -> Result<(), Failure> {
        if self.find(sql::REFRESH_STATE, &record.digest.0).await?.is_some() {
            self.summary.add(Kind::RefreshToken, Outcome::Unchanged);
            return Ok(());
        }
        let user = self.users.get(&record.user).copied();
        let application = self.applications.get(&record.application).copied();
        let (Some(user), Some(application)) = (user, application) else {
            let reason = "their users or applications were not taken over";
            self.summary.skip(Kind::RefreshToken, reason, "");
            return Ok(());
        };
        if self.raised.contains(&user) {
            self.summary.skip(Kind::RefreshToken, RAISED, "");
            return Ok(());
        }
        let token = self.tokens.get(&record.token).copied();
        let grant = match token {
            Some(token) => self.grant_of(token).await?,
            None => None,
        };
        // Without its access token, whose life may be over, it begins a grant of its own.
        let (grant, token) = match grant {
            Some(grant) => (grant, token),
            None => (self.begin(user, application).await?, None),
        };
        sqlx::query(sql::REFRESH_INSERT)
            .bind(&record.digest.0[..])
            .bind(grant.0)
            .bind(token.map(|it| it.0))
            .bind(record.scope.as_str())
            .bind(micros(self.at))
            .execute(&mut *self.connection)
            .await?;
        self.summary.add(Kind::RefreshToken, Outcome::New);
        Ok(())
    }

    /// Begins a grant, also one of a user who may not sign in: it lives again when the user does.
    async fn begin(&mut self, user: UserId, application: ApplicationId) -> Result<GrantId, Failure> {
        let inserted = sqlx::query(sql::GRANT_IMPORT)
            .bind(user.0)
            .bind(application.0)
            .bind(micros(self.at))
            .execute(&mut *self.connection)
            .await?;
        Ok(GrantId(inserted.last_insert_rowid()))
    }

    async fn grant_of(&mut self, token: TokenId) -> Result<Option<GrantId>, Failure> {
        let row = sqlx::query(sql::TOKEN_GRANT).bind(token.0).fetch_one(&mut *self.connection).await?;
        Ok(row.try_get::<Option<i64>, _>("grant_id")?.map(GrantId))
    }

    /// The number of what has this digest.
    async fn find(&mut self, text: &'static str, digest: &[u8; 32]) -> Result<Option<i64>, Failure> {
        let row = sqlx::query(text).bind(&digest[..]).fetch_optional(&mut *self.connection).await?;
        Ok(row.map(|row| row.try_get("id")).transpose()?)
    }
}
