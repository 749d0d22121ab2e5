//! Refresh tokens, by digest. The ended ones stay with their grant, so that a second showing is noticed.

use identity::model::grant::RefreshToken;
use identity::model::object::{ApplicationId, GrantId, RefreshTokenId, TokenId, UserId};
use identity::model::scope::Scope;
use identity::model::secret::Digest;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cache::Effect;
use crate::engine::{Done, Outcome};
use crate::rows::{Read, at, instant, json_numbers, micros, spoiled};
use crate::{sql, tokens};

fn read(row: &SqliteRow) -> Read<RefreshToken> {
    Ok(RefreshToken {
        id: RefreshTokenId(row.try_get("id")?),
        grant: GrantId(row.try_get("grant_id")?),
        granted_at: at(row, "granted_at")?,
        application: ApplicationId(row.try_get("application_id")?),
        user: UserId(row.try_get("user_id")?),
        scope: Scope::parse(row.try_get("scope")?).map_err(|_| spoiled("a scope that is none"))?,
        token: row.try_get::<Option<i64>, _>("token_id")?.map(TokenId),
        created_at: at(row, "created_at")?,
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(instant),
    })
}

/// The refresh token of this digest, ended or not.
pub(crate) async fn by_digest(
    connection: &mut SqliteConnection,
    digest: Digest,
) -> Read<Option<RefreshToken>> {
    let row = sqlx::query(sql::REFRESH_BY_DIGEST).bind(&digest.0[..]).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// Ends all refresh tokens of a user, or of everybody; which were alive. With them goes what could become one.
pub(crate) async fn revoke(
    connection: &mut SqliteConnection,
    user: Option<UserId>,
    now: Timestamp,
) -> Outcome<Vec<RefreshTokenId>> {
    let query = match user {
        Some(user) => sqlx::query(sql::REFRESH_REVOKE_OF).bind(micros(now)).bind(user.0),
        None => sqlx::query(sql::REFRESH_REVOKE).bind(micros(now)),
    };
    let rows = query.fetch_all(&mut *connection).await?;
    for text in [sql::CODES_UNUSED, sql::DEVICES_ALLOWED] {
        sqlx::query(text).bind(user.map(|it| it.0)).execute(&mut *connection).await?;
    }
    let mut ids = rows.iter().map(|row| Ok(RefreshTokenId(row.try_get("id")?))).collect::<Read<Vec<_>>>()?;
    ids.sort_unstable();
    // Access tokens in memory tell whether they have a live refresh token.
    let effects = match user {
        Some(_) => tokens::drops_of(connection, tokens_of(&rows)?).await?,
        None => vec![Effect::DropTokens],
    };
    Ok(Done { value: ids, effects })
}

/// Some of the refresh tokens made before an instant.
pub(crate) async fn old(connection: &mut SqliteConnection, before: Timestamp) -> Read<Vec<i64>> {
    let rows = sqlx::query(sql::REFRESH_OLD).bind(micros(before)).fetch_all(connection).await?;
    rows.iter().map(|row| row.try_get("id")).collect()
}

/// Removes those of these refresh tokens that were made before an instant; how many.
pub(crate) async fn clean(
    connection: &mut SqliteConnection,
    ids: Vec<i64>,
    before: Timestamp,
) -> Outcome<u64> {
    let query = sqlx::query(sql::REFRESH_DELETE_OLD).bind(micros(before)).bind(json_numbers(ids));
    let rows = query.fetch_all(&mut *connection).await?;
    let effects = tokens::drops_of(connection, tokens_of(&rows)?).await?;
    Ok(Done { value: rows.len() as u64, effects })
}

fn tokens_of(rows: &[SqliteRow]) -> Read<Vec<i64>> {
    let ids = rows.iter().map(|row| row.try_get::<Option<i64>, _>("token_id"));
    Ok(ids.collect::<Read<Vec<_>>>()?.into_iter().flatten().collect())
}
