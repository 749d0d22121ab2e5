//! The floors: which crate may know which. ARCHITECTURE.md draws them, the manifests must agree.

use super::{root, settle};

/// Each crate, what it may import of ours, and what it must never import of others'.
const FLOORS: &[(&str, &[&str], &[&str])] = &[
    ("identity", &[], &["http", "axum", "tokio", "serde", "serde_json", "sqlx", "reqwest", "hyper"]),
    ("store", &["identity"], &["http", "axum", "hyper", "reqwest"]),
    ("dialects", &["identity"], &["tokio", "hyper", "sqlx", "reqwest"]),
    ("client", &["identity", "dialects"], &["axum", "sqlx"]),
    ("gateway", &["identity", "dialects", "client"], &["sqlx"]),
    ("portcullis", &["identity", "store", "dialects", "client", "gateway"], &["sqlx"]),
];

/// What a crate may know and does not know yet, each with its reason.
const NOT_YET: &[(&str, &str, &str)] = &[];

#[test]
fn the_manifests_keep_to_the_floors() {
    let crates = root().join("crates");
    let ours: Vec<_> = FLOORS.iter().map(|(name, _, _)| *name).collect();
    let mut complaints = Vec::new();
    for entry in std::fs::read_dir(&crates).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !ours.contains(&&*name) {
            complaints.push(format!("crate {name} is on no floor: give it one, and a decision page"));
        }
    }
    for (name, allowed, forbidden) in FLOORS {
        let text = std::fs::read_to_string(crates.join(name).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        let mut dependencies: Vec<_> = tables(&manifest, "dependencies");
        dependencies.append(&mut tables(&manifest, "build-dependencies"));
        for dependency in &dependencies {
            if ours.contains(&&**dependency) && !allowed.contains(&&**dependency) {
                complaints.push(format!("{name} must not know {dependency}"));
            }
            if forbidden.contains(&&**dependency) {
                complaints.push(format!("{name} must not use {dependency}"));
            }
        }
        for wanted in *allowed {
            let is_known = dependencies.iter().any(|it| it == wanted);
            let is_excused = NOT_YET.iter().any(|(it, other, _)| it == name && other == wanted);
            if is_known == is_excused {
                complaints.push(format!("{name} and {wanted}: the table is out of date"));
            }
        }
    }
    settle(&complaints);
}

#[test]
fn every_dependency_is_used() {
    let crates = root().join("crates");
    let mut complaints = Vec::new();
    for (name, _, _) in FLOORS {
        let text = std::fs::read_to_string(crates.join(name).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        for (kind, folders) in [
            ("dependencies", &["src"][..]),
            ("dev-dependencies", &["src", "tests", "benches", "examples"][..]),
        ] {
            let sources: Vec<_> = folders
                .iter()
                .flat_map(|folder| super::sources(&format!("crates/{name}/{folder}"), ".rs"))
                .collect();
            for dependency in tables(&manifest, kind) {
                let word = dependency.replace('-', "_");
                if !sources.iter().any(|source| super::words::has_word(&source.text, &word)) {
                    complaints.push(format!("{name} declares {dependency} in {kind} and does not use it"));
                }
            }
        }
    }
    settle(&complaints);
}

fn tables(manifest: &toml::Table, name: &str) -> Vec<String> {
    manifest
        .get(name)
        .and_then(toml::Value::as_table)
        .map(|table| table.keys().cloned().collect())
        .unwrap_or_default()
}
