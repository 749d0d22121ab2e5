//! Builds new objects from asked-for fields: who may, what is missing, what is generated.

use crate::action::fields::{ApplicationFields, OrganizationFields, TeamFields, TokenFields, UserFields};
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Invalid, Refusal, Violation};
use crate::model::application::{Allowances, Application, ClientType, GrantType};
use crate::model::object::{
    ApplicationId, AuthenticatorId, Noun, Object, OrganizationId, StableId, Stamp, TeamId, TokenId, UserId,
};
use crate::model::organization::Organization;
use crate::model::principal::{Charter, Principal};
use crate::model::redirect::{self, RedirectError};
use crate::model::scope::Scope;
use crate::model::secret::{ALPHANUMERIC, Digest, Secret, generate};
use crate::model::session::end_of;
use crate::model::team::Team;
use crate::model::token::Token;
use crate::model::user::{Source, User};
use crate::port::PasswordHash;

/// Characters of a token's value and of a refresh token's: 178 random bits (contract section C1).
const TOKEN_LENGTH: usize = 30;
/// Characters of an application's public name (contract section C3).
const CLIENT_ID_LENGTH: usize = 40;
/// Characters of an application's secret (contract section C3).
const CLIENT_SECRET_LENGTH: usize = 128;

/// An object that is ready to be stored, and the secrets that will be shown once.
pub(super) struct Draft {
    pub(super) object: Object,
    pub(super) password: Option<PasswordHash>,
    pub(super) token: Option<Secret>,
    pub(super) refresh_token: Option<Secret>,
    pub(super) client_secret: Option<Secret>,
}

impl Draft {
    pub(super) fn of(object: Object) -> Self {
        Self { object, password: None, token: None, refresh_token: None, client_secret: None }
    }
}

impl Authority {
    pub(super) async fn build_user(
        &self,
        context: &Context,
        principal: &Principal,
        fields: UserFields,
        is_dry_run: bool,
    ) -> Result<Draft, Refusal> {
        let wants_all = fields.is_superuser == Some(true) || fields.is_auditor == Some(true);
        if wants_all && !principal.is_superuser() {
            return Err(Denial::NotPermitted.into());
        }
        let username = required("username", fields.username)?;
        let password = match &fields.password {
            Some(password) => self.new_password(principal, password, is_dry_run).await?,
            None => None,
        };
        let local = Source {
            authenticator: AuthenticatorId::LOCAL,
            name: String::new(),
            uid: username.clone(),
            email: fields.email.clone().unwrap_or_default(),
        };
        let user = User {
            id: UserId::NEW,
            stable_id: self.new_stable_id(),
            username,
            email: fields.email.unwrap_or_default(),
            first_name: fields.first_name.unwrap_or_default(),
            last_name: fields.last_name.unwrap_or_default(),
            is_superuser: fields.is_superuser.unwrap_or(false),
            is_enabled: fields.is_enabled.unwrap_or(true),
            is_managed: false,
            last_login_at: None,
            last_login_from: None,
            credential_version: 1,
            sources: vec![local],
            stamp: stamp(context, principal),
        };
        Ok(Draft { password, ..Draft::of(Object::User(user)) })
    }

    pub(super) fn build_organization(
        &self,
        context: &Context,
        principal: &Principal,
        fields: OrganizationFields,
    ) -> Result<Draft, Refusal> {
        Ok(Draft::of(Object::Organization(Organization {
            id: OrganizationId::NEW,
            stable_id: self.new_stable_id(),
            name: required("name", fields.name)?,
            description: fields.description.unwrap_or_default(),
            is_managed: false,
            stamp: stamp(context, principal),
        })))
    }

    pub(super) async fn build_team(
        &self,
        context: &Context,
        principal: &Principal,
        fields: TeamFields,
    ) -> Result<Draft, Refusal> {
        let name = required("name", fields.name)?;
        let organization = required("organization", fields.organization)?;
        self.see(principal, Noun::Organization, "organization", organization).await?;
        let organization = OrganizationId(organization);
        if !principal.subject.administers(organization) {
            return Err(Denial::NotPermitted.into());
        }
        Ok(Draft::of(Object::Team(Team {
            id: TeamId::NEW,
            stable_id: self.new_stable_id(),
            name,
            organization,
            description: fields.description.unwrap_or_default(),
            stamp: stamp(context, principal),
        })))
    }

    /// A new token. It speaks for the principal, or for the owner of its application if an administrator asks.
    pub(super) async fn build_token(
        &self,
        context: &Context,
        principal: &Principal,
        fields: TokenFields,
    ) -> Result<Draft, Refusal> {
        let mut user = principal.user().clone();
        let application = fields.application.flatten();
        if let Some(id) = application {
            let application = self.see_application(principal, id).await?;
            // Whoever may bind a token must not become the owner by it.
            if let Some(owner) = application.user.filter(|_| principal.is_superuser()) {
                let subject = self.store.find_subject(owner).await?;
                let owner = subject.ok_or_else(|| Refusal::from(Denial::NotPermitted))?;
                user = owner.user.clone();
            }
        }
        self.check_external(&user)?;
        let value = self.new_token_value();
        let refresh = application.map(|_| self.new_token_value());
        let token = Token {
            id: TokenId::NEW,
            digest: tagged(&value),
            refresh_digest: refresh.as_ref().map(tagged),
            grant: None,
            user: user.id,
            application: application.map(ApplicationId),
            description: fields.description.unwrap_or_default(),
            scope: fields.scope.unwrap_or_else(Scope::write),
            expires_at: end_of(context.now, self.token_life()),
            last_used_at: None,
            stamp: stamp(context, principal),
        };
        Ok(Draft { token: Some(value), refresh_token: refresh, ..Draft::of(Object::Token(token)) })
    }

    pub(super) async fn build_application(
        &self,
        context: &Context,
        principal: &Principal,
        fields: ApplicationFields,
    ) -> Result<Draft, Refusal> {
        let name = required("name", fields.name)?;
        let organization = required("organization", fields.organization)?;
        self.see(principal, Noun::Organization, "organization", organization).await?;
        let client_type = required("client_type", fields.client_type)?;
        let grant_type = required("authorization_grant_type", fields.grant_type)?;
        let user = fields.user.flatten();
        if !principal.subject.administers(OrganizationId(organization)) {
            return Err(Denial::NotPermitted.into());
        }
        // Who administers an organization speaks neither for other users nor for their consent, and gives no
        // application more than the contracts have words for.
        let allowances = fields.allowances.unwrap_or_default();
        let speaks_for_others =
            user.is_some() || fields.skip_authorization == Some(true) || allowances != Allowances::default();
        if speaks_for_others && !principal.is_superuser() {
            return Err(Denial::NotPermitted.into());
        }
        if let Some(owner) = user {
            self.see(principal, Noun::User, "user", owner).await?;
        }
        let redirect_uris = fields.redirect_uris.unwrap_or_default();
        check_redirects(principal, grant_type, &redirect_uris)?;
        let secret = match client_type {
            ClientType::Confidential => {
                Some(generate(&*self.world.random, ALPHANUMERIC, CLIENT_SECRET_LENGTH))
            }
            ClientType::Public => None,
        };
        let application = Application {
            id: ApplicationId::NEW,
            name,
            description: fields.description.unwrap_or_default(),
            client_id: generate(&*self.world.random, ALPHANUMERIC, CLIENT_ID_LENGTH).expose().to_owned(),
            client_secret_hash: secret.as_ref().map(tagged),
            client_type,
            grant_type,
            redirect_uris,
            post_logout_redirect_uris: fields.post_logout_redirect_uris.unwrap_or_default(),
            algorithm: fields.algorithm.unwrap_or_default(),
            skip_authorization: fields.skip_authorization.unwrap_or(false),
            allowances,
            requires_pkce: fields.requires_pkce.unwrap_or(client_type == ClientType::Public),
            app_url: fields.app_url.flatten(),
            organization: OrganizationId(organization),
            user: user.map(UserId),
            stamp: stamp(context, principal),
        };
        Ok(Draft { client_secret: secret, ..Draft::of(Object::Application(application)) })
    }

    /// The application that a token is to be bound to. On the platform only administrators bind tokens; on the
    /// controller everybody who may read the application (AWX contract section A4).
    async fn see_application(&self, principal: &Principal, id: i64) -> Result<Application, Refusal> {
        let found = match self.get(principal, Noun::Application, id).await {
            Err(refusal @ Refusal::Denied(_)) if principal.charter == Charter::Controller => {
                return Err(refusal);
            }
            Ok((Object::Application(application), _)) => Some(application),
            Ok(_) | Err(Refusal::Absent(_) | Refusal::Denied(_)) => None,
            Err(refusal) => return Err(refusal),
        };
        if principal.charter == Charter::Platform && !principal.is_superuser() {
            return Err(Denial::NotPermitted.into());
        }
        found.ok_or_else(|| Invalid::field("application", Violation::NoSuchObject(id)))
    }

    /// Refuses tokens for users of external sources while the setting says so (contract section C2).
    pub(super) fn check_external(&self, user: &User) -> Result<(), Refusal> {
        match user.external_source() {
            Some(source) if !self.settings().allows_external_tokens => {
                Err(Denial::ExternalUser(source.to_owned()).into())
            }
            _ => Ok(()),
        }
    }

    /// Refuses a reference to an object that the principal cannot see.
    pub(super) async fn see(
        &self,
        principal: &Principal,
        noun: Noun,
        field: &'static str,
        id: i64,
    ) -> Result<(), Refusal> {
        match self.get(principal, noun, id).await {
            Ok(_) => Ok(()),
            Err(Refusal::Absent(_) | Refusal::Denied(_)) => {
                Err(Invalid::field(field, Violation::NoSuchObject(id)))
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// The hash of a new password that keeps the rules; none for a dry run.
    pub(super) async fn new_password(
        &self,
        principal: &Principal,
        password: &Secret,
        is_dry_run: bool,
    ) -> Result<Option<PasswordHash>, Refusal> {
        use crate::denial::PasswordRule;
        let settings = self.settings();
        let may_break_rules = principal.is_superuser() && settings.allows_insecure_by_admin;
        let broken = crate::model::password::check(password.expose(), &settings);
        if let Some((rule, number)) =
            broken.into_iter().find(|(rule, _)| !may_break_rules || matches!(rule, PasswordRule::Longest))
        {
            return Err(Invalid::field("password", Violation::PasswordRule(rule, number)));
        }
        if is_dry_run {
            return Ok(None);
        }
        self.world.verifier.hash(password).await.map(Some)
    }

    /// The value of a new access or refresh token.
    pub(super) fn new_token_value(&self) -> Secret {
        generate(&*self.world.random, ALPHANUMERIC, TOKEN_LENGTH)
    }

    fn new_stable_id(&self) -> StableId {
        let mut bytes = [0; 16];
        self.world.random.fill(&mut bytes);
        StableId::from_random(bytes)
    }
}

/// Refuses redirection URIs that the controller's contract refuses (AWX contract section A5).
pub(super) fn check_redirects(
    principal: &Principal,
    grant_type: GrantType,
    redirect_uris: &str,
) -> Result<(), Refusal> {
    if principal.charter == Charter::Platform {
        return Ok(());
    }
    let wrong = |text: String| Err(Invalid::whole(Violation::Rule(text)));
    if grant_type == GrantType::AuthorizationCode && redirect_uris.trim().is_empty() {
        return wrong("redirect_uris cannot be empty with grant_type authorization-code".to_owned());
    }
    match redirect::validate(redirect_uris) {
        Ok(()) => Ok(()),
        Err(RedirectError::Malformed) => wrong("Enter a valid URL.".to_owned()),
        Err(RedirectError::Scheme(scheme)) => wrong(format!("Unauthorized redirect scheme: {scheme}")),
    }
}

pub(super) fn required<T>(field: &'static str, value: Option<T>) -> Result<T, Refusal> {
    value.ok_or_else(|| Invalid::field(field, Violation::Required))
}

fn stamp(context: &Context, principal: &Principal) -> Stamp {
    Stamp::new(context.now, Some(principal.user().id))
}

/// The form in which a token or a secret of ours is kept.
pub(super) fn tagged(value: &Secret) -> String {
    Digest::of(value.expose().as_bytes()).to_tagged()
}
