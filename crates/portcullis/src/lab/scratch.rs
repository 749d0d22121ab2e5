//! The folder in which a laboratory keeps what it needs while it runs.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::data_dir::DataDir;

/// How many names are tried.
const TRIES_MAX: u32 = 1000;

/// A folder of one laboratory, removed with it.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    data_dir: DataDir,
}

impl Scratch {
    /// Makes a new one, for this user alone.
    pub fn make() -> anyhow::Result<Self> {
        let parent = std::env::temp_dir();
        for number in 0..TRIES_MAX {
            let path = parent.join(format!("portcullis-lab-{}-{number}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => {
                    let data_dir = DataDir::existing(&path)?;
                    return Ok(Self { path, data_dir });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot make the folder {}", path.display()));
                }
            }
        }
        anyhow::bail!("no folder could be made below {}", parent.display())
    }

    /// The folder as the gateway takes it.
    pub fn data_dir(&self) -> &DataDir {
        &self.data_dir
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it with all that is in it.
    pub fn remove(self) {
        drop(self);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, folder = %self.path.display(), "the scratch folder cannot be removed");
        }
    }
}
