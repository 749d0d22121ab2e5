//! What is told of sessions that are over: why, since when, and because of which newer one.

use identity::SessionEnd;
use identity::model::object::{Object, SessionId};
use identity::model::secret::Digest;
use identity::model::session::{EndedSession, SessionKind};
use identity::model::session_policy::SessionPolicy;
use identity::port::{Change, NewSession, Store as _};
use jiff::SignedDuration;
use sqlx::Row as _;

use super::{Bench, at, bench, hash, new_session, trail};
use crate::sessions;

fn digest(secret: &str) -> Digest {
    Digest::of(secret.as_bytes())
}

impl Bench {
    /// Why the session of this secret is over; it must not live at the same time.
    pub(super) async fn ended(&self, secret: &str) -> Option<EndedSession> {
        let ended = self.store.find_ended_session(&digest(secret)).await.unwrap();
        if ended.is_some() {
            assert!(self.store.recall_session(&digest(secret)).is_none(), "{secret}");
            assert!(self.store.find_session(&digest(secret)).await.unwrap().is_none(), "{secret}");
        }
        ended
    }

    async fn why(&self, secret: &str) -> Option<(SessionEnd, Option<SessionId>)> {
        self.ended(secret).await.map(|it| (it.end, it.by))
    }

    async fn ended_count(&self) -> i64 {
        let text = "SELECT COUNT(*) FROM ended_sessions";
        let reading = self.store.engine.read(|connection| {
            Box::pin(async move { sqlx::query(text).fetch_one(connection).await?.try_get(0) })
        });
        reading.await.unwrap()
    }

    async fn change(&self, before: &identity::model::user::User, is_enabled: bool, kept: Option<SessionId>) {
        let mut after = before.clone();
        after.is_enabled = is_enabled;
        let change = Change::Update {
            before: Object::User(before.clone()),
            after: Object::User(after),
            password: is_enabled.then(|| hash("hash of another password")),
            keep_session: kept,
        };
        self.store.apply(change, trail(50)).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn who_signs_out_is_told_so_for_a_day() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let session = bench.session("one", anna.id).await;
    assert_eq!(bench.ended("one").await, None, "it lives");
    assert!(bench.store.end_session(session.id, SessionEnd::SignedOut, at(20)).await.unwrap());
    let told =
        EndedSession { id: session.id, user: anna.id, at: at(20), end: SessionEnd::SignedOut, by: None };
    assert_eq!(bench.ended("one").await, Some(told));
    assert_eq!(bench.ended("another").await, None);
    // Ending it again is no news.
    assert!(!bench.store.end_session(session.id, SessionEnd::Removed, at(21)).await.unwrap());
    assert_eq!(bench.ended("one").await, Some(told));
    let day = 24 * 60 * 60;
    bench.store.sweep(at(20 + day - 1)).await.unwrap();
    assert_eq!(bench.ended("one").await, Some(told));
    bench.store.sweep(at(20 + day)).await.unwrap();
    assert_eq!(bench.ended("one").await, None);
}

#[tokio::test]
async fn a_replaced_session_names_the_one_in_its_place() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let first = bench.session("one", anna.id).await;
    let new = NewSession { replaces: Some(first.id), ..new_session("two", anna.id) };
    let second = bench.store.create_session(new.clone()).await.unwrap().unwrap().session;
    assert_eq!(bench.why("one").await, Some((SessionEnd::Replaced, Some(second.id))));
    // A sign-in that fails after all has ended nothing.
    let late =
        NewSession { credential_version: 7, replaces: Some(second.id), ..new_session("three", anna.id) };
    assert!(bench.store.create_session(late).await.unwrap().is_none());
    assert_eq!(bench.why("two").await, None);
    assert!(bench.store.recall_session(&digest("two")).is_some());
    // One that is gone already is not told of again.
    let again = NewSession { replaces: Some(first.id), ..new_session("four", anna.id) };
    bench.store.create_session(again).await.unwrap().unwrap();
    assert_eq!(bench.why("one").await, Some((SessionEnd::Replaced, Some(second.id))));
}

#[tokio::test]
async fn sessions_that_somebody_else_ends_are_removed() {
    let bench = bench().await;
    let (anna, bert) = (bench.user("anna").await, bench.user("bert").await);
    for (secret, user) in [("one", anna.id), ("two", anna.id), ("three", bert.id)] {
        bench.session(secret, user).await;
    }
    assert_eq!(bench.store.end_sessions(Some(anna.id), at(40)).await.unwrap(), 2);
    for secret in ["one", "two"] {
        let ended = bench.ended(secret).await.unwrap();
        assert_eq!((ended.end, ended.user, ended.at), (SessionEnd::Removed, anna.id, at(40)));
    }
    assert_eq!(bench.why("three").await, None);
    assert_eq!(bench.store.end_sessions(None, at(41)).await.unwrap(), 1);
    assert_eq!(bench.why("three").await, Some((SessionEnd::Removed, None)));
}

#[tokio::test]
async fn a_new_password_removes_and_a_disabled_user_is_gone() {
    let bench = bench().await;
    let (anna, bert) = (bench.user("anna").await, bench.user("bert").await);
    let kept = bench.session("kept", anna.id).await;
    for (secret, user) in [("one", anna.id), ("two", bert.id)] {
        bench.session(secret, user).await;
    }
    bench.change(&anna, true, Some(kept.id)).await;
    let ended = bench.ended("one").await.unwrap();
    assert_eq!((ended.end, ended.at), (SessionEnd::Removed, at(50)));
    assert_eq!(bench.why("kept").await, None);
    assert!(bench.store.recall_session(&digest("kept")).is_some());
    bench.change(&bert, false, None).await;
    assert_eq!(bench.why("two").await, Some((SessionEnd::UserGone, None)));
}

#[tokio::test]
async fn the_session_of_a_user_who_was_removed_is_explained_still() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    bench.session("one", anna.id).await;
    bench.delete(Object::User(anna.clone())).await;
    let ended = bench.ended("one").await.unwrap();
    assert_eq!((ended.end, ended.user, ended.at), (SessionEnd::UserGone, anna.id, at(2)));
}

#[tokio::test]
async fn a_sweep_tells_which_timeout_was_over() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let session = NewSession {
        kind: SessionKind::Manager,
        policy: SessionPolicy {
            inactivity_timeout: Some(SignedDuration::from_secs(60)),
            ..SessionPolicy::of_length(SignedDuration::from_secs(900), false)
        },
        ..new_session("unused", anna.id)
    };
    bench.store.create_session(session.clone()).await.unwrap().unwrap();
    let used = NewSession { digest: digest("used"), ..session };
    bench.store.create_session(used).await.unwrap().unwrap();
    let used = bench.store.recall_session(&digest("used")).unwrap();
    bench.store.note_session_use(&used, at(905));
    assert_eq!(bench.store.sweep(at(909)).await.unwrap(), 1);
    let ended = bench.ended("unused").await.unwrap();
    assert_eq!((ended.end, ended.at), (SessionEnd::Inactive, at(909)));
    assert_eq!(bench.why("used").await, None);
    assert_eq!(bench.store.sweep(at(910)).await.unwrap(), 1);
    assert_eq!(bench.why("used").await, Some((SessionEnd::Overall, None)));
}

#[tokio::test]
async fn only_so_many_are_remembered_and_the_latest_stay() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    for number in 0..20 {
        let session = bench.session(&number.to_string(), anna.id).await;
        bench.store.end_session(session.id, SessionEnd::SignedOut, at(20 + number)).await.unwrap();
    }
    let forget = async |most| {
        let engine = &bench.store.engine;
        engine.write(move |it| Box::pin(sessions::forget(it, at(100), most))).await.unwrap()
    };
    assert_eq!(forget(sessions::ENDED_MAX).await, 0);
    assert_eq!(forget(5).await, 15);
    assert_eq!(forget(5).await, 0);
    assert_eq!(bench.ended_count().await, 5);
    assert_eq!(bench.ended("14").await, None);
    assert!(bench.ended("15").await.is_some() && bench.ended("19").await.is_some());
}

#[tokio::test]
async fn what_is_remembered_survives_a_restart_and_revives_nothing() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let session = bench.session("one", anna.id).await;
    bench.store.end_session(session.id, SessionEnd::Removed, at(20)).await.unwrap();
    assert_eq!(bench.store.extend_session(session.id, at(9000)).await.unwrap(), None);
    assert!(bench.store.list_sessions(None, None, at(20), 10).await.unwrap().is_empty());
    bench.store.close().await.unwrap();
    let again = bench.directory.open().await.unwrap();
    assert_eq!(again.find_ended_session(&digest("one")).await.unwrap().unwrap().end, SessionEnd::Removed);
    assert!(again.find_session(&digest("one")).await.unwrap().is_none());
    // A text that is signed anew may be the same as before: it lives, and ends with a reason of its own.
    let anew = again.create_session(new_session("one", anna.id)).await.unwrap().unwrap().session;
    assert!(again.recall_session(&digest("one")).is_some());
    again.end_session(anew.id, SessionEnd::SignedOut, at(30)).await.unwrap();
    let ended = again.find_ended_session(&digest("one")).await.unwrap().unwrap();
    assert_eq!((ended.id, ended.end), (anew.id, SessionEnd::SignedOut));
}
