//! The cases of the threat model that the store alone decides, by their numbers.

use std::sync::Arc;

use identity::model::object::{Noun, Object};
use identity::model::query::Sight;
use identity::model::secret::{Digest, Secret};
use identity::model::user::User;
use identity::port::{Change, Conflict, PasswordVerifier as _, Recalled, Store as _, StoreError};

use super::{Bench, Counting, at, bench, everything, hash, organization, token, trail, user};
use crate::cache::Effect;
use crate::{Hasher, PasswordPolicy};

async fn update(
    bench: &Bench,
    before: &User,
    after: User,
    password: Option<&str>,
    keep: Option<i64>,
) -> User {
    let change = Change::Update {
        before: Object::User(before.clone()),
        after: Object::User(after),
        password: password.map(hash),
        keep_session: keep.map(identity::model::object::SessionId),
    };
    match bench.store.apply(change, trail(50)).await.unwrap() {
        Some((Object::User(user), _)) => user,
        other => panic!("no user but {other:?}"),
    }
}

#[tokio::test]
async fn case_009_stored_hashes_are_argon2id_of_at_least_19_mib() {
    let hasher = Hasher::new(&PasswordPolicy::default(), Arc::new(Counting)).unwrap();
    let first = hasher.hash(&Secret::new("correct horse")).await.unwrap();
    let second = hasher.hash(&Secret::new("correct horse")).await.unwrap();
    assert!(first.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", first.0);
    assert_ne!(first, second, "each hash has a salt of its own");
}

#[tokio::test]
async fn case_042_a_name_made_again_does_not_revive_old_tokens() {
    let bench = bench().await;
    let first = bench.user("anna").await;
    bench.token("secret", first.id, None).await;
    bench.session("session", first.id).await;
    let (token, session) = (Digest::of(b"secret"), Digest::of(b"session"));
    bench.store.find_token(&token, at(5)).await.unwrap().unwrap();
    bench.store.find_subject(first.id).await.unwrap().unwrap();
    bench.delete(Object::User(first.clone())).await;
    assert!(bench.store.recall_token(&token, at(6)).is_none());
    assert!(bench.store.recall_session(&session).is_none());
    assert!(bench.store.recall_subject(first.id).is_none());
    let second = bench.user("anna").await;
    assert!(second.id > first.id, "a number never comes back");
    assert!(bench.store.find_token(&token, at(7)).await.unwrap().is_none());
    assert!(bench.store.find_session(&session).await.unwrap().is_none());
    assert!(bench.store.find_subject(first.id).await.unwrap().is_none());
    // Neither after a restart, with the newest user gone.
    bench.delete(Object::User(second.clone())).await;
    bench.store.close().await.unwrap();
    let store = bench.directory.open().await.unwrap();
    let made = store.apply(Change::Create(Object::User(user("anna")), None), trail(9)).await.unwrap();
    assert!(made.unwrap().0.id() > second.id.0);
}

#[tokio::test]
async fn case_081_proofs_are_kept_apart_by_all_that_decides_them() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    bench.token("secret", anna.id, None).await;
    let digest = Digest::of(b"secret");
    bench.store.find_token(&digest, at(5)).await.unwrap().unwrap();
    // The same bytes are no session, and no verdict.
    assert!(bench.store.recall_session(&digest).is_none());
    assert!(bench.store.find_session(&digest).await.unwrap().is_none());
    assert!(bench.store.recall_verdict(&digest, at(5)).is_none());
}

#[tokio::test]
async fn case_197_a_change_of_password_ends_everything_but_the_kept_session() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let kept = bench.session("kept", anna.id).await;
    bench.session("other", anna.id).await;
    let verdict = Recalled { user: anna.id, credential_version: 1 };
    let key = Digest::of(b"name and password");
    bench.store.remember_verdict(key, verdict, at(45));
    let changed = update(&bench, &anna, anna.clone(), Some("a new hash"), Some(kept.id.0)).await;
    assert_eq!(changed.credential_version, 2);
    assert_eq!(bench.store.recall_verdict(&key, at(46)), None);
    // One that was looked at before the change comes too late.
    bench.store.remember_verdict(key, verdict, at(49));
    assert_eq!(bench.store.recall_verdict(&key, at(49)), None);
    assert!(bench.store.find_session(&Digest::of(b"other")).await.unwrap().is_none());
    assert!(bench.store.find_session(&Digest::of(b"kept")).await.unwrap().is_some());
    // A sign-in that has checked the old password comes too late, and ends nothing.
    let mut late = super::new_session("late", anna.id);
    late.replaces = Some(kept.id);
    assert!(bench.store.create_session(late).await.unwrap().is_none());
    assert!(bench.store.find_session(&Digest::of(b"kept")).await.unwrap().is_some());
    let credential = bench.store.find_credential("anna").await.unwrap().unwrap();
    assert_eq!(credential.hash, Some(hash("a new hash")));
}

#[tokio::test]
async fn case_197_a_disabled_user_has_no_sessions_left() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let session = bench.session("one", anna.id).await;
    bench.store.find_subject(anna.id).await.unwrap().unwrap();
    let mut off = anna.clone();
    off.is_enabled = false;
    update(&bench, &anna, off, None, Some(session.id.0)).await;
    assert!(bench.store.recall_session(&session.digest).is_none());
    assert!(bench.store.recall_subject(anna.id).is_none());
    assert!(!bench.store.find_subject(anna.id).await.unwrap().unwrap().user.is_enabled);
    assert!(bench.store.find_session(&session.digest).await.unwrap().is_none());
    assert!(bench.store.create_session(super::new_session("two", anna.id)).await.unwrap().is_none());
}

#[tokio::test]
async fn case_197_a_reading_from_before_a_revocation_is_not_kept() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let token = bench.token("secret", anna.id, None).await;
    let digest = Digest::of(b"secret");
    for effect in [|| Effect::DropToken(Digest::of(b"secret")), || Effect::DropTokens] {
        let caches = Arc::clone(&bench.store.caches);
        let old = token.clone();
        let load = async move {
            // The revocation is acknowledged while the reading is under way.
            caches.apply(effect(), true);
            Ok(Some(old))
        };
        bench.store.caches.token_or(&digest, at(5), load).await.unwrap().unwrap();
        assert!(bench.store.recall_token(&digest, at(6)).is_none());
    }
    let subject = bench.store.find_subject(anna.id).await.unwrap().unwrap();
    bench.store.caches.apply(Effect::DropSubject(anna.id), true);
    let caches = Arc::clone(&bench.store.caches);
    let load = async move {
        caches.apply(Effect::DropSubjects, true);
        Ok(Some((*subject).clone()))
    };
    bench.store.caches.subject_or(anna.id, load).await.unwrap().unwrap();
    assert!(bench.store.recall_subject(anna.id).is_none());
}

#[tokio::test]
async fn case_197_caches_are_bounded() {
    let directory = super::Directory::new();
    let mut options = crate::StoreOptions::new(directory.file());
    options.caches =
        crate::CacheSizes { sessions: 100, tokens: 100, applications: 100, subjects: 100, verdicts: 100 };
    let store = crate::SqliteStore::open(options, at(0), &Counting).await.unwrap();
    let verdict = Recalled { user: identity::model::object::UserId(1), credential_version: 1 };
    let keys: Vec<Digest> = (0_u32..5000).map(|number| Digest::of(&number.to_le_bytes())).collect();
    for key in &keys {
        store.remember_verdict(*key, verdict, at(1));
    }
    let kept = keys.iter().filter(|key| store.recall_verdict(key, at(1)).is_some()).count();
    assert!((1..=200).contains(&kept), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_226_many_writers_never_leave_half_a_change() {
    let bench = Arc::new(bench().await);
    let anna = bench.user("anna").await;
    let mut tasks = Vec::new();
    for number in 0..64 {
        let bench = Arc::clone(&bench);
        let user = anna.id;
        tasks.push(tokio::spawn(async move {
            // Eight values for 64 writers: each is taken once.
            let value = format!("value {}", number % 8);
            let made = bench.try_create(Object::Token(token(&value, user, None))).await;
            let named = bench.try_create(Object::Organization(organization(&value))).await;
            (made, named)
        }));
    }
    let (mut made, mut named) = (0, 0);
    for task in tasks {
        let (first, second) = task.await.unwrap();
        for (result, count) in [(first, &mut made), (second, &mut named)] {
            match result {
                Ok(_) => *count += 1,
                Err(StoreError::Conflict(conflict)) => {
                    assert_eq!(conflict, Conflict::Duplicate);
                }
                Err(StoreError::Fault(fault)) => panic!("{fault}"),
            }
        }
    }
    assert_eq!((made, named), (8, 8));
    assert_eq!(bench.page(Noun::Token, &everything(), Sight::All).await.total, Some(8));
    assert_eq!(bench.page(Noun::Organization, &everything(), Sight::All).await.total, Some(9));
}

#[tokio::test]
async fn case_041_a_session_begins_only_with_the_password_that_is_set_now() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let shown = super::new_session("old", anna.id);
    let changed = update(&bench, &anna, anna.clone(), Some("a new hash"), None).await;
    assert_eq!(bench.store.find_credential("anna").await.unwrap().unwrap().version, 2);
    assert!(bench.store.create_session(shown.clone()).await.unwrap().is_none());
    assert!(bench.store.find_session(&Digest::of(b"old")).await.unwrap().is_none());
    let current = identity::port::NewSession { credential_version: changed.credential_version, ..shown };
    assert!(bench.store.create_session(current).await.unwrap().is_some());
}

#[tokio::test]
async fn case_042_a_verdict_ends_with_the_name_it_was_given_for() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let key = Digest::of(b"anna and her password");
    let verdict = Recalled { user: anna.id, credential_version: 1 };
    bench.store.remember_verdict(key, verdict, at(45));
    let renamed = User { username: "anne".to_owned(), ..anna.clone() };
    update(&bench, &anna, renamed, None, None).await;
    assert_eq!(bench.store.recall_verdict(&key, at(46)), None);
}

#[tokio::test]
async fn case_184_the_last_enabled_administrator_neither_leaves_nor_goes() {
    let bench = bench().await;
    let mut admins = Vec::new();
    for name in ["anna", "bert"] {
        let change = Change::Create(Object::User(User { is_superuser: true, ..user(name) }), None);
        let Some((Object::User(made), _)) = bench.store.apply(change, trail(1)).await.unwrap() else {
            panic!()
        };
        admins.push(made);
    }
    let (anna, bert) = (admins[0].clone(), admins[1].clone());
    let bert = update(&bench, &bert, User { is_enabled: false, ..bert.clone() }, None, None).await;
    for after in [User { is_superuser: false, ..anna.clone() }, User { is_enabled: false, ..anna.clone() }] {
        let change = Change::Update {
            before: Object::User(anna.clone()),
            after: Object::User(after),
            password: None,
            keep_session: None,
        };
        let refused = bench.store.apply(change, trail(2)).await;
        assert!(matches!(refused, Err(StoreError::Conflict(Conflict::LastAdministrator))), "{refused:?}");
    }
    let refused = bench.store.apply(Change::Delete(Object::User(anna.clone())), trail(3)).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Conflict::LastAdministrator))), "{refused:?}");
    assert!(bench.store.find_subject(anna.id).await.unwrap().unwrap().user.is_superuser);
    // One who cannot sign in does not count, and goes.
    bench.delete(Object::User(bert)).await;
}
