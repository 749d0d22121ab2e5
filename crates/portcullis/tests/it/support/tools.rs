//! Programs that some tests borrow from the machine. A test whose program is missing says so and ends,
//! unless `PORTCULLIS_TEST_REQUIRE=all` makes that a failure.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether all these programs are there. If not, says which test is skipped and why.
///
/// # Panics
/// If one is missing and `PORTCULLIS_TEST_REQUIRE=all`.
pub fn need(test: &str, tools: &[&str]) -> bool {
    for tool in tools {
        if !is_installed(tool) {
            skip(test, &format!("{tool} is not installed"));
            return false;
        }
    }
    true
}

/// The Python that has the library of the real components, if there is one.
///
/// # Panics
/// If there is none and `PORTCULLIS_TEST_REQUIRE=all`.
pub fn component_python(test: &str) -> Option<PathBuf> {
    python_with(test, "ansible_base.jwt_consumer, django, rest_framework, jwt", "django-ansible-base")
}

/// The Python of the tests, if it has these modules; what they belong to is for the reader.
///
/// # Panics
/// If it has not and `PORTCULLIS_TEST_REQUIRE=all`.
pub fn python_with(test: &str, modules: &str, belong_to: &str) -> Option<PathBuf> {
    let place = ("PORTCULLIS_TEST_PYTHON", "venv/bin/python");
    python_that(test, place, &format!("import {modules}"), belong_to)
}

/// The Python that has the clients of Catalyst Manager, if it has this one. It is looked for and not loaded, which
/// takes seconds.
///
/// # Panics
/// If it has not and `PORTCULLIS_TEST_REQUIRE=all`.
pub fn manager_python(test: &str, package: &str, client: &str) -> Option<PathBuf> {
    let place = ("PORTCULLIS_TEST_PYTHON_SDWAN", "venv-sdwan/bin/python");
    let code = format!("import importlib.util as it; raise SystemExit(it.find_spec('{package}') is None)");
    python_that(test, place, &code, client)
}

/// The interpreter that a variable names, or else the one below `target`, if this works there.
fn python_that(test: &str, place: (&str, &str), code: &str, client: &str) -> Option<PathBuf> {
    let python = std::env::var_os(place.0).map_or_else(|| below_target(place.1), PathBuf::from);
    let works = Command::new(&python)
        .args(["-W", "ignore", "-c", code])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !works {
        skip(test, &format!("no Python with {client} is installed (see CONTRIBUTING.md)"));
    }
    works.then_some(python)
}

/// The folder with the modules of Node that tests use, if Node is there and this one is among them.
///
/// # Panics
/// If not and `PORTCULLIS_TEST_REQUIRE=all`.
pub fn node_modules(test: &str, module: &str) -> Option<PathBuf> {
    if !need(test, &["node"]) {
        return None;
    }
    let modules = std::env::var_os("PORTCULLIS_TEST_NODE_MODULES")
        .map_or_else(|| below_target("node/node_modules"), PathBuf::from);
    let is_there = modules.join(module).is_dir();
    if !is_there {
        skip(test, &format!("{module} is not installed for Node (see CONTRIBUTING.md)"));
    }
    is_there.then_some(modules)
}

fn below_target(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").join(path)
}

/// Says that a test is skipped.
///
/// # Panics
/// If `PORTCULLIS_TEST_REQUIRE=all`.
pub fn skip(test: &str, reason: &str) {
    assert!(
        std::env::var("PORTCULLIS_TEST_REQUIRE").as_deref() != Ok("all"),
        "{test} must not be skipped, but {reason}"
    );
    eprintln!("SKIPPED {test}: {reason}");
}

fn is_installed(tool: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(tool).is_file()))
}
