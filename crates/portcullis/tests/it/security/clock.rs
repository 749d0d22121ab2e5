//! A clock that a test turns by hand: the gateway runs under libfaketime, and its time of day stands where
//! the test puts it. What measures spans inside the gateway is left alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::server::new_folder;
use crate::support::{Options, Server, need};

/// The clock of one gateway.
pub struct Clock {
    folder: PathBuf,
}

impl Clock {
    /// A gateway with such a clock, or none (said by name) where libfaketime is missing.
    pub fn start(test: &str, options: Options) -> Option<(Server, Self)> {
        if !need(test, &["faketime"]) {
            return None;
        }
        let clock = Self { folder: new_folder("clock") };
        clock.set(0);
        let environment = [
            ("LD_PRELOAD", library()),
            ("FAKETIME_TIMESTAMP_FILE", clock.file().display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("DONT_FAKE_MONOTONIC", "1".to_owned()),
        ];
        let environment = environment.to_vec();
        Some((Server::start(Options { environment, ..options }), clock))
    }

    /// Puts the gateway's time this many seconds after the real time, or before it.
    pub fn set(&self, seconds: i64) {
        let next = self.folder.join("next");
        fs::write(&next, format!("{seconds:+}\n")).unwrap();
        // Renamed, so that nobody reads half of it.
        fs::rename(&next, self.file()).unwrap();
    }

    fn file(&self) -> PathBuf {
        self.folder.join("offset")
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(Path::new(&self.folder));
    }
}

/// What the tool itself would load into a program.
fn library() -> String {
    let output = Command::new("faketime").args(["-f", "+0", "printenv", "LD_PRELOAD"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
