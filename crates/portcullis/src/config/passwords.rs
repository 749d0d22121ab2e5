//! `[passwords]`: what a new password hash costs (argon2id, RFC 9106).

use super::reader::Section;

/// The keys of this section.
pub const KEYS: &[&str] = &["memory_kib", "iterations"];

/// The cost of new password hashes. Older hashes are made anew at the next sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passwords {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2 }
    }
}

/// Reads the section.
pub fn read(section: &Section<'_, '_>) -> Passwords {
    let mut passwords = Passwords::default();
    // Eight blocks are the least that the algorithm works with; hashes dearer than the upper limits would
    // not be looked at.
    if let Some(found) = section.integer("memory_kib", 8..=262_144) {
        passwords.memory_kib = u32::try_from(found.value).unwrap_or(u32::MAX);
    }
    if let Some(found) = section.integer("iterations", 1..=32) {
        passwords.iterations = u32::try_from(found.value).unwrap_or(u32::MAX);
    }
    passwords
}
