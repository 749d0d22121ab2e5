//! Proofs: sessions, tokens and verdicts, in memory and on the disk.

use identity::SessionEnd;
use identity::model::object::SessionId;
use identity::model::secret::Digest;
use identity::port::{Recalled, Store as _};

use super::{at, bench, new_session};

#[tokio::test]
async fn a_session_lives_until_it_is_ended() {
    let bench = bench().await;
    let user = bench.user("anna").await;
    let session = bench.session("one", user.id).await;
    let digest = Digest::of(b"one");
    assert_eq!(*bench.store.recall_session(&digest).unwrap(), session);
    bench.store.caches.clear();
    assert!(bench.store.recall_session(&digest).is_none());
    assert_eq!(*bench.store.find_session(&digest).await.unwrap().unwrap(), session);
    assert!(bench.store.recall_session(&digest).is_some());
    let subject = bench.store.find_subject(user.id).await.unwrap().unwrap();
    assert_eq!(subject.user.last_login_at, Some(at(10)));

    assert!(bench.store.end_session(session.id, SessionEnd::SignedOut, at(20)).await.unwrap());
    assert!(bench.store.recall_session(&digest).is_none());
    assert!(bench.store.find_session(&digest).await.unwrap().is_none());
    assert!(!bench.store.end_session(session.id, SessionEnd::SignedOut, at(20)).await.unwrap());
}

#[tokio::test]
async fn the_last_use_of_a_session_is_noted_and_written() {
    let bench = bench().await;
    let user = bench.user("anna").await;
    bench.session("one", user.id).await;
    let digest = Digest::of(b"one");
    let session = bench.store.recall_session(&digest).unwrap();
    for used_at in [at(20), at(90), at(50)] {
        bench.store.note_session_use(&session, used_at);
    }
    crate::sqlite::flush(&bench.store.engine, &bench.store.caches).await.unwrap();
    assert!(bench.store.caches.take_used_sessions().is_empty(), "written once");
    bench.store.caches.clear();
    let read = bench.store.find_session(&digest).await.unwrap().unwrap();
    assert_eq!(read.last_use.at(), at(90), "the latest, in whatever order they came");
    bench.store.note_session_use(&read, at(100));
    assert_eq!(bench.store.caches.take_used_sessions(), [(read.id, at(100))]);
}

#[tokio::test]
async fn a_session_replaces_another_and_is_extended() {
    let bench = bench().await;
    let user = bench.user("anna").await;
    let first = bench.session("one", user.id).await;
    let mut new = new_session("two", user.id);
    new.replaces = Some(first.id);
    let second = bench.store.create_session(new).await.unwrap().unwrap().session;
    assert!(bench.store.recall_session(&Digest::of(b"one")).is_none());
    let moved = bench.store.extend_session(second.id, at(5000)).await.unwrap().unwrap();
    assert_eq!(moved.expires_at, at(5000));
    assert_eq!(bench.store.recall_session(&Digest::of(b"two")).unwrap().expires_at, at(5000));
    assert_eq!(bench.store.extend_session(SessionId(99), at(1)).await.unwrap(), None);
}

#[tokio::test]
async fn sessions_are_listed_swept_and_ended_together() {
    let bench = bench().await;
    let (anna, bert) = (bench.user("anna").await, bench.user("bert").await);
    for secret in ["one", "two", "three"] {
        bench.session(secret, anna.id).await;
    }
    let mut short = new_session("four", bert.id);
    short.expires_at = at(20);
    bench.store.create_session(short).await.unwrap().unwrap();
    let all = bench.store.list_sessions(None, None, at(15), 100).await.unwrap();
    assert_eq!(all.len(), 4);
    assert_eq!(all[0].1, "bert");
    assert_eq!(bench.store.list_sessions(Some(anna.id), None, at(15), 2).await.unwrap().len(), 2);
    assert_eq!(bench.store.list_sessions(None, None, at(30), 100).await.unwrap().len(), 3);
    assert_eq!(bench.store.sweep(at(30)).await.unwrap(), 1);
    assert!(bench.store.recall_session(&Digest::of(b"four")).is_none());
    assert_eq!(bench.store.end_sessions(Some(anna.id), at(40)).await.unwrap(), 3);
    assert!(bench.store.recall_session(&Digest::of(b"one")).is_none());
    bench.session("five", bert.id).await;
    assert_eq!(bench.store.end_sessions(None, at(40)).await.unwrap(), 1);
    assert!(bench.store.recall_session(&Digest::of(b"five")).is_none());
}

#[tokio::test]
async fn a_token_is_found_and_its_use_is_written() {
    let bench = bench().await;
    let user = bench.user("anna").await;
    let token = bench.token("secret", user.id, None).await;
    let digest = Digest::of(b"secret");
    assert!(bench.store.recall_token(&digest, at(50)).is_none());
    let found = bench.store.find_token(&digest, at(50)).await.unwrap().unwrap();
    assert_eq!(*found.token, token);
    assert!(found.is_first_use);
    let again = bench.store.recall_token(&digest, at(60)).unwrap();
    assert!(!again.is_first_use);
    assert!(bench.store.find_token(&Digest::of(b"other"), at(60)).await.unwrap().is_none());
    bench.store.close().await.unwrap();
    let store = bench.directory.open().await.unwrap();
    let found = store.find_token(&digest, at(70)).await.unwrap().unwrap();
    assert_eq!(found.token.last_used_at, Some(at(60)));
}

#[tokio::test]
async fn all_tokens_are_revoked_at_once() {
    let bench = bench().await;
    let (anna, bert) = (bench.user("anna").await, bench.user("bert").await);
    for (value, user) in [("one", anna.id), ("two", anna.id), ("three", bert.id)] {
        bench.token(value, user, None).await;
        bench.store.find_token(&Digest::of(value.as_bytes()), at(5)).await.unwrap().unwrap();
    }
    assert_eq!(bench.store.revoke_tokens(Some(anna.id)).await.unwrap().len(), 2);
    assert!(bench.store.recall_token(&Digest::of(b"one"), at(6)).is_none());
    assert!(bench.store.recall_token(&Digest::of(b"three"), at(6)).is_some());
    assert_eq!(bench.store.revoke_tokens(None).await.unwrap().len(), 1);
    assert!(bench.store.recall_token(&Digest::of(b"three"), at(6)).is_none());
}

#[tokio::test]
async fn a_verdict_lives_for_seconds() {
    let bench = bench().await;
    let user = bench.user("anna").await;
    let verdict = Recalled { user: user.id, credential_version: 1 };
    let key = Digest::of(b"name and password");
    bench.store.remember_verdict(key, verdict, at(100));
    assert_eq!(bench.store.recall_verdict(&key, at(101)), Some(verdict));
    assert_eq!(bench.store.recall_verdict(&Digest::of(b"other"), at(101)), None);
    assert_eq!(bench.store.recall_verdict(&key, at(130)), None);
    bench.store.remember_verdict(key, verdict, at(100));
    assert_eq!(bench.store.recall_verdict(&key, at(10)), None);
}
