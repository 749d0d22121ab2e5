//! A profile's lock: one process, and one thread in it, reads, decides and writes at a time.

use std::fs::{File, TryLockError};
use std::time::{Duration, Instant};

use super::{CURRENT, ENDING, Name, Place, Profile, Profiles, SavedError, file, keyring, wire};

/// Longest wait. A login or a renewal happens under the lock, and is over within its own timeout.
const WAIT_MAX: Duration = Duration::from_secs(90);
/// How often is looked whether the lock is free.
const PAUSE: Duration = Duration::from_millis(25);

/// The lock of one profile. It is free again when this is dropped, or the process ends.
#[derive(Debug)]
pub struct Lock {
    profiles: Profiles,
    name: Name,
    _file: File,
}

impl Lock {
    pub(super) fn take(profiles: Profiles, name: Name) -> Result<Self, SavedError> {
        Self::take_within(profiles, name, WAIT_MAX)
    }

    pub(super) fn take_within(profiles: Profiles, name: Name, wait: Duration) -> Result<Self, SavedError> {
        let wait = wait.min(WAIT_MAX);
        let lock = format!("{name}.lock");
        let file = file::open_lock(&profiles.folder, &lock)?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { profiles, name, _file: file }),
                Err(TryLockError::WouldBlock) if begun.elapsed() < wait => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(SavedError::Busy(name.0)),
                Err(TryLockError::Error(cause)) => {
                    return Err(SavedError::System { path: profiles.folder.join(lock), cause });
                }
            }
        }
    }

    /// The profile as it is now; none if there is none.
    pub fn find(&self) -> Result<Option<Profile>, SavedError> {
        self.profiles.find(&self.name)
    }

    /// Saves the profile.
    pub fn save(&self, profile: &Profile) -> Result<(), SavedError> {
        let (text, secret) = wire::write(profile)?;
        // What could not be read again would be lost, and with it the way to end the session.
        if text.len() > file::FILE_MAX || secret.as_ref().is_some_and(|it| it.len() > file::FILE_MAX) {
            return Err(SavedError::TooLong(self.name.0.clone()));
        }
        let folder = &self.profiles.folder;
        match (profile.place, secret) {
            // The keyring first: a file that points to nothing would be worse than a secret without a file.
            (Place::Keyring, Some(secret)) => keyring::store(folder, &self.name, &secret)?,
            (Place::Keyring, None) => keyring::forget(folder, &self.name)?,
            (Place::File, _) => self.forget_elsewhere()?,
        }
        file::write(folder, &format!("{}{ENDING}", self.name), &text)
    }

    /// Writes the profile once more as it is, to find out whether it can be written: to be done before something is
    /// won that must not be lost, such as by a renewal. A full disk says no here, and not afterwards.
    pub fn rehearse(&self) -> Result<(), SavedError> {
        match self.find()? {
            Some(profile) => self.save(&profile),
            None => Ok(()),
        }
    }

    /// Removes the profile with its secrets; whether there was one.
    pub fn remove(&self) -> Result<bool, SavedError> {
        let folder = &self.profiles.folder;
        self.forget_elsewhere()?;
        if matches!(self.profiles.current(), Ok(Some(current)) if current == self.name) {
            file::remove(folder, CURRENT)?;
        }
        file::remove(folder, &format!("{}{ENDING}", self.name))
    }

    /// Takes the secret part out of the keyring, if the file says that it is there. A damaged file says nothing,
    /// and does not stand in the way of its own removal.
    fn forget_elsewhere(&self) -> Result<(), SavedError> {
        let path = self.profiles.file(&self.name);
        let Ok(Some(text)) = file::read(&path) else { return Ok(()) };
        match wire::place(&text) {
            Some(Place::Keyring) => keyring::forget(&self.profiles.folder, &self.name),
            Some(Place::File) | None => Ok(()),
        }
    }
}
