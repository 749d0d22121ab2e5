//! The house's own rules, checked like any other behaviour: what a reviewer need not look for.

mod documents;
mod floors;
mod rows;
mod shape;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

/// The workspace's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// One text file of the project.
struct Source {
    /// Its path from the root, with forward slashes.
    path: String,
    /// What it says.
    text: String,
}

/// All files below a folder whose names end so, build products left out.
fn sources(below: &str, ending: &str) -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    collect(&root, &root.join(below), ending, &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn collect(root: &Path, folder: &Path, ending: &str, found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() {
            if !matches!(&*name, "target" | ".git" | "portcullis-data" | "__pycache__") {
                collect(root, &path, ending, found);
            }
        } else if name.ends_with(ending)
            && let Ok(text) = fs::read_to_string(&path)
        {
            let path = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            found.push(Source { path, text });
        }
    }
}

/// Fails with all complaints at once, so that one run shows everything there is to mend.
#[track_caller]
fn settle(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}
