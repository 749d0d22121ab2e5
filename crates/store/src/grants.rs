//! Grants: what an authorization gave, and how a token is issued for what is taken.
//!
//! What is taken is taken by one statement that finds it untaken. Whoever comes after that finds it taken,
//! and takes it as a sign that two hold it.

use identity::model::object::{ApplicationId, GrantId, RefreshTokenId, Stamp, TokenId};
use identity::model::scope::Scope;
use identity::model::secret::Digest;
use identity::model::token::Token;
use identity::port::{Conflict, Issue, Issued, Taken};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cache::Effect;
use crate::engine::{Done, Failure, Outcome};
use crate::rows::{Read, instant, json_numbers, micros, spoiled, untagged};
use crate::{entries, sql, tokens};

/// Most refresh tokens of one grant that are kept, all ended but the last; beyond it the oldest go. Whoever
/// shows one of those gets nothing, but no longer ends the grant.
const REFRESH_MAX: i64 = 1000;

/// What taking has given.
enum Took {
    /// It begins a grant.
    Beginning,
    /// It carries this one on, as far as the scope says.
    More(GrantId, Scope),
    /// Nothing: it was taken before, and gave this grant.
    Before(Option<GrantId>),
    /// Nothing: there is none.
    Nothing,
}

/// Begins the grant of a token for an application. A user who may not sign in gives none.
pub(crate) async fn begin(
    connection: &mut SqliteConnection,
    token: &Token,
    application: ApplicationId,
) -> Result<GrantId, Failure> {
    let inserted = sqlx::query(sql::GRANT_INSERT)
        .bind(token.user.0)
        .bind(application.0)
        .bind(micros(token.stamp.created_at))
        .execute(connection)
        .await?;
    if inserted.rows_affected() == 0 {
        return Err(Failure::Conflict(Conflict::Dangling));
    }
    Ok(GrantId(inserted.last_insert_rowid()))
}

/// Writes a token of a grant, and its refresh token if it has one, which reaches as far as `scope`.
pub(crate) async fn put(
    connection: &mut SqliteConnection,
    token: &Token,
    grant: GrantId,
    scope: &Scope,
) -> Result<TokenId, Failure> {
    let id = tokens::insert(connection, token, Some(grant)).await?;
    if let Some(digest) = &token.refresh_digest {
        sqlx::query(sql::REFRESH_INSERT)
            .bind(untagged(digest)?)
            .bind(grant.0)
            .bind(id.0)
            .bind(scope.as_str())
            .bind(micros(token.stamp.created_at))
            .execute(&mut *connection)
            .await?;
        sqlx::query(sql::REFRESH_SURPLUS).bind(grant.0).bind(REFRESH_MAX).execute(connection).await?;
    }
    Ok(id)
}

/// Takes what a token is granted for and makes the token.
pub(crate) async fn issue(connection: &mut SqliteConnection, issue: Issue) -> Outcome<Issued> {
    let Issue { taken, token, trail } = issue;
    let mut effects = Vec::new();
    let (grant, scope) = match take(connection, taken, &token, trail.at, &mut effects).await? {
        // The scope was narrowed since it was looked at: nothing is taken, and nothing given.
        Took::More(_, scope) if token.scope.exceeds(&scope) => {
            return Err(Failure::Conflict(Conflict::Stale));
        }
        Took::More(grant, scope) => (Some(grant), scope),
        Took::Beginning => {
            let grant = match token.application {
                Some(application) => Some(begin(connection, &token, application).await?),
                None => None,
            };
            (grant, token.scope.clone())
        }
        Took::Before(grant) => {
            if let Some(grant) = grant {
                exhaust(connection, grant, trail.at, &mut effects).await?;
            }
            return Ok(Done { value: Issued::Replayed, effects });
        }
        Took::Nothing => return Ok(Done { value: Issued::Gone, effects }),
    };
    let id = match grant {
        Some(grant) => put(connection, &token, grant, &scope).await?,
        None => tokens::insert(connection, &token, None).await?,
    };
    if let Some(grant) = grant {
        gave(connection, taken, grant).await?;
    }
    entries::write(connection, &trail, &id.to_string()).await?;
    let made = stored(token, id, grant);
    Ok(Done { value: Issued::Token(Box::new(made)), effects })
}

/// A token as it would be read back: instants are kept in microseconds, and without a grant there is no refresh
/// token.
fn stored(token: Token, id: TokenId, grant: Option<GrantId>) -> Token {
    let kept = |at| instant(micros(at));
    Token {
        id,
        refresh_digest: token.refresh_digest.filter(|_| grant.is_some()),
        grant,
        expires_at: kept(token.expires_at),
        last_used_at: token.last_used_at.map(kept),
        stamp: Stamp {
            created_at: kept(token.stamp.created_at),
            modified_at: kept(token.stamp.modified_at),
            ..token.stamp
        },
        ..token
    }
}

async fn take(
    connection: &mut SqliteConnection,
    what: Taken,
    token: &Token,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Result<Took, Failure> {
    let (take, spent, digest) = match what {
        Taken::Nothing => return Ok(Took::Beginning),
        Taken::Refresh(id) => return take_refresh(connection, id, token, now, effects).await,
        Taken::Code(digest) => (sql::CODE_TAKE, sql::CODE_TAKEN, digest),
        Taken::Device(digest) => (sql::DEVICE_TAKE, sql::DEVICE_TAKEN, digest),
    };
    let took = sqlx::query(take)
        .bind(&digest.0[..])
        .bind(micros(now))
        .bind(token.user.0)
        .bind(token.application.map(|it| it.0))
        .fetch_optional(&mut *connection)
        .await?;
    if took.is_some() {
        return Ok(Took::Beginning);
    }
    let before = sqlx::query(spent).bind(&digest.0[..]).fetch_optional(connection).await?;
    Ok(before_or_nothing(before.as_ref())?)
}

async fn take_refresh(
    connection: &mut SqliteConnection,
    id: RefreshTokenId,
    token: &Token,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Result<Took, Failure> {
    let took = sqlx::query(sql::REFRESH_TAKE)
        .bind(id.0)
        .bind(micros(now))
        .bind(token.user.0)
        .bind(token.application.map(|it| it.0))
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = took else {
        let before = sqlx::query(sql::REFRESH_TAKEN).bind(id.0).fetch_optional(connection).await?;
        return Ok(before_or_nothing(before.as_ref())?);
    };
    let grant = GrantId(row.try_get("grant_id")?);
    let scope = Scope::parse(row.try_get("scope")?).map_err(|_| spoiled("a scope that is none"))?;
    // One access token at a time: the old one ends, whatever is left of its life.
    let rows = sqlx::query(sql::TOKENS_DELETE_GRANT).bind(grant.0).fetch_all(connection).await?;
    effects.extend(tokens::drops(&rows)?);
    Ok(Took::More(grant, scope))
}

fn before_or_nothing(row: Option<&SqliteRow>) -> Read<Took> {
    let Some(row) = row else { return Ok(Took::Nothing) };
    Ok(Took::Before(row.try_get::<Option<i64>, _>("grant_id")?.map(GrantId)))
}

/// Writes down which grant came of what was taken.
async fn gave(connection: &mut SqliteConnection, taken: Taken, grant: GrantId) -> Read<()> {
    let (text, digest) = match taken {
        Taken::Nothing | Taken::Refresh(_) => return Ok(()),
        Taken::Code(digest) => (sql::CODE_GAVE, digest),
        Taken::Device(digest) => (sql::DEVICE_GAVE, digest),
    };
    sqlx::query(text).bind(&digest.0[..]).bind(grant.0).execute(connection).await?;
    Ok(())
}

/// Ends a grant with all that belongs to it; how many access tokens there were.
pub(crate) async fn end(
    connection: &mut SqliteConnection,
    grant: GrantId,
    effects: &mut Vec<Effect>,
) -> Read<u64> {
    let rows = sqlx::query(sql::TOKENS_DELETE_GRANT).bind(grant.0).fetch_all(&mut *connection).await?;
    effects.extend(tokens::drops(&rows)?);
    sqlx::query(sql::GRANT_DELETE).bind(grant.0).execute(connection).await?;
    Ok(rows.len() as u64)
}

/// Ends a grant but keeps it in mind until it is swept: whoever shows its refresh tokens meanwhile is still
/// known to be late.
async fn exhaust(
    connection: &mut SqliteConnection,
    grant: GrantId,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Read<()> {
    let rows = sqlx::query(sql::TOKENS_DELETE_GRANT).bind(grant.0).fetch_all(&mut *connection).await?;
    effects.extend(tokens::drops(&rows)?);
    sqlx::query(sql::REFRESH_END).bind(grant.0).bind(micros(now)).execute(connection).await?;
    Ok(())
}

/// Ends what a used code gave; whether there was anything.
pub(crate) async fn end_of_code(connection: &mut SqliteConnection, code: Digest) -> Outcome<bool> {
    let row = sqlx::query(sql::CODE_TAKEN).bind(&code.0[..]).fetch_optional(&mut *connection).await?;
    let Some(grant) = row.map(|row| row.try_get::<Option<i64>, _>("grant_id")).transpose()?.flatten() else {
        return Ok(Done::quiet(false));
    };
    let mut effects = Vec::new();
    end(connection, GrantId(grant), &mut effects).await?;
    Ok(Done { value: true, effects })
}

/// Some of the grants that nothing carries on any more.
pub(crate) async fn empty(connection: &mut SqliteConnection, now: Timestamp) -> Read<Vec<i64>> {
    let rows = sqlx::query(sql::GRANTS_EMPTY).bind(micros(now)).fetch_all(connection).await?;
    rows.iter().map(|row| row.try_get("id")).collect()
}

/// Removes those of these grants that nothing carries on; how many.
pub(crate) async fn sweep(connection: &mut SqliteConnection, ids: Vec<i64>, now: Timestamp) -> Outcome<u64> {
    let query = sqlx::query(sql::GRANTS_DELETE_EMPTY).bind(micros(now)).bind(json_numbers(ids));
    Ok(Done::quiet(query.execute(connection).await?.rows_affected()))
}
