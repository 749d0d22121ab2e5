//! Role definitions, and roles given to users and teams.

use identity::model::object::{AssignmentId, Noun, RoleId, StableId, TeamId, UserId};
use identity::model::role::{ManagedRole, RoleDefinition, TeamAssignment, UserAssignment};
use identity::port::Conflict;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cache::Effect;
use crate::engine::Failure;
use crate::rows::{Read, at, flag, micros, spoiled, stamp, target_of, texts_of};
use crate::sql;

/// The columns that [`read`] reads, of a table called `o`.
pub(crate) const COLUMNS: &str = "o.id, o.name, o.description, o.permissions, o.target, o.is_managed, \
    o.created_at, o.created_by, o.modified_at, o.modified_by";

/// The columns that [`read_user`] reads, of a table called `o`.
pub(crate) const USER_COLUMNS: &str = "o.id, o.role_id, o.user_id, o.object_id, o.created_at, o.created_by, \
    (SELECT stable_id FROM users WHERE id = o.user_id) AS holder_stable_id, \
    COALESCE((SELECT stable_id FROM organizations WHERE id = o.organization_id), \
    (SELECT stable_id FROM teams WHERE id = o.team_id)) AS object_stable_id";

/// The columns that [`read_team`] reads, of a table called `o`.
pub(crate) const TEAM_COLUMNS: &str = "o.id, o.role_id, o.holder_id, o.object_id, o.created_at, \
    o.created_by, (SELECT stable_id FROM teams WHERE id = o.holder_id) AS holder_stable_id, \
    COALESCE((SELECT stable_id FROM organizations WHERE id = o.organization_id), \
    (SELECT stable_id FROM teams WHERE id = o.team_id)) AS object_stable_id";

/// The role definition of a row.
pub(crate) fn read(row: &SqliteRow) -> Read<RoleDefinition> {
    Ok(RoleDefinition {
        id: RoleId(row.try_get("id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        permissions: texts_of(row.try_get("permissions")?)?,
        target: target_of(row.try_get("target")?),
        is_managed: flag(row, "is_managed")?,
        stamp: stamp(row)?,
    })
}

fn role(row: &SqliteRow) -> Read<ManagedRole> {
    ManagedRole::from_id(RoleId(row.try_get("role_id")?)).ok_or_else(|| spoiled("an unknown role"))
}

fn object_id(row: &SqliteRow) -> Read<Option<i64>> {
    Ok(Some(row.try_get::<i64, _>("object_id")?).filter(|it| *it != 0))
}

/// The role of a user in a row.
pub(crate) fn read_user(row: &SqliteRow) -> Read<UserAssignment> {
    Ok(UserAssignment {
        id: AssignmentId(row.try_get("id")?),
        role: role(row)?,
        user: UserId(row.try_get("user_id")?),
        user_stable_id: StableId(row.try_get("holder_stable_id")?),
        object_id: object_id(row)?,
        object_stable_id: row.try_get::<Option<String>, _>("object_stable_id")?.map(StableId),
        created_at: at(row, "created_at")?,
        created_by: row.try_get::<Option<i64>, _>("created_by")?.map(UserId),
    })
}

/// The role of a team in a row.
pub(crate) fn read_team(row: &SqliteRow) -> Read<TeamAssignment> {
    Ok(TeamAssignment {
        id: AssignmentId(row.try_get("id")?),
        role: role(row)?,
        team: TeamId(row.try_get("holder_id")?),
        team_stable_id: StableId(row.try_get("holder_stable_id")?),
        object_id: object_id(row)?,
        object_stable_id: row.try_get::<Option<String>, _>("object_stable_id")?.map(StableId),
        created_at: at(row, "created_at")?,
        created_by: row.try_get::<Option<i64>, _>("created_by")?.map(UserId),
    })
}

/// The object's number as it is stored, and the references to an organization or a team that hold it.
fn object(role: ManagedRole, id: Option<i64>) -> Result<(i64, Option<i64>, Option<i64>), Failure> {
    match (role.target(), id) {
        (None, None) => Ok((0, None, None)),
        (Some(Noun::Organization), Some(id)) => Ok((id, Some(id), None)),
        (Some(Noun::Team), Some(id)) => Ok((id, None, Some(id))),
        _ => Err(Failure::Conflict(Conflict::Dangling)),
    }
}

/// Gives a role to a user; the assignment's number.
pub(crate) async fn create_user(
    connection: &mut SqliteConnection,
    it: &UserAssignment,
    effects: &mut Vec<Effect>,
) -> Result<i64, Failure> {
    let (object_id, organization, team) = object(it.role, it.object_id)?;
    let inserted = sqlx::query(sql::USER_ASSIGNMENT_INSERT)
        .bind(it.role.id().0)
        .bind(it.user.0)
        .bind(object_id)
        .bind(organization)
        .bind(team)
        .bind(micros(it.created_at))
        .bind(it.created_by.map(|it| it.0))
        .execute(connection)
        .await?;
    effects.push(Effect::DropSubject(it.user));
    Ok(inserted.last_insert_rowid())
}

/// Gives a role to a team; the assignment's number.
pub(crate) async fn create_team(
    connection: &mut SqliteConnection,
    it: &TeamAssignment,
    effects: &mut Vec<Effect>,
) -> Result<i64, Failure> {
    let (object_id, organization, team) = object(it.role, it.object_id)?;
    let inserted = sqlx::query(sql::TEAM_ASSIGNMENT_INSERT)
        .bind(it.role.id().0)
        .bind(it.team.0)
        .bind(object_id)
        .bind(organization)
        .bind(team)
        .bind(micros(it.created_at))
        .bind(it.created_by.map(|it| it.0))
        .execute(connection)
        .await?;
    // Who belongs to the team, and to the teams that belong to it, is not worth asking: such changes
    // are rare and subjects are quickly read again.
    effects.push(Effect::DropSubjects);
    Ok(inserted.last_insert_rowid())
}

/// Takes a role from a user.
pub(crate) async fn delete_user(
    connection: &mut SqliteConnection,
    it: &UserAssignment,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    let gone = sqlx::query(sql::USER_ASSIGNMENT_DELETE).bind(it.id.0).execute(connection).await?;
    if gone.rows_affected() == 0 {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    effects.push(Effect::DropSubject(it.user));
    Ok(())
}

/// Takes a role from a team.
pub(crate) async fn delete_team(
    connection: &mut SqliteConnection,
    it: &TeamAssignment,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    let gone = sqlx::query(sql::TEAM_ASSIGNMENT_DELETE).bind(it.id.0).execute(connection).await?;
    if gone.rows_affected() == 0 {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    effects.push(Effect::DropSubjects);
    Ok(())
}
