//! Where secrets are found, and what is said where they are not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use async_trait::async_trait;
use identity::Fault;
use identity::model::secret::Secret;
use identity::port::Vault;

use crate::config::SecretSource;

/// A vault with one secret.
struct One;

#[async_trait]
impl Vault for One {
    async fn put(&self, _: &str, _: &Secret) -> Result<(), Fault> {
        Ok(())
    }

    async fn find(&self, name: &str) -> Result<Option<Secret>, Fault> {
        Ok((name == "manager").then(|| Secret::new("kept 1")))
    }

    async fn remove(&self, _: &str) -> Result<bool, Fault> {
        Ok(false)
    }

    async fn names(&self, _: &str) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }
}

fn file(name: &str, content: &[u8], mode: u32) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("portcullis-secret-source-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

async fn read(source: SecretSource) -> Result<String, String> {
    let secret = source.read(&One).await.map_err(|it| it.message)?;
    Ok(secret.expose().to_owned())
}

#[tokio::test]
async fn a_file_is_one_line_and_read_anew_each_time() {
    for (content, expected) in
        [("pass word \n", "pass word "), ("p\r\n", "p"), ("p", "p"), ("  p\t\n", "  p\t"), ("ü\n", "ü")]
    {
        let path = file("line", content.as_bytes(), 0o600);
        assert_eq!(read(SecretSource::File(path)).await.unwrap(), expected, "{content:?}");
    }
    let path = file("read-only", b"p\n", 0o400);
    assert_eq!(read(SecretSource::File(path)).await.unwrap(), "p");
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_said_without_its_content() {
    let large = vec![b'x'; 64 * 1024 + 1];
    for (name, content, mode, expected) in [
        ("open", &b"hunter2"[..], 0o640, "must be readable by its owner only; run: chmod 600 "),
        ("world", b"hunter2", 0o604, "must be readable by its owner only; run: chmod 600 "),
        ("empty", b"\n", 0o600, "is empty"),
        ("two", b"hunter2\nhunter3\n", 0o600, "must be one line"),
        ("binary", b"hunter2\xff", 0o600, "is no text"),
        ("large", &large, 0o600, "is larger than 65536 bytes"),
    ] {
        let problem = read(SecretSource::File(file(name, content, mode))).await.unwrap_err();
        assert!(problem.contains(expected) && !problem.contains("hunter"), "{name}: {problem}");
    }
    let absent = SecretSource::File(PathBuf::from("/nonexistent/secret"));
    assert_eq!(read(absent).await.unwrap_err(), "there is no file /nonexistent/secret");
    let folder = SecretSource::File(std::env::temp_dir());
    assert!(read(folder).await.unwrap_err().ends_with("is no plain file"));
}

#[tokio::test]
async fn the_environment_and_the_vault_are_asked_by_name() {
    // Cargo sets this one for every test.
    let variable = SecretSource::Environment("CARGO_MANIFEST_DIR".to_owned());
    assert_eq!(read(variable).await.unwrap(), env!("CARGO_MANIFEST_DIR"));
    let absent = SecretSource::Environment("PORTCULLIS_NO_SUCH_VARIABLE".to_owned());
    assert_eq!(
        read(absent).await.unwrap_err(),
        "the gateway's environment has no variable PORTCULLIS_NO_SUCH_VARIABLE"
    );
    assert_eq!(read(SecretSource::Stored("manager".to_owned())).await.unwrap(), "kept 1");
    assert_eq!(
        read(SecretSource::Stored("other".to_owned())).await.unwrap_err(),
        "no secret \"other\" is stored; run: portcullis secret set other"
    );
}
