//! Where saved logins are on each operating system.

use std::ffi::OsString;
use std::path::PathBuf;

use super::SavedError;

/// The folder of saved logins, as these variables of the environment have it: `PORTCULLIS_STATE_DIR`; otherwise
/// `portcullis` below `$XDG_STATE_HOME` or `~/.local/state`, below `~/Library/Application Support` on macOS and below
/// `%LOCALAPPDATA%` on Windows.
pub fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, SavedError> {
    let find = |name: &str| variable(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    if let Some(folder) = find("PORTCULLIS_STATE_DIR") {
        return Ok(folder);
    }
    let state = if cfg!(windows) {
        find("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        find("HOME").map(|it| it.join("Library/Application Support"))
    } else {
        // A relative path there is to be ignored, as the specification of these folders has it.
        let xdg = find("XDG_STATE_HOME").filter(|it| it.is_absolute());
        xdg.or_else(|| find("HOME").map(|it| it.join(".local/state")))
    };
    Ok(state.ok_or(SavedError::Nowhere)?.join("portcullis"))
}
