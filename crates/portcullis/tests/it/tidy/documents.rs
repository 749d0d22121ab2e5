//! The documents tell the truth: what they name exists, and they stay short enough to be read.

use std::path::Path;

use super::{root, settle, sources};

/// Longest ARCHITECTURE.md, in lines.
const ARCHITECTURE_LINES_MAX: usize = 150;

#[test]
fn architecture_is_short_and_its_paths_exist() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut complaints = Vec::new();
    let lines = text.lines().count();
    if lines > ARCHITECTURE_LINES_MAX {
        complaints.push(format!("ARCHITECTURE.md has {lines} lines, more than {ARCHITECTURE_LINES_MAX}"));
    }
    for path in quoted_paths(&text) {
        if !exists(&path) {
            complaints.push(format!("ARCHITECTURE.md names {path}, which does not exist"));
        }
    }
    settle(&complaints);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut complaints = Vec::new();
    for source in sources("", ".md") {
        let folder = root().join(&source.path).parent().unwrap().to_owned();
        for part in source.text.split("](").skip(1) {
            let Some(target) = part.split(')').next() else { continue };
            let target = target.split('#').next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") && !folder.join(target).exists() {
                complaints.push(format!("{} links to {target}, which does not exist", source.path));
            }
        }
    }
    settle(&complaints);
}

#[test]
fn every_test_named_in_the_security_cases_exists() {
    let text = std::fs::read_to_string(root().join("docs/decisions/security-cases.md")).unwrap();
    let tests: String = sources("crates", ".rs").into_iter().map(|source| source.text).collect();
    let mut complaints = Vec::new();
    for word in quoted(&text).filter(|word| word.starts_with("case_")) {
        if !tests.contains(&format!("fn {word}(")) {
            complaints.push(format!("security-cases.md names {word}, which no test is called"));
        }
    }
    for part in tests.split("fn case_").skip(1) {
        let number: String = part.chars().take_while(char::is_ascii_digit).collect();
        if !number.is_empty() && !text.contains(&format!("`case_{number}_")) {
            complaints.push(format!("security-cases.md names no test of case {number}"));
        }
    }
    settle(&complaints);
}

#[test]
fn every_key_of_the_configuration_is_explained() {
    let text = std::fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let mut keys = 0;
    let mut complaints = Vec::new();
    for source in sources("crates/portcullis/src/config", ".rs") {
        let Some((_, list)) = source.text.split_once("pub const KEYS: &[&str] = &[") else { continue };
        for key in list.split(']').next().unwrap_or_default().split('"').skip(1).step_by(2) {
            keys += 1;
            if !quoted(&text).any(|word| word == key || word.ends_with(&format!(".{key}"))) {
                complaints.push(format!("docs/configuration.md does not explain {key} of {}", source.path));
            }
        }
    }
    assert!(keys > 40, "only {keys} keys were found");
    settle(&complaints);
}

/// What stands between backquotes, one line at a time.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// What stands between backquotes and looks like a path of the project.
fn quoted_paths(text: &str) -> Vec<String> {
    quoted(text)
        .filter(|word| !word.contains(char::is_whitespace) && !word.contains('*') && !word.starts_with('/'))
        // A bare name such as `wire.rs` stands for all files of that name.
        .filter(|word| word.contains('/') || Path::new(word).extension().is_some_and(|it| it == "md"))
        .filter(|word| !word.contains("://") && !word.contains('<') && !word.contains('{'))
        .map(str::to_owned)
        .collect()
}

/// Whether a path exists from the root, or from a crate's folder or its sources.
fn exists(path: &str) -> bool {
    let root = root();
    root.join(path).exists() || root.join("crates").join(path).exists() || {
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        root.join("crates").join(name).join("src").join(rest).exists()
    }
}
