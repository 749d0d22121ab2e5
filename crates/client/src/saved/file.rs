//! Files and folders that nobody else can read or change.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::SavedError;

/// Largest file that is read, in bytes.
pub const FILE_MAX: usize = 256 * 1024;

type Outcome<T> = Result<T, SavedError>;

fn failed(path: &Path) -> impl Fn(std::io::Error) -> SavedError {
    |cause| SavedError::System { path: path.to_owned(), cause }
}

/// Makes a folder for its user alone, or finds that it is one.
pub fn make_folder(folder: &Path) -> Outcome<()> {
    match std::fs::symlink_metadata(folder) {
        Ok(found) => return check_folder(folder, &found),
        Err(cause) if cause.kind() == ErrorKind::NotFound => {}
        Err(cause) => return Err(failed(folder)(cause)),
    }
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent).map_err(failed(parent))?;
    }
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Ok(()) => Ok(()),
        // Another process was faster.
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => {
            check_folder(folder, &std::fs::symlink_metadata(folder).map_err(failed(folder))?)
        }
        Err(cause) => Err(failed(folder)(cause)),
    }
}

fn check_folder(folder: &Path, found: &Metadata) -> Outcome<()> {
    if !found.is_dir() {
        return Err(is_unsafe(folder, "is a link or no folder", "remove it, or name another folder"));
    }
    check_owner(folder, found)?;
    if others(found) & 0o077 != 0 {
        let advice = format!("run: chmod 700 '{}'", folder.display());
        return Err(is_unsafe(folder, "can be opened by other users", &advice));
    }
    Ok(())
}

/// The content of a file; none if it is not there. A link, and a file that others can read, are refused.
pub fn read(path: &Path) -> Outcome<Option<Zeroizing<Vec<u8>>>> {
    let Some(file) = open(path, OpenOptions::new().read(true))? else { return Ok(None) };
    let length = file.metadata().map_err(failed(path))?.len();
    if length > FILE_MAX as u64 {
        return Err(SavedError::Damaged { path: path.to_owned(), why: "it is too long" });
    }
    // Room for all of it at once: no copy of a secret is left where the text has grown.
    let mut text = Zeroizing::new(Vec::with_capacity(FILE_MAX + 1));
    file.take(FILE_MAX as u64 + 1).read_to_end(&mut text).map_err(failed(path))?;
    if text.len() > FILE_MAX {
        return Err(SavedError::Damaged { path: path.to_owned(), why: "it is too long" });
    }
    Ok(Some(text))
}

/// Opens a file that is there, and no link, and nobody else's business.
fn open(path: &Path, options: &mut OpenOptions) -> Outcome<Option<File>> {
    let named = match std::fs::symlink_metadata(path) {
        Ok(named) => named,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(failed(path)(cause)),
    };
    if !named.is_file() {
        return Err(is_unsafe(path, "is a link or no file", "remove it and sign in again"));
    }
    let file = match options.open(path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(failed(path)(cause)),
    };
    let opened = file.metadata().map_err(failed(path))?;
    check_owner(path, &opened)?;
    if others(&opened) & 0o077 != 0 {
        let advice = format!(
            "others may have read it: sign out with it and sign in again, or run: chmod 600 '{}'",
            path.display()
        );
        return Err(is_unsafe(path, "can be read or written by other users", &advice));
    }
    Ok(Some(file))
}

/// Opens a file for locking, and makes it first if it is not there. It stays there: a lock on a file that was
/// removed is no lock.
pub fn open_lock(folder: &Path, name: &str) -> Outcome<File> {
    let path = folder.join(name);
    for _ in 0..3 {
        if let Some(file) = open(&path, OpenOptions::new().read(true).write(true))? {
            return Ok(file);
        }
        match create(&path) {
            Ok(file) => return Ok(file),
            Err(SavedError::System { cause, .. }) if cause.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(failed(&path)(ErrorKind::AlreadyExists.into()))
}

fn create(path: &Path) -> Outcome<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(failed(path))
}

/// Replaces a file in a folder at once: after a power cut there is the old one or the new one, and nothing between.
/// Only one writer at a time: the caller holds a lock, or the file is of no weight.
pub fn write(folder: &Path, name: &str, content: &[u8]) -> Outcome<()> {
    let (path, beside) = (folder.join(name), folder.join(format!(".{name}.new")));
    // What somebody who was killed has left.
    match std::fs::remove_file(&beside) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(failed(&beside)(cause)),
        _ => {}
    }
    let mut file = create(&beside)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    let renamed = written.and_then(|()| std::fs::rename(&beside, &path));
    if let Err(cause) = renamed {
        let _ = std::fs::remove_file(&beside);
        return Err(failed(&path)(cause));
    }
    sync_folder(folder)
}

/// Removes a file; whether there was one.
pub fn remove(folder: &Path, name: &str) -> Outcome<bool> {
    let path = folder.join(name);
    match std::fs::remove_file(&path) {
        Ok(()) => sync_folder(folder).map(|()| true),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(false),
        Err(cause) => Err(failed(&path)(cause)),
    }
}

/// A name in a folder is on the disk only when the folder is. Windows has no such call and needs none.
fn sync_folder(folder: &Path) -> Outcome<()> {
    if cfg!(unix) {
        File::open(folder).and_then(|it| it.sync_all()).map_err(failed(folder))?;
    }
    Ok(())
}

fn is_unsafe(path: &Path, why: &'static str, advice: &str) -> SavedError {
    SavedError::Unsafe { path: path.to_owned(), why, advice: advice.to_owned() }
}

/// What others may do, in the bits of a mode. On Windows a user's own folders are closed to others anyway.
#[cfg(unix)]
fn others(found: &Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::mode(found)
}

/// What others may do: not told here.
#[cfg(not(unix))]
fn others(_: &Metadata) -> u32 {
    0
}

/// Whose process this is, where the system shows it as a file's owner.
#[cfg(target_os = "linux")]
fn check_owner(path: &Path, found: &Metadata) -> Outcome<()> {
    use std::os::unix::fs::MetadataExt as _;
    match std::fs::metadata("/proc/self") {
        Ok(own) if own.uid() != found.uid() => {
            let advice = "use a folder of your own, set by PORTCULLIS_STATE_DIR";
            Err(is_unsafe(path, "belongs to another user", advice))
        }
        _ => Ok(()),
    }
}

/// Elsewhere the mode has to be enough.
#[cfg(not(target_os = "linux"))]
fn check_owner(_: &Path, _: &Metadata) -> Outcome<()> {
    Ok(())
}
