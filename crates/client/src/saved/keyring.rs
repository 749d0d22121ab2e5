//! The operating system's keyring: it holds the secret part of a profile that says so. Without the feature, and
//! where the keyring says no, this is an error; nothing is ever written to the file in its place.

use std::path::Path;

use zeroize::Zeroizing;

use super::{Name, SavedError};

/// Whether this program can use a keyring.
pub(super) const IS_THERE: bool = cfg!(feature = "keyring");

/// The secret part of a profile.
pub type Text = Zeroizing<Vec<u8>>;

#[cfg(feature = "keyring")]
mod system {
    use keyring::{Entry, Error};

    use super::{Name, Path, SavedError, Text, Zeroizing};

    /// The folder is part of the name: profiles of two folders are two secrets.
    fn entry(folder: &Path, name: &Name) -> Result<Entry, SavedError> {
        Entry::new("portcullis", &format!("{name} in {}", folder.display())).map_err(|it| failed(&it))
    }

    /// What the keyring says, without the data that two of its errors hold.
    fn failed(error: &Error) -> SavedError {
        let text = match error {
            Error::NoEntry => "it has no secret for this profile".to_owned(),
            Error::BadEncoding(_) => "its secret for this profile is damaged".to_owned(),
            other => other.to_string(),
        };
        SavedError::Keyring(text)
    }

    pub fn load(folder: &Path, name: &Name) -> Result<Text, SavedError> {
        entry(folder, name)?.get_secret().map(Zeroizing::new).map_err(|it| failed(&it))
    }

    pub fn store(folder: &Path, name: &Name, secret: &[u8]) -> Result<(), SavedError> {
        entry(folder, name)?.set_secret(secret).map_err(|it| failed(&it))
    }

    pub fn forget(folder: &Path, name: &Name) -> Result<(), SavedError> {
        match entry(folder, name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }
}

#[cfg(not(feature = "keyring"))]
mod system {
    use super::{Name, Path, SavedError, Text};

    fn none<T>() -> Result<T, SavedError> {
        Err(SavedError::Keyring("this program was built without it".to_owned()))
    }

    pub fn load(_: &Path, _: &Name) -> Result<Text, SavedError> {
        none()
    }

    pub fn store(_: &Path, _: &Name, _: &[u8]) -> Result<(), SavedError> {
        none()
    }

    pub fn forget(_: &Path, _: &Name) -> Result<(), SavedError> {
        none()
    }
}

pub use self::system::{forget, load, store};
