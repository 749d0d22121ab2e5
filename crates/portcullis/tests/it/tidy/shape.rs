//! Files are short and say what they are; dialects all look alike and know nothing of each other.

use super::{root, settle, sources};

/// Longest file, in lines.
const LINES_MAX: usize = 400;

/// Files that may be longer, each with its reason.
const LONG: &[(&str, &str)] = &[(
    "crates/identity/src/model/setting.rs",
    "one table of all settings of the contract, which would be harder to read in two",
)];

#[test]
fn files_are_short() {
    let mut complaints = Vec::new();
    for source in sources("", ".rs") {
        let lines = source.text.lines().count();
        let is_excused = LONG.iter().any(|(path, _)| *path == source.path);
        if lines > LINES_MAX && !is_excused {
            complaints.push(format!("{} has {lines} lines, more than {LINES_MAX}", source.path));
        }
        if lines <= LINES_MAX && is_excused {
            complaints.push(format!("{} has {lines} lines and needs no exception", source.path));
        }
    }
    settle(&complaints);
}

#[test]
fn files_begin_with_a_sentence() {
    let mut complaints = Vec::new();
    for source in sources("", ".rs") {
        let first = source.text.lines().next().unwrap_or_default();
        if !first.starts_with("//! ") {
            complaints.push(format!("{} does not begin with a `//!` sentence", source.path));
        }
    }
    settle(&complaints);
}

#[test]
fn every_dialect_has_the_same_shape() {
    // AAP and Astra are one platform in two spellings: what they share lies in `platform`.
    let shapes: [(&str, &[&str], &[&str]); 6] = [
        ("aap", &["mod.rs", "tests.rs"], &["transcripts"]),
        ("astra", &["mod.rs", "tests.rs"], &["transcripts"]),
        ("awx", &["mod.rs", "wire.rs", "denial.rs", "client.rs", "tests.rs"], &["server", "transcripts"]),
        ("platform", &["mod.rs", "wire.rs", "denial.rs", "client.rs"], &["server"]),
        ("catalyst", &["mod.rs", "wire.rs", "denial.rs"], &["client", "server", "tests", "transcripts"]),
        ("apprenda", &["mod.rs", "wire.rs", "server.rs", "denial.rs"], &["client", "tests", "transcripts"]),
    ];
    let mut complaints = Vec::new();
    for (dialect, files, folders) in shapes {
        let folder = root().join("crates/dialects/src").join(dialect);
        for file in files {
            if !folder.join(file).is_file() {
                complaints.push(format!("dialects/{dialect} has no {file}"));
            }
        }
        for inner in folders {
            if !folder.join(inner).is_dir() {
                complaints.push(format!("dialects/{dialect} has no folder {inner}"));
            }
        }
    }
    settle(&complaints);
}

#[test]
fn dialects_do_not_import_each_other() {
    let dialects = ["aap", "astra", "awx", "catalyst", "apprenda"];
    let mut complaints = Vec::new();
    for dialect in dialects {
        for source in sources(&format!("crates/dialects/src/{dialect}"), ".rs") {
            for other in dialects.iter().filter(|other| **other != dialect) {
                let imports = [
                    format!("crate::{other}"),
                    format!("super::{other}::"),
                    format!("super::super::{other}"),
                ];
                if imports.iter().any(|import| source.text.contains(import)) {
                    complaints.push(format!("{} imports {other}", source.path));
                }
            }
        }
    }
    for shared in ["drf", "oauth", "platform"] {
        for source in sources(&format!("crates/dialects/src/{shared}"), ".rs") {
            for dialect in dialects {
                if source.text.contains(&format!("crate::{dialect}::")) {
                    complaints.push(format!("{} imports {dialect}", source.path));
                }
            }
        }
    }
    settle(&complaints);
}

#[test]
fn no_denial_is_spelled_by_a_wildcard() {
    let mut complaints = Vec::new();
    for source in
        sources("crates/dialects", ".rs").iter().filter(|source| source.path.ends_with("/denial.rs"))
    {
        let lines: Vec<_> = source.text.lines().collect();
        for (number, line) in
            lines.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with("_ =>"))
        {
            // The arms of the same match stand at the same depth, back to the first line that is less deep.
            let depth = |line: &str| line.len() - line.trim_start().len();
            let block =
                lines[..number].iter().rev().take_while(|it| it.is_empty() || depth(it) >= depth(line));
            if block.into_iter().any(|it| depth(it) == depth(line) && it.contains("Denial::")) {
                complaints.push(format!("{}:{} has a wildcard arm", source.path, number + 1));
            }
        }
    }
    settle(&complaints);
}
