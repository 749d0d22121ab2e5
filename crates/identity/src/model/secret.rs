//! Secrets: values that are shown once and kept only as digests.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroize;

use crate::port::Random;

/// A value that must not be printed. It is wiped when dropped, and its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a value under guard.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The SHA-256 of a secret of at least 128 random bits; looking one up by it needs no constant time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of one value.
    pub fn of(value: &[u8]) -> Self {
        Self(Sha256::digest(value).into())
    }

    /// The digest of several parts, each with its length, so that no two lists of parts collide.
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// In the form in which AAP and AWX keep tokens: `$sha256$` and 64 hexadecimal digits.
    pub fn to_tagged(self) -> String {
        let mut text = String::with_capacity(72);
        text.push_str("$sha256$");
        for byte in self.0 {
            for nibble in [byte >> 4, byte & 0x0f] {
                text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
        text
    }
}

/// Letters and digits: the alphabet of tokens.
pub const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Small letters and digits: the alphabet of Django's session keys.
pub const LOWERCASE: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// A secret of `length` characters of an alphabet of at most 128 characters, each equally likely.
pub fn generate(random: &dyn Random, alphabet: &[u8], length: usize) -> Secret {
    // Bytes at or above the largest multiple of the alphabet's length are thrown away: no character is
    // likelier than another.
    let bound = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    let mut bytes = [0_u8; 64];
    while text.len() < length {
        random.fill(&mut bytes);
        for byte in bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < bound) {
            if text.len() < length {
                text.push(char::from(alphabet[byte % alphabet.len()]));
            }
        }
    }
    bytes.zeroize();
    Secret(text)
}

/// Compares two values in a time that depends only on their lengths.
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    use subtle::ConstantTimeEq as _;
    left.ct_eq(right).into()
}
