//! Authenticators. Only the built-in one exists; it can be renamed, reordered and switched off.

use identity::model::authenticator::Authenticator;
use identity::model::object::AuthenticatorId;
use identity::port::Conflict;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cache::Effect;
use crate::engine::Failure;
use crate::rows::{Read, flag, later_than, micros, stamp};
use crate::sql;

/// The columns that [`read`] reads, of a table called `o`.
pub(crate) const COLUMNS: &str = "o.id, o.name, o.is_enabled, o.plugin, o.place, o.slug, \
    o.created_at, o.created_by, o.modified_at, o.modified_by";

/// The authenticator of a row.
pub(crate) fn read(row: &SqliteRow) -> Read<Authenticator> {
    Ok(Authenticator {
        id: AuthenticatorId(row.try_get("id")?),
        name: row.try_get("name")?,
        is_enabled: flag(row, "is_enabled")?,
        plugin: row.try_get("plugin")?,
        order: row.try_get("place")?,
        slug: row.try_get("slug")?,
        stamp: stamp(row)?,
    })
}

/// Adds an authenticator; its number.
pub(crate) async fn create(connection: &mut SqliteConnection, it: &Authenticator) -> Result<i64, Failure> {
    let inserted = sqlx::query(sql::AUTHENTICATOR_INSERT)
        .bind(&it.name)
        .bind(i64::from(it.is_enabled))
        .bind(&it.plugin)
        .bind(it.order)
        .bind(&it.slug)
        .bind(micros(it.stamp.created_at))
        .bind(it.stamp.created_by.map(|it| it.0))
        .bind(micros(it.stamp.modified_at))
        .bind(it.stamp.modified_by.map(|it| it.0))
        .execute(connection)
        .await?;
    Ok(inserted.last_insert_rowid())
}

/// Changes an authenticator.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    before: &Authenticator,
    after: &Authenticator,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    let updated = sqlx::query(sql::AUTHENTICATOR_UPDATE)
        .bind(before.id.0)
        .bind(micros(before.stamp.modified_at))
        .bind(&after.name)
        .bind(i64::from(after.is_enabled))
        .bind(after.order)
        .bind(later_than(before.stamp.modified_at, after.stamp.modified_at))
        .bind(after.stamp.modified_by.map(|it| it.0))
        .execute(connection)
        .await?;
    if updated.rows_affected() == 0 {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    // Subjects hold the names of their sources.
    effects.push(Effect::DropSubjects);
    Ok(())
}
