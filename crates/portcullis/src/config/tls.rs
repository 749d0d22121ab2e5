//! `[tls]`: the certificate of the https addresses. Without it one is made and signed by itself.

use std::path::PathBuf;

use gateway::config::Certificate;

use super::files;
use super::reader::Section;

/// The keys of this section.
pub const KEYS: &[&str] = &["certificate", "key"];

/// Reads the section. None means the certificate that the gateway makes for itself.
pub fn read(section: &Section<'_, '_>) -> Option<Certificate> {
    let chain = path(section, "certificate");
    let key = path(section, "key");
    match (section.has("certificate"), section.has("key")) {
        (true, false) => section.problem("key", "missing: a certificate needs its private key"),
        (false, true) => section.problem("certificate", "missing: a private key needs its certificate"),
        _ => {}
    }
    Some(Certificate { chain: chain?, key: key? })
}

fn path(section: &Section<'_, '_>, key: &str) -> Option<PathBuf> {
    let text = section.text(key)?;
    let path = section.document.resolve(&text.value);
    let checked =
        if key == "key" { files::check_secret(&path) } else { files::check_pem(&path, "CERTIFICATE") };
    match checked {
        Ok(()) => Some(path),
        Err(problem) => {
            section.problem_at(text.line, key, problem);
            None
        }
    }
}
