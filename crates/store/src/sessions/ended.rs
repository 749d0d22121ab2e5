//! Sessions that end: each leaves a line about why, in the same transaction. The lines are read only to explain; none
//! makes a session live again.

use identity::SessionEnd;
use identity::model::object::{SessionId, UserId};
use identity::model::secret::Digest;
use identity::model::session::EndedSession;
use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use crate::cache::Effect;
use crate::engine::{Done, Outcome};
use crate::rows::{Read, at, digest, json_numbers, micros, spoiled};
use crate::sql::sessions as sql;

/// How long it is known why a session ended: whoever comes back the next day with a dead one is told still, and
/// begins a new one.
const ENDED_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// How many ended sessions are known at once, the latest ones: some twenty megabytes at most, also when somebody who
/// knows a password signs in and out all day.
pub(crate) const ENDED_MAX: i64 = 100_000;

/// Why sessions end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    /// Why.
    pub(crate) end: SessionEnd,
    /// When.
    pub(crate) at: Timestamp,
    /// The newer session that takes their place.
    pub(crate) by: Option<SessionId>,
}

impl Ending {
    /// An ending without a newer session.
    pub(crate) fn new(end: SessionEnd, at: Timestamp) -> Self {
        Self { end, at, by: None }
    }
}

/// Ends those of these sessions that there are; what the caches must hear, one effect for each.
pub(crate) async fn end_these(
    connection: &mut SqliteConnection,
    ids: &[SessionId],
    ending: Ending,
) -> Read<Vec<Effect>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = json_numbers(ids.iter().map(|it| it.0));
    sqlx::query(sql::END)
        .bind(&ids)
        .bind(ending.end.as_str())
        .bind(micros(ending.at))
        .bind(ending.by.map(|it| it.0))
        .execute(&mut *connection)
        .await?;
    let rows = sqlx::query(sql::DELETE).bind(&ids).fetch_all(connection).await?;
    rows.iter().map(|row| digest(row, "digest").map(Effect::DropSession)).collect()
}

/// Ends the sessions of a user, but for one.
pub(crate) async fn end_of(
    connection: &mut SqliteConnection,
    user: UserId,
    kept: Option<SessionId>,
    ending: Ending,
) -> Read<Vec<Effect>> {
    let kept = kept.map_or(0, |it| it.0);
    let rows = sqlx::query(sql::OF_USER).bind(user.0).bind(kept).fetch_all(&mut *connection).await?;
    let ids: Vec<SessionId> = rows.iter().map(|row| row.try_get("id").map(SessionId)).collect::<Read<_>>()?;
    end_these(connection, &ids, ending).await
}

/// Ends a session; whether there was one.
pub(crate) async fn end(
    connection: &mut SqliteConnection,
    id: SessionId,
    end: SessionEnd,
    now: Timestamp,
) -> Outcome<bool> {
    let effects = end_these(connection, &[id], Ending::new(end, now)).await?;
    Ok(Done { value: !effects.is_empty(), effects })
}

/// Ends all sessions of a user, or of everybody; how many there were.
pub(crate) async fn end_all(
    connection: &mut SqliteConnection,
    user: Option<UserId>,
    now: Timestamp,
) -> Outcome<u64> {
    let ending = Ending::new(SessionEnd::Removed, now);
    if let Some(user) = user {
        let effects = end_of(connection, user, None, ending).await?;
        return Ok(Done { value: effects.len() as u64, effects });
    }
    sqlx::query(sql::END_ALL)
        .bind(ENDED_MAX)
        .bind(ending.end.as_str())
        .bind(micros(ending.at))
        .bind(None::<i64>)
        .execute(&mut *connection)
        .await?;
    let gone = sqlx::query(sql::DELETE_ALL).execute(connection).await?;
    Ok(Done { value: gone.rows_affected(), effects: vec![Effect::DropSessions] })
}

/// What is still known of the session of this digest.
pub(crate) async fn find(connection: &mut SqliteConnection, digest: Digest) -> Read<Option<EndedSession>> {
    let row = sqlx::query(sql::ENDED).bind(&digest.0[..]).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let word: &str = row.try_get("reason")?;
    let end = SessionEnd::ALL.into_iter().find(|it| it.as_str() == word);
    Ok(Some(EndedSession {
        id: SessionId(row.try_get("session_id")?),
        user: UserId(row.try_get("user_id")?),
        at: at(&row, "ended_at")?,
        end: end.ok_or_else(|| spoiled("an unknown end of a session"))?,
        by: row.try_get::<Option<i64>, _>("successor_id")?.map(SessionId),
    }))
}

/// Forgets some of what is too old or too much; how many.
pub(crate) async fn forget(connection: &mut SqliteConnection, now: Timestamp, most: i64) -> Outcome<u64> {
    let bound = micros(now.checked_sub(ENDED_LIFE).unwrap_or(Timestamp::MIN));
    let old = sqlx::query(sql::ENDED_OLD).bind(bound).execute(&mut *connection).await?;
    let surplus = sqlx::query(sql::ENDED_SURPLUS).bind(most).execute(connection).await?;
    Ok(Done::quiet(old.rows_affected() + surplus.rows_affected()))
}
