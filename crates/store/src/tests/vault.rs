//! The vault: what lies on the disk, what opens with which key, and how the key changes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use identity::model::secret::Secret;
use identity::model::setting::SettingValue;
use identity::port::{SettingWrite, Store as _, VAULT_SECRET_MAX, Vault};
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::{Bench, Directory, at, bench, trail};
use crate::{SqliteStore, StoreOptions, VaultKey, engine};

const CLEAR: &str = "a clear value 4711";

fn key_file(directory: &Directory) -> std::path::PathBuf {
    directory.path().join("vault.key")
}

/// Everything on the disk but the key: the database and its log.
fn disk(directory: &Directory) -> Vec<u8> {
    let mut all = Vec::new();
    for file in fs::read_dir(directory.path()).unwrap().flatten() {
        all.extend(fs::read(file.path()).unwrap());
    }
    all
}

fn lies_in_clear(directory: &Directory, text: &str) -> bool {
    disk(directory).windows(text.len()).any(|window| window == text.as_bytes())
}

async fn put(bench: &Bench, name: &str, value: &str) {
    bench.store.put(name, &Secret::new(value)).await.unwrap();
}

async fn found(store: &SqliteStore, name: &str) -> Option<String> {
    Vault::find(store, name).await.unwrap().map(|it| it.expose().to_owned())
}

async fn set_password(bench: &Bench, value: &str) {
    let value = Some(SettingValue::Text(value.to_owned()));
    let write = SettingWrite { name: "REDHAT_PASSWORD", value };
    bench.store.write_settings(vec![write], trail(1)).await.unwrap();
}

fn password(store: &SqliteStore) -> Option<SettingValue> {
    store.settings().get("REDHAT_PASSWORD").cloned()
}

async fn execute(directory: &Directory, query: &'static str) {
    let mut connection = SqliteConnection::connect_with(&engine::options(&directory.file())).await.unwrap();
    sqlx::query(query).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn secrets_come_back_and_are_listed_by_name() {
    let bench = bench().await;
    for (name, value) in [("b/two", "2"), ("a", "1"), ("b/one", CLEAR), ("ü ö", "umlaut")] {
        put(&bench, name, value).await;
    }
    put(&bench, "a", "another").await;
    assert_eq!(found(&bench.store, "a").await.as_deref(), Some("another"));
    assert_eq!(found(&bench.store, "ü ö").await.as_deref(), Some("umlaut"));
    assert_eq!(found(&bench.store, "A").await, None);
    assert_eq!(bench.store.names("").await.unwrap(), ["a", "b/one", "b/two", "ü ö"]);
    assert_eq!(bench.store.names("b/").await.unwrap(), ["b/one", "b/two"]);
    assert!(bench.store.names("%").await.unwrap().is_empty());
    assert!(bench.store.remove("a").await.unwrap());
    assert!(!bench.store.remove("a").await.unwrap());
    bench.store.close().await.unwrap();
    let again = bench.directory.open().await.unwrap();
    assert_eq!(found(&again, "b/one").await.as_deref(), Some(CLEAR));
}

#[tokio::test]
async fn names_and_secrets_have_limits() {
    let bench = bench().await;
    let long = "n".repeat(201);
    for name in ["", "a\nb", long.as_str()] {
        assert!(bench.store.put(name, &Secret::new("x")).await.is_err(), "{name:?}");
    }
    let most = "x".repeat(VAULT_SECRET_MAX);
    put(&bench, &"ü".repeat(200), &most).await;
    assert!(bench.store.put("n", &Secret::new(most + "x")).await.is_err());
    assert_eq!(bench.store.names("n").await.unwrap().len(), 0);
}

#[tokio::test]
async fn nothing_lies_in_clear_in_the_database_or_its_log() {
    let bench = bench().await;
    put(&bench, "manager", CLEAR).await;
    set_password(&bench, "a clear setting 4712").await;
    bench.store.put_sealed_fact_if_absent("key", b"a clear fact 4713").await.unwrap();
    put(&bench, "manager", "a clear value 4714").await;
    bench.store.remove("manager").await.unwrap();
    for when in ["open", "closed"] {
        for text in [CLEAR, "a clear setting 4712", "a clear fact 4713", "a clear value 4714"] {
            assert!(!lies_in_clear(&bench.directory, text), "{text} while {when}");
        }
        assert!(lies_in_clear(&bench.directory, "REDHAT_PASSWORD"), "the test reads the wrong files");
        bench.store.close().await.unwrap();
    }
    assert_eq!(fs::metadata(key_file(&bench.directory)).unwrap().permissions().mode() & 0o777, 0o600);
    let again = bench.directory.open().await.unwrap();
    assert_eq!(password(&again), Some(SettingValue::Text("a clear setting 4712".to_owned())));
    assert_eq!(again.sealed_fact("key").await.unwrap().unwrap(), b"a clear fact 4713");
}

#[tokio::test]
async fn the_same_is_never_sealed_the_same() {
    let bench = bench().await;
    let seal = || bench.store.sealer.seal(crate::sealer::Purpose::Secret, "n", b"v").unwrap();
    let (one, two) = (seal(), seal());
    assert_ne!(one, two);
    assert_eq!((one[0], one.len()), (1, 1 + 8 + 12 + 1 + 16));
}

#[tokio::test]
async fn entries_cannot_take_each_others_place() {
    let bench = bench().await;
    put(&bench, "weak", "everybody knows this").await;
    put(&bench, "strong", CLEAR).await;
    let swap =
        "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'weak') WHERE name = 'strong'";
    execute(&bench.directory, swap).await;
    let fault = Vault::find(&*bench.store, "strong").await.unwrap_err();
    assert!(fault.message.contains("was changed, or belongs elsewhere"), "{}", fault.message);
    assert_eq!(found(&bench.store, "weak").await.as_deref(), Some("everybody knows this"));
    execute(
        &bench.directory,
        "UPDATE secrets SET sealed = CAST(x'02' || substr(sealed, 2) AS BLOB) WHERE name = 'weak'",
    )
    .await;
    assert!(Vault::find(&*bench.store, "weak").await.unwrap_err().message.contains("newer version"));
    execute(&bench.directory, "UPDATE secrets SET sealed = x'01'").await;
    assert!(Vault::find(&*bench.store, "weak").await.is_err());
}

#[tokio::test]
async fn a_lost_key_is_not_replaced_and_everything_else_works() {
    let bench = bench().await;
    put(&bench, "manager", CLEAR).await;
    set_password(&bench, "a clear setting").await;
    bench.store.close().await.unwrap();
    let key = fs::read(key_file(&bench.directory)).unwrap();
    fs::remove_file(key_file(&bench.directory)).unwrap();
    let without = bench.directory.open().await.unwrap();
    assert!(!key_file(&bench.directory).exists(), "a new key would hide that the old one is lost");
    for fault in [
        Vault::find(&*without, "manager").await.unwrap_err(),
        without.put("other", &Secret::new("x")).await.unwrap_err(),
        without.change_key(false).await.map(drop).unwrap_err(),
    ] {
        assert!(!fault.chain().contains(CLEAR));
        assert!(
            fault.message.contains("vault.key") || fault.message.contains("--forget"),
            "{}",
            fault.message
        );
    }
    assert_eq!(password(&without), Some(SettingValue::Text(String::new())));
    assert_eq!(without.names("").await.unwrap(), ["manager"]);
    assert!(without.find_subject(identity::model::object::UserId(2)).await.unwrap().is_some());
    without.close().await.unwrap();
    // The right key is back, and all is as it was.
    fs::write(key_file(&bench.directory), key).unwrap();
    fs::set_permissions(key_file(&bench.directory), fs::Permissions::from_mode(0o600)).unwrap();
    let again = bench.directory.open().await.unwrap();
    assert_eq!(found(&again, "manager").await.as_deref(), Some(CLEAR));
    assert_eq!(password(&again), Some(SettingValue::Text("a clear setting".to_owned())));
}

#[tokio::test]
async fn a_wrong_an_open_and_a_broken_key_are_told_apart() {
    let bench = bench().await;
    put(&bench, "manager", CLEAR).await;
    bench.store.close().await.unwrap();
    for (content, mode, expected) in [
        ("0".repeat(64), 0o600, "is sealed under another key"),
        ("0".repeat(64), 0o640, "is open to other users; run: chmod 600"),
        ("0".repeat(63), 0o600, "is no key: each line must be 64 hexadecimal digits"),
        (String::new(), 0o600, "is empty"),
    ] {
        fs::write(key_file(&bench.directory), &content).unwrap();
        fs::set_permissions(key_file(&bench.directory), fs::Permissions::from_mode(mode)).unwrap();
        let store = bench.directory.open().await.unwrap();
        let fault = Vault::find(&*store, "manager").await.unwrap_err();
        assert!(fault.message.contains(expected), "{}", fault.message);
        store.close().await.unwrap();
        assert_eq!(fs::read_to_string(key_file(&bench.directory)).unwrap(), content, "left as it is");
    }
}

#[tokio::test]
async fn a_new_key_opens_everything_and_the_old_one_nothing() {
    let bench = bench().await;
    put(&bench, "manager", CLEAR).await;
    set_password(&bench, "a clear setting").await;
    bench.store.put_sealed_fact_if_absent("key", b"fact").await.unwrap();
    let old = fs::read_to_string(key_file(&bench.directory)).unwrap();
    assert_eq!(bench.store.change_key(false).await.unwrap(), (3, 0));
    let new = fs::read_to_string(key_file(&bench.directory)).unwrap();
    assert!(new != old && new.lines().count() == 1, "only the new key is left");
    assert_eq!(found(&bench.store, "manager").await.as_deref(), Some(CLEAR));
    bench.store.close().await.unwrap();
    let again = bench.directory.open().await.unwrap();
    assert_eq!(found(&again, "manager").await.as_deref(), Some(CLEAR));
    assert_eq!(password(&again), Some(SettingValue::Text("a clear setting".to_owned())));
    assert_eq!(again.sealed_fact("key").await.unwrap().unwrap(), b"fact");
    again.close().await.unwrap();
    fs::write(key_file(&bench.directory), old).unwrap();
    let with_old = bench.directory.open().await.unwrap();
    assert!(Vault::find(&*with_old, "manager").await.unwrap_err().message.contains("another key"));
}

#[tokio::test]
async fn a_change_of_the_key_that_was_cut_off_loses_nothing() {
    let bench = bench().await;
    put(&bench, "before", CLEAR).await;
    let old = fs::read_to_string(key_file(&bench.directory)).unwrap();
    // The new key is on the disk; what it is for has not been written yet, or only in part.
    bench.store.sealer.begin_change().unwrap();
    put(&bench, "meanwhile", "sealed under the new one").await;
    bench.store.close().await.unwrap();
    let both = fs::read_to_string(key_file(&bench.directory)).unwrap();
    assert!(both.lines().count() == 2 && both.ends_with(&old));
    let again = bench.directory.open().await.unwrap();
    assert_eq!(found(&again, "before").await.as_deref(), Some(CLEAR));
    assert_eq!(found(&again, "meanwhile").await.as_deref(), Some("sealed under the new one"));
    assert_eq!(again.change_key(false).await.unwrap(), (2, 0));
    assert_eq!(fs::read_to_string(key_file(&bench.directory)).unwrap().lines().count(), 1);
    assert_eq!(found(&again, "before").await.as_deref(), Some(CLEAR));
}

#[tokio::test]
async fn however_often_a_change_of_the_key_is_cut_off_nothing_is_lost() {
    let bench = bench().await;
    put(&bench, "before", CLEAR).await;
    for _ in 0..12 {
        bench.store.sealer.begin_change().unwrap();
    }
    bench.store.close().await.unwrap();
    let again = bench.directory.open().await.unwrap();
    assert_eq!(found(&again, "before").await.as_deref(), Some(CLEAR));
    assert_eq!(again.change_key(false).await.unwrap(), (1, 0));
    assert_eq!(fs::read_to_string(key_file(&bench.directory)).unwrap().lines().count(), 1);
    assert_eq!(found(&again, "before").await.as_deref(), Some(CLEAR));
}

#[tokio::test]
async fn what_a_lost_key_sealed_can_be_forgotten() {
    let bench = bench().await;
    put(&bench, "manager", CLEAR).await;
    set_password(&bench, "a clear setting").await;
    bench.store.close().await.unwrap();
    fs::remove_file(key_file(&bench.directory)).unwrap();
    let store = bench.directory.open().await.unwrap();
    assert_eq!(store.change_key(true).await.unwrap(), (0, 2));
    assert!(store.names("").await.unwrap().is_empty());
    store.put("manager", &Secret::new("new")).await.unwrap();
    store.close().await.unwrap();
    let again = bench.directory.open().await.unwrap();
    assert_eq!(found(&again, "manager").await.as_deref(), Some("new"));
}

async fn open_given(directory: &Directory, key: &Path) -> Arc<SqliteStore> {
    let mut options = StoreOptions::new(directory.file());
    options.vault_key = VaultKey::Given(key.to_owned());
    SqliteStore::open(options, at(0), &super::Counting).await.unwrap()
}

#[tokio::test]
async fn a_given_key_is_never_written_and_changes_when_its_file_does() {
    let directory = Directory::new();
    let path = directory.path().join("elsewhere.key");
    let write = |text: &str| {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    };
    let absent = open_given(&directory, &path).await;
    let fault = absent.put("manager", &Secret::new("x")).await.unwrap_err();
    assert!(fault.message.contains("there is no key"), "{}", fault.message);
    absent.close().await.unwrap();
    assert!(!path.exists() && !key_file(&directory).exists());
    let (old, new) = ("0a".repeat(32), "1B".repeat(32));
    write(&old);
    let store = open_given(&directory, &path).await;
    store.put("manager", &Secret::new(CLEAR)).await.unwrap();
    write(&format!("{new}\n{old}\n"));
    assert_eq!(store.change_key(false).await.unwrap(), (1, 0));
    store.close().await.unwrap();
    write(&new);
    let again = open_given(&directory, &path).await;
    assert_eq!(found(&again, "manager").await.as_deref(), Some(CLEAR));
}
