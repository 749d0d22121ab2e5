//! `[awx]`: what the contract of AWX needs beside its stored settings.

use std::path::PathBuf;

use super::files;
use super::reader::Section;

/// The keys of this section.
pub const KEYS: &[&str] = &["prefix", "trusted_proxy_key"];

/// Segments below `/api/` that are somebody's already.
const TAKEN: [&str; 5] = ["v2", "o", "gateway", "login", "logout"];

/// What the contract of AWX needs beside its stored settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Awx {
    /// The segment below `/api/` under which the contract is answered too, such as `controller`.
    pub prefix: Option<String>,
    /// A public key whose signature in `X-Trusted-Proxy` is believed.
    pub trusted_proxy_key: Option<PathBuf>,
}

/// Reads the section.
pub fn read(section: &Section<'_, '_>) -> Awx {
    Awx { prefix: prefix(section), trusted_proxy_key: key(section) }
}

fn prefix(section: &Section<'_, '_>) -> Option<String> {
    let text = section.text("prefix")?;
    let is_segment = (1..=64).contains(&text.value.len())
        && text.value.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'));
    let problem = if !is_segment {
        format!("{:?} is not one segment of a path such as \"controller\"", text.value)
    } else if TAKEN.contains(&text.value.as_str()) {
        format!("/api/{}/ has another meaning already", text.value)
    } else {
        return Some(text.value);
    };
    section.problem_at(text.line, "prefix", problem);
    None
}

fn key(section: &Section<'_, '_>) -> Option<PathBuf> {
    let text = section.text("trusted_proxy_key")?;
    let path = section.document.resolve(&text.value);
    match files::check_pem(&path, "PUBLIC KEY") {
        Ok(()) => Some(path),
        Err(problem) => {
            section.problem_at(text.line, "trusted_proxy_key", problem);
            None
        }
    }
}
