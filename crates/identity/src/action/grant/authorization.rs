//! The authorization endpoint: what an application asks of a user, and the code that is the answer (RFC 6749
//! section 4.1).

use std::sync::Arc;

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::application::Application;
use crate::model::pkce::Challenge;
use crate::model::principal::Principal;
use crate::model::scope::Scope;
use crate::model::secret::Secret;

/// What an application asks, as the browser brings it.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuthorizationRequest<'a> {
    /// `code`, if anything sensible.
    pub response_type: Option<&'a str>,
    /// Who asks.
    pub client_id: Option<&'a str>,
    /// Where the answer shall go.
    pub redirect_uri: Option<&'a str>,
    /// How far the token shall reach.
    pub scope: Option<&'a str>,
    /// What the exchange will prove to know.
    pub code_challenge: Option<&'a str>,
    /// How the challenge is made: only `S256`.
    pub code_challenge_method: Option<&'a str>,
}

/// A question that may be put to the user.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Who asks.
    pub application: Arc<Application>,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// Whether the request named that address.
    pub names_redirect_uri: bool,
    /// How far the token will reach.
    pub scope: Scope,
    /// What the exchange must prove to know.
    pub challenge: Option<Challenge>,
}

/// Why a question is not put to the user.
#[derive(Debug)]
pub enum AuthorizationRefusal {
    /// No application of this name. Told on a page: there is nobody to send the browser to.
    UnknownApplication,
    /// The redirection URI is not the application's. Told on a page.
    ForeignRedirect,
    /// Told to the application, at its redirection URI.
    Told {
        /// Where.
        redirect_uri: String,
        /// One of the words of RFC 6749 section 4.1.2.1.
        error: &'static str,
        /// For its developer.
        description: Option<&'static str>,
    },
    /// Told to the user, as any refusal.
    Refused(Refusal),
}

impl Authority {
    /// Reads a request: who asks for what, and where the answer goes.
    pub async fn read_authorization(
        &self,
        request: AuthorizationRequest<'_>,
    ) -> Result<Authorization, AuthorizationRefusal> {
        let _ = request;
        todo!()
    }

    /// Whether the user is asked: not if the application is trusted, nor if the request allows it (`is_auto`)
    /// and the user has consented to the same before.
    pub async fn needs_consent(
        &self,
        context: &Context,
        principal: &Principal,
        authorization: &Authorization,
        is_auto: bool,
    ) -> Result<bool, Refusal> {
        let _ = (context, principal, authorization, is_auto);
        todo!()
    }

    /// The user consents: a code for the application. Only a session can consent.
    pub async fn give_code(
        &self,
        context: &Context,
        principal: &Principal,
        authorization: &Authorization,
    ) -> Result<Secret, Refusal> {
        let _ = (context, principal, authorization);
        todo!()
    }
}
