//! PKCE: whoever ends an authorization proves to be the one who began it (RFC 7636). Only `S256`.

use sha2::{Digest as _, Sha256};

use super::secret::equal;

/// A code challenge of method `S256`: 43 characters of base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge(String);

impl Challenge {
    /// Takes a challenge as a request has it; none if it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let is_base64url = text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_');
        (text.len() == 43 && is_base64url).then(|| Self(text.to_owned()))
    }

    /// Whether this verifier is the one that the challenge was made of. One that is shorter than 43 or longer
    /// than 128 characters, or has others than RFC 7636 section 4.1 allows, is none.
    pub fn is_met_by(&self, verifier: &str) -> bool {
        let is_fit = (43..=128).contains(&verifier.len())
            && verifier
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.' | b'_' | b'~'));
        is_fit && equal(base64url(&Sha256::digest(verifier.as_bytes())).as_bytes(), self.0.as_bytes())
    }

    /// The challenge as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}
