//! `[catalyst]`: what Catalyst Manager's contract tells its clients, and the tenants that providers act for.

mod tenant;

use identity::model::tenant::Tenant;

use super::reader::Section;

/// The keys of this section.
pub const KEYS: &[&str] = &["version", "tenant"];

/// The release that clients see where the file names none: the first that ends sessions with POST.
const VERSION: &str = "20.12.1";
/// Longest release, in characters.
const VERSION_MAX: usize = 64;

/// What Catalyst Manager's contract needs beside its stored settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalyst {
    /// The release that clients see and choose their manners by.
    pub version: String,
    /// The tenants.
    pub tenants: Vec<Tenant>,
}

impl Default for Catalyst {
    fn default() -> Self {
        Self { version: VERSION.to_owned(), tenants: Vec::new() }
    }
}

/// Reads the section.
pub fn read(section: &Section<'_, '_>) -> Catalyst {
    let version = version(section).unwrap_or_else(|| VERSION.to_owned());
    Catalyst { version, tenants: tenant::read_all(section) }
}

fn version(section: &Section<'_, '_>) -> Option<String> {
    let text = section.text("version")?;
    if is_version(&text.value) {
        return Some(text.value);
    }
    section.problem_at(text.line, "version", format!("{:?} is no release such as {VERSION:?}", text.value));
    None
}

/// Whether a text is two to four numbers with dots between them, and perhaps a word behind a hyphen, such as
/// `20.12.0-144-li`: clients compare it number by number.
fn is_version(text: &str) -> bool {
    let (numbers, word) = text.split_once('-').map_or((text, None), |(numbers, word)| (numbers, Some(word)));
    let is_number = |it: &str| (1..=5).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
    let is_word = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
    text.len() <= VERSION_MAX
        && (2..=4).contains(&numbers.split('.').count())
        && numbers.split('.').all(is_number)
        && word.is_none_or(is_word)
}
