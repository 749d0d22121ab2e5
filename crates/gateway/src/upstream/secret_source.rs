//! Finds the secret of an account where the configuration says it is, at each login anew.

#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use identity::model::secret::Secret;
use identity::port::Vault;
use identity::{Fault, Origin};
use tokio::task::spawn_blocking;

use crate::config::SecretSource;

/// Largest secret, in bytes.
pub const SECRET_MAX: u64 = 64 * 1024;

/// Where the service manager puts the credentials of this service.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

impl SecretSource {
    /// The secret as it is now: one line, without the line end that a file may have behind it.
    ///
    /// # Errors
    /// It is not there, others can read its file, or it is empty, too large or more than one line. The message
    /// says what to do and never what the secret is.
    pub async fn read(&self, vault: &dyn Vault) -> Result<Secret, Fault> {
        match self {
            Self::File(path) => read_aside(path.clone(), true).await,
            Self::Environment(name) => match std::env::var(name) {
                Ok(value) => one_line(&Secret::new(value), &format!("the variable {name}")),
                Err(std::env::VarError::NotPresent) => {
                    Err(wrong(format!("the gateway's environment has no variable {name}")))
                }
                Err(std::env::VarError::NotUnicode(_)) => {
                    Err(wrong(format!("the variable {name} is no text")))
                }
            },
            Self::Credential(name) => {
                let Some(folder) = std::env::var_os(CREDENTIALS) else {
                    return Err(wrong(format!(
                        "there are no credentials of the service manager ({CREDENTIALS} is not set); give the \
                         service LoadCredential={name}:FILE"
                    )));
                };
                // The service manager keeps these closed itself, and may show them to a group.
                read_aside(Path::new(&folder).join(name), false).await
            }
            Self::Stored(name) => match vault.find(name).await? {
                Some(secret) => one_line(&secret, &format!("the stored secret {name:?}")),
                None => {
                    Err(wrong(format!("no secret {name:?} is stored; run: portcullis secret set {name}")))
                }
            },
        }
    }
}

/// Reads a file where waiting for it holds up nobody else.
async fn read_aside(path: PathBuf, is_private: bool) -> Result<Secret, Fault> {
    let read = spawn_blocking(move || read_file(&path, is_private)).await;
    read.map_err(|cause| Fault::caused(Origin::Internal, "a secret could not be read", cause))?
}

fn read_file(path: &Path, is_private: bool) -> Result<Secret, Fault> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => wrong(format!("there is no file {shown}")),
        _ => Fault::caused(Origin::Internal, format!("cannot read {shown}"), error),
    };
    // What is no plain file is not opened: a pipe would wait for a writer.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(wrong(format!("{shown} is no plain file")));
    }
    let file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode();
    if is_private && mode & 0o077 != 0 {
        return Err(wrong(format!("{shown} must be readable by its owner only; run: chmod 600 {shown}")));
    }
    let mut text = String::new();
    match file.take(SECRET_MAX + 1).read_to_string(&mut text) {
        Ok(_) => one_line(&Secret::new(text), &shown.to_string()),
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(wrong(format!("{shown} is no text"))),
        Err(error) => Err(unreadable(error)),
    }
}

/// The secret without the line end behind it; where it came from, for messages.
fn one_line(secret: &Secret, origin: &str) -> Result<Secret, Fault> {
    let text = secret.expose();
    let line = text.strip_suffix('\n').map_or(text, |it| it.strip_suffix('\r').unwrap_or(it));
    if line.len() as u64 > SECRET_MAX {
        return Err(wrong(format!("{origin} is larger than {SECRET_MAX} bytes")));
    }
    if line.is_empty() {
        return Err(wrong(format!("{origin} is empty")));
    }
    if line.contains(['\n', '\r', '\0']) {
        return Err(wrong(format!("{origin} must be one line")));
    }
    Ok(Secret::new(line))
}

fn wrong(message: String) -> Fault {
    Fault::new(Origin::Internal, message)
}
