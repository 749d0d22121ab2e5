//! The token endpoint: what an application shows becomes a token (RFC 6749 sections 4 to 6).

use std::sync::Arc;

use jiff::SignedDuration;

use super::scope;

use crate::action::build::tagged;
use crate::action::check_password::Memory;
use crate::action::trail;
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::application::{Application, ClientType, GrantType};
use crate::model::audit::EventKind;
use crate::model::grant::{Decision, GrantDenial};
use crate::model::object::{Object, Stamp, TokenId, UserId};
use crate::model::principal::Subject;
use crate::model::redirect;
use crate::model::scope::Scope;
use crate::model::secret::{Digest, Secret};
use crate::model::session::end_of;
use crate::model::token::Token;
use crate::port::{Issue, Issued, Taken};

/// What an application shows for a token.
#[derive(Clone, Copy, Debug)]
pub enum GrantRequest<'a> {
    /// A user's name and password (RFC 6749 section 4.3).
    Password {
        /// The name.
        username: &'a str,
        /// The password.
        password: &'a Secret,
        /// How far the token shall reach.
        scope: Option<&'a str>,
    },
    /// An authorization code (RFC 6749 section 4.1.3).
    Code {
        /// The code.
        code: &'a Secret,
        /// The redirection URI of the authorization request.
        redirect_uri: Option<&'a str>,
        /// What shows that it began the authorization (RFC 7636).
        verifier: Option<&'a Secret>,
    },
    /// A refresh token (RFC 6749 section 6).
    Refresh {
        /// The refresh token.
        token: &'a Secret,
        /// How far the new token shall reach; no further than the old one.
        scope: Option<&'a str>,
    },
    /// Nothing but itself (RFC 6749 section 4.4).
    Application {
        /// How far the token shall reach.
        scope: Option<&'a str>,
    },
    /// A device code (RFC 8628 section 3.4).
    Device {
        /// The device code.
        code: &'a Secret,
    },
}

/// A token for an application.
#[derive(Debug)]
pub struct Granted {
    /// The token.
    pub token: Token,
    /// Its value; nobody can ask for it again.
    pub value: Secret,
    /// The refresh token's value, if there is one.
    pub refresh: Option<Secret>,
    /// The token's life.
    pub expires_in: SignedDuration,
}

impl Authority {
    /// Gives an application a token for what it shows. Refused with [`Denial::Grant`] or
    /// [`Denial::ExternalUser`].
    pub async fn grant(
        &self,
        context: &Context,
        application: &Arc<Application>,
        request: GrantRequest<'_>,
    ) -> Result<Granted, Refusal> {
        if !may_use(application, &request) {
            return no(GrantDenial::UnauthorizedClient);
        }
        let basis = match request {
            GrantRequest::Password { username, password, scope } => {
                self.by_password(context, username, password, scope).await?
            }
            GrantRequest::Code { code, redirect_uri, verifier } => {
                self.by_code(context, application, code, redirect_uri, verifier).await?
            }
            GrantRequest::Refresh { token, scope } => {
                self.by_refresh_token(context, application, token, scope).await?
            }
            GrantRequest::Application { scope } => self.by_owner(application, scope).await?,
            GrantRequest::Device { code } => self.by_device(context, application, code).await?,
        };
        self.check_external(&basis.subject.user)?;
        self.give(context, application, basis).await
    }

    async fn by_password(
        &self,
        context: &Context,
        username: &str,
        password: &Secret,
        scope: Option<&str>,
    ) -> Result<Basis, Refusal> {
        if !self.grant_policy.allows_password {
            return no(GrantDenial::UnsupportedGrantType);
        }
        let scope = scope::asked(scope)?;
        let checked = self.check_password(context, username, password, Memory::None).await;
        match checked {
            Ok(subject) => Ok(Basis { subject, scope, taken: Taken::Nothing, is_refreshable: true }),
            Err(Refusal::Denied(
                Denial::WrongPassword | Denial::Disabled | Denial::Locked(_) | Denial::TooManyAttempts(_),
            )) => no(GrantDenial::InvalidGrant(Some("Invalid credentials given."))),
            Err(refusal) => Err(refusal),
        }
    }

    async fn by_code(
        &self,
        context: &Context,
        application: &Application,
        code: &Secret,
        redirect_uri: Option<&str>,
        verifier: Option<&Secret>,
    ) -> Result<Basis, Refusal> {
        let digest = Digest::of(code.expose().as_bytes());
        let found = self.store.find_code(&digest).await?.filter(|it| it.application == application.id);
        let Some(found) = found else { return no(GrantDenial::InvalidGrant(None)) };
        if found.is_used {
            self.store.end_grant_of_code(&digest).await?;
            self.tell_replay(context, application, found.user, "authorization code");
            return no(GrantDenial::InvalidGrant(None));
        }
        if found.is_over(context.now) {
            return no(GrantDenial::InvalidGrant(None));
        }
        // An address that is no longer the application's takes the codes along that were sent there.
        if redirect::choose(&application.redirect_uris, Some(&found.redirect_uri)).is_none() {
            return no(GrantDenial::InvalidGrant(None));
        }
        if redirect_uri.is_some_and(|it| it != found.redirect_uri) {
            return no(GrantDenial::InvalidRequest("Mismatching redirect URI."));
        }
        let is_proved = match (&found.challenge, verifier) {
            (Some(_), None) => return no(GrantDenial::InvalidRequest("Code verifier required.")),
            (Some(challenge), Some(verifier)) => challenge.is_met_by(verifier.expose()),
            // A verifier without a challenge: somebody took the challenge out (RFC 9700 section 4.8.2).
            (None, Some(_)) => false,
            (None, None) => !application.requires_pkce,
        };
        if !is_proved {
            return no(GrantDenial::InvalidGrant(None));
        }
        let subject = self.subject_of(found.user).await?;
        Ok(Basis { subject, scope: found.scope, taken: Taken::Code(digest), is_refreshable: true })
    }

    async fn by_refresh_token(
        &self,
        context: &Context,
        application: &Application,
        token: &Secret,
        scope: Option<&str>,
    ) -> Result<Basis, Refusal> {
        let digest = Digest::of(token.expose().as_bytes());
        let found = self.store.find_refresh_token(&digest).await?;
        let Some(found) = found.filter(|it| it.application == application.id) else {
            return no(GrantDenial::InvalidGrant(None));
        };
        if found.ended_at.is_some() {
            // Two hold it, and nobody knows who stole it from whom.
            self.store.end_grant(found.grant).await?;
            self.tell_replay(context, application, found.user, "refresh token");
            return no(GrantDenial::InvalidGrant(None));
        }
        let own_end = end_of(found.created_at, self.settings().refresh_life);
        let whole_end = end_of(found.granted_at, self.grant_policy.grant_life);
        if context.now >= own_end || context.now >= whole_end {
            return no(GrantDenial::RefreshExpired);
        }
        let scope = if scope.is_some_and(|it| !it.trim().is_empty()) {
            scope::asked(scope)?
        } else {
            found.scope.clone()
        };
        if !scope.is_within(&found.scope) {
            return no(GrantDenial::InvalidScope);
        }
        let subject = self.subject_of(found.user).await?;
        Ok(Basis { subject, scope, taken: Taken::Refresh(found.id), is_refreshable: true })
    }

    /// The application itself asks: its token speaks for its owner.
    async fn by_owner(&self, application: &Application, scope: Option<&str>) -> Result<Basis, Refusal> {
        let Some(owner) = application.user else { return no(GrantDenial::UnauthorizedClient) };
        let scope = scope::asked(scope)?;
        let subject = self.subject_of(owner).await?;
        Ok(Basis { subject, scope, taken: Taken::Nothing, is_refreshable: false })
    }

    async fn by_device(
        &self,
        context: &Context,
        application: &Application,
        code: &Secret,
    ) -> Result<Basis, Refusal> {
        let digest = Digest::of(code.expose().as_bytes());
        let Some(found) = self.store.poll_device(&digest, application.id, context.now).await? else {
            return no(GrantDenial::InvalidGrant(None));
        };
        if found.is_over(context.now) {
            return no(GrantDenial::ExpiredToken);
        }
        let user = match found.decision {
            Decision::Allowed(user) => user,
            Decision::Denied => return no(GrantDenial::AccessDenied),
            Decision::Used => return no(GrantDenial::InvalidGrant(None)),
            Decision::Open => {
                let is_hasty =
                    found.polled_at.is_some_and(|last| context.now.duration_since(last) < found.interval);
                let denial = if is_hasty { GrantDenial::SlowDown } else { GrantDenial::AuthorizationPending };
                return no(denial);
            }
        };
        let subject = self.subject_of(user).await?;
        Ok(Basis { subject, scope: found.scope, taken: Taken::Device(digest), is_refreshable: true })
    }

    /// The user that a grant speaks for, who must still be allowed to sign in.
    async fn subject_of(&self, user: UserId) -> Result<Arc<Subject>, Refusal> {
        let found = self.store.find_subject(user).await?.filter(|it| it.user.is_enabled);
        found.ok_or_else(|| Denial::Grant(GrantDenial::InvalidGrant(None)).into())
    }

    /// Takes what the token is granted for and makes the token.
    async fn give(
        &self,
        context: &Context,
        application: &Application,
        basis: Basis,
    ) -> Result<Granted, Refusal> {
        let user = &basis.subject.user;
        let value = self.new_token_value();
        let refresh = basis.is_refreshable.then(|| self.new_token_value());
        let expires_in = self.token_life();
        let token = Token {
            id: TokenId::NEW,
            digest: tagged(&value),
            refresh_digest: refresh.as_ref().map(tagged),
            grant: None,
            user: user.id,
            application: Some(application.id),
            description: String::new(),
            scope: basis.scope.clone(),
            expires_at: end_of(context.now, expires_in),
            last_used_at: None,
            stamp: Stamp::new(context.now, Some(user.id)),
        };
        let trail = trail::created(context, user.id, &Object::Token(token.clone()));
        match self.store.issue(Issue { taken: basis.taken, token, trail }).await? {
            Issued::Token(token) => {
                let detail = format!(
                    "token {} scope {} for application {}",
                    token.id,
                    token.scope.as_str(),
                    application.id
                );
                self.audit(context, EventKind::TokenCreate(token.id), Some(user), detail);
                Ok(Granted { token: *token, value, refresh, expires_in })
            }
            Issued::Replayed => {
                self.tell_replay(context, application, user.id, "code or refresh token");
                no(GrantDenial::InvalidGrant(None))
            }
            Issued::Gone => no(GrantDenial::InvalidGrant(None)),
        }
    }

    fn tell_replay(&self, context: &Context, application: &Application, user: UserId, what: &str) {
        let detail =
            format!("{what} of application {} and user {user} shown again: grant ended", application.id);
        self.audit(context, EventKind::Replay, None, detail);
    }
}

/// What a token is granted on.
struct Basis {
    subject: Arc<Subject>,
    scope: Scope,
    taken: Taken,
    is_refreshable: bool,
}

/// Whether the application may ask so at all.
fn may_use(application: &Application, request: &GrantRequest<'_>) -> bool {
    let grant_type = application.grant_type;
    match request {
        GrantRequest::Password { .. } => grant_type == GrantType::Password,
        GrantRequest::Code { .. } => grant_type == GrantType::AuthorizationCode,
        GrantRequest::Refresh { .. } => true,
        GrantRequest::Application { .. } => {
            // Anybody could ask in the name of a public one.
            application.allowances.client_credentials && application.client_type == ClientType::Confidential
        }
        GrantRequest::Device { .. } => application.allowances.device,
    }
}

fn no<T>(denial: GrantDenial) -> Result<T, Refusal> {
    Err(Denial::Grant(denial).into())
}
