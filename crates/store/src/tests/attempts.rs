//! Attempts: counted for account and address, kept over restarts, bounded.

use identity::model::attempt::{AttemptPolicy, Standing};
use identity::model::secret::Digest;
use identity::port::Store as _;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::{at, bench, week};
use crate::{attempts, engine};

#[tokio::test]
async fn failures_close_an_account_and_survive_a_restart() {
    let bench = bench().await;
    let policy = AttemptPolicy::default();
    let (account, address) = (Digest::of(b"anna"), Digest::of(b"192.0.2.7"));
    let before = bench.store.attempt_standing(&account, &address, &policy, at(0)).await.unwrap();
    assert_eq!(before, (Standing::Open(10), Standing::Open(400)));
    for _ in 0..9 {
        bench.store.attempt_failed(&account, &address, &policy, at(0)).await.unwrap();
    }
    let tenth = bench.store.attempt_failed(&account, &address, &policy, at(0)).await.unwrap();
    assert_eq!(tenth, Standing::Closed(at(1)));
    bench.store.close().await.unwrap();
    let store = bench.directory.open().await.unwrap();
    let now = store.attempt_standing(&account, &address, &policy, at(0)).await.unwrap();
    assert_eq!(now, (Standing::Closed(at(1)), Standing::Open(390)));
    store.attempt_succeeded(&account).await.unwrap();
    store.attempt_succeeded(&Digest::of(b"nobody")).await.unwrap();
    let now = store.attempt_standing(&account, &address, &policy, at(0)).await.unwrap();
    assert_eq!(now, (Standing::Open(10), Standing::Open(390)));
}

#[tokio::test]
async fn failures_side_by_side_are_all_counted() {
    let bench = bench().await;
    let policy = AttemptPolicy::default();
    let (account, address) = (Digest::of(b"anna"), Digest::of(b"192.0.2.7"));
    let tries = (0..100).map(|_| bench.store.attempt_failed(&account, &address, &policy, at(0)));
    for result in futures_util::future::join_all(tries).await {
        result.unwrap();
    }
    let (standing, of_address) =
        bench.store.attempt_standing(&account, &address, &policy, at(3600)).await.unwrap();
    assert_eq!(standing, Standing::Closed(at(24 * 3600)));
    assert_eq!(of_address, Standing::Open(400));
}

#[tokio::test]
async fn old_tallies_go_and_their_number_is_bounded() {
    let bench = bench().await;
    let policy = AttemptPolicy::default();
    for number in 0_i64..20 {
        let digest = Digest::of(&number.to_le_bytes());
        bench.store.attempt_failed(&digest, &digest, &policy, at(number)).await.unwrap();
    }
    let mut connection =
        SqliteConnection::connect_with(&engine::options(&bench.directory.file())).await.unwrap();
    attempts::bound(&mut connection, 10).await.unwrap();
    let newest = Digest::of(&19_i64.to_le_bytes());
    let oldest = Digest::of(&0_i64.to_le_bytes());
    assert!(attempts::has_failed(&mut connection, newest).await.unwrap());
    assert!(!attempts::has_failed(&mut connection, oldest).await.unwrap());
    bench.store.sweep(at(0).checked_add(week()).unwrap()).await.unwrap();
    assert!(!attempts::has_failed(&mut connection, newest).await.unwrap());
}
