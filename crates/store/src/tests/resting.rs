//! Sessions that rest and sessions that are too many.

use identity::model::object::UserId;
use identity::model::secret::Digest;
use identity::model::session::{Session, SessionKind};
use identity::model::session_policy::{Cap, Eviction, Reach, SessionPolicy};
use identity::port::{NewSession, Store as _};
use jiff::{SignedDuration, Timestamp};

use super::{Bench, at, bench, new_session};

fn digest(secret: &str) -> Digest {
    Digest::of(secret.as_bytes())
}

/// A session that may rest for a minute.
fn resting(secret: &str, user: UserId) -> NewSession {
    NewSession {
        kind: SessionKind::Controller,
        policy: SessionPolicy::of_length(SignedDuration::from_secs(60), true),
        expires_at: Timestamp::MAX,
        ..new_session(secret, user)
    }
}

/// As [`resting`], and so many of a user at once.
fn at_most(sessions_max: u32) -> SessionPolicy {
    let cap = Cap { reach: Reach::User, sessions_max, eviction: Eviction::OldestCreated };
    SessionPolicy { caps: vec![cap], ..SessionPolicy::of_length(SignedDuration::from_secs(60), true) }
}

impl Bench {
    async fn begin(&self, new: NewSession) -> Session {
        self.store.create_session(new).await.unwrap().unwrap().session
    }

    async fn is_there(&self, secret: &str) -> bool {
        self.store.find_session(&digest(secret)).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn a_session_keeps_how_long_it_may_rest() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let made = bench.begin(resting("one", anna.id)).await;
    assert_eq!(made.inactivity_timeout, Some(SignedDuration::from_secs(60)));
    bench.store.caches.clear();
    assert_eq!(*bench.store.find_session(&digest("one")).await.unwrap().unwrap(), made);
    let moved = bench.store.extend_session(made.id, at(5000)).await.unwrap().unwrap();
    assert_eq!(moved.inactivity_timeout, made.inactivity_timeout);
}

#[tokio::test]
async fn a_use_that_is_not_written_yet_is_not_lost_by_extending() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let made = bench.begin(resting("one", anna.id)).await;
    let kept = bench.store.recall_session(&digest("one")).unwrap();
    bench.store.note_session_use(&kept, at(50));
    bench.store.extend_session(made.id, at(5000)).await.unwrap().unwrap();
    let kept = bench.store.recall_session(&digest("one")).unwrap();
    assert_eq!((kept.expires_at, kept.last_use.at()), (at(5000), at(50)));
}

#[tokio::test]
async fn sessions_that_rested_too_long_are_not_listed_and_swept() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    bench.begin(resting("idle", anna.id)).await;
    bench.begin(resting("busy", anna.id)).await;
    bench.begin(NewSession { expires_at: at(10_000), ..new_session("endless", anna.id) }).await;
    let busy = bench.store.recall_session(&digest("busy")).unwrap();
    bench.store.note_session_use(&busy, at(40));
    assert_eq!(bench.store.sweep(at(69)).await.unwrap(), 0);
    assert_eq!(bench.store.list_sessions(None, None, at(69), 10).await.unwrap().len(), 3);
    assert_eq!(bench.store.list_sessions(Some(anna.id), None, at(70), 10).await.unwrap().len(), 2);
    assert_eq!(bench.store.sweep(at(70)).await.unwrap(), 1);
    assert!(bench.store.recall_session(&digest("idle")).is_none());
    assert!(!bench.is_there("idle").await);
    assert!(bench.is_there("busy").await && bench.is_there("endless").await);
    assert_eq!(bench.store.sweep(at(100)).await.unwrap(), 1);
    assert!(!bench.is_there("busy").await && bench.is_there("endless").await);
}

#[tokio::test]
async fn a_session_in_use_is_not_swept_before_its_use_is_written() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    bench.begin(resting("one", anna.id)).await;
    let session = bench.store.recall_session(&digest("one")).unwrap();
    bench.store.note_session_use(&session, at(60));
    // The use is taken to be written, but the disk has not heard of it.
    assert_eq!(bench.store.caches.take_used_sessions().len(), 1);
    assert_eq!(bench.store.sweep(at(80)).await.unwrap(), 0);
    assert!(bench.store.recall_session(&digest("one")).is_some());
    // One that memory does not know is judged by the disk.
    bench.store.caches.clear();
    assert_eq!(bench.store.sweep(at(80)).await.unwrap(), 1);
    assert!(!bench.is_there("one").await);
}

#[tokio::test]
async fn the_oldest_of_too_many_sessions_end() {
    let bench = bench().await;
    let (anna, bert) = (bench.user("anna").await, bench.user("bert").await);
    let limited = |secret: &str, user, created_at: i64, most| NewSession {
        created_at: at(created_at),
        policy: at_most(most),
        ..resting(secret, user)
    };
    bench.begin(limited("second", anna.id, 12, 3)).await;
    bench.begin(limited("first", anna.id, 11, 3)).await;
    bench.begin(limited("third", anna.id, 13, 3)).await;
    bench.session("another kind", anna.id).await;
    bench.begin(limited("another's", bert.id, 1, 1)).await;
    assert!(bench.is_there("first").await && bench.is_there("second").await);
    bench.begin(limited("fourth", anna.id, 14, 3)).await;
    assert!(bench.store.recall_session(&digest("first")).is_none());
    assert!(!bench.is_there("first").await, "the one that was made first, not the one of the lowest number");
    for kept in ["second", "third", "fourth", "another kind", "another's"] {
        assert!(bench.is_there(kept).await, "{kept}");
    }
    // A limit that has become smaller ends several; the new one always stays, whatever the clock says.
    bench.begin(limited("fifth", anna.id, 2, 1)).await;
    for ended in ["second", "third", "fourth"] {
        assert!(!bench.is_there(ended).await, "{ended}");
    }
    assert!(bench.is_there("fifth").await && bench.is_there("another kind").await);
}

#[tokio::test]
async fn sessions_that_are_over_do_not_count() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    bench.begin(NewSession { expires_at: at(90), ..resting("over", anna.id) }).await;
    bench.begin(NewSession { created_at: at(20), ..resting("rested", anna.id) }).await;
    bench.begin(NewSession { created_at: at(95), ..resting("live", anna.id) }).await;
    let new = NewSession { created_at: at(100), policy: at_most(2), ..resting("new", anna.id) };
    bench.begin(new).await;
    assert!(bench.is_there("live").await && bench.is_there("new").await);
    bench.store.close().await.unwrap();
    let again = bench.directory.open().await.unwrap();
    assert_eq!(again.list_sessions(Some(anna.id), None, at(100), 10).await.unwrap().len(), 2);
}
