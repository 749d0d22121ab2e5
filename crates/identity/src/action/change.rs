//! Changes objects by asked-for fields: who may change which of them.

use crate::action::build::check_redirects;
use crate::action::fields::{ApplicationFields, OrganizationFields, TeamFields, TokenFields, UserFields};
use crate::authority::Authority;
use crate::denial::{Denial, Invalid, Refusal, Violation};
use crate::model::application::Application;
use crate::model::object::{Noun, Object, OrganizationId, UserId};
use crate::model::organization::Organization;
use crate::model::principal::{Charter, Principal};
use crate::model::query::{Comparison, Lookup, PageRequest, Query, Sight, Term, Value};
use crate::model::team::Team;
use crate::model::token::Token;
use crate::model::user::User;

impl Authority {
    pub(super) async fn change_user(
        &self,
        principal: &Principal,
        mut user: User,
        fields: UserFields,
    ) -> Result<Object, Refusal> {
        let is_self = user.id == principal.user().id;
        let is_manager = principal.is_superuser() || self.manages_user(&principal.subject, user.id).await?;
        if user.is_managed || !(is_self || is_manager) {
            return Err(Denial::NotPermitted.into());
        }
        if principal.charter == Charter::Platform
            && !is_manager
            && fields.email.as_ref().is_some_and(|email| *email != user.email)
        {
            return Err(Denial::NotPermittedField("email").into());
        }
        let was_administrator = user.is_superuser && user.is_enabled;
        let renames = fields.username.as_ref().is_some_and(|name| *name != user.username);
        let promotes = fields.is_superuser.is_some_and(|flag| flag != user.is_superuser);
        let switches = fields.is_enabled.is_some_and(|flag| flag != user.is_enabled);
        self.check_auditor(principal, &user, fields.is_auditor).await?;
        if renames && !is_manager {
            return Err(Denial::NotPermittedField("username").into());
        }
        if switches && !is_manager || promotes && !principal.is_superuser() {
            return Err(Denial::NotPermitted.into());
        }
        set(&mut user.username, fields.username);
        set(&mut user.email, fields.email);
        set(&mut user.first_name, fields.first_name);
        set(&mut user.last_name, fields.last_name);
        set(&mut user.is_superuser, fields.is_superuser);
        set(&mut user.is_enabled, fields.is_enabled);
        if was_administrator && !(user.is_superuser && user.is_enabled) {
            self.check_other_administrator(user.id, "is_superuser").await?;
        }
        Ok(Object::User(user))
    }

    /// Refuses to make an auditor, or to end one, to those who are no administrators.
    async fn check_auditor(
        &self,
        principal: &Principal,
        user: &User,
        wanted: Option<bool>,
    ) -> Result<(), Refusal> {
        let Some(wanted) = wanted.filter(|_| !principal.is_superuser()) else { return Ok(()) };
        let subject = self.store.find_subject(user.id).await?;
        if subject.is_some_and(|it| it.is_auditor != wanted) {
            return Err(Denial::NotPermittedField("is_system_auditor").into());
        }
        Ok(())
    }

    pub(super) fn change_organization(
        principal: &Principal,
        mut organization: Organization,
        fields: OrganizationFields,
    ) -> Result<Object, Refusal> {
        if !principal.subject.administers(organization.id) {
            return Err(Denial::NotPermitted.into());
        }
        set(&mut organization.name, fields.name);
        set(&mut organization.description, fields.description);
        Ok(Object::Organization(organization))
    }

    pub(super) async fn change_team(
        &self,
        principal: &Principal,
        mut team: Team,
        fields: TeamFields,
    ) -> Result<Object, Refusal> {
        if !principal.subject.administers_team(team.id, team.organization) {
            return Err(Denial::NotPermitted.into());
        }
        if let Some(id) = fields.organization.filter(|id| *id != team.organization.0) {
            self.see(principal, Noun::Organization, "organization", id).await?;
            let target = OrganizationId(id);
            if !(principal.subject.administers(team.organization) && principal.subject.administers(target)) {
                return Err(Denial::NotPermitted.into());
            }
            team.organization = target;
        }
        set(&mut team.name, fields.name);
        set(&mut team.description, fields.description);
        Ok(Object::Team(team))
    }

    pub(super) fn change_token(
        principal: &Principal,
        mut token: Token,
        fields: TokenFields,
    ) -> Result<Object, Refusal> {
        // A token stays with its application, as its grant and its refresh token do. The controller overlooks
        // another one (AWX contract section A4).
        let moves = fields.application.is_some_and(|it| it != token.application.map(|it| it.0));
        if moves && principal.charter == Charter::Platform {
            return Err(Invalid::field("application", Violation::Immutable));
        }
        // Whoever looks after an application may take from what its users gave it, never add to it.
        let speaks_for_user = token.user == principal.user().id || principal.is_superuser();
        if !speaks_for_user && fields.scope.as_ref().is_some_and(|it| it.exceeds(&token.scope)) {
            return Err(Denial::NotPermittedField("scope").into());
        }
        set(&mut token.description, fields.description);
        set(&mut token.scope, fields.scope);
        Ok(Object::Token(token))
    }

    pub(super) async fn change_application(
        &self,
        principal: &Principal,
        mut application: Application,
        fields: ApplicationFields,
    ) -> Result<Object, Refusal> {
        if let Some(id) = fields.organization.filter(|id| *id != application.organization.0) {
            self.see(principal, Noun::Organization, "organization", id).await?;
            let target = OrganizationId(id);
            if !principal.subject.administers(target) {
                return Err(Denial::NotPermitted.into());
            }
            application.organization = target;
        }
        let takes_over = fields.skip_authorization == Some(true) && !application.skip_authorization;
        let is_allowed_other = fields.allowances.is_some_and(|it| it != application.allowances);
        if (takes_over || is_allowed_other || fields.user.is_some()) && !principal.is_superuser() {
            return Err(Denial::NotPermitted.into());
        }
        if let Some(user) = fields.user {
            if let Some(id) = user {
                self.see(principal, Noun::User, "user", id).await?;
            }
            application.user = user.map(UserId);
        }
        if fields.client_type.is_some_and(|it| it != application.client_type) {
            return Err(Invalid::field("client_type", Violation::Immutable));
        }
        // The grant type is fixed at creation: another one is not said to be wrong, it is left out.
        set(&mut application.name, fields.name);
        set(&mut application.description, fields.description);
        if let Some(redirect_uris) = fields.redirect_uris {
            // Who is not asked for consent trusts these addresses, and nobody but who could say so moves them.
            let stays_trusted = application.skip_authorization && fields.skip_authorization != Some(false);
            let moves = redirect_uris != application.redirect_uris;
            if stays_trusted && moves && !principal.is_superuser() {
                return Err(Denial::NotPermitted.into());
            }
            check_redirects(principal, application.grant_type, &redirect_uris)?;
            application.redirect_uris = redirect_uris;
        }
        set(&mut application.post_logout_redirect_uris, fields.post_logout_redirect_uris);
        set(&mut application.algorithm, fields.algorithm);
        set(&mut application.skip_authorization, fields.skip_authorization);
        set(&mut application.allowances, fields.allowances);
        set(&mut application.requires_pkce, fields.requires_pkce);
        set(&mut application.app_url, fields.app_url);
        Ok(Object::Application(application))
    }

    /// Refuses to take away the last administrator: nobody could put one back. The store refuses it too,
    /// since two may leave at the same moment; this is for dry runs, and for the field's name.
    pub(super) async fn check_other_administrator(
        &self,
        leaving: UserId,
        field: &'static str,
    ) -> Result<(), Refusal> {
        let mut query = Query {
            page: PageRequest { number: 1, size: 1 },
            all: ["is_superuser", "is_active"]
                .into_iter()
                .filter_map(|name| term(name, Value::Boolean(true), false))
                .collect(),
            ..Query::default()
        };
        query.all.extend(term("id", Value::Integer(leaving.0), true));
        let page = self.store.list(Noun::User, &query, Sight::All).await?;
        if page.is_some_and(|page| page.objects.is_empty()) {
            return Err(last_administrator(field));
        }
        Ok(())
    }
}

/// The refusal to take away the last administrator.
pub(super) fn last_administrator(field: &'static str) -> Refusal {
    Invalid::field(field, Violation::Rule("At least one administrator must remain.".to_owned()))
}

fn term(name: &str, value: Value, is_negated: bool) -> Option<Term> {
    let field = crate::model::catalog::entry(Noun::User).field(name)?;
    let comparison = Comparison::Field { field, lookup: Lookup::Exact, value };
    Some(Term { is_negated, path: Vec::new(), is_chained: false, comparison })
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
