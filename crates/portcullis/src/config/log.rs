//! `[log]`: what is told to the operator, and where.

use std::path::PathBuf;

use super::reader::Section;

/// The keys of this section.
pub const KEYS: &[&str] = &["format", "level", "audit", "access"];

/// What is told to the operator, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The form of the program's own log, which goes to standard error.
    pub format: Format,
    /// The least serious lines in it.
    pub level: Level,
    /// Where audit events go.
    pub audit: Audit,
    /// Whether each request gets a line in the program's log.
    pub access: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: Format::Text, level: Level::Info, audit: Audit::DataDirectory, access: false }
    }
}

/// The form of the program's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// How serious a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something broke.
    Error,
    /// Something should be looked at.
    Warn,
    /// Something worth knowing happened.
    Info,
    /// For somebody who looks for a cause.
    Debug,
    /// Everything of our own code; libraries stay at `warn`, because they would print secrets.
    Trace,
}

/// Where audit events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audit {
    /// `audit.jsonl` in the data directory.
    DataDirectory,
    /// This file.
    File(PathBuf),
    /// Standard output.
    Stdout,
}

const FORMATS: [(&str, Format); 2] = [("json", Format::Json), ("text", Format::Text)];
const LEVELS: [(&str, Level); 5] = [
    ("error", Level::Error),
    ("warn", Level::Warn),
    ("info", Level::Info),
    ("debug", Level::Debug),
    ("trace", Level::Trace),
];

/// Reads the section.
pub fn read(section: &Section<'_, '_>) -> Log {
    let default = Log::default();
    Log {
        format: section.choice("format", &FORMATS).unwrap_or(default.format),
        level: section.choice("level", &LEVELS).unwrap_or(default.level),
        audit: audit(section).unwrap_or(default.audit),
        access: section.boolean("access").unwrap_or(default.access),
    }
}

fn audit(section: &Section<'_, '_>) -> Option<Audit> {
    let text = section.text("audit")?;
    if text.value == "stdout" {
        return Some(Audit::Stdout);
    }
    let path = section.document.resolve(&text.value);
    let has_folder = path.parent().is_some_and(std::path::Path::is_dir);
    if path.is_dir() {
        section.problem_at(text.line, "audit", format!("{} is a directory", path.display()));
    } else if text.value.is_empty() || !has_folder {
        section.problem_at(
            text.line,
            "audit",
            format!("there is no directory for the file {}", path.display()),
        );
    }
    Some(Audit::File(path))
}
