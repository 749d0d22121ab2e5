//! Teams.

use identity::model::object::{OrganizationId, StableId, TeamId};
use identity::model::team::Team;
use identity::port::Conflict;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cache::Effect;
use crate::engine::Failure;
use crate::rows::{Read, later_than, micros, stamp};
use crate::sql;

/// The columns that [`read`] reads, of a table called `o`.
pub(crate) const COLUMNS: &str = "o.id, o.stable_id, o.name, o.organization_id, o.description, \
    o.created_at, o.created_by, o.modified_at, o.modified_by";

/// The team of a row.
pub(crate) fn read(row: &SqliteRow) -> Read<Team> {
    Ok(Team {
        id: TeamId(row.try_get("id")?),
        stable_id: StableId(row.try_get("stable_id")?),
        name: row.try_get("name")?,
        organization: OrganizationId(row.try_get("organization_id")?),
        description: row.try_get("description")?,
        stamp: stamp(row)?,
    })
}

/// Adds a team; its number.
pub(crate) async fn create(connection: &mut SqliteConnection, it: &Team) -> Result<i64, Failure> {
    let inserted = sqlx::query(sql::TEAM_INSERT)
        .bind(&it.stable_id.0)
        .bind(&it.name)
        .bind(it.organization.0)
        .bind(&it.description)
        .bind(micros(it.stamp.created_at))
        .bind(it.stamp.created_by.map(|it| it.0))
        .bind(micros(it.stamp.modified_at))
        .bind(it.stamp.modified_by.map(|it| it.0))
        .execute(connection)
        .await?;
    Ok(inserted.last_insert_rowid())
}

/// Changes a team.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    before: &Team,
    after: &Team,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    let updated = sqlx::query(sql::TEAM_UPDATE)
        .bind(before.id.0)
        .bind(micros(before.stamp.modified_at))
        .bind(&after.name)
        .bind(after.organization.0)
        .bind(&after.description)
        .bind(later_than(before.stamp.modified_at, after.stamp.modified_at))
        .bind(after.stamp.modified_by.map(|it| it.0))
        .execute(connection)
        .await?;
    if updated.rows_affected() == 0 {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    // Subjects hold the names of their teams.
    effects.push(Effect::DropSubjects);
    Ok(())
}

/// Removes a team with the roles on it and its own.
pub(crate) async fn delete(
    connection: &mut SqliteConnection,
    id: TeamId,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    let gone = sqlx::query(sql::TEAM_DELETE).bind(id.0).execute(connection).await?;
    if gone.rows_affected() == 0 {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    effects.push(Effect::DropSubjects);
    Ok(())
}
