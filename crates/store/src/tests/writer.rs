//! The writer: what fails fails alone, and what is answered is on the disk.

use std::time::Duration;

use identity::model::object::{Noun, Object};
use identity::model::query::Sight;
use identity::model::secret::Digest;
use identity::port::Store as _;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::{at, bench, everything, organization};
use crate::engine::{self, Done};

#[tokio::test]
async fn a_full_disk_is_a_fault_and_passes() {
    let bench = bench().await;
    let limit = async |pages: &'static str| {
        bench
            .store
            .engine
            .write(move |connection| {
                Box::pin(async move {
                    sqlx::query(pages).fetch_all(connection).await?;
                    Ok(Done::quiet(()))
                })
            })
            .await
            .unwrap();
    };
    limit("PRAGMA max_page_count = 1").await;
    let mut large = organization("Large");
    large.description = "x".repeat(1_000_000);
    let small =
        (0..20).map(|number| bench.try_create(Object::Organization(organization(&number.to_string()))));
    let (refused, others) = tokio::join!(
        bench.try_create(Object::Organization(large.clone())),
        futures_util::future::join_all(small)
    );
    assert!(refused.is_err());
    // Whoever was answered with success is really there.
    let said = others.iter().filter(|it| it.is_ok()).count() as u64;
    limit("PRAGMA max_page_count = 1000000").await;
    let total = bench.page(Noun::Organization, &everything(), Sight::All).await.total;
    assert_eq!(total, Some(said + 1));
    bench.create(Object::Organization(large)).await;
}

#[tokio::test]
async fn a_panic_costs_only_its_own_commit() {
    let bench = bench().await;
    let result: Result<(), _> =
        bench.store.engine.write(|_| Box::pin(async { panic!("a test wants this") })).await;
    assert!(result.is_err());
    bench.organization("After").await;
}

#[tokio::test]
async fn what_waits_when_the_store_closes_is_written() {
    let bench = bench().await;
    let names: Vec<String> = (0..50).map(|number| format!("organization {number}")).collect();
    let writes = names.iter().map(|name| bench.try_create(Object::Organization(organization(name))));
    let (written, closed) = tokio::join!(futures_util::future::join_all(writes), bench.store.close());
    closed.unwrap();
    let said = written.iter().filter(|it| it.is_ok()).count() as u64;
    assert!(said > 0);
    let again = bench.directory.open().await.unwrap();
    let page = again.list(Noun::Organization, &everything(), Sight::All).await.unwrap().unwrap();
    assert_eq!(page.total, Some(said + 1));
}

#[tokio::test]
async fn what_another_process_revokes_leaves_the_caches() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    bench.token("secret", anna.id, None).await;
    let digest = Digest::of(b"secret");
    bench.store.find_token(&digest, at(5)).await.unwrap().unwrap();
    // Its own writes leave the caches alone.
    tokio::time::sleep(Duration::from_millis(700)).await;
    bench.organization("Own").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(bench.store.recall_token(&digest, at(6)).is_some());
    let options = engine::options(&bench.directory.file());
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("DELETE FROM tokens").execute(&mut other).await.unwrap();
    for _ in 0..100 {
        if bench.store.recall_token(&digest, at(6)).is_none() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the token is still in memory");
}
