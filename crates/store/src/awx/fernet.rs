//! The secrets that AWX has encrypted (AWX contract section F3): a Fernet token with AES-256 for AES-128.

use aws_lc_rs::cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use identity::model::secret::Secret;

/// How AWX marks what it has encrypted; then come words and the token, between `$`.
pub(crate) const MARK: &str = "$encrypted$";

const VERSION: u8 = 0x80;
const TIME_LENGTH: usize = 8;
const IV_LENGTH: usize = 16;
const TAG_LENGTH: usize = 32;
const HEAD_LENGTH: usize = 1 + TIME_LENGTH + IV_LENGTH;
/// Longest encrypted value that is looked at, in bytes.
const VALUE_MAX: usize = 64 * 1024;

/// The `SECRET_KEY` of an AWX installation. Its `Debug` shows nothing.
#[derive(Clone, Debug)]
pub struct SecretKey(Secret);

impl SecretKey {
    /// The key in the text of a file: without the white space around it. None if there is nothing else.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(Secret::new(text)))
    }

    /// What is behind a value of the form `$encrypted$UTF8$AESCBC$…`; none if the key does not fit or the value
    /// was changed.
    pub(crate) fn decrypt(&self, value: &str) -> Option<Secret> {
        if value.len() > VALUE_MAX {
            return None;
        }
        let rest = value.strip_prefix(MARK)?;
        let encoded = rest.strip_prefix("UTF8$").unwrap_or(rest).strip_prefix("AESCBC$")?;
        let token = URL_SAFE.decode(STANDARD.decode(encoded).ok()?).ok()?;
        let clear = self.open(&token)?;
        String::from_utf8(clear).ok().map(Secret::new)
    }

    fn open(&self, token: &[u8]) -> Option<Vec<u8>> {
        if token.len() < HEAD_LENGTH + TAG_LENGTH || token[0] != VERSION {
            return None;
        }
        let mut material = digest::Context::new(&digest::SHA512);
        material.update(self.0.expose().as_bytes());
        material.update(b"value");
        let material = material.finish();
        let (signing, encryption) = material.as_ref().split_at(32);
        let (signed, tag) = token.split_at(token.len() - TAG_LENGTH);
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, signing), signed, tag).ok()?;
        let iv: [u8; IV_LENGTH] = signed[1 + TIME_LENGTH..HEAD_LENGTH].try_into().ok()?;
        let key = UnboundCipherKey::new(&AES_256, encryption).ok()?;
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
        let mut text = signed[HEAD_LENGTH..].to_vec();
        let clear = key.decrypt(&mut text, DecryptionContext::Iv128(iv.into())).ok()?;
        Some(clear.to_vec())
    }
}
