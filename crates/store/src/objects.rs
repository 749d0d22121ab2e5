//! Objects of any kind: their tables, their columns, and how a row becomes one.

use identity::model::object::{Noun, Object, UserId};
use identity::model::user::User;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::rows::{Read, spoiled};
use crate::{applications, authenticators, entries, organizations, roles, teams, tokens, users};

/// The table of a kind, and the columns that its reader reads of a table called `o`. None for the kinds
/// that are no objects.
pub(crate) fn table(noun: Noun) -> Option<(&'static str, &'static str)> {
    match noun {
        Noun::User => Some(("users", users::COLUMNS)),
        Noun::Organization => Some(("organizations", organizations::COLUMNS)),
        Noun::Team => Some(("teams", teams::COLUMNS)),
        Noun::Token => Some(("tokens", tokens::COLUMNS)),
        Noun::Application => Some(("applications", applications::COLUMNS)),
        Noun::Authenticator => Some(("authenticators", authenticators::COLUMNS)),
        Noun::RoleDefinition => Some(("role_definitions", roles::COLUMNS)),
        Noun::UserAssignment => Some(("user_assignments", roles::USER_COLUMNS)),
        Noun::TeamAssignment => Some(("team_assignments", roles::TEAM_COLUMNS)),
        Noun::Entry => Some(("entries", entries::COLUMNS)),
        Noun::Setting | Noun::Session => None,
    }
}

/// The object of a row. A user comes without its sources.
pub(crate) fn read(noun: Noun, row: &SqliteRow) -> Read<Object> {
    Ok(match noun {
        Noun::User => Object::User(users::read(row)?),
        Noun::Organization => Object::Organization(organizations::read(row)?),
        Noun::Team => Object::Team(teams::read(row)?),
        Noun::Token => Object::Token(tokens::read(row)?),
        Noun::Application => Object::Application(applications::read(row)?),
        Noun::Authenticator => Object::Authenticator(authenticators::read(row)?),
        Noun::RoleDefinition => Object::RoleDefinition(roles::read(row)?),
        Noun::UserAssignment => Object::UserAssignment(roles::read_user(row)?),
        Noun::TeamAssignment => Object::TeamAssignment(roles::read_team(row)?),
        Noun::Entry => Object::Entry(entries::read(row)?),
        Noun::Setting | Noun::Session => return Err(spoiled("a kind that is no object")),
    })
}

/// The objects of several rows, users with their sources.
pub(crate) async fn read_all(
    connection: &mut SqliteConnection,
    noun: Noun,
    rows: &[SqliteRow],
) -> Read<Vec<Object>> {
    let mut objects = rows.iter().map(|row| read(noun, row)).collect::<Read<Vec<_>>>()?;
    if noun == Noun::User && !objects.is_empty() {
        let mut sources = users::sources(connection, objects.iter().map(|it| UserId(it.id()))).await?;
        for object in &mut objects {
            if let Object::User(user) = object {
                user.sources = sources.remove(&user.id).unwrap_or_default();
            }
        }
    }
    Ok(objects)
}

/// The object of this kind and number, whoever asks.
pub(crate) async fn by_id(connection: &mut SqliteConnection, noun: Noun, id: i64) -> Read<Option<Object>> {
    let Some((table, columns)) = table(noun) else { return Ok(None) };
    let text = format!("SELECT {columns} FROM {table} o WHERE o.id = $1");
    let rows = sqlx::query(AssertSqlSafe(text)).bind(id).fetch_all(&mut *connection).await?;
    Ok(read_all(connection, noun, &rows).await?.pop())
}

/// The user of this number.
pub(crate) async fn user(connection: &mut SqliteConnection, id: UserId) -> Read<Option<User>> {
    Ok(match by_id(connection, Noun::User, id.0).await? {
        Some(Object::User(user)) => Some(user),
        _ => None,
    })
}
