//! Sessions that go on with another: they begin when it began, and all else counts from now.

use identity::SessionEnd;
use identity::model::object::UserId;
use identity::model::secret::Digest;
use identity::model::session::Session;
use identity::model::session_policy::{Cap, Eviction, Reach};
use identity::port::{NewSession, Store as _};

use super::{Bench, at, bench, new_session};

/// A session of a day, of which there may be three at once.
fn begins(secret: &str, user: UserId, created_at: i64) -> NewSession {
    let mut new = NewSession {
        created_at: at(created_at),
        expires_at: at(created_at + 24 * 60 * 60),
        ..new_session(secret, user)
    };
    let eviction = Eviction::LeastRecentlyUsed;
    new.policy.caps.push(Cap { reach: Reach::System, sessions_max: 3, eviction });
    new
}

async fn begun(bench: &Bench, new: NewSession) -> Session {
    bench.store.create_session(new).await.unwrap().unwrap().session
}

async fn living(bench: &Bench) -> Vec<&'static str> {
    let mut living = Vec::new();
    for secret in ["old", "newer", "next", "last"] {
        if bench.store.find_session(&Digest::of(secret.as_bytes())).await.unwrap().is_some() {
            living.push(secret);
        }
    }
    living
}

#[tokio::test]
async fn it_ends_no_newer_one_and_is_the_latest_itself() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let old = begun(&bench, begins("old", anna.id, 10)).await;
    begun(&bench, begins("newer", anna.id, 9_000)).await;
    let used = bench.store.recall_session(&old.digest).unwrap();
    bench.store.note_session_use(&used, at(9_010));
    let next = begun(&bench, NewSession { continues: Some(old.id), ..begins("next", anna.id, 9_020) }).await;
    assert_eq!((next.created_at, next.last_use.at()), (old.created_at, at(9_020)));
    assert_eq!(living(&bench).await, ["old", "newer", "next"]);
    begun(&bench, begins("last", anna.id, 9_030)).await;
    assert_eq!(living(&bench).await, ["old", "next", "last"], "the one that rested longest went");
}

#[tokio::test]
async fn nothing_goes_on_with_one_that_is_over() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let old = begun(&bench, begins("old", anna.id, 10)).await;
    assert!(bench.store.end_session(old.id, SessionEnd::Removed, at(20)).await.unwrap());
    let next = NewSession { continues: Some(old.id), ..begins("next", anna.id, 30) };
    assert!(bench.store.create_session(next).await.unwrap().is_none());
}
