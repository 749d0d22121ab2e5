//! Opening: what the file may be, and what is in a new one.

use identity::model::object::{Noun, Object, UserId};
use identity::model::query::Sight;
use identity::model::role::ManagedRole;
use identity::port::Store as _;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::{Directory, at, bench, everything};
use crate::{engine, sql};

#[tokio::test]
async fn a_new_database_holds_what_the_system_owns() {
    let bench = bench().await;
    let system = bench.store.find_subject(UserId(2)).await.unwrap().unwrap();
    assert_eq!(system.user.username, "_system");
    assert!(system.user.is_managed && !system.user.is_superuser);
    assert_eq!(bench.store.find_credential("_system").await.unwrap().unwrap().hash, None);
    let roles = bench.page(Noun::RoleDefinition, &everything(), Sight::All).await;
    assert_eq!(roles.objects.len(), 5);
    for (object, role) in roles.objects.iter().zip(ManagedRole::ALL) {
        let Object::RoleDefinition(it) = object else { panic!("{object:?}") };
        assert_eq!((it.id, it.name.as_str(), it.target), (role.id(), role.name(), role.target()));
        assert!(it.is_managed && it.permissions.iter().all(|it| it.starts_with("shared.")));
    }
    let organizations = bench.page(Noun::Organization, &everything(), Sight::All).await;
    let [Object::Organization(default)] = &organizations.objects[..] else { panic!() };
    assert_eq!((default.id.0, default.name.as_str()), (1, "Default"));
    let authenticators = bench.page(Noun::Authenticator, &everything(), Sight::All).await;
    let [Object::Authenticator(local)] = &authenticators.objects[..] else { panic!() };
    assert_eq!((local.id.0, local.slug.as_str(), local.is_enabled), (1, "local", true));
    assert!(bench.page(Noun::User, &everything(), Sight::All).await.objects.is_empty());
}

#[tokio::test]
async fn it_is_the_same_after_closing_and_opening() {
    let bench = bench().await;
    let user = bench.user("anna").await;
    bench.store.close().await.unwrap();
    assert!(bench.store.ping().await.is_err());
    let again = bench.directory.open().await.unwrap();
    assert_eq!(again.find_subject(user.id).await.unwrap().unwrap().user, user);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = bench().await;
    bench.user("anna").await;
    for file in std::fs::read_dir(bench.directory.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_refused_and_left_alone() {
    let cases: [&[u8]; 3] = [b"short", &[7; 8192], b"SQLite format 3\0 and then nothing"];
    for content in cases {
        let directory = Directory::new();
        std::fs::write(directory.file(), content).unwrap();
        assert!(directory.open().await.is_err());
        assert_eq!(std::fs::read(directory.file()).unwrap(), content);
    }
}

#[tokio::test]
async fn the_database_of_another_program_is_refused() {
    let directory = Directory::new();
    let options = engine::plain_options(&directory.file()).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("CREATE TABLE recipes (name TEXT)").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let before = std::fs::read(directory.file()).unwrap();
    let fault = directory.open().await.err().unwrap();
    assert!(fault.message.contains("another program"), "{}", fault.message);
    assert_eq!(std::fs::read(directory.file()).unwrap(), before);
}

#[tokio::test]
async fn a_newer_or_shortened_database_is_refused() {
    let bench = bench().await;
    bench.store.close().await.unwrap();
    let file = bench.directory.file();
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let fault = bench.directory.open().await.err().unwrap();
    assert!(fault.message.contains("truncated"), "{}", fault.message);
    assert_eq!(std::fs::read(&file).unwrap().len(), whole.len() / 2);

    let mut newer = whole.clone();
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    std::fs::write(&file, &newer).unwrap();
    let fault = bench.directory.open().await.err().unwrap();
    assert!(fault.message.contains("newer"), "{}", fault.message);
    assert_eq!(std::fs::read(&file).unwrap(), newer);
}

#[tokio::test]
async fn every_fixed_statement_can_be_prepared() {
    use sqlx::Executor as _;
    use sqlx::SqlSafeStr as _;
    let bench = bench().await;
    let options = engine::options(&bench.directory.file());
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    for (name, text) in sql::ALL.iter().chain(sql::sessions::ALL) {
        let prepared = connection.prepare(text.into_sql_str()).await;
        assert!(prepared.is_ok(), "{name}: {:?}", prepared.err());
    }
}

#[tokio::test]
async fn facts_are_kept_once() {
    let bench = bench().await;
    assert_eq!(bench.store.fact("key").await.unwrap(), None);
    assert_eq!(bench.store.put_fact_if_absent("key", b"one").await.unwrap(), b"one");
    assert_eq!(bench.store.put_fact_if_absent("key", b"two").await.unwrap(), b"one");
    bench.store.close().await.unwrap();
    let again = bench.directory.open().await.unwrap();
    assert_eq!(again.fact("key").await.unwrap().as_deref(), Some(&b"one"[..]));
    assert!(again.sweep(at(0)).await.is_ok());
}
