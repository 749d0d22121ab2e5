//! The text of a session token (contract section 3): base64 of two random GUIDs joined by `|`, in three spellings.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use identity::model::object::StableId;
use identity::model::secret::Secret;
use identity::port::Random;
use percent_encoding::percent_decode_str;

/// Characters of a token in its canonical form.
pub const LENGTH: usize = 100;
/// Longest spelling of one that is looked at: each character encoded, and that once more.
const SPELLING_MAX: usize = LENGTH * 5;
/// How often a token may have been encoded: once by us, once more by a client that does not know.
const ENCODINGS_MAX: usize = 2;

/// A new token, in its canonical form: 244 random bits.
pub fn new(random: &dyn Random) -> Secret {
    let pair = Secret::new(format!("{}|{}", guid(random).expose(), guid(random).expose()));
    Secret::new(STANDARD.encode(pair.expose()))
}

/// A random GUID as text (RFC 9562 section 5.4).
fn guid(random: &dyn Random) -> Secret {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    Secret::new(StableId::from_random(bytes).0)
}

/// The canonical form of a token as it was sent: as we issue it, decoded, or encoded once more. None if it cannot be
/// a token of ours.
pub fn canonical(sent: &str) -> Option<Secret> {
    if sent.len() > SPELLING_MAX {
        return None;
    }
    let mut text = Cow::Borrowed(sent);
    for _ in 0..ENCODINGS_MAX {
        if !text.contains('%') {
            break;
        }
        text = Cow::Owned(percent_decode_str(&text).decode_utf8().ok()?.into_owned());
    }
    let (body, end) = text.split_at_checked(LENGTH - 2)?;
    let is_token = end == "==" && body.bytes().all(|it| it.is_ascii_alphanumeric());
    is_token.then(|| Secret::new(text))
}
