//! Sessions that are too many: never more than there may be, however many begin at once, and the right ones go.

use futures_util::future::join_all;
use identity::SessionEnd;
use identity::model::object::UserId;
use identity::model::secret::Digest;
use identity::model::session::{Session, SessionKind};
use identity::model::session_policy::{Cap, Eviction, Reach, SessionPolicy};
use identity::port::{Begun, NewSession, Store as _};
use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;

use super::{Bench, at, bench, new_session};
use crate::sql::sessions as sql;
use crate::sqlite::flush;

fn digest(secret: &str) -> Digest {
    Digest::of(secret.as_bytes())
}

fn cap(reach: Reach, sessions_max: u32) -> Cap {
    Cap { reach, sessions_max, eviction: Eviction::LeastRecentlyUsed }
}

/// As Catalyst Manager's contract has it by default (section B), but for the most.
fn manager(caps: &[Cap]) -> SessionPolicy {
    SessionPolicy {
        overall_timeout: Some(SignedDuration::from_hours(24)),
        inactivity_timeout: Some(SignedDuration::from_mins(30)),
        caps: caps.to_vec(),
    }
}

fn begins(secret: &str, user: UserId, created_at: i64, caps: &[Cap]) -> NewSession {
    NewSession {
        kind: SessionKind::Manager,
        created_at: at(created_at),
        expires_at: at(created_at + 24 * 60 * 60),
        policy: manager(caps),
        ..new_session(secret, user)
    }
}

impl Bench {
    async fn begun(&self, new: NewSession) -> Session {
        self.store.create_session(new).await.unwrap().unwrap().session
    }

    /// Notes a use that the disk has not heard of.
    fn uses(&self, secret: &str, used_at: i64) {
        let session = self.store.recall_session(&digest(secret)).unwrap();
        self.store.note_session_use(&session, at(used_at));
    }

    /// How the database goes about a text.
    async fn plan(&self, text: &str) -> String {
        let text = format!("EXPLAIN QUERY PLAN {text}");
        let reading = self.store.engine.read_one(move |connection| {
            Box::pin(async move {
                let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(connection).await?;
                rows.iter().map(|row| row.try_get::<String, _>("detail")).collect::<Result<Vec<_>, _>>()
            })
        });
        reading.await.unwrap().join("; ")
    }

    fn recallable(&self, secrets: &[String]) -> usize {
        secrets.iter().filter(|it| self.store.recall_session(&digest(it)).is_some()).count()
    }

    async fn living(&self, secrets: &[String]) -> Vec<String> {
        let mut living = Vec::new();
        for secret in secrets {
            if self.store.find_session(&digest(secret)).await.unwrap().is_some() {
                living.push(secret.clone());
            }
        }
        living
    }
}

fn names(numbers: std::ops::Range<i64>) -> Vec<String> {
    numbers.map(|it| format!("session {it}")).collect()
}

/// As many sign-ins at once; what memory has at each answer, and what is left at the end. On one thread, memory
/// stands still while it is counted.
async fn storm(count: i64, most: u32) {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let secrets = names(0..count);
    let caps = [cap(Reach::Platform, most)];
    let all = secrets.iter().map(|secret| {
        let (new, bench, secrets) = (begins(secret, anna.id, 10, &caps), &bench, &secrets);
        async move {
            let session = bench.begun(new).await;
            (session.id, bench.recallable(secrets))
        }
    });
    let answers = join_all(all).await;
    let most = usize::try_from(most).unwrap();
    let is_still = tokio::runtime::Handle::current().metrics().num_workers() == 1;
    assert!(!is_still || answers.iter().all(|it| it.1 <= most), "an answer told of one too many");
    assert_eq!(bench.recallable(&secrets), most.min(secrets.len()));
    bench.store.caches.clear();
    let living = bench.living(&secrets).await;
    assert_eq!(living.len(), most.min(secrets.len()));
    // The last ones live: of sessions that were never used the first go first.
    let mut ids: Vec<_> = answers.iter().map(|it| it.0).collect();
    ids.sort_unstable();
    let youngest = &ids[ids.len() - living.len()..];
    for secret in &living {
        let session = bench.store.find_session(&digest(secret)).await.unwrap().unwrap();
        assert!(youngest.contains(&session.id));
    }
    for secret in secrets.iter().filter(|it| !living.contains(it)) {
        let ended = bench.ended(secret).await.unwrap();
        assert_eq!(ended.end, SessionEnd::Evicted);
        // The one that took its place began later.
        assert!(ended.by.unwrap() > ended.id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_and_one_at_once_leave_a_hundred() {
    storm(101, 100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_at_once_leave_a_hundred() {
    storm(1000, 100).await;
}

#[tokio::test]
async fn no_answer_ever_tells_of_one_too_many() {
    storm(300, 100).await;
}

#[tokio::test]
async fn two_hundred_at_once_leave_one() {
    storm(200, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn uses_while_others_begin_keep_the_used_one() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let caps = [cap(Reach::Platform, 5)];
    bench.begun(begins("busy", anna.id, 0, &caps)).await;
    for number in 1..200 {
        // In use right up to the moment when another begins.
        bench.uses("busy", number);
        let busy = bench.store.recall_session(&digest("busy"));
        bench.begun(begins(&format!("session {number}"), anna.id, number, &caps)).await;
        assert!(busy.is_some() && bench.store.recall_session(&digest("busy")).is_some(), "{number}");
    }
    assert_eq!(bench.living(&names(1..200)).await, names(196..200));
}

#[tokio::test]
async fn the_least_recently_used_goes_by_uses_that_only_memory_knows() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let caps = [cap(Reach::Platform, 3)];
    for (number, secret) in ["first", "second", "third"].iter().enumerate() {
        bench.begun(begins(secret, anna.id, 10 + i64::try_from(number).unwrap(), &caps)).await;
    }
    bench.uses("first", 100);
    bench.uses("third", 101);
    let new = bench.begun(begins("fourth", anna.id, 102, &caps)).await;
    let ended = bench.ended("second").await.unwrap();
    assert_eq!((ended.end, ended.at, ended.by), (SessionEnd::Evicted, at(102), Some(new.id)));
    assert!(bench.store.recall_session(&digest("first")).is_some());
    // Taken to be written, but the disk has not heard of it.
    bench.uses("first", 200);
    assert!(!bench.store.caches.take_used_sessions().is_empty());
    bench.begun(begins("fifth", anna.id, 201, &caps)).await;
    assert_eq!(bench.ended("third").await.unwrap().end, SessionEnd::Evicted);
    // By what the disk knows, if memory has forgotten.
    flush(&bench.store.engine, &bench.store.caches).await.unwrap();
    bench.store.caches.clear();
    bench.begun(begins("sixth", anna.id, 202, &caps)).await;
    assert!(bench.ended("first").await.is_some() != bench.ended("fourth").await.is_some());
}

#[tokio::test]
async fn the_right_one_is_found_far_behind_others_that_are_in_use() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let secrets = names(0..700);
    for (number, secret) in secrets.iter().enumerate() {
        bench.begun(begins(secret, anna.id, i64::try_from(number).unwrap(), &[])).await;
    }
    // By the disk the first ones rest longest; in truth these two do.
    for secret in secrets.iter().filter(|it| !["session 650", "session 651"].contains(&it.as_str())) {
        bench.uses(secret, 1000);
    }
    bench.begun(begins("one more", anna.id, 1001, &[cap(Reach::Platform, 700)])).await;
    assert_eq!(bench.ended("session 650").await.unwrap().end, SessionEnd::Evicted);
    bench.begun(begins("two more", anna.id, 1002, &[cap(Reach::Platform, 700)])).await;
    assert_eq!(bench.ended("session 651").await.unwrap().end, SessionEnd::Evicted);
    bench.begun(begins("three more", anna.id, 1003, &[cap(Reach::Platform, 700)])).await;
    assert_eq!(bench.ended("session 0").await.unwrap().end, SessionEnd::Evicted);
    assert_eq!(bench.living(&secrets).await.len(), 697);
}

#[tokio::test]
async fn a_cap_that_became_smaller_ends_several() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let secrets = names(0..600);
    for (number, secret) in secrets.iter().enumerate() {
        bench
            .begun(begins(secret, anna.id, i64::try_from(number).unwrap(), &[cap(Reach::Platform, 600)]))
            .await;
    }
    bench.uses("session 3", 700);
    bench.begun(begins("new", anna.id, 701, &[cap(Reach::Platform, 10)])).await;
    let mut left = names(592..600);
    left.insert(0, "session 3".to_owned());
    assert_eq!(bench.living(&secrets).await, left);
    // 0 counts as 1: the new one always stays.
    bench.begun(begins("only", anna.id, 1, &[cap(Reach::Platform, 0)])).await;
    assert!(bench.living(&secrets).await.is_empty());
    assert!(bench.store.find_session(&digest("only")).await.unwrap().is_some());
}

#[tokio::test]
async fn each_cap_counts_within_its_reach() {
    let bench = bench().await;
    let (anna, bert) = (bench.user("anna").await, bench.user("bert").await);
    let other =
        NewSession { created_at: at(1), expires_at: at(90_000), ..new_session("another kind", anna.id) };
    bench.begun(other).await;
    bench.begun(begins("bert's", bert.id, 2, &[])).await;
    bench.begun(begins("anna's first", anna.id, 3, &[])).await;
    bench.begun(begins("anna's second", anna.id, 4, &[cap(Reach::User, 1)])).await;
    assert_eq!(bench.ended("anna's first").await.unwrap().end, SessionEnd::Evicted);
    assert_eq!(bench.ended("bert's").await, None);
    // Two caps: what the first takes away does not count for the second.
    let both = [cap(Reach::User, 1), cap(Reach::Platform, 2)];
    bench.begun(begins("anna's third", anna.id, 5, &both)).await;
    assert!(bench.ended("anna's second").await.is_some() && bench.ended("bert's").await.is_none());
    bench.begun(begins("anna's fourth", anna.id, 6, &[cap(Reach::Platform, 2)])).await;
    assert_eq!(bench.ended("bert's").await.unwrap().end, SessionEnd::Evicted);
    assert_eq!(bench.ended("another kind").await, None);
    // Everybody's, of every kind.
    bench.begun(begins("anna's fifth", anna.id, 7, &[cap(Reach::System, 3)])).await;
    assert_eq!(bench.ended("another kind").await.unwrap().end, SessionEnd::Evicted);
    assert_eq!(bench.store.list_sessions(None, None, at(8), 10).await.unwrap().len(), 3);
}

#[tokio::test]
async fn sessions_that_are_over_take_nobodys_place() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let caps = [cap(Reach::Platform, 3)];
    bench.begun(begins("live", anna.id, 0, &[])).await;
    bench.begun(begins("inactive", anna.id, 1, &[])).await;
    bench.begun(NewSession { expires_at: at(500), ..begins("over", anna.id, 2, &[]) }).await;
    bench.uses("over", 1700);
    // On the disk this one rests too long; memory knows better.
    bench.uses("live", 1700);
    let new = bench.begun(begins("second", anna.id, 1801, &caps)).await;
    assert_eq!(bench.living(&["live".to_owned(), "second".to_owned()]).await.len(), 2);
    // There was room for all of them, so nobody has looked.
    assert_eq!(bench.ended("inactive").await.unwrap().end, SessionEnd::Inactive);
    assert_eq!(bench.ended("over").await.unwrap().end, SessionEnd::Overall);
    bench.begun(begins("third", anna.id, 1802, &caps)).await;
    assert!(bench.ended("live").await.is_none());
    let newest = bench.begun(begins("fourth", anna.id, 1803, &caps)).await;
    assert_eq!(bench.ended("live").await.unwrap().by, Some(newest.id));
    assert!(newest.id > new.id);
}

#[tokio::test]
async fn sessions_from_before_the_clock_was_set_back_do_not_crowd_out_new_ones() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let caps = [cap(Reach::Platform, 2)];
    for secret in ["one", "two"] {
        bench.begun(begins(secret, anna.id, 100_000, &caps)).await;
    }
    bench.begun(begins("three", anna.id, 10, &caps)).await;
    bench.begun(begins("four", anna.id, 11, &caps)).await;
    for secret in ["one", "two"] {
        assert_eq!(bench.ended(secret).await.unwrap().end, SessionEnd::Overall, "{secret}");
    }
    assert_eq!(bench.living(&["three".to_owned(), "four".to_owned()]).await.len(), 2);
}

#[tokio::test]
async fn a_listing_has_the_uses_that_memory_knows() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    bench.begun(begins("one", anna.id, 0, &[])).await;
    bench.begun(begins("two", anna.id, 1, &[])).await;
    let other = NewSession { expires_at: Timestamp::MAX, ..new_session("another kind", anna.id) };
    bench.begun(other).await;
    bench.uses("one", 1790);
    // By the disk alone the first one is not alive any more.
    let list = async |kind, now| bench.store.list_sessions(None, kind, at(now), 10).await.unwrap();
    let live = list(Some(SessionKind::Manager), 1805).await;
    assert_eq!(live.len(), 1);
    assert_eq!((live[0].0.digest, live[0].0.last_use.at()), (digest("one"), at(1790)));
    assert_eq!(list(Some(SessionKind::Manager), 3590).await.len(), 0);
    assert_eq!(list(None, 1805).await.len(), 2);
    assert_eq!(list(Some(SessionKind::Cloud), 10).await.len(), 0);
}

/// Numbers that look drawn and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(sides)).unwrap()
    }

    fn cap(&mut self) -> Cap {
        let reach = [Reach::System, Reach::Platform, Reach::User][self.roll(3) as usize];
        let eviction = [Eviction::LeastRecentlyUsed, Eviction::OldestCreated][self.roll(2) as usize];
        Cap { reach, sessions_max: self.roll(25), eviction }
    }
}

/// The database counts and sorts; the policy is what it has to come to.
#[tokio::test]
async fn whatever_happens_those_go_that_the_policy_names() {
    let bench = bench().await;
    let users = [bench.user("anna").await.id, bench.user("bert").await.id];
    let (mut dice, mut secrets, mut now) = (Dice(4), Vec::new(), 0);
    let mut evicted = 0;
    for number in 0..400 {
        now += i64::from(dice.roll(120));
        for _ in 0..dice.roll(4) {
            let secret: Option<&String> = secrets.get(dice.roll(number + 1) as usize);
            if let Some(session) = secret.and_then(|it| bench.store.recall_session(&digest(it)))
                && session.ended(at(now)).is_none()
            {
                bench.store.note_session_use(&session, at(now));
            }
        }
        if dice.roll(5) == 0 {
            flush(&bench.store.engine, &bench.store.caches).await.unwrap();
        }
        let caps: Vec<Cap> = (0..dice.roll(4)).map(|_| dice.cap()).collect();
        let secret = format!("session {number}");
        let mut new = begins(&secret, users[dice.roll(2) as usize], now, &caps);
        new.kind = [SessionKind::Manager, SessionKind::Cloud][dice.roll(2) as usize];
        new.expires_at = at(now + 1 + i64::from(dice.roll(5000)));
        let live = bench.store.list_sessions(None, None, at(now), 1000).await.unwrap();
        let standings: Vec<_> = live.iter().map(|(session, _)| session.standing()).collect();
        let expected = new.policy.evicted(new.kind, new.user, &standings);
        let Begun { session: begun, evicted: gone } = bench.store.create_session(new).await.unwrap().unwrap();
        assert_eq!(gone, expected, "{number}: {caps:?}");
        let left = bench.store.list_sessions(None, None, at(now), 1000).await.unwrap();
        for (session, _) in &live {
            let is_left = left.iter().any(|(it, _)| it.id == session.id);
            assert_eq!(
                is_left,
                !expected.contains(&session.id),
                "{number}: {:?} {caps:?}",
                session.standing()
            );
            if !is_left {
                let ended = bench.store.find_ended_session(&session.digest).await.unwrap().unwrap();
                assert_eq!((ended.end, ended.by), (SessionEnd::Evicted, Some(begun.id)));
            }
        }
        evicted += expected.len();
        secrets.push(secret);
    }
    assert!(evicted > 100, "{evicted}");
}

#[tokio::test]
async fn a_crowd_is_found_by_an_index() {
    let bench = bench().await;
    let texts = [
        sql::COUNT_PLATFORM,
        sql::COUNT_USER,
        sql::OVER_PLATFORM,
        sql::OVER_USER,
        sql::LEAST_USED_PLATFORM,
        sql::LEAST_USED_USER,
        sql::OLDEST_PLATFORM,
        sql::OLDEST_USER,
    ];
    for text in texts {
        let plan = bench.plan(text).await;
        assert!(plan.contains("INDEX sessions_kind (kind=?"), "{text}: {plan}");
    }
    assert!(bench.plan(sql::BY_DIGEST).await.contains("(digest=?)"));
    assert!(bench.plan(sql::ENDED).await.contains("(digest=?)"));
    for text in [sql::ENDED_OLD, sql::ENDED_SURPLUS] {
        assert!(bench.plan(text).await.contains("ended_sessions_ended"), "{text}");
    }
}
