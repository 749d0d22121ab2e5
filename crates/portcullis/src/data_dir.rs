//! The data directory: who may touch it, who holds it, and the files with secrets in it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};

/// The data directory of one installation.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

/// The data directory, held by this process alone until this is dropped.
#[derive(Debug)]
pub struct Held(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

/// Largest file with a secret, in bytes.
const SECRET_MAX: u64 = 64 * 1024;

impl DataDir {
    /// Makes the directory if it is not there (mode 0700), and refuses one that others could have written.
    pub fn prepare(path: &Path) -> anyhow::Result<Self> {
        match fs::symlink_metadata(path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(path)
                    .with_context(|| format!("cannot make the data directory {}", path.display()))?;
            }
            Err(error) => bail!("cannot look at the data directory {}: {error}", path.display()),
        }
        Self::existing(path)
    }

    /// An installation that was started before.
    pub fn existing(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let path = match path.canonicalize() {
            Ok(path) => path,
            Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
                "there is no data directory {shown}; name it with --data-dir, or run `portcullis serve` once"
            ),
            Err(error) => bail!("cannot look at the data directory {shown}: {error}"),
        };
        let metadata = fs::metadata(&path).with_context(|| format!("cannot look at {shown}"))?;
        if !metadata.is_dir() {
            bail!("{shown} is not a directory");
        }
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o022 != 0 {
            bail!(
                "the data directory {shown} can be written by other users (mode {mode:04o}), so nothing in it \
                 can be trusted; run: chmod go-w {shown}"
            );
        }
        Ok(Self(path))
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Takes the directory for this process alone. None if another process holds it.
    pub fn try_hold(&self) -> anyhow::Result<Option<Held>> {
        let path = self.file("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Held(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(anyhow!(error).context(format!("cannot lock {}", path.display())))
            }
        }
    }

    /// The content of a file with a secret; none if there is no such file.
    pub fn read_secret(&self, name: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let path = self.file(name);
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => bail!("cannot look at {}: {error}", path.display()),
        };
        if metadata.permissions().mode() & 0o077 != 0 {
            let shown = path.display();
            bail!(
                "{shown} is open to other users; run: chmod 600 {shown}, and consider what they may have read"
            );
        }
        if metadata.len() > SECRET_MAX {
            bail!("{} is larger than {SECRET_MAX} bytes", path.display());
        }
        let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Some(content))
    }

    /// Writes a file with a secret: whole or not at all, durable when this returns, and never open to
    /// anybody else.
    pub fn write_secret(&self, name: &str, content: &[u8]) -> anyhow::Result<()> {
        let path = self.file(name);
        let unfinished = self.file(&format!("{name}.unfinished"));
        let write = || -> io::Result<()> {
            match fs::remove_file(&unfinished) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)?;
            File::open(&self.0)?.sync_all()
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }
}

/// The number of the user that this process runs as, if the system tells.
pub fn own_uid() -> Option<u32> {
    fs::metadata("/proc/self").ok().map(|it| it.uid())
}
