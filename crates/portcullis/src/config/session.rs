//! `[session]`: the housekeeping of sessions. Their overall timeout is a stored setting
//! (`SESSION_COOKIE_AGE`), changed while the gateway runs.

use std::time::Duration;

use super::reader::Section;

/// The keys of this section.
pub const KEYS: &[&str] = &["sweep_interval"];

/// The housekeeping of sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// How often sessions that are over are removed. They are dead before that.
    pub sweep_interval: Duration,
}

impl Default for Session {
    fn default() -> Self {
        Self { sweep_interval: Duration::from_secs(10) }
    }
}

/// Reads the section.
pub fn read(section: &Section<'_, '_>) -> Session {
    let default = Session::default();
    Session { sweep_interval: section.seconds("sweep_interval", 1..=3600).unwrap_or(default.sweep_interval) }
}
