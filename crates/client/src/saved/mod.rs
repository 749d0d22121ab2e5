//! Saved logins: a folder that only its user can open, with one file for each profile.
//!
//! Files are replaced, never changed: a new one is written beside the old one and takes its name at once. Whoever
//! reads, decides and writes does so under the profile's lock ([`Profiles::lock`]), in all processes of the machine.

mod file;
mod keeper;
mod keyring;
mod lock;
mod place;
mod wire;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dialects::{Holding, Method};
use identity::model::portal::Portal;
use identity::{Fault, Origin};

pub use self::keeper::{ProfileKeeper, SignIn};
pub use self::lock::Lock;
pub use self::place::folder;

/// Most profiles that are listed.
const PROFILES_MAX: usize = 1000;
/// The file that names the current profile.
const CURRENT: &str = "current";
/// How the name of a profile's file ends.
const ENDING: &str = ".json";

/// The name of a profile: 1 to 64 letters, digits, `.`, `_` and `-`; neither `.` nor `-` comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Where the secret part of a profile is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// In the profile's file.
    #[default]
    File,
    /// In the operating system's keyring.
    Keyring,
}

/// One saved login.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Where the server is; as in [`Holding::base`].
    pub base: String,
    /// The name of its dialect.
    pub platform: String,
    /// The platform in words, if it was recognised.
    pub product: Option<String>,
    /// Who signs in; empty if nobody said so.
    pub username: String,
    /// How.
    pub method: Method,
    /// The tenant, by its name.
    pub tenant: Option<String>,
    /// The portal.
    pub portal: Option<Portal>,
    /// The file with the certificates that are trusted.
    pub ca: Option<PathBuf>,
    /// Whether every certificate is trusted.
    pub is_insecure: bool,
    /// Where its secret part is.
    pub place: Place,
    /// Whether a password (method `basic`) is kept. Without this it never is: then nothing is held, and whoever
    /// calls asks for the password again.
    pub keeps_password: bool,
    /// What is held; none after signing out.
    pub holding: Option<Holding>,
}

/// Why a saved login cannot be read or written. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// The name cannot be a profile's.
    #[error(
        "a profile's name has 1 to 64 letters, digits, '.', '_' and '-', and begins with none of '.' and '-'"
    )]
    Name,
    /// There is no such profile.
    #[error("there is no profile {0:?}; `portcullis login URL --profile {0}` makes it")]
    Absent(String),
    /// Nobody said where the folder is.
    #[error("there is no place for saved logins: set HOME, XDG_STATE_HOME or PORTCULLIS_STATE_DIR")]
    Nowhere,
    /// Others could read or change a file or the folder.
    #[error("{path} {why}; {advice}", path = path.display())]
    Unsafe {
        /// Which file or folder.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
        /// What to do.
        advice: String,
    },
    /// The file is from another release.
    #[error("{path} has version {version}, and this release reads version 1; use the release that wrote it, or remove the profile and sign in again", path = path.display())]
    Version {
        /// Which file.
        path: PathBuf,
        /// Its version.
        version: u64,
    },
    /// The file is none of ours, or damaged. What is in it is not told.
    #[error("{path} cannot be understood ({why}); remove the profile and sign in again", path = path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong, without anything from the file.
        why: &'static str,
    },
    /// There is more to keep than a file may have.
    #[error("what the server has given is too long to be kept in profile {0:?}; nothing was saved")]
    TooLong(String),
    /// Another process holds the lock.
    #[error("another portcullis has been busy with profile {0:?} for too long; wait for it, or end it")]
    Busy(String),
    /// The operating system says no.
    #[error("{path}: {cause}", path = path.display())]
    System {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says. It stands in the text, so it is no source beside it.
        cause: io::Error,
    },
    /// The keyring cannot be used. Nothing was written to the file in its place.
    #[error("the keyring cannot be used ({0}); sign in without --keyring to keep the login in a file")]
    Keyring(String),
}

impl From<SavedError> for Fault {
    fn from(error: SavedError) -> Self {
        Self::caused(Origin::Internal, error.to_string(), error)
    }
}

/// The saved logins in one folder.
#[derive(Clone, Debug)]
pub struct Profiles {
    folder: PathBuf,
}

impl Name {
    /// A name, if it can be one.
    pub fn parse(text: &str) -> Result<Self, SavedError> {
        let is_right = (1..=64).contains(&text.len())
            && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it))
            && !text.starts_with(['.', '-']);
        if is_right { Ok(Self(text.to_owned())) } else { Err(SavedError::Name) }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Profiles {
    /// The saved logins in a folder, which is made (0700) if it is not there, and refused if others can write there.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, SavedError> {
        let folder = folder.into();
        file::make_folder(&folder)?;
        Ok(Self { folder })
    }

    /// Whether this program can keep secrets in the operating system's keyring: the feature `keyring`.
    pub fn has_keyring() -> bool {
        keyring::IS_THERE
    }

    /// Where they are.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// The names of all profiles, in order.
    pub fn list(&self) -> Result<Vec<Name>, SavedError> {
        let failed = |cause| SavedError::System { path: self.folder.clone(), cause };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(failed)? {
            let file = entry.map_err(failed)?.file_name();
            let name = file.to_str().and_then(|it| it.strip_suffix(ENDING));
            if let Some(Ok(name)) = name.map(Name::parse)
                && names.len() < PROFILES_MAX
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// The profile of this name; none if there is none.
    pub fn find(&self, name: &Name) -> Result<Option<Profile>, SavedError> {
        let path = self.file(name);
        let Some(text) = file::read(&path)? else { return Ok(None) };
        wire::read(&path, &text, || keyring::load(&self.folder, name)).map(Some)
    }

    /// The profile of this name.
    pub fn get(&self, name: &Name) -> Result<Profile, SavedError> {
        self.find(name)?.ok_or_else(|| SavedError::Absent(name.0.clone()))
    }

    /// Waits for the profile's lock, for at most a minute and a half.
    pub fn lock(&self, name: &Name) -> Result<Lock, SavedError> {
        Lock::take(self.clone(), name.clone())
    }

    /// Waits for the profile's lock for at most this long, if that is shorter than [`Self::lock`] waits.
    pub fn lock_within(&self, name: &Name, wait: Duration) -> Result<Lock, SavedError> {
        Lock::take_within(self.clone(), name.clone(), wait)
    }

    /// Saves a profile under its lock.
    pub fn save(&self, name: &Name, profile: &Profile) -> Result<(), SavedError> {
        self.lock(name)?.save(profile)
    }

    /// Removes a profile with its secrets; whether there was one. The current profile is none then, if it was this.
    pub fn remove(&self, name: &Name) -> Result<bool, SavedError> {
        self.lock(name)?.remove()
    }

    /// The current profile; none if none was chosen, or what was chosen cannot be read: then the next choice is.
    pub fn current(&self) -> Result<Option<Name>, SavedError> {
        let path = self.folder.join(CURRENT);
        let Some(text) = file::read(&path)? else { return Ok(None) };
        Ok(std::str::from_utf8(&text).ok().and_then(|it| Name::parse(it.trim()).ok()))
    }

    /// Makes a profile the current one.
    pub fn choose(&self, name: &Name) -> Result<(), SavedError> {
        self.get(name)?;
        file::write(&self.folder, CURRENT, format!("{name}\n").as_bytes())
    }

    /// The name of the given profile, or of the current one, or `default`.
    pub fn named_or_current(&self, name: Option<&str>) -> Result<Name, SavedError> {
        match name {
            Some(name) => Name::parse(name),
            None => Ok(self.current()?.unwrap_or_else(|| Name("default".to_owned()))),
        }
    }

    fn file(&self, name: &Name) -> PathBuf {
        self.folder.join(format!("{name}{ENDING}"))
    }
}
