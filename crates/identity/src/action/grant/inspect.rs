//! Tokens looked at and revoked by applications (RFC 7662, RFC 7009).

use jiff::Timestamp;

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::application::Application;
use crate::model::object::{StableId, TokenId};
use crate::model::scope::Scope;
use crate::model::secret::Secret;

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
        let _ = (context, application, value);
        todo!()
    }

    /// Revokes an application's access or refresh token with its whole grant. Others' tokens are left alone, and
    /// nobody is told which they are.
    pub async fn revoke_for(
        &self,
        context: &Context,
        application: &Application,
        value: &Secret,
    ) -> Result<(), Refusal> {
        let _ = (context, application, value);
        todo!()
    }
}
