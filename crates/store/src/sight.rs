//! Sight: which rows somebody may see (contract section A4). Read from the same snapshot as the rows.

use identity::model::object::{Noun, UserId};
use identity::model::query::Sight;
use identity::model::role::ManagedRole;
use sqlx::sqlite::SqliteConnection;

use crate::rows::{Read, json_numbers};
use crate::statement::Statement;
use crate::subject;

/// What a reader may see, ready to become conditions.
#[derive(Debug)]
pub(crate) enum Eyes {
    /// Everything.
    All,
    /// What the roles of a user let it see.
    Of(Box<Reader>),
}

/// A user and the objects on which it has roles, as JSON lists of numbers.
#[derive(Debug)]
pub(crate) struct Reader {
    user: i64,
    more: More,
    organizations: String,
    administered: String,
    teams: String,
    administered_teams: String,
}

/// What a reader sees beside what its roles let it see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum More {
    Nothing,
    AllUsers,
    Applications,
}

impl Eyes {
    /// Reads the roles that a sight depends on.
    pub(crate) async fn open(connection: &mut SqliteConnection, sight: Sight) -> Read<Self> {
        let (user, more) = match sight {
            Sight::All => return Ok(Self::All),
            Sight::Of(user) => (user, More::Nothing),
            Sight::OfWithAllUsers(user) => (user, More::AllUsers),
            Sight::OfWithApplications(user) => (user, More::Applications),
        };
        Ok(Self::Of(Box::new(reader(connection, user, more).await?)))
    }

    /// Adds the condition that a row of this kind may be seen.
    pub(crate) fn condition(&self, noun: Noun, alias: &str, to: &mut Statement) {
        match self {
            Self::All => {
                to.push("TRUE");
            }
            Self::Of(reader) => reader.condition(noun, alias, to),
        }
    }
}

async fn reader(connection: &mut SqliteConnection, user: UserId, more: More) -> Read<Reader> {
    let roles = subject::roles(connection, user).await?;
    Ok(Reader {
        user: user.0,
        more,
        organizations: json_numbers(roles.organizations.keys().copied()),
        administered: json_numbers(roles.organizations_as(ManagedRole::OrganizationAdmin)),
        teams: json_numbers(roles.teams.keys().copied()),
        administered_teams: json_numbers(roles.teams_as(ManagedRole::TeamAdmin)),
    })
}

impl Reader {
    fn condition(&self, noun: Noun, alias: &str, to: &mut Statement) {
        to.push("(");
        match noun {
            Noun::User => self.user(alias, to),
            Noun::Organization => within(to, alias, "id", &self.organizations),
            Noun::Team => {
                within(to, alias, "id", &self.teams);
                to.push(" OR ");
                within(to, alias, "organization_id", &self.administered);
            }
            Noun::Token => {
                to.push(alias).push(".user_id = ").integer(self.user);
                to.push(" OR ").push(alias).push(".application_id IN (SELECT id FROM applications a WHERE ");
                within(to, "a", "organization_id", &self.administered);
                to.push(")");
            }
            Noun::Application if self.more == More::Applications => {
                within(to, alias, "organization_id", &self.organizations);
            }
            Noun::Application => within(to, alias, "organization_id", &self.administered),
            Noun::Authenticator | Noun::RoleDefinition => {
                to.push("TRUE");
            }
            Noun::UserAssignment => {
                to.push(alias).push(".user_id = ").integer(self.user).push(" OR ");
                self.on_administered(alias, to);
            }
            Noun::TeamAssignment => {
                within(to, alias, "holder_id", &self.teams);
                to.push(" OR ");
                self.on_administered(alias, to);
            }
            Noun::Entry => {
                to.push(alias).push(".created_by = ").integer(self.user);
                to.push(" OR (").push(alias).push(".noun = 16 AND ").push(alias).push(".object_id = ");
                to.text(self.user.to_string());
                to.push(") OR (").push(alias).push(".noun = 30 AND ").push(alias);
                to.push(".object_id IN (SELECT CAST(id AS TEXT) FROM tokens WHERE user_id = ");
                to.integer(self.user).push("))");
            }
            Noun::Setting | Noun::Session => {
                to.push("FALSE");
            }
        }
        to.push(")");
    }

    /// Oneself, administrators, and who shares an organization, also through a team.
    fn user(&self, alias: &str, to: &mut Statement) {
        if self.more == More::AllUsers {
            to.push("TRUE");
            return;
        }
        to.push(alias).push(".id = ").integer(self.user);
        to.push(" OR ").push(alias).push(".is_superuser = 1 OR ").push(alias);
        to.push(".id IN (SELECT a.user_id FROM user_assignments a WHERE ");
        within(to, "a", "organization_id", &self.organizations);
        to.push(") OR ").push(alias);
        to.push(
            ".id IN (SELECT a.user_id FROM user_assignments a WHERE a.role_id IN (2, 3) AND a.team_id IN \
             (WITH RECURSIVE holder (id) AS (SELECT t.holder_id FROM team_assignments t WHERE ",
        );
        within(to, "t", "organization_id", &self.organizations);
        to.push(
            " UNION SELECT t.holder_id FROM team_assignments t JOIN holder ON t.team_id = holder.id \
             WHERE t.role_id IN (2, 3)) SELECT id FROM holder))",
        );
    }

    /// Roles on organizations, on their teams, and on teams that the reader administers.
    fn on_administered(&self, alias: &str, to: &mut Statement) {
        within(to, alias, "organization_id", &self.administered);
        to.push(" OR ");
        within(to, alias, "team_id", &self.administered_teams);
        to.push(" OR ").push(alias).push(".team_id IN (SELECT t.id FROM teams t WHERE ");
        within(to, "t", "organization_id", &self.administered);
        to.push(")");
    }
}

fn within(to: &mut Statement, alias: &str, column: &str, numbers: &str) {
    to.push(alias).push(".").push(column).push(" IN (SELECT value FROM json_each(");
    to.text(numbers).push("))");
}
