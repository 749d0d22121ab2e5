//! Sessions: begun, looked up by digest, used, listed, and swept when they are over.

mod ended;
mod evict;

use std::sync::Arc;

use identity::SessionEnd;
use identity::model::object::{SessionId, UserId};
use identity::model::secret::Digest;
use identity::model::session::{LastUse, Session, SessionKind};
use identity::port::{Begun, Conflict, NewSession};
use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cache::{Caches, Effect};
use crate::engine::{Done, Failure, Outcome};
use crate::rows::{Read, at, digest, duration_micros, instant, json_numbers, micros, spoiled};
use crate::sql::sessions as sql;
use crate::users;

use ended::end_these;
pub(crate) use ended::{ENDED_MAX, Ending, end, end_all, end_of, find as ended, forget};
use evict::evict;

/// For how long the disk may not have heard of a use: many times as long as a second, in which uses are written.
const DISK_LAG: SignedDuration = SignedDuration::from_mins(1);

fn kind_of(row: &SqliteRow) -> Read<SessionKind> {
    let word: &str = row.try_get("kind")?;
    let kind = SessionKind::ALL.into_iter().find(|it| it.as_str() == word);
    kind.ok_or_else(|| spoiled("an unknown kind of session"))
}

fn read(row: &SqliteRow) -> Read<Session> {
    Ok(Session {
        id: SessionId(row.try_get("id")?),
        kind: kind_of(row)?,
        digest: digest(row, "digest")?,
        user: UserId(row.try_get("user_id")?),
        created_at: at(row, "created_at")?,
        expires_at: at(row, "expires_at")?,
        inactivity_timeout: row.try_get::<Option<i64>, _>("inactivity")?.map(SignedDuration::from_micros),
        last_use: LastUse::new(at(row, "last_used_at")?),
        address: row.try_get("address")?,
    })
}

/// The session of this digest.
pub(crate) async fn by_digest(connection: &mut SqliteConnection, digest: Digest) -> Read<Option<Session>> {
    let row = sqlx::query(sql::BY_DIGEST).bind(&digest.0[..]).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// Begins a session, ends the one it replaces and those that are too many, and keeps the instant of the sign-in.
pub(crate) async fn create(
    connection: &mut SqliteConnection,
    new: NewSession,
    caches: &Caches,
) -> Outcome<Begun> {
    let began_at = match new.continues {
        Some(id) => began_at(connection, id).await?.ok_or(Failure::Conflict(Conflict::Stale))?,
        None => instant(micros(new.created_at)),
    };
    if !users::signed_in(connection, &new, began_at).await? {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    let inactivity = new.policy.inactivity_timeout.map(duration_micros);
    let inserted = sqlx::query(sql::INSERT)
        .bind(new.kind.as_str())
        .bind(&new.digest.0[..])
        .bind(new.user.0)
        .bind(micros(began_at))
        .bind(micros(new.expires_at))
        .bind(&new.address)
        .bind(new.authenticator.0)
        .bind(inactivity)
        .bind(micros(new.created_at))
        .execute(&mut *connection)
        .await?;
    let session = Session {
        id: SessionId(inserted.last_insert_rowid()),
        kind: new.kind,
        digest: new.digest,
        user: new.user,
        // As it will be read again: stored instants are whole microseconds.
        created_at: began_at,
        expires_at: instant(micros(new.expires_at)),
        inactivity_timeout: inactivity.map(SignedDuration::from_micros),
        last_use: LastUse::new(instant(micros(new.created_at))),
        address: new.address,
    };
    let (mut effects, now) = (Vec::new(), session.last_use.at());
    if let Some(replaced) = new.replaces {
        let ending = Ending { end: SessionEnd::Replaced, at: now, by: Some(session.id) };
        effects.extend(end_these(connection, &[replaced], ending).await?);
    }
    let evicted = evict(connection, (&session, now), &new.policy, caches, &mut effects).await?;
    // After those that go: memory never knows of more sessions than there may be.
    effects.push(Effect::PutSession(Arc::new(session.clone())));
    effects.push(Effect::DropSubject(new.user));
    Ok(Done { value: Begun { session, evicted }, effects })
}

/// When a session that is there began.
async fn began_at(connection: &mut SqliteConnection, id: SessionId) -> Read<Option<Timestamp>> {
    let row = sqlx::query(sql::BEGAN).bind(id.0).fetch_optional(connection).await?;
    row.as_ref().map(|row| at(row, "created_at")).transpose()
}

/// Writes when sessions were used last.
pub(crate) async fn used(connection: &mut SqliteConnection, uses: &[(SessionId, Timestamp)]) -> Outcome<()> {
    for (id, used_at) in uses {
        sqlx::query(sql::USED).bind(id.0).bind(micros(*used_at)).execute(&mut *connection).await?;
    }
    Ok(Done::quiet(()))
}

/// Removes some of the sessions whose overall timeout is over; how many.
pub(crate) async fn sweep(connection: &mut SqliteConnection, now: Timestamp) -> Outcome<u64> {
    let rows = sqlx::query(sql::EXPIRED).bind(micros(now)).fetch_all(&mut *connection).await?;
    let ids = numbers(&rows)?;
    let effects = end_these(connection, &ids, Ending::new(SessionEnd::Overall, now)).await?;
    Ok(Done { value: effects.len() as u64, effects })
}

/// Some of the sessions that have rested too long, as far as the disk knows.
pub(crate) async fn resting(
    connection: &mut SqliteConnection,
    now: Timestamp,
) -> Read<Vec<(SessionId, Digest)>> {
    let rows = sqlx::query(sql::RESTING).bind(micros(now)).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((SessionId(row.try_get("id")?), digest(row, "digest")?))).collect()
}

/// Removes those of these sessions that have still rested too long; how many.
pub(crate) async fn sweep_rested(
    connection: &mut SqliteConnection,
    ids: &[SessionId],
    now: Timestamp,
) -> Outcome<u64> {
    let ids = json_numbers(ids.iter().map(|it| it.0));
    let rows = sqlx::query(sql::RESTED).bind(micros(now)).bind(ids).fetch_all(&mut *connection).await?;
    let ids = numbers(&rows)?;
    let effects = end_these(connection, &ids, Ending::new(SessionEnd::Inactive, now)).await?;
    Ok(Done { value: effects.len() as u64, effects })
}

fn numbers(rows: &[SqliteRow]) -> Read<Vec<SessionId>> {
    rows.iter().map(|row| row.try_get("id").map(SessionId)).collect()
}

/// Moves the end of a session.
pub(crate) async fn extend(
    connection: &mut SqliteConnection,
    id: SessionId,
    expires_at: Timestamp,
) -> Outcome<Option<Session>> {
    let row = sqlx::query(sql::EXTEND).bind(id.0).bind(micros(expires_at)).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(Done::quiet(None)) };
    let session = read(&row)?;
    let effects = vec![Effect::PutSession(Arc::new(session.clone()))];
    Ok(Done { value: Some(session), effects })
}

/// Which live sessions are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Those of this user, or of everybody.
    pub(crate) user: Option<UserId>,
    /// Those of this kind, or of all.
    pub(crate) kind: Option<SessionKind>,
    /// The most of them.
    pub(crate) limit: u32,
}

/// The live sessions with the names of their users, the newest first, with their last uses up to now.
pub(crate) async fn live(
    connection: &mut SqliteConnection,
    wanted: Wanted,
    now: Timestamp,
    caches: &Caches,
) -> Read<Vec<(Session, String)>> {
    let rows = sqlx::query(sql::LIVE)
        .bind(wanted.user.map(|it| it.0))
        .bind(micros(now))
        .bind(i64::from(wanted.limit))
        .bind(wanted.kind.map(SessionKind::as_str))
        .bind(duration_micros(DISK_LAG))
        .fetch_all(connection)
        .await?;
    let mut sessions = Vec::with_capacity(rows.len());
    for row in &rows {
        let session = refresh(read(row)?, caches);
        if session.ended(now).is_none() {
            sessions.push((session, row.try_get("username")?));
        }
    }
    Ok(sessions)
}

/// The session with its last use as memory knows it, if that is later.
fn refresh(mut session: Session, caches: &Caches) -> Session {
    if let Some(kept) = caches.peek_session(&session.digest) {
        session.last_use = LastUse::new(kept.last_use.at().max(session.last_use.at()));
    }
    session
}
