//! Sessions, by digest.

use std::sync::Arc;

use identity::model::object::{SessionId, UserId};
use identity::model::secret::Digest;
use identity::model::session::{LastUse, Session, SessionKind};
use identity::model::session_policy::{Reach, SessionPolicy, Standing};
use identity::port::{Conflict, NewSession};
use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cache::{Caches, Effect};
use crate::engine::{Done, Failure, Outcome};
use crate::rows::{Read, at, digest, duration_micros, instant, json_numbers, micros, spoiled};
use crate::{sql, users};

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
    let row = sqlx::query(sql::SESSION_BY_DIGEST).bind(&digest.0[..]).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// Begins a session, ends the one it replaces, and keeps the instant of the sign-in.
pub(crate) async fn create(
    connection: &mut SqliteConnection,
    new: NewSession,
    caches: &Caches,
) -> Outcome<Session> {
    let mut effects = Vec::new();
    if let Some(replaced) = new.replaces
        && let Some(row) =
            sqlx::query(sql::SESSION_DELETE).bind(replaced.0).fetch_optional(&mut *connection).await?
    {
        effects.push(Effect::DropSession(digest(&row, "digest")?));
    }
    if !users::signed_in(connection, &new).await? {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    let inactivity = new.policy.inactivity_timeout.map(duration_micros);
    let inserted = sqlx::query(sql::SESSION_INSERT)
        .bind(new.kind.as_str())
        .bind(&new.digest.0[..])
        .bind(new.user.0)
        .bind(micros(new.created_at))
        .bind(micros(new.expires_at))
        .bind(&new.address)
        .bind(new.authenticator.0)
        .bind(inactivity)
        .execute(&mut *connection)
        .await?;
    let session = Session {
        id: SessionId(inserted.last_insert_rowid()),
        kind: new.kind,
        digest: new.digest,
        user: new.user,
        // As it will be read again: stored instants are whole microseconds.
        created_at: instant(micros(new.created_at)),
        expires_at: instant(micros(new.expires_at)),
        inactivity_timeout: inactivity.map(SignedDuration::from_micros),
        last_use: LastUse::new(instant(micros(new.created_at))),
        address: new.address,
    };
    if !new.policy.caps.is_empty() {
        effects.extend(evict(connection, &session, &new.policy, caches).await?);
    }
    effects.push(Effect::PutSession(Arc::new(session.clone())));
    effects.push(Effect::DropSubject(new.user));
    Ok(Done { value: session, effects })
}

/// Ends the live sessions that are too many now, by their uses up to this moment: those that memory knows and has
/// not written yet count too.
async fn evict(
    connection: &mut SqliteConnection,
    new: &Session,
    policy: &SessionPolicy,
    caches: &Caches,
) -> Read<Vec<Effect>> {
    let reach = policy.caps.iter().map(|it| it.reach).min().unwrap_or(Reach::User);
    let kind = (reach != Reach::System).then(|| new.kind.as_str());
    let user = (reach == Reach::User).then_some(new.user.0);
    let rows = sqlx::query(sql::SESSIONS_STANDING)
        .bind(kind)
        .bind(user)
        .bind(new.id.0)
        .bind(micros(new.created_at))
        .fetch_all(&mut *connection)
        .await?;
    let mut others = Vec::with_capacity(rows.len());
    for row in &rows {
        let used_at = at(row, "last_used_at")?;
        let noted_at = caches.peek_session(&digest(row, "digest")?).map(|it| it.last_use.at());
        others.push(Standing {
            id: SessionId(row.try_get("id")?),
            kind: kind_of(row)?,
            user: UserId(row.try_get("user_id")?),
            created_at: at(row, "created_at")?,
            used_at: noted_at.map_or(used_at, |it| it.max(used_at)),
        });
    }
    let mut effects = Vec::new();
    for id in policy.evicted(new.kind, new.user, &others) {
        let row = sqlx::query(sql::SESSION_DELETE).bind(id.0).fetch_optional(&mut *connection).await?;
        if let Some(row) = row {
            effects.push(Effect::DropSession(digest(&row, "digest")?));
        }
    }
    Ok(effects)
}

/// Ends a session.
pub(crate) async fn end(connection: &mut SqliteConnection, id: SessionId) -> Outcome<bool> {
    let row = sqlx::query(sql::SESSION_DELETE).bind(id.0).fetch_optional(connection).await?;
    match row {
        Some(row) => Ok(Done { value: true, effects: vec![Effect::DropSession(digest(&row, "digest")?)] }),
        None => Ok(Done::quiet(false)),
    }
}

/// Ends all sessions of a user, or of everybody.
pub(crate) async fn end_all(connection: &mut SqliteConnection, user: Option<UserId>) -> Outcome<u64> {
    let Some(user) = user else {
        let gone = sqlx::query(sql::SESSIONS_DELETE).execute(connection).await?;
        return Ok(Done { value: gone.rows_affected(), effects: vec![Effect::DropSessions] });
    };
    let rows = sqlx::query(sql::SESSIONS_DELETE_OF).bind(user.0).bind(0_i64).fetch_all(connection).await?;
    Ok(Done { value: rows.len() as u64, effects: drops(&rows)? })
}

/// Writes when sessions were used last.
pub(crate) async fn used(connection: &mut SqliteConnection, uses: &[(SessionId, Timestamp)]) -> Outcome<()> {
    for (id, used_at) in uses {
        sqlx::query(sql::SESSION_USED).bind(id.0).bind(micros(*used_at)).execute(&mut *connection).await?;
    }
    Ok(Done::quiet(()))
}

/// Removes some of the sessions that are over; how many.
pub(crate) async fn sweep(connection: &mut SqliteConnection, now: Timestamp) -> Outcome<u64> {
    let rows = sqlx::query(sql::SESSIONS_EXPIRED).bind(micros(now)).fetch_all(connection).await?;
    Ok(Done { value: rows.len() as u64, effects: drops(&rows)? })
}

/// Some of the sessions that have rested too long, as far as the disk knows.
pub(crate) async fn resting(
    connection: &mut SqliteConnection,
    now: Timestamp,
) -> Read<Vec<(SessionId, Digest)>> {
    let rows = sqlx::query(sql::SESSIONS_RESTING).bind(micros(now)).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((SessionId(row.try_get("id")?), digest(row, "digest")?))).collect()
}

/// Removes those of these sessions that have still rested too long; how many.
pub(crate) async fn sweep_rested(
    connection: &mut SqliteConnection,
    ids: &[SessionId],
    now: Timestamp,
) -> Outcome<u64> {
    let ids = json_numbers(ids.iter().map(|it| it.0));
    let rows = sqlx::query(sql::SESSIONS_RESTED).bind(micros(now)).bind(ids).fetch_all(connection).await?;
    Ok(Done { value: rows.len() as u64, effects: drops(&rows)? })
}

fn drops(rows: &[SqliteRow]) -> Read<Vec<Effect>> {
    rows.iter().map(|row| digest(row, "digest").map(Effect::DropSession)).collect()
}

/// Moves the end of a session.
pub(crate) async fn extend(
    connection: &mut SqliteConnection,
    id: SessionId,
    expires_at: Timestamp,
) -> Outcome<Option<Session>> {
    let row = sqlx::query(sql::SESSION_EXTEND)
        .bind(id.0)
        .bind(micros(expires_at))
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(Done::quiet(None)) };
    let session = read(&row)?;
    let effects = vec![Effect::PutSession(Arc::new(session.clone()))];
    Ok(Done { value: Some(session), effects })
}

/// The live sessions with the names of their users, the newest first.
pub(crate) async fn live(
    connection: &mut SqliteConnection,
    user: Option<UserId>,
    kind: Option<SessionKind>,
    now: Timestamp,
    limit: u32,
) -> Read<Vec<(Session, String)>> {
    let rows = sqlx::query(sql::SESSIONS_LIVE)
        .bind(user.map(|it| it.0))
        .bind(micros(now))
        .bind(i64::from(limit))
        .bind(kind.map(SessionKind::as_str))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok((read(row)?, row.try_get("username")?))).collect()
}
