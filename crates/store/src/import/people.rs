//! People: users, organizations, teams and memberships.

use identity::model::authenticator::Authenticator;
use identity::model::import::summary::{Kind, Outcome};
use identity::model::import::{
    ExternalKind, MembershipRecord, OrganizationRecord, TeamRecord, UserRecord, overwritten,
};
use identity::model::object::{
    AssignmentId, AuthenticatorId, Noun, Object, OrganizationId, StableId, Stamp, TeamId, UserId,
};
use identity::model::organization::Organization;
use identity::model::role::{ManagedRole, UserAssignment};
use identity::model::team::Team;
use identity::model::user::{Source, User};
use sqlx::Row as _;

use super::{Importer, TAKEN, unless_taken};
use crate::engine::Failure;
use crate::rows::micros;
use crate::{authenticators, objects, organizations, roles, sql, teams, users};

/// The place of the first authenticator that an import makes: after those that are asked.
const PLACE: i64 = 100;

/// What is said of rights over everything that an import does not give.
const AUDITORS: &str = "auditors there whose users were here before; --overwrite makes them auditors here";

/// What is said of rights over organizations and teams that an import does not give.
const ADMINISTRATORS: &str = "administrators there whose users and organizations or teams were both here before; \
    --overwrite makes them administrators here";

/// The plugin that stands for a kind of user list, in the words of the platform.
fn plugin(kind: ExternalKind) -> &'static str {
    match kind {
        ExternalKind::Ldap => "ansible_base.authentication.authenticator_plugins.ldap",
        ExternalKind::Social => "ansible_base.authentication.authenticator_plugins.generic_oidc",
        ExternalKind::Enterprise => "ansible_base.authentication.authenticator_plugins.saml",
    }
}

impl Importer<'_> {
    /// Makes the authenticators that vouch for users, disabled: they only say where a user comes from.
    pub(super) async fn authenticators(&mut self, records: &[UserRecord]) -> Result<(), Failure> {
        for (place, kind) in ExternalKind::ALL.into_iter().enumerate() {
            if !records.iter().any(|it| it.external.as_ref().is_some_and(|it| it.kind == kind)) {
                continue;
            }
            let name = kind.as_str();
            let found = sqlx::query(sql::AUTHENTICATOR_BY_NAME)
                .bind(name)
                .fetch_optional(&mut *self.connection)
                .await?;
            let id = if let Some(row) = found {
                row.try_get("id")?
            } else {
                let authenticator = Authenticator {
                    id: AuthenticatorId::NEW,
                    name: name.to_owned(),
                    is_enabled: false,
                    plugin: plugin(kind).to_owned(),
                    order: PLACE + i64::try_from(place).unwrap_or_default(),
                    slug: name.to_owned(),
                    stamp: Stamp::new(self.at, Some(self.by)),
                };
                authenticators::create(self.connection, &authenticator).await?
            };
            self.authenticators.insert(name, AuthenticatorId(id));
        }
        Ok(())
    }

    pub(super) async fn user(&mut self, record: UserRecord) -> Result<(), Failure> {
        if let Some(found) = users::credential(self.connection, &record.username).await? {
            self.users.insert(record.number, found.user);
            return self.user_again(&record, found.user, found.hash.as_ref()).await;
        }
        let local = AuthenticatorId::LOCAL;
        if self.vouched(local, &record.username).await?.is_some() {
            self.summary.skip(Kind::User, TAKEN, record.username);
            return Ok(());
        }
        let user = User {
            id: UserId::NEW,
            stable_id: record.stable_id.clone().unwrap_or_else(|| StableId(String::new())),
            username: record.username.clone(),
            email: record.email.clone(),
            first_name: record.first_name.clone(),
            last_name: record.last_name.clone(),
            is_superuser: record.is_superuser,
            is_enabled: record.is_enabled,
            is_managed: false,
            last_login_at: record.last_login_at,
            last_login_from: None,
            credential_version: 1,
            sources: self.sources(&record).await?,
            stamp: self.stamp(record.created_at),
        };
        let made = users::create(self.connection, &user, record.password.as_ref()).await;
        let Some(id) = unless_taken(made)? else {
            self.summary.skip(Kind::User, TAKEN, record.username);
            return Ok(());
        };
        if let Some(at) = record.last_login_at {
            sqlx::query(sql::USER_SEEN).bind(id).bind(micros(at)).execute(&mut *self.connection).await?;
        }
        self.users.insert(record.number, UserId(id));
        self.made.insert((Noun::User, id));
        self.summary.add(Kind::User, Outcome::New);
        if let Some(text) = record.lacks {
            self.summary.remark(Kind::User, text, record.username);
        }
        Ok(())
    }

    /// A user who is here already: as it was, unless it is to be overwritten.
    async fn user_again(
        &mut self,
        record: &UserRecord,
        id: UserId,
        hash: Option<&identity::port::PasswordHash>,
    ) -> Result<(), Failure> {
        let found = objects::user(self.connection, id).await?;
        if found.as_ref().is_some_and(|it| it.is_superuser) && !record.is_superuser {
            self.raised.insert(id);
        }
        let (true, Some(before)) = (self.overwrites, found) else {
            self.summary.add(Kind::User, Outcome::Unchanged);
            return Ok(());
        };
        let mut after = overwritten(&before, record);
        let new = self.sources(record).await?;
        for source in new {
            if !after.sources.iter().any(|it| it.authenticator == source.authenticator) {
                after.sources.push(source);
            }
        }
        let password = record.password.as_ref().filter(|it| Some(*it) != hash);
        if before.is_managed || (after == before && password.is_none()) {
            self.summary.add(Kind::User, Outcome::Unchanged);
            return Ok(());
        }
        after.stamp.modified_at = self.at;
        after.stamp.modified_by = Some(self.by);
        let update =
            users::Update { before: &before, after: &after, password, keep_session: None, at: self.at };
        users::update(self.connection, &update, &mut self.effects).await?;
        self.summary.add(Kind::User, Outcome::Updated);
        Ok(())
    }

    /// The sources of an external user: who vouches for it there, and our own list if it has a password.
    async fn sources(&mut self, record: &UserRecord) -> Result<Vec<Source>, Failure> {
        let Some(external) = &record.external else { return Ok(Vec::new()) };
        let Some(authenticator) = self.authenticators.get(external.kind.as_str()).copied() else {
            return Ok(Vec::new());
        };
        let owner = self.vouched(authenticator, &external.uid).await?;
        if owner.is_some_and(|owner| self.users.get(&record.number) != Some(&owner)) {
            let text = "imported as local: another user here has their name in that user list";
            self.summary.remark(Kind::User, text, record.username.as_str());
            return Ok(Vec::new());
        }
        let source = |authenticator, uid: &str| Source {
            authenticator,
            name: String::new(),
            uid: uid.to_owned(),
            email: record.email.clone(),
        };
        let mut sources = vec![source(authenticator, &external.uid)];
        if record.password.is_some() {
            sources.push(source(AuthenticatorId::LOCAL, &record.username));
        }
        Ok(sources)
    }

    /// The user that an authenticator knows by this name.
    async fn vouched(
        &mut self,
        authenticator: AuthenticatorId,
        uid: &str,
    ) -> Result<Option<UserId>, Failure> {
        let query = sqlx::query(sql::SOURCE_OWNER).bind(authenticator.0).bind(uid);
        let row = query.fetch_optional(&mut *self.connection).await?;
        Ok(row.map(|row| row.try_get("user_id").map(UserId)).transpose()?)
    }

    pub(super) async fn organization(&mut self, record: OrganizationRecord) -> Result<(), Failure> {
        let query = sqlx::query(sql::ORGANIZATION_BY_NAME).bind(&record.name);
        if let Some(row) = query.fetch_optional(&mut *self.connection).await? {
            let id: i64 = row.try_get("id")?;
            self.organizations.insert(record.number, OrganizationId(id));
            let found = objects::by_id(self.connection, Noun::Organization, id).await?;
            if let (true, Some(Object::Organization(before))) = (self.overwrites, found)
                && before.description != record.description
            {
                let mut after = before.clone();
                after.description = record.description;
                after.stamp.modified_at = self.at;
                after.stamp.modified_by = Some(self.by);
                organizations::update(self.connection, &before, &after, &mut self.effects).await?;
                self.summary.add(Kind::Organization, Outcome::Updated);
            } else {
                self.summary.add(Kind::Organization, Outcome::Unchanged);
            }
            return Ok(());
        }
        let organization = Organization {
            id: OrganizationId::NEW,
            stable_id: record.stable_id.unwrap_or_else(|| StableId(String::new())),
            name: record.name,
            description: record.description,
            is_managed: false,
            stamp: self.stamp(record.created_at),
        };
        match unless_taken(organizations::create(self.connection, &organization).await)? {
            Some(id) => {
                self.organizations.insert(record.number, OrganizationId(id));
                self.made.insert((Noun::Organization, id));
                self.summary.add(Kind::Organization, Outcome::New);
            }
            None => self.summary.skip(Kind::Organization, TAKEN, organization.name),
        }
        Ok(())
    }

    pub(super) async fn team(&mut self, record: TeamRecord) -> Result<(), Failure> {
        let Some(organization) = self.organizations.get(&record.organization).copied() else {
            self.summary.skip(Kind::Team, "their organization was not taken over", record.name);
            return Ok(());
        };
        let query = sqlx::query(sql::TEAM_BY_NAME).bind(organization.0).bind(&record.name);
        if let Some(row) = query.fetch_optional(&mut *self.connection).await? {
            let id: i64 = row.try_get("id")?;
            self.teams.insert(record.number, TeamId(id));
            let found = objects::by_id(self.connection, Noun::Team, id).await?;
            if let (true, Some(Object::Team(before))) = (self.overwrites, found)
                && before.description != record.description
            {
                let mut after = before.clone();
                after.description = record.description;
                after.stamp.modified_at = self.at;
                after.stamp.modified_by = Some(self.by);
                teams::update(self.connection, &before, &after, &mut self.effects).await?;
                self.summary.add(Kind::Team, Outcome::Updated);
            } else {
                self.summary.add(Kind::Team, Outcome::Unchanged);
            }
            return Ok(());
        }
        let team = Team {
            id: TeamId::NEW,
            stable_id: record.stable_id.unwrap_or_else(|| StableId(String::new())),
            name: record.name,
            organization,
            description: record.description,
            stamp: self.stamp(record.created_at),
        };
        match unless_taken(teams::create(self.connection, &team).await)? {
            Some(id) => {
                self.teams.insert(record.number, TeamId(id));
                self.made.insert((Noun::Team, id));
                self.summary.add(Kind::Team, Outcome::New);
            }
            None => self.summary.skip(Kind::Team, TAKEN, team.name),
        }
        Ok(())
    }

    pub(super) async fn membership(&mut self, record: MembershipRecord) -> Result<(), Failure> {
        let Some(user) = self.users.get(&record.user).copied() else {
            self.summary.skip(Kind::Membership, "their users were not taken over", "");
            return Ok(());
        };
        let object_id = match (record.role.target(), record.object) {
            (Some(Noun::Organization), Some(number)) => self.organizations.get(&number).map(|it| it.0),
            (Some(Noun::Team), Some(number)) => self.teams.get(&number).map(|it| it.0),
            _ => Some(0),
        };
        let Some(object_id) = object_id else {
            let reason = "their organizations or teams were not taken over";
            self.summary.skip(Kind::Membership, reason, "");
            return Ok(());
        };
        let query = sqlx::query(sql::USER_ASSIGNMENT).bind(user.0).bind(record.role.id().0).bind(object_id);
        if query.fetch_optional(&mut *self.connection).await?.is_some() {
            self.summary.add(Kind::Membership, Outcome::Unchanged);
            return Ok(());
        }
        let was_here = |noun, id| !self.made.contains(&(noun, id));
        let refused = match record.role {
            ManagedRole::PlatformAuditor => was_here(Noun::User, user.0).then_some(AUDITORS),
            ManagedRole::OrganizationAdmin | ManagedRole::TeamAdmin => {
                let is_another_s = record.role.target().is_some_and(|noun| was_here(noun, object_id));
                (is_another_s && was_here(Noun::User, user.0)).then_some(ADMINISTRATORS)
            }
            ManagedRole::OrganizationMember | ManagedRole::TeamMember => None,
        };
        if let Some(reason) = refused.filter(|_| !self.overwrites) {
            self.summary.skip(Kind::Membership, reason, "");
            return Ok(());
        }
        let assignment = UserAssignment {
            id: AssignmentId::NEW,
            role: record.role,
            user,
            user_stable_id: StableId(String::new()),
            object_id: Some(object_id).filter(|it| *it != 0),
            object_stable_id: None,
            created_at: self.at,
            created_by: Some(self.by),
        };
        roles::create_user(self.connection, &assignment, &mut self.effects).await?;
        self.summary.add(Kind::Membership, Outcome::New);
        Ok(())
    }
}
