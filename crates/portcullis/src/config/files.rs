//! Checks files that the configuration names, before anything depends on them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Largest certificate, key or password file in bytes.
pub const BYTES_MAX: u64 = 1024 * 1024;

/// Whether a file can be read and holds a PEM block of this label.
pub fn check_pem(path: &Path, label: &str) -> Result<(), String> {
    let text = read(path)?;
    if text.contains(&format!("-----BEGIN {label}-----")) {
        Ok(())
    } else {
        Err(format!("{} holds no PEM block {label}", path.display()))
    }
}

/// Whether a file can be read, holds a PEM private key and is closed to the world.
pub fn check_secret(path: &Path) -> Result<(), String> {
    let text = read(path)?;
    check_closed(path)?;
    if text.contains("PRIVATE KEY-----") {
        Ok(())
    } else {
        Err(format!("{} holds no PEM private key", path.display()))
    }
}

/// Whether nobody but the owner and the group can read a secret, and nobody but the owner can change it.
fn check_closed(path: &Path) -> Result<(), String> {
    let mode = fs::metadata(path).map_err(|error| unreadable(path, &error))?.permissions().mode();
    if mode & 0o026 == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(format!("{shown} is open to other users (mode {:04o}); run: chmod go-w,o-r {shown}", mode & 0o7777))
}

/// Whether a file with a password or a token can be read, is not empty, and is closed to everybody but its owner.
pub fn check_private(path: &Path) -> Result<(), String> {
    let text = read(path)?;
    let mode = fs::metadata(path).map_err(|error| unreadable(path, &error))?.permissions().mode();
    let shown = path.display();
    if mode & 0o077 != 0 {
        return Err(format!(
            "{shown} must be readable by its owner only (mode {:04o}); run: chmod 600 {shown}",
            mode & 0o7777
        ));
    }
    if text.trim_end_matches(['\r', '\n']).is_empty() { Err(format!("{shown} is empty")) } else { Ok(()) }
}

/// Whether a text names a file in a folder, and nothing outside of it.
pub fn is_file_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && !text.contains('/') && !matches!(text, "." | "..")
}

/// The text of a file of at most [`BYTES_MAX`] bytes.
pub fn read(path: &Path) -> Result<String, String> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if metadata.is_dir() {
        return Err(format!("{} is a directory", path.display()));
    }
    if metadata.len() > BYTES_MAX {
        return Err(format!("{} is larger than {BYTES_MAX} bytes", path.display()));
    }
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => format!("there is no file {}", path.display()),
        std::io::ErrorKind::InvalidData => format!("{} is not a text", path.display()),
        _ => format!("cannot read {}: {error}", path.display()),
    }
}
