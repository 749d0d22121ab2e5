//! Sessions that are too many: which ones go is decided here, in the writer's job that begins the new one, by all uses
//! up to that moment. Memory knows of uses that the disk has not heard of yet.
//!
//! One writer runs one job after another, and a job leaves no more than there may be: however many begin at once, no
//! answer tells of a session too many. Its caches hear of the ones that go before they hear of the new one.

use identity::SessionEnd;
use identity::model::object::{SessionId, UserId};
use identity::model::session::Session;
use identity::model::session_policy::{Cap, Eviction, Reach, SessionPolicy, Standing};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::ended::{Ending, end_these};
use super::{kind_of, read, refresh};
use crate::cache::{Caches, Effect};
use crate::rows::{Read, at, digest, micros};
use crate::sql::sessions as sql;

/// How many are looked at beside those that go, because memory may know better who was used last.
const SPARE: usize = 256;

/// Ends the live sessions that are too many beside the new one, now; which they were, and what the caches must hear.
/// It may have begun before now, where it goes on with another.
pub(super) async fn evict(
    connection: &mut SqliteConnection,
    (new, now): (&Session, Timestamp),
    policy: &SessionPolicy,
    caches: &Caches,
    effects: &mut Vec<Effect>,
) -> Read<Vec<SessionId>> {
    let mut evicted = Vec::new();
    for cap in &policy.caps {
        let mut crowd = Crowd::new(cap, new, now);
        // Mostly there are not too many, even if those count that are over.
        if crowd.surplus(connection).await? == 0 {
            continue;
        }
        effects.extend(crowd.end_over(connection, caches).await?);
        let surplus = crowd.surplus(connection).await?;
        if surplus == 0 {
            continue;
        }
        let going = crowd.first(connection, caches, surplus).await?;
        let ending = Ending { end: SessionEnd::Evicted, at: now, by: Some(new.id) };
        effects.extend(end_these(connection, &going, ending).await?);
        evicted.extend(going);
    }
    Ok(evicted)
}

/// The sessions among which a cap counts, the new one included.
struct Crowd<'a> {
    cap: &'a Cap,
    new: &'a Session,
    kind: Option<&'static str>,
    user: Option<i64>,
    now: Timestamp,
}

impl<'a> Crowd<'a> {
    fn new(cap: &'a Cap, new: &'a Session, now: Timestamp) -> Self {
        let kind = (cap.reach != Reach::System).then(|| new.kind.as_str());
        let user = (cap.reach == Reach::User).then_some(new.user.0);
        Self { cap, new, kind, user, now }
    }

    /// How many would have to go if none of them were over.
    async fn surplus(&mut self, connection: &mut SqliteConnection) -> Read<usize> {
        let text = match self.cap.reach {
            Reach::System => sql::COUNT_SYSTEM,
            Reach::Platform => sql::COUNT_PLATFORM,
            Reach::User => sql::COUNT_USER,
        };
        let row = sqlx::query(text).bind(self.kind).bind(self.user).fetch_one(connection).await?;
        let others = row.try_get::<i64, _>(0)?.saturating_sub(1);
        Ok(self.cap.surplus(usize::try_from(others).unwrap_or(0)))
    }

    /// Ends those that are over and have not been swept: they take nobody's place. Ended for good, because one
    /// that is not counted must not come back when the clock is set.
    async fn end_over(&self, connection: &mut SqliteConnection, caches: &Caches) -> Read<Vec<Effect>> {
        let text = match self.cap.reach {
            Reach::System => sql::OVER_SYSTEM,
            Reach::Platform => sql::OVER_PLATFORM,
            Reach::User => sql::OVER_USER,
        };
        let mut effects = Vec::new();
        let mut behind = SessionId(0);
        loop {
            let rows = sqlx::query(text)
                .bind(self.kind)
                .bind(self.user)
                .bind(self.new.id.0)
                .bind(micros(self.now))
                .bind(behind.0)
                .fetch_all(&mut *connection)
                .await?;
            let mut over: Vec<(SessionId, SessionEnd)> = Vec::new();
            for row in &rows {
                let session = refresh(read(row)?, caches);
                behind = session.id;
                over.extend(session.ended(self.now).map(|end| (session.id, end)));
            }
            if rows.is_empty() {
                return Ok(effects);
            }
            for end in [SessionEnd::Overall, SessionEnd::Inactive] {
                let ids: Vec<SessionId> = over.iter().filter(|it| it.1 == end).map(|it| it.0).collect();
                effects.extend(end_these(connection, &ids, Ending::new(end, self.now)).await?);
            }
        }
    }

    /// So many of those beside the new one that go first. A use that only memory knows is later than the one on the
    /// disk: those that the disk puts far behind cannot come before the ones that were looked at.
    async fn first(
        &self,
        connection: &mut SqliteConnection,
        caches: &Caches,
        count: usize,
    ) -> Read<Vec<SessionId>> {
        let mut most = count.saturating_add(SPARE);
        loop {
            let (standings, horizon) = self.candidates(connection, caches, most).await?;
            let first = self.cap.eviction.first(&standings, count);
            let is_sure = standings.len() < most
                || self.cap.eviction == Eviction::OldestCreated
                || standings.iter().filter(|it| horizon.is_some_and(|horizon| it.used_at < horizon)).count()
                    >= count;
            if is_sure {
                return Ok(first);
            }
            most = most.saturating_mul(16);
        }
    }

    /// Those beside the new one that the disk puts first, and the last use of the last of them as the disk has it.
    async fn candidates(
        &self,
        connection: &mut SqliteConnection,
        caches: &Caches,
        most: usize,
    ) -> Read<(Vec<Standing>, Option<Timestamp>)> {
        let text = match (self.cap.eviction, self.cap.reach) {
            (Eviction::LeastRecentlyUsed, Reach::System) => sql::LEAST_USED_SYSTEM,
            (Eviction::LeastRecentlyUsed, Reach::Platform) => sql::LEAST_USED_PLATFORM,
            (Eviction::LeastRecentlyUsed, Reach::User) => sql::LEAST_USED_USER,
            (Eviction::OldestCreated, Reach::System) => sql::OLDEST_SYSTEM,
            (Eviction::OldestCreated, Reach::Platform) => sql::OLDEST_PLATFORM,
            (Eviction::OldestCreated, Reach::User) => sql::OLDEST_USER,
        };
        let rows = sqlx::query(text)
            .bind(self.kind)
            .bind(self.user)
            .bind(self.new.id.0)
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .fetch_all(connection)
            .await?;
        let mut standings = Vec::with_capacity(rows.len());
        let mut horizon = None;
        for row in &rows {
            let used_at = at(row, "last_used_at")?;
            let noted_at = caches.peek_session(&digest(row, "digest")?).map(|it| it.last_use.at());
            standings.push(Standing {
                id: SessionId(row.try_get("id")?),
                kind: kind_of(row)?,
                user: UserId(row.try_get("user_id")?),
                created_at: at(row, "created_at")?,
                used_at: noted_at.map_or(used_at, |it| it.max(used_at)),
            });
            horizon = Some(used_at);
        }
        Ok((standings, horizon))
    }
}
