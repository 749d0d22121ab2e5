//! Objects read: whose eyes see what (contract section A4).

use crate::authority::Authority;
use crate::denial::{Denial, Refusal};
use crate::model::authenticator::Authenticator;
use crate::model::object::{ApplicationId, Noun, Object, UserId};
use crate::model::principal::{Charter, Principal, Subject};
use crate::model::query::{APP_URL_FIELDS, Query, Sight, Within};
use crate::model::role::ManagedRole;
use crate::port::{Page, References, UserReference};

impl Authority {
    /// A page of the objects of a kind that the principal may see. None if there is no such page.
    pub async fn list(
        &self,
        principal: &Principal,
        noun: Noun,
        query: &Query,
    ) -> Result<Option<Page>, Refusal> {
        let sight = match query.within {
            // Which sources know a user is for everybody who sees the user.
            Some(Within::AuthenticatorsOf(_)) if noun == Noun::Authenticator => Sight::All,
            // Where applications are found is for everybody; what else they are is not.
            Some(Within::AppUrls) if noun == Noun::Application => {
                if !query.asks_only(&APP_URL_FIELDS) {
                    return Err(Denial::NotPermitted.into());
                }
                Sight::All
            }
            _ => self.sight(principal, noun)?,
        };
        if let Some(within) = query.within {
            self.see_parent(principal, within).await?;
        }
        Ok(self.store.list(noun, query, sight).await?)
    }

    /// One object that the principal may see.
    pub async fn get(
        &self,
        principal: &Principal,
        noun: Noun,
        id: i64,
    ) -> Result<(Object, References), Refusal> {
        let sight = self.sight(principal, noun)?;
        if let Some(found) = self.store.find(noun, id, sight).await? {
            return Ok(found);
        }
        // AWX tells those who may not see an object that it is there, but for other people's tokens (AWX
        // contract section 1.4).
        let is_told = principal.charter == Charter::Controller
            && matches!(noun, Noun::User | Noun::Organization | Noun::Team | Noun::Application);
        if is_told && self.store.find(noun, id, Sight::All).await?.is_some() {
            return Err(Denial::NotPermitted.into());
        }
        Err(Refusal::Absent(noun))
    }

    /// The enabled authenticators, in the order in which they are asked: what a login page may show to
    /// everybody (contract section F1).
    pub async fn enabled_authenticators(&self) -> Result<Vec<Authenticator>, Refusal> {
        let page = self.store.list(Noun::Authenticator, &Query::default(), Sight::All).await?;
        let mut enabled: Vec<Authenticator> = page
            .map(|page| page.objects)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|object| match object {
                Object::Authenticator(it) if it.is_enabled => Some(it),
                _ => None,
            })
            .collect();
        enabled.sort_by_key(|it| (it.order, it.id));
        Ok(enabled)
    }

    /// The principal's own user, with the names it refers to. From memory where possible.
    pub async fn me(&self, principal: &Principal) -> Result<(Object, References), Refusal> {
        let user = principal.user();
        let object = Object::User(user.clone());
        let mut references = References::default();
        for other in [user.stamp.created_by, user.stamp.modified_by].into_iter().flatten() {
            let Some(subject) = self.store.recall_subject(other) else {
                let references = self.store.references(std::slice::from_ref(&object)).await?;
                return Ok((object, references));
            };
            references.users.insert(other, reference(&subject));
        }
        references.users.insert(user.id, reference(&principal.subject));
        for source in &user.sources {
            references.authenticators.insert(source.authenticator, source.name.clone());
        }
        if principal.subject.is_auditor {
            references.auditors.push(user.id);
        }
        Ok((object, references))
    }

    /// Whether the principal may see the roles over everything, and who has them.
    pub fn may_see_singleton_roles(&self, principal: &Principal) -> bool {
        principal.subject.reads_all()
    }

    /// Whether the principal may make objects of this kind at all: for OPTIONS, and before a body is read.
    pub fn may_create(&self, principal: &Principal, noun: Noun) -> bool {
        let subject = &principal.subject;
        match noun {
            Noun::Token | Noun::UserAssignment | Noun::TeamAssignment => true,
            Noun::User | Noun::Team => {
                subject.user.is_superuser
                    || (self.settings().manages_organization_auth && subject.administers_some())
            }
            Noun::Application => match principal.charter {
                Charter::Platform => subject.user.is_superuser,
                Charter::Controller => subject.administers_some(),
            },
            Noun::Organization => subject.user.is_superuser,
            Noun::Authenticator | Noun::RoleDefinition | Noun::Entry | Noun::Setting | Noun::Session => false,
        }
    }

    /// Whether the principal may change this object: for OPTIONS, and before a body is read.
    pub async fn may_change(&self, principal: &Principal, object: &Object) -> Result<bool, Refusal> {
        let subject = &principal.subject;
        Ok(match object {
            Object::User(user) => {
                !user.is_managed
                    && (subject.user.is_superuser
                        || user.id == subject.user.id
                        || self.manages_user(subject, user.id).await?)
            }
            Object::Organization(it) => subject.administers(it.id),
            Object::Team(it) => subject.administers_team(it.id, it.organization),
            Object::Token(token) => {
                subject.user.is_superuser
                    || token.user == subject.user.id
                    || self.administers_application(subject, token.application).await?
            }
            Object::Application(it) => match principal.charter {
                Charter::Platform => subject.user.is_superuser,
                Charter::Controller => subject.administers(it.organization),
            },
            Object::UserAssignment(it) => self.may_assign(principal, it.role, it.object_id).await?,
            Object::TeamAssignment(it) => self.may_assign(principal, it.role, it.object_id).await?,
            Object::Authenticator(_) | Object::RoleDefinition(_) | Object::Entry(_) => false,
        })
    }

    /// Whether the principal may remove this object.
    pub async fn may_delete(&self, principal: &Principal, object: &Object) -> Result<bool, Refusal> {
        match object {
            // Managing a user is less than removing it: others may rely on it.
            Object::User(user) => Ok(match principal.charter {
                Charter::Platform => principal.is_superuser() && !user.is_managed,
                // Nobody removes himself; who made a user for his own organization removes it again.
                Charter::Controller => {
                    user.id != principal.user().id && self.may_change(principal, object).await?
                }
            }),
            Object::Organization(it) => Ok(principal.subject.administers(it.id) && !it.is_managed),
            _ => self.may_change(principal, object).await,
        }
    }

    /// Whose eyes the principal reads a kind with.
    pub(crate) fn sight(&self, principal: &Principal, noun: Noun) -> Result<Sight, Refusal> {
        let subject = &principal.subject;
        if subject.reads_all() {
            return Ok(Sight::All);
        }
        let id = subject.user.id;
        match noun {
            Noun::Application if principal.charter == Charter::Controller => {
                Ok(Sight::OfWithApplications(id))
            }
            Noun::Application | Noun::Authenticator | Noun::Setting | Noun::Session => {
                Err(Denial::NotPermitted.into())
            }
            Noun::User if self.settings().org_admins_see_all_users && subject.administers_some() => {
                Ok(Sight::OfWithAllUsers(id))
            }
            Noun::User
            | Noun::Organization
            | Noun::Team
            | Noun::Token
            | Noun::RoleDefinition
            | Noun::UserAssignment
            | Noun::TeamAssignment
            | Noun::Entry => Ok(Sight::Of(id)),
        }
    }

    /// A list inside an object exists only for those who may see the object.
    async fn see_parent(&self, principal: &Principal, within: Within) -> Result<(), Refusal> {
        let (noun, id) = match within {
            // Who has a role over everything is for those who read everything.
            Within::Holding(role, _) if role.target().is_none() => {
                let may_see = self.may_see_singleton_roles(principal);
                return if may_see { Ok(()) } else { Err(Denial::NotPermitted.into()) };
            }
            Within::Holding(role, id) => (role.target().unwrap_or(Noun::RoleDefinition), id),
            Within::OrganizationsOf(user)
            | Within::AdministeredBy(user)
            | Within::TeamsOf(user)
            | Within::AuthenticatorsOf(user)
            | Within::ApplicationsOf(user)
            | Within::TokensOf(user, _) => (Noun::User, user.0),
            Within::TeamsIn(id) | Within::ApplicationsIn(id) => (Noun::Organization, id),
            Within::EntriesOf(noun, id) => (noun, id),
            Within::TokensFor(id) => (Noun::Application, id),
            Within::AssignmentsOf(id) => (Noun::RoleDefinition, id),
            Within::UsersFrom(id) => (Noun::Authenticator, id),
            Within::AppUrls => return Ok(()),
        };
        self.get(principal, noun, id).await.map(|_| ())
    }

    /// Whether a user is wholly within what the subject administers: the subject made it, it belongs to
    /// organizations and teams there only, and has no rights beyond them that its password would give away.
    ///
    /// Membership alone is not enough: whoever administers an organization may take anybody into it, and
    /// would so get everybody's password.
    pub(crate) async fn manages_user(&self, subject: &Subject, user: UserId) -> Result<bool, Refusal> {
        if !self.settings().manages_organization_auth || !subject.administers_some() {
            return Ok(false);
        }
        let Some(other) = self.store.find_subject(user).await? else { return Ok(false) };
        Ok(other.user.stamp.created_by == Some(subject.user.id)
            && !other.user.is_superuser
            && !other.is_auditor
            && !other.organizations.is_empty()
            && other.organizations.iter().all(|it| subject.administers(it.id))
            && other.teams.iter().all(|it| subject.administers(it.organization)))
    }

    /// Whether the subject administers the organization of an application.
    async fn administers_application(
        &self,
        subject: &Subject,
        application: Option<ApplicationId>,
    ) -> Result<bool, Refusal> {
        let Some(id) = application.filter(|_| subject.administers_some()) else { return Ok(false) };
        let found = self.store.find(Noun::Application, id.0, Sight::All);
        Ok(match found.await? {
            Some((Object::Application(it), _)) => subject.administers(it.organization),
            _ => false,
        })
    }

    /// Whether the principal may give and take this role on this object.
    pub(crate) async fn may_assign(
        &self,
        principal: &Principal,
        role: ManagedRole,
        object_id: Option<i64>,
    ) -> Result<bool, Refusal> {
        let subject = &principal.subject;
        if subject.user.is_superuser {
            return Ok(true);
        }
        if principal.charter == Charter::Controller && !self.settings().manages_organization_auth {
            return Ok(false);
        }
        let (Some(noun), Some(id)) = (role.target(), object_id) else { return Ok(false) };
        let found = self.store.find(noun, id, Sight::All);
        Ok(match found.await? {
            Some((Object::Organization(it), _)) => subject.administers(it.id),
            Some((Object::Team(it), _)) => subject.administers_team(it.id, it.organization),
            _ => false,
        })
    }
}

fn reference(subject: &Subject) -> UserReference {
    UserReference {
        username: subject.user.username.clone(),
        first_name: subject.user.first_name.clone(),
        last_name: subject.user.last_name.clone(),
    }
}
