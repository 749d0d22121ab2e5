//! Password hashes: made, checked, bounded.

use std::sync::Arc;

use identity::Refusal;
use identity::model::secret::Secret;
use identity::port::{PasswordHash, PasswordVerifier as _, Verdict};

use super::{Hasher, PasswordPolicy};
use crate::tests::Counting;

fn hasher(memory_kib: u32) -> Hasher {
    let policy = PasswordPolicy { memory_kib, iterations: 1, ..PasswordPolicy::default() };
    Hasher::new(&policy, Arc::new(Counting)).unwrap()
}

async fn verdict(hasher: &Hasher, password: &str, hash: &str) -> Verdict {
    let hash = PasswordHash(hash.to_owned());
    hasher.verify(&Secret::new(password), Some(&hash)).await.unwrap()
}

#[tokio::test]
async fn a_hash_belongs_to_its_password() {
    let hasher = hasher(64);
    let hash = hasher.hash(&Secret::new("pässword")).await.unwrap();
    assert_eq!(verdict(&hasher, "pässword", &hash.0).await, Verdict::Right);
    assert_eq!(verdict(&hasher, "password", &hash.0).await, Verdict::Wrong);
    // The same text in another Unicode form is another password.
    assert_eq!(verdict(&hasher, "pa\u{308}ssword", &hash.0).await, Verdict::Wrong);
}

#[tokio::test]
async fn hashes_of_other_costs_are_outdated_in_both_directions() {
    let (cheap, dear) = (hasher(64), hasher(128));
    let of_cheap = cheap.hash(&Secret::new("password")).await.unwrap();
    let of_dear = dear.hash(&Secret::new("password")).await.unwrap();
    assert_eq!(verdict(&dear, "password", &of_cheap.0).await, Verdict::RightButOutdated);
    assert_eq!(verdict(&cheap, "password", &of_dear.0).await, Verdict::RightButOutdated);
    assert_eq!(verdict(&cheap, "other", &of_dear.0).await, Verdict::Wrong);
}

#[tokio::test]
async fn the_hashes_of_django_are_understood() {
    let hasher = hasher(64);
    // Computed with another implementation: 1000 rounds over `salt`.
    let made = "pbkdf2_sha256$1000$salt$YywoEuRtRgQQK6dhjp1tfS+BKPYma0oDJk0qBGC33LM=";
    assert_eq!(verdict(&hasher, "password", made).await, Verdict::RightButOutdated);
    assert_eq!(verdict(&hasher, "passwort", made).await, Verdict::Wrong);
}

#[tokio::test]
async fn what_is_no_hash_is_wrong_and_costs_the_work() {
    let hasher = hasher(64);
    let right = hasher.hash(&Secret::new("password")).await.unwrap().0;
    for broken in [
        "",
        "!",
        "password",
        "$argon2id$",
        "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHQ",
        "$argon2id$v=19$m=4294967295,t=4294967295,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA",
        "pbkdf2_sha256$99999999$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "pbkdf2_sha256$0$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        &right[..right.len() - 1],
    ] {
        assert_eq!(verdict(&hasher, "password", broken).await, Verdict::Wrong, "{broken}");
    }
    assert_eq!(hasher.verify(&Secret::new("password"), None).await.unwrap(), Verdict::Wrong);
}

#[tokio::test]
async fn impossible_passwords_are_wrong_without_work() {
    let hasher = hasher(64);
    let hash = hasher.hash(&Secret::new("password")).await.unwrap().0;
    assert_eq!(verdict(&hasher, "", &hash).await, Verdict::Wrong);
    assert_eq!(verdict(&hasher, &"x".repeat(4097), &hash).await, Verdict::Wrong);
    assert!(hasher.hash(&Secret::new("")).await.is_err());
    let longest = "x".repeat(4096);
    let hash = hasher.hash(&Secret::new(longest.as_str())).await.unwrap().0;
    assert_eq!(verdict(&hasher, &longest, &hash).await, Verdict::Right);
}

#[tokio::test]
async fn too_many_at_once_are_told_to_come_back() {
    let policy = PasswordPolicy { concurrency: 1, queue_max: 2, ..PasswordPolicy::default() };
    let hasher = Hasher::new(&policy, Arc::new(Counting)).unwrap();
    let turn = hasher.turn().await.unwrap();
    let password = Secret::new("password");
    let tries = (0..10).map(|_| hasher.verify(&password, None));
    let all = futures_util::future::join_all(tries);
    let (results, ()) = tokio::join!(all, async {
        tokio::task::yield_now().await;
        drop(turn);
    });
    let busy = results.iter().filter(|it| matches!(it, Err(Refusal::Busy(_)))).count();
    assert_eq!(busy, 8);
    assert_eq!(results.iter().filter(|it| it.is_ok()).count(), 2);
}

#[test]
fn impossible_costs_are_refused() {
    for policy in [
        PasswordPolicy { memory_kib: 1, ..PasswordPolicy::default() },
        PasswordPolicy { iterations: 0, ..PasswordPolicy::default() },
        PasswordPolicy { memory_kib: u32::MAX, ..PasswordPolicy::default() },
    ] {
        assert!(Hasher::new(&policy, Arc::new(Counting)).is_err());
    }
}
