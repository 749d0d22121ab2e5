//! Organizations.

use identity::model::object::{OrganizationId, StableId};
use identity::model::organization::Organization;
use identity::port::Conflict;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cache::Effect;
use crate::engine::Failure;
use crate::rows::{Read, digest_of, flag, later_than, micros, stamp};
use crate::sql;

/// The columns that [`read`] reads, of a table called `o`.
pub(crate) const COLUMNS: &str = "o.id, o.stable_id, o.name, o.description, o.is_managed, \
    o.created_at, o.created_by, o.modified_at, o.modified_by";

/// The organization of a row.
pub(crate) fn read(row: &SqliteRow) -> Read<Organization> {
    Ok(Organization {
        id: OrganizationId(row.try_get("id")?),
        stable_id: StableId(row.try_get("stable_id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        is_managed: flag(row, "is_managed")?,
        stamp: stamp(row)?,
    })
}

/// Adds an organization; its number.
pub(crate) async fn create(connection: &mut SqliteConnection, it: &Organization) -> Result<i64, Failure> {
    let inserted = sqlx::query(sql::ORGANIZATION_INSERT)
        .bind(&it.stable_id.0)
        .bind(&it.name)
        .bind(&it.description)
        .bind(i64::from(it.is_managed))
        .bind(micros(it.stamp.created_at))
        .bind(it.stamp.created_by.map(|it| it.0))
        .bind(micros(it.stamp.modified_at))
        .bind(it.stamp.modified_by.map(|it| it.0))
        .execute(connection)
        .await?;
    Ok(inserted.last_insert_rowid())
}

/// Changes an organization.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    before: &Organization,
    after: &Organization,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    let updated = sqlx::query(sql::ORGANIZATION_UPDATE)
        .bind(before.id.0)
        .bind(micros(before.stamp.modified_at))
        .bind(&after.name)
        .bind(&after.description)
        .bind(i64::from(after.is_managed))
        .bind(later_than(before.stamp.modified_at, after.stamp.modified_at))
        .bind(after.stamp.modified_by.map(|it| it.0))
        .execute(connection)
        .await?;
    if updated.rows_affected() == 0 {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    // Subjects hold the names of their organizations.
    effects.push(Effect::DropSubjects);
    Ok(())
}

/// Removes an organization with its teams, its applications and their tokens, and all roles on them.
pub(crate) async fn delete(
    connection: &mut SqliteConnection,
    id: OrganizationId,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    for row in sqlx::query(sql::TOKENS_DELETE_IN).bind(id.0).fetch_all(&mut *connection).await? {
        effects.push(Effect::DropToken(digest_of(row.try_get("digest")?)?));
    }
    let gone = sqlx::query(sql::ORGANIZATION_DELETE).bind(id.0).execute(connection).await?;
    if gone.rows_affected() == 0 {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    effects.push(Effect::DropSubjects);
    effects.push(Effect::DropApplications);
    Ok(())
}
