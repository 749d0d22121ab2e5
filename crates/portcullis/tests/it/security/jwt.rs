//! Reads the assertion out of what the echo component answers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The claims of the first JWT in a text.
///
/// # Panics
/// If there is none.
pub fn claims_in(text: &str) -> Value {
    let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    let token = text
        .split(|it: char| !is_part(it))
        .find(|word| word.starts_with("eyJ") && word.matches('.').count() == 2)
        .unwrap_or_else(|| panic!("no assertion in {text}"));
    claims(token)
}

/// The claims of a JWT.
///
/// # Panics
/// If it is none.
pub fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
