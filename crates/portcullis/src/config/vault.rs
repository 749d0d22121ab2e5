//! `[vault]`: where the key lies under which the gateway seals secrets in its database.

use std::path::PathBuf;

use super::files;
use super::reader::Section;

/// The keys of this section.
pub const KEYS: &[&str] = &["key_file", "key_credential"];

/// Where the key lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Vault {
    /// In the data directory, made at the first start.
    #[default]
    Own,
    /// In this file.
    File(PathBuf),
    /// Among the credentials that the service manager hands over, under this name.
    Credential(String),
}

/// Reads the section.
pub fn read(section: &Section<'_, '_>) -> Vault {
    let (file, credential) = (section.text("key_file"), section.text("key_credential"));
    match (file, credential) {
        (Some(_), Some(text)) => {
            section.problem_at(text.line, "key_credential", "give either this or `key_file`, not both");
            Vault::Own
        }
        (Some(text), None) => {
            let path = section.document.resolve(&text.value);
            if let Err(problem) = files::check_private(&path) {
                section.problem_at(text.line, "key_file", problem);
            }
            Vault::File(path)
        }
        (None, Some(text)) => {
            if !files::is_file_name(&text.value) {
                let problem = format!("{:?} is no name of a credential: write it without a path", text.value);
                section.problem_at(text.line, "key_credential", problem);
            }
            Vault::Credential(text.value)
        }
        (None, None) => Vault::Own,
    }
}
