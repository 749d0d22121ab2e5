//! Tokens looked at and revoked by applications (RFC 7662, RFC 7009).

use std::sync::Arc;

use jiff::Timestamp;

use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::application::{Application, ClientType};
use crate::model::audit::EventKind;
use crate::model::grant::GrantDenial;
use crate::model::object::{ApplicationId, StableId, TokenId};
use crate::model::scope::Scope;
use crate::model::secret::{Digest, Secret};
use crate::model::token::Token;

/// Longest token that is looked up, in bytes.
const TOKEN_MAX: usize = 1024;

/// What is told of a live token.
#[derive(Clone, Debug)]
pub struct Introspection {
    /// The access token's number.
    pub token: TokenId,
    /// How far it reaches.
    pub scope: Scope,
    /// For which application it was made; none for a personal token.
    pub client_id: Option<String>,
    /// Whom it speaks for.
    pub username: String,
    /// The same, by the name that services know.
    pub subject: StableId,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When its life ends.
    pub expires_at: Timestamp,
}

impl Authority {
    /// What an application may know of an access token: nothing of one that is dead, and nothing of others'
    /// unless it is allowed to ask. Refused with `InvalidClient` for a public application. From memory where
    /// possible.
    pub async fn introspect(
        &self,
        context: &Context,
        application: &Application,
        value: &Secret,
    ) -> Result<Option<Introspection>, Refusal> {
        if application.client_type == ClientType::Public {
            // Anybody could ask in its name.
            return Err(Denial::Grant(GrantDenial::InvalidClient).into());
        }
        let Some(token) = self.token_of(value).await? else { return Ok(None) };
        let is_own = token.application == Some(application.id);
        if token.is_expired(context.now) || !(is_own || application.allowances.introspection) {
            return Ok(None);
        }
        let subject = match self.store.recall_subject(token.user) {
            Some(subject) => Some(subject),
            None => self.store.find_subject(token.user).await?,
        };
        let Some(subject) = subject.filter(|it| it.user.is_enabled) else { return Ok(None) };
        let client_id = match token.application {
            Some(id) if !is_own => self.application_of(id).await?.map(|it| it.client_id.clone()),
            Some(_) => Some(application.client_id.clone()),
            None => None,
        };
        Ok(Some(Introspection {
            token: token.id,
            scope: token.scope.clone(),
            client_id,
            username: subject.user.username.clone(),
            subject: subject.user.stable_id.clone(),
            issued_at: token.stamp.created_at,
            expires_at: token.expires_at,
        }))
    }

    /// Revokes an application's access or refresh token with its whole grant. Others' tokens are left alone, and
    /// nobody is told which they are.
    pub async fn revoke_for(
        &self,
        context: &Context,
        application: &Application,
        value: &Secret,
    ) -> Result<(), Refusal> {
        let access = self.token_of(value).await?;
        let grant = match access.filter(|it| it.application == Some(application.id)) {
            Some(token) => token.grant.map(|grant| (grant, token.user, token.id)),
            None if value.expose().len() > TOKEN_MAX => None,
            None => {
                let found = self.store.find_refresh_token(&Digest::of(value.expose().as_bytes())).await?;
                found
                    .filter(|it| it.application == application.id)
                    .map(|it| (it.grant, it.user, it.token.unwrap_or(TokenId::NEW)))
            }
        };
        let Some((grant, user, token)) = grant else { return Ok(()) };
        self.store.end_grant(grant).await?;
        let detail = format!("grant {grant} of application {} and user {user}", application.id);
        self.audit(context, EventKind::TokenRevoke(token), None, detail);
        Ok(())
    }

    /// The token of this value. Who asks about a token does not use it: when it was used last stays the truth.
    async fn token_of(&self, value: &Secret) -> Result<Option<Arc<Token>>, Refusal> {
        if value.expose().len() > TOKEN_MAX {
            return Ok(None);
        }
        Ok(self.store.look_at_token(&Digest::of(value.expose().as_bytes())).await?)
    }

    /// The application of this number, whoever asks.
    pub(super) async fn application_of(
        &self,
        id: ApplicationId,
    ) -> Result<Option<Arc<Application>>, Refusal> {
        match self.store.recall_application_of(id) {
            Some(application) => Ok(Some(application)),
            None => Ok(self.store.find_application_of(id).await?),
        }
    }
}
