//! Grants: applications, access tokens and refresh tokens.

use std::collections::HashMap;

use identity::model::application::{ClientType, GrantType};
use identity::model::import::summary::Kind;
use identity::model::import::{ApplicationRecord, ClientSecretHash, RefreshTokenRecord, TokenRecord};
use identity::model::scope::Scope;
use identity::model::secret::Digest;

use super::collect::{BROKEN, Collector, instant, instant_or_epoch};
use super::seal::UNUSABLE;
use super::source::Row;
use crate::rows::{digest_of, untagged};

/// A refresh token that has not found its access token yet.
pub(crate) struct RefreshRow {
    digest: Digest,
    user: i64,
    application: i64,
    token: i64,
    created_at: jiff::Timestamp,
}

impl Collector {
    pub(crate) fn application(&mut self, row: &Row) -> Option<()> {
        let name = row.text("name")?.to_owned();
        let Some(organization) = row.number("organization_id") else {
            self.summary.skip(Kind::Application, "it belongs to no organization", name);
            return Some(());
        };
        let client_type = match row.text("client_type")? {
            "confidential" => ClientType::Confidential,
            "public" => ClientType::Public,
            _ => return None,
        };
        let grant_type = match row.text("authorization_grant_type")? {
            "authorization-code" => GrantType::AuthorizationCode,
            "password" => GrantType::Password,
            _ => {
                self.summary.skip(Kind::Application, "its grant type is not one of AWX", name);
                return Some(());
            }
        };
        self.applications.push(ApplicationRecord {
            number: row.number("id")?,
            name,
            description: row.text_or_empty("description"),
            client_id: row.text("client_id")?.to_owned(),
            secret: secret(row, client_type),
            client_type,
            grant_type,
            redirect_uris: words(row, "redirect_uris"),
            post_logout_redirect_uris: words(row, "post_logout_redirect_uris"),
            algorithm: row.text_or_empty("algorithm"),
            skip_authorization: row.flag("skip_authorization").unwrap_or(false),
            app_url: row.text("app_url").filter(|it| !it.is_empty()).map(str::to_owned),
            organization,
            user: row.number("user_id"),
            created_at: instant_or_epoch(row, "created"),
        });
        Some(())
    }

    pub(crate) fn token(&mut self, row: &Row) -> Option<()> {
        let number = row.number("id")?;
        let Some(user) = row.number("user_id") else {
            self.summary.skip(Kind::Token, "they belong to no user", "");
            return Some(());
        };
        let Ok(scope) = Scope::parse(&words(row, "scope")) else {
            self.summary.skip(Kind::Token, "their scope is not known here", row.text_or_empty("scope"));
            return Some(());
        };
        self.tokens.push(TokenRecord {
            number,
            digest: digest(row)?,
            user,
            application: row.number("application_id"),
            description: row.text_or_empty("description"),
            scope,
            expires_at: instant(row.text("expires")?)?,
            last_used_at: row.text("last_used").and_then(instant),
            created_at: instant_or_epoch(row, "created"),
        });
        Some(())
    }

    pub(crate) fn refresh_token(&mut self, row: &Row) -> Option<()> {
        if row.text("revoked").is_some() {
            self.summary.skip(Kind::RefreshToken, "they were used or revoked", "");
            return Some(());
        }
        let Some(token) = row.number("access_token_id") else {
            self.summary.skip(Kind::RefreshToken, "their access tokens are gone", "");
            return Some(());
        };
        self.refresh_tokens.push(RefreshRow {
            digest: digest(row)?,
            user: row.number("user_id")?,
            application: row.number("application_id")?,
            token,
            created_at: instant_or_epoch(row, "created"),
        });
        Some(())
    }
}

/// The digest of a sealed token.
fn digest(row: &Row) -> Option<Digest> {
    digest_of(untagged(row.text("token")?).ok()?).ok()
}

fn secret(row: &Row, client_type: ClientType) -> Option<ClientSecretHash> {
    let kept = row.text("client_secret").filter(|it| !it.is_empty() && *it != UNUSABLE)?;
    (client_type == ClientType::Confidential).then(|| ClientSecretHash(kept.to_owned()))
}

/// Words with single spaces between them.
fn words(row: &Row, column: &str) -> String {
    let words: Vec<&str> = row.text(column).unwrap_or_default().split_whitespace().collect();
    words.join(" ")
}

/// Refresh tokens with the scopes of the access tokens that they came with: they have none of their own.
pub(crate) fn refresh_tokens(collector: &mut Collector) -> Vec<RefreshTokenRecord> {
    let scopes: HashMap<i64, &Scope> = collector.tokens.iter().map(|it| (it.number, &it.scope)).collect();
    let mut found = Vec::with_capacity(collector.refresh_tokens.len());
    for it in std::mem::take(&mut collector.refresh_tokens) {
        let RefreshRow { digest, user, application, token, created_at } = it;
        match scopes.get(&token) {
            Some(scope) => {
                let scope = (*scope).clone();
                found.push(RefreshTokenRecord { digest, user, application, token, scope, created_at });
            }
            None => collector.summary.skip(Kind::RefreshToken, BROKEN, ""),
        }
    }
    found
}
