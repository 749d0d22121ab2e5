//! Tokens, by digest.

use std::collections::BTreeSet;

use identity::model::object::{ApplicationId, GrantId, TokenId, UserId};
use identity::model::scope::Scope;
use identity::model::secret::Digest;
use identity::model::token::Token;
use identity::port::Conflict;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cache::Effect;
use crate::engine::{Done, Failure, Outcome};
use crate::rows::{
    Read, at, digest, digest_of, instant, json_numbers, later_than, micros, spoiled, stamp, untagged,
};
use crate::{grants, sql};

/// The columns that [`read`] reads, of a table called `o`.
pub(crate) const COLUMNS: &str = "o.id, o.digest, (SELECT r.digest FROM refresh_tokens r \
    WHERE r.token_id = o.id AND r.ended_at IS NULL) AS refresh_digest, o.grant_id, o.user_id, o.application_id, \
    o.description, o.scope, o.expires_at, o.last_used_at, \
    o.created_at, o.created_by, o.modified_at, o.modified_by";

/// The token of a row.
pub(crate) fn read(row: &SqliteRow) -> Read<Token> {
    let refresh_digest = row.try_get::<Option<Vec<u8>>, _>("refresh_digest")?;
    let scope = Scope::parse(row.try_get("scope")?).map_err(|_| spoiled("a scope that is none"))?;
    Ok(Token {
        id: TokenId(row.try_get("id")?),
        digest: digest(row, "digest")?.to_tagged(),
        refresh_digest: refresh_digest.map(|it| digest_of(it).map(Digest::to_tagged)).transpose()?,
        grant: row.try_get::<Option<i64>, _>("grant_id")?.map(GrantId),
        user: UserId(row.try_get("user_id")?),
        application: row.try_get::<Option<i64>, _>("application_id")?.map(ApplicationId),
        description: row.try_get("description")?,
        scope,
        expires_at: at(row, "expires_at")?,
        last_used_at: row.try_get::<Option<i64>, _>("last_used_at")?.map(instant),
        stamp: stamp(row)?,
    })
}

/// The token of this digest.
pub(crate) async fn by_digest(connection: &mut SqliteConnection, digest: Digest) -> Read<Option<Token>> {
    let row = sqlx::query(sql::TOKEN_BY_DIGEST).bind(&digest.0[..]).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// Adds a token; its number. One for an application begins a grant.
pub(crate) async fn create(connection: &mut SqliteConnection, it: &Token) -> Result<i64, Failure> {
    match it.application {
        None => insert(connection, it, None).await.map(|it| it.0),
        Some(application) => {
            let grant = grants::begin(connection, it, application).await?;
            grants::put(connection, it, grant, &it.scope).await.map(|it| it.0)
        }
    }
}

/// Writes a token of this grant; its number.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    it: &Token,
    grant: Option<GrantId>,
) -> Result<TokenId, Failure> {
    let inserted = sqlx::query(sql::TOKEN_INSERT)
        .bind(untagged(&it.digest)?)
        .bind(grant.map(|it| it.0))
        .bind(it.user.0)
        .bind(it.application.map(|it| it.0))
        .bind(&it.description)
        .bind(it.scope.as_str())
        .bind(micros(it.expires_at))
        .bind(it.last_used_at.map(micros))
        .bind(micros(it.stamp.created_at))
        .bind(it.stamp.created_by.map(|it| it.0))
        .bind(micros(it.stamp.modified_at))
        .bind(it.stamp.modified_by.map(|it| it.0))
        .execute(connection)
        .await?;
    Ok(TokenId(inserted.last_insert_rowid()))
}

/// Changes a token: its digest, text, scope and end. Whose it is never changes. A refresh token follows its
/// scope, so that what is taken from the one does not come back by the other.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    before: &Token,
    after: &Token,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    let old_digest = untagged(&before.digest)?;
    let updated = sqlx::query(sql::TOKEN_UPDATE)
        .bind(before.id.0)
        .bind(micros(before.stamp.modified_at))
        .bind(untagged(&after.digest)?)
        .bind(&after.description)
        .bind(after.scope.as_str())
        .bind(micros(after.expires_at))
        .bind(later_than(before.stamp.modified_at, after.stamp.modified_at))
        .bind(after.stamp.modified_by.map(|it| it.0))
        .execute(&mut *connection)
        .await?;
    if updated.rows_affected() == 0 {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    if before.scope != after.scope {
        let query = sqlx::query(sql::REFRESH_RESCOPE).bind(before.id.0).bind(after.scope.as_str());
        query.execute(connection).await?;
    }
    effects.push(Effect::DropToken(digest_of(old_digest)?));
    Ok(())
}

/// Removes a token. One of a grant ends it all: its refresh token would make another.
pub(crate) async fn delete(
    connection: &mut SqliteConnection,
    id: TokenId,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    let row = sqlx::query(sql::TOKEN_DELETE).bind(id.0).fetch_optional(&mut *connection).await?;
    let row = row.ok_or(Failure::Conflict(Conflict::Stale))?;
    effects.push(Effect::DropToken(digest(&row, "digest")?));
    if let Some(grant) = row.try_get::<Option<i64>, _>("grant_id")? {
        grants::end(connection, GrantId(grant), effects).await?;
    }
    Ok(())
}

/// Revokes all access tokens of a user, or of everybody. Their refresh tokens live on.
pub(crate) async fn revoke(connection: &mut SqliteConnection, user: Option<UserId>) -> Outcome<Vec<TokenId>> {
    let Some(user) = user else {
        let rows = sqlx::query(sql::TOKENS_DELETE).fetch_all(connection).await?;
        return Ok(Done { value: ids(&rows)?, effects: vec![Effect::DropTokens] });
    };
    let rows = sqlx::query(sql::TOKENS_DELETE_OF).bind(user.0).fetch_all(connection).await?;
    Ok(Done { value: ids(&rows)?, effects: drops(&rows)? })
}

/// Some of the access tokens whose life is over.
pub(crate) async fn expired(connection: &mut SqliteConnection, now: Timestamp) -> Read<Vec<i64>> {
    let rows = sqlx::query(sql::TOKENS_EXPIRED).bind(micros(now)).fetch_all(connection).await?;
    rows.iter().map(|row| row.try_get("id")).collect()
}

/// Removes those of these access tokens whose life is over; how many.
pub(crate) async fn clean(connection: &mut SqliteConnection, ids: Vec<i64>, now: Timestamp) -> Outcome<u64> {
    let query = sqlx::query(sql::TOKENS_DELETE_EXPIRED).bind(micros(now)).bind(json_numbers(ids));
    let rows = query.fetch_all(connection).await?;
    Ok(Done { value: rows.len() as u64, effects: drops(&rows)? })
}

/// What the caches must hear of these tokens' digests.
pub(crate) fn drops(rows: &[SqliteRow]) -> Read<Vec<Effect>> {
    rows.iter().map(|row| digest(row, "digest").map(Effect::DropToken)).collect()
}

/// The same of the tokens of these numbers.
pub(crate) async fn drops_of(
    connection: &mut SqliteConnection,
    ids: impl IntoIterator<Item = i64>,
) -> Read<Vec<Effect>> {
    let ids = json_numbers(ids);
    drops(&sqlx::query(sql::TOKEN_DIGESTS).bind(ids).fetch_all(connection).await?)
}

/// Whether a user has a live token of an application with exactly the words of this scope.
pub(crate) async fn has_scope(
    connection: &mut SqliteConnection,
    (user, application): (UserId, ApplicationId),
    scope: &Scope,
    now: Timestamp,
) -> Read<bool> {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
    let wanted = words(scope.as_str());
    let rows = sqlx::query(sql::TOKEN_SCOPES)
        .bind(user.0)
        .bind(application.0)
        .bind(micros(now))
        .fetch_all(connection)
        .await?;
    for row in rows {
        if words(row.try_get("scope")?) == wanted {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The numbers of removed tokens, the smallest first.
fn ids(rows: &[SqliteRow]) -> Read<Vec<TokenId>> {
    let mut ids = rows.iter().map(|row| Ok(TokenId(row.try_get("id")?))).collect::<Read<Vec<TokenId>>>()?;
    ids.sort_unstable();
    Ok(ids)
}

/// Writes when tokens were used last.
pub(crate) async fn used(connection: &mut SqliteConnection, uses: &[(TokenId, Timestamp)]) -> Outcome<()> {
    for (id, used_at) in uses {
        sqlx::query(sql::TOKEN_USED).bind(id.0).bind(micros(*used_at)).execute(&mut *connection).await?;
    }
    Ok(Done::quiet(()))
}
