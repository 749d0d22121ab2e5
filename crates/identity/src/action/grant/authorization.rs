//! The authorization endpoint: what an application asks of a user, and the code that is the answer (RFC 6749
//! section 4.1).

use std::sync::Arc;

use super::scope;
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::application::{Application, CLIENT_ID_MAX, ClientType, GrantType};
use crate::model::audit::EventKind;
use crate::model::grant::Code;
use crate::model::pkce::Challenge;
use crate::model::principal::{Evidence, Principal};
use crate::model::redirect;
use crate::model::scope::Scope;
use crate::model::secret::{ALPHANUMERIC, Digest, Secret, generate};
use crate::model::session::end_of;

/// Characters of an authorization code: 178 random bits (AWX contract section D1).
const CODE_LENGTH: usize = 30;

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
        let application = self.application_named(request.client_id).await?;
        let redirect_uri = redirect::choose(&application.redirect_uris, request.redirect_uri)
            .ok_or(AuthorizationRefusal::ForeignRedirect)?;
        // From here on there is a place where the application can be told.
        let told = |error, description| AuthorizationRefusal::Told {
            redirect_uri: redirect_uri.clone(),
            error,
            description,
        };
        match request.response_type {
            None => return Err(told("invalid_request", Some("Missing response_type parameter."))),
            Some("code") if application.grant_type == GrantType::AuthorizationCode => {}
            Some(_) => return Err(told("unauthorized_client", None)),
        }
        let scope = scope::asked(request.scope).map_err(|_| told("invalid_scope", None))?;
        let challenge = challenge(&request, application.requires_pkce)
            .map_err(|description| told("invalid_request", Some(description)))?;
        Ok(Authorization { application, redirect_uri, scope, challenge })
    }

    async fn application_named(
        &self,
        client_id: Option<&str>,
    ) -> Result<Arc<Application>, AuthorizationRefusal> {
        let unknown = AuthorizationRefusal::UnknownApplication;
        let Some(client_id) = client_id.filter(|it| it.len() <= CLIENT_ID_MAX) else { return Err(unknown) };
        let found = self.store.find_application(client_id).await;
        found.map_err(|fault| AuthorizationRefusal::Refused(fault.into()))?.ok_or(unknown)
    }

    /// Whether the user is asked: not if the application is trusted, nor if the request allows it (`is_auto`)
    /// and the user has consented to the same before. Trust needs somebody to be trusted: whoever listens on
    /// the user's own machine may be any program that says to be that public application (RFC 8252 section
    /// 8.6).
    pub async fn needs_consent(
        &self,
        context: &Context,
        principal: &Principal,
        authorization: &Authorization,
        is_auto: bool,
    ) -> Result<bool, Refusal> {
        let application = &authorization.application;
        let is_public = application.client_type == ClientType::Public;
        if application.skip_authorization
            && !(is_public && redirect::is_loopback(&authorization.redirect_uri))
        {
            return Ok(false);
        }
        // Anybody can say to be a public application, so it is not trusted for having been trusted before.
        if !is_auto || is_public {
            return Ok(true);
        }
        let (user, scope) = (principal.user().id, &authorization.scope);
        Ok(!self.store.has_consented(user, application.id, scope, context.now).await?)
    }

    /// The user consents: a code for the application. Only a session can consent.
    pub async fn give_code(
        &self,
        context: &Context,
        principal: &Principal,
        authorization: &Authorization,
    ) -> Result<Secret, Refusal> {
        if !matches!(principal.evidence, Evidence::Session(_)) {
            return Err(Denial::NotPermitted.into());
        }
        self.check_external(principal.user())?;
        let value = generate(&*self.world.random, ALPHANUMERIC, CODE_LENGTH);
        let application = &authorization.application;
        let code = Code {
            digest: Digest::of(value.expose().as_bytes()),
            application: application.id,
            user: principal.user().id,
            redirect_uri: authorization.redirect_uri.clone(),
            scope: authorization.scope.clone(),
            challenge: authorization.challenge.clone(),
            created_at: context.now,
            expires_at: end_of(context.now, self.settings().code_life),
            is_used: false,
        };
        self.store.create_code(code).await?;
        let detail =
            format!("code for application {} scope {}", application.id, authorization.scope.as_str());
        self.audit(context, EventKind::Grant, Some(principal.user()), detail);
        Ok(value)
    }
}

/// What the exchange must prove to know, or what is wrong with it. A challenge in clear text would prove
/// nothing to whoever can read the request (RFC 9700 section 2.1.1).
fn challenge(
    request: &AuthorizationRequest<'_>,
    is_required: bool,
) -> Result<Option<Challenge>, &'static str> {
    match (request.code_challenge, request.code_challenge_method) {
        (None, None) if !is_required => Ok(None),
        (None, _) => Err("Code challenge required."),
        (Some(text), Some("S256")) => {
            Challenge::parse(text).map(Some).ok_or("Code challenge must be 43 characters of base64url.")
        }
        (Some(_), _) => Err("Transform algorithm not supported."),
    }
}
