//! A clock that a test turns by hand: the gateway's time of day stands where the test puts it. What measures
//! spans inside the gateway is left alone.
//!
//! The usual tool for this, libfaketime, parses its file into shared memory without a lock, and shows a
//! program with several threads the wrong time once in some thousand readings.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::server::new_folder;
use crate::support::{Options, Server, need};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/security/clock.c");

/// The clock of one gateway.
pub struct Clock {
    folder: PathBuf,
    offset: File,
}

impl Clock {
    /// A gateway with such a clock, or none (said by name) where no C compiler is found.
    pub fn start(test: &str, options: Options) -> Option<(Server, Self)> {
        if !need(test, &["cc"]) {
            return None;
        }
        let folder = new_folder("clock");
        let clock = Self { offset: File::create(folder.join("offset")).unwrap(), folder };
        clock.set(0);
        let environment = clock.environment().to_vec();
        Some((Server::start(Options { environment, ..options }), clock))
    }

    /// What makes another program live by this clock.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        [
            ("LD_PRELOAD", library().display().to_string()),
            ("TEST_CLOCK_FILE", self.folder.join("offset").display().to_string()),
        ]
    }

    /// Puts the gateway's time this many seconds after the real time, or before it.
    pub fn set(&self, seconds: i64) {
        self.offset.write_all_at(&seconds.to_ne_bytes(), 0).unwrap();
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What is loaded into the gateway, built once.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clock.so");
        let new = library.with_extension(std::process::id().to_string());
        let mut build = Command::new("cc");
        build.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&new).arg(SOURCE);
        assert!(build.status().unwrap().success(), "the clock does not build");
        // Renamed, so that a second run of the tests never loads half of it.
        fs::rename(&new, &library).unwrap();
        library
    })
}
