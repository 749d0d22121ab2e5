//! Stored secrets: they go in by the shell and never come out by it.

use std::fs;

use identity::model::secret::Secret;

use super::{done, install, new_data_dir, refused};
use crate::assemble::{AUDIT_LOG, DATABASE};
use crate::control::{Password, Request, execute};

fn set(name: &str, value: &str) -> Request {
    Request::SecretSet { name: name.to_owned(), secret: Password(Secret::new(value)) }
}

#[test]
fn the_request_hides_the_secret_in_debug() {
    let request = set("manager", "hunter2");
    assert!(!format!("{request:?}").contains("hunter2"));
    let line = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<Request>(&line).unwrap(), request);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_set_listed_removed_and_never_shown() {
    let data_dir = new_data_dir("secrets-kept");
    let installed = install(&data_dir).await;
    let authority = &installed.authority;
    let stored = done(execute(authority, set("manager", "hunter2 4711")).await);
    assert_eq!(stored.rows[0]["state"], "stored");
    done(execute(authority, set("manager", "hunter3 4711")).await);
    let vault = &authority.world.vault;
    vault.put("upstream-session/sdwan", &Secret::new("kept by the gateway")).await.unwrap();
    let list = done(execute(authority, Request::SecretList).await);
    let text = serde_json::to_string(&list).unwrap();
    assert!(!text.contains("hunter"), "{text}");
    let rows: Vec<_> = list.rows.iter().map(|row| (row["name"].clone(), row["owner"].clone())).collect();
    assert_eq!(
        rows,
        [("manager".into(), "operator".into()), ("upstream-session/sdwan".into(), "gateway".into())]
    );
    let rekeyed = done(execute(authority, Request::SecretRekey { forgets: false }).await);
    // The two and the key of CSRF tokens.
    assert_eq!((&rekeyed.rows[0]["resealed"], &rekeyed.rows[0]["forgotten"]), (&3.into(), &0.into()));
    assert_eq!(vault.find("manager").await.unwrap().unwrap().expose(), "hunter3 4711");
    let remove = || Request::SecretRemove { name: "manager".to_owned() };
    assert_eq!(done(execute(authority, remove()).await).rows[0]["state"], "removed");
    assert_eq!(refused(execute(authority, remove()).await), "there is no such secret: \"manager\"");
    for (name, value, expected) in [
        ("upstream-session/mine", "x", "names that begin with \"upstream-session/\" are the gateway's own"),
        ("", "x", "the name of a secret has 1 to 200 characters"),
        ("a\tb", "x", "the name of a secret has no control characters"),
        ("empty", "", "a secret has 1 to 65536 bytes"),
    ] {
        assert_eq!(refused(execute(authority, set(name, value)).await), expected);
    }
    installed.close().await.unwrap();
    let audit = fs::read_to_string(data_dir.file(AUDIT_LOG)).unwrap();
    for event in
        ["secret \\\"manager\\\" set", "secret \\\"manager\\\" removed", "vault key changed: 3 resealed"]
    {
        assert!(audit.contains(event), "{event} in {audit}");
    }
    let database = fs::read(data_dir.file(DATABASE)).unwrap();
    for secret in ["hunter2 4711", "hunter3 4711", "kept by the gateway"] {
        assert!(!audit.contains(secret));
        assert!(!database.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_starts_without_its_key_and_says_what_is_closed() {
    let data_dir = new_data_dir("secrets-lost");
    let installed = install(&data_dir).await;
    let csrf_key = installed.authority.csrf_key.0;
    done(execute(&installed.authority, set("manager", "hunter2")).await);
    installed.close().await.unwrap();
    let again = install(&data_dir).await;
    assert_eq!(again.authority.csrf_key.0, csrf_key, "the key of CSRF tokens outlives a restart");
    again.close().await.unwrap();
    fs::rename(data_dir.file("vault.key"), data_dir.file("elsewhere.key")).unwrap();
    let without = install(&data_dir).await;
    assert_ne!(without.authority.csrf_key.0, csrf_key);
    let fault = without.authority.world.vault.find("manager").await.unwrap_err();
    assert!(fault.message.contains("there is no key") && fault.message.contains("vault.key"), "{fault}");
    assert_eq!(done(execute(&without.authority, Request::SecretList).await).rows.len(), 1);
    without.close().await.unwrap();
    fs::rename(data_dir.file("elsewhere.key"), data_dir.file("vault.key")).unwrap();
    let again = install(&data_dir).await;
    assert_eq!(again.authority.csrf_key.0, csrf_key, "nothing was written over");
    again.close().await.unwrap();
}
