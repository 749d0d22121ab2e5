//! The names of what objects refer to, gathered in one query per kind.

use std::collections::BTreeSet;

use identity::model::object::{
    ApplicationId, AuthenticatorId, Noun, Object, OrganizationId, RoleId, Stamp, TeamId, TokenId, UserId,
};
use identity::model::role::ManagedRole;
use identity::port::{OrganizationCounts, References, UserReference};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::rows::{Read, json_numbers};
use crate::sql;

/// The numbers of what is referred to.
#[derive(Default)]
struct Wanted {
    users: BTreeSet<i64>,
    organizations: BTreeSet<i64>,
    teams: BTreeSet<i64>,
    applications: BTreeSet<i64>,
    authenticators: BTreeSet<i64>,
    roles: BTreeSet<i64>,
    /// Organizations that are among the objects.
    listed_organizations: BTreeSet<i64>,
    /// Users that are among the objects.
    listed_users: BTreeSet<i64>,
    /// Applications that are among the objects.
    listed_applications: BTreeSet<i64>,
}

impl Wanted {
    fn user(&mut self, id: Option<UserId>) {
        self.users.extend(id.map(|it| it.0));
    }

    fn stamp(&mut self, stamp: &Stamp) {
        self.user(stamp.created_by);
        self.user(stamp.modified_by);
    }

    fn role(&mut self, role: ManagedRole, object_id: Option<i64>) {
        self.roles.insert(role.id().0);
        match role.target() {
            Some(Noun::Organization) => self.organizations.extend(object_id),
            Some(Noun::Team) => self.teams.extend(object_id),
            _ => {}
        }
    }

    fn add(&mut self, object: &Object) {
        match object {
            Object::User(it) => {
                self.stamp(&it.stamp);
                self.listed_users.insert(it.id.0);
                self.authenticators.extend(it.last_login_from.map(|it| it.0));
                self.authenticators.extend(it.sources.iter().map(|it| it.authenticator.0));
            }
            Object::Organization(it) => {
                self.stamp(&it.stamp);
                self.listed_organizations.insert(it.id.0);
            }
            Object::Team(it) => {
                self.stamp(&it.stamp);
                self.organizations.insert(it.organization.0);
            }
            Object::Token(it) => {
                self.stamp(&it.stamp);
                self.user(Some(it.user));
                self.applications.extend(it.application.map(|it| it.0));
            }
            Object::Application(it) => {
                self.stamp(&it.stamp);
                self.user(it.user);
                self.organizations.insert(it.organization.0);
                self.listed_applications.insert(it.id.0);
            }
            Object::Authenticator(it) => self.stamp(&it.stamp),
            Object::RoleDefinition(it) => self.stamp(&it.stamp),
            Object::UserAssignment(it) => {
                self.user(it.created_by);
                self.user(Some(it.user));
                self.role(it.role, it.object_id);
            }
            Object::TeamAssignment(it) => {
                self.user(it.created_by);
                self.teams.insert(it.team.0);
                self.role(it.role, it.object_id);
            }
            Object::Entry(it) => {
                self.user(it.created_by);
                self.named(it.noun, it.object_id.parse().ok());
                if let Some(noun) = it.related_noun {
                    self.named(noun, it.related_id.as_ref().and_then(|it| it.parse().ok()));
                }
                for change in &it.changes {
                    let noun = match change.field.as_str() {
                        "application" => Noun::Application,
                        "organization" => Noun::Organization,
                        _ => continue,
                    };
                    for text in [&change.before, &change.after].into_iter().flatten() {
                        self.named(noun, text.parse().ok());
                    }
                }
            }
        }
    }

    fn named(&mut self, noun: Noun, id: Option<i64>) {
        match noun {
            Noun::User => self.users.extend(id),
            Noun::Organization => self.organizations.extend(id),
            Noun::Team => self.teams.extend(id),
            Noun::Application => self.applications.extend(id),
            Noun::Authenticator => self.authenticators.extend(id),
            Noun::RoleDefinition => self.roles.extend(id),
            Noun::Token
            | Noun::UserAssignment
            | Noun::TeamAssignment
            | Noun::Entry
            | Noun::Setting
            | Noun::Session => {}
        }
    }
}

/// The names of what these objects refer to.
pub(crate) async fn of(connection: &mut SqliteConnection, objects: &[Object]) -> Read<References> {
    let mut wanted = Wanted::default();
    for object in objects {
        wanted.add(object);
    }
    let mut found = References::default();
    for row in rows(connection, sql::USER_NAMES, &wanted.users).await? {
        let user = UserReference {
            username: row.try_get("username")?,
            first_name: row.try_get("first_name")?,
            last_name: row.try_get("last_name")?,
        };
        found.users.insert(UserId(row.try_get("id")?), user);
    }
    for row in rows(connection, sql::ORGANIZATION_NAMES, &wanted.organizations).await? {
        let id = OrganizationId(row.try_get("id")?);
        found.organizations.insert(id, row.try_get("name")?);
        found.organization_descriptions.insert(id, row.try_get("description")?);
    }
    for row in rows(connection, sql::ORGANIZATION_COUNTS, &wanted.listed_organizations).await? {
        let count = |name| row.try_get::<i64, _>(name).map(i64::unsigned_abs);
        let counts =
            OrganizationCounts { users: count("users")?, admins: count("admins")?, teams: count("teams")? };
        found.organization_counts.insert(OrganizationId(row.try_get("id")?), counts);
    }
    for row in rows(connection, sql::TEAM_NAMES, &wanted.teams).await? {
        found.teams.insert(TeamId(row.try_get("id")?), row.try_get("name")?);
    }
    for row in rows(connection, sql::APPLICATION_NAMES, &wanted.applications).await? {
        found.applications.insert(ApplicationId(row.try_get("id")?), row.try_get("name")?);
    }
    for row in rows(connection, sql::AUTHENTICATOR_NAMES, &wanted.authenticators).await? {
        found.authenticators.insert(AuthenticatorId(row.try_get("id")?), row.try_get("name")?);
    }
    for row in rows(connection, sql::ROLE_NAMES, &wanted.roles).await? {
        let role = (row.try_get("name")?, row.try_get("description")?);
        found.roles.insert(RoleId(row.try_get("id")?), role);
    }
    for row in rows(connection, sql::AUDITORS, &wanted.listed_users).await? {
        found.auditors.push(UserId(row.try_get("user_id")?));
    }
    for id in &wanted.listed_applications {
        found.application_tokens.insert(ApplicationId(*id), (0, Vec::new()));
    }
    for row in rows(connection, sql::APPLICATION_TOKENS, &wanted.listed_applications).await? {
        let tokens = found.application_tokens.entry(ApplicationId(row.try_get("application_id")?));
        let (total, first) = tokens.or_default();
        *total = row.try_get::<i64, _>("total")?.unsigned_abs();
        first.push((TokenId(row.try_get("id")?), row.try_get("scope")?));
    }
    Ok(found)
}

async fn rows(
    connection: &mut SqliteConnection,
    text: &'static str,
    numbers: &BTreeSet<i64>,
) -> Read<Vec<SqliteRow>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query(text).bind(json_numbers(numbers.iter().copied())).fetch_all(connection).await
}
