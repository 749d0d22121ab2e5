//! The proxies in front of us that are believed by what they sign: `X-Trusted-Proxy`, read (AWX contract section
//! E2).

use std::time::Duration;

use arc_swap::ArcSwapOption;
use http::{HeaderMap, HeaderValue};
use identity::model::secret;
use jiff::Timestamp;

use super::trusted_proxy::NAME;
use crate::keys::PublicKey;

/// Longest value that is read: twenty digits and the signature of a key of 4096 bits.
const VALUE_MAX: usize = 20 + 1 + 1024;

/// The keys of known proxies, and the value that was found good last.
///
/// A verification takes some tenths of a millisecond of a thread that carries traffic. A proxy sends one value
/// with all requests of a moment, so it is verified once.
pub struct ProxyKeys {
    keys: Vec<PublicKey>,
    good: ArcSwapOption<HeaderValue>,
}

impl ProxyKeys {
    /// Believes the owners of these keys.
    pub fn new(keys: Vec<PublicKey>) -> Self {
        Self { keys, good: ArcSwapOption::empty() }
    }

    /// Whether a request carries a signature of this moment by one of the keys. A signature is looked at only if
    /// its time is right: others cost nothing.
    pub fn have_signed(&self, headers: &HeaderMap, now: Timestamp, life: Duration) -> bool {
        let mut fields = headers.get_all(NAME).iter();
        let (Some(field), None) = (fields.next(), fields.next()) else { return false };
        let Some((time, signature)) = parts(field) else { return false };
        if now.as_nanosecond().abs_diff(time) > life.as_nanos() {
            return false;
        }
        // A good value is a secret while it lives: how long a comparison takes must not tell it.
        let is_known =
            self.good.load().as_ref().is_some_and(|good| secret::equal(good.as_bytes(), field.as_bytes()));
        if is_known {
            return true;
        }
        let is_good = decode(signature).is_some_and(|signature| {
            let message = format!("trusted_proxy-{time}");
            self.keys.iter().any(|key| key.verifies(message.as_bytes(), &signature))
        });
        if is_good {
            self.good.store(Some(field.clone().into()));
        }
        is_good
    }
}

/// The time in nanoseconds since the epoch, and the signature in hexadecimal digits.
fn parts(field: &HeaderValue) -> Option<(i128, &str)> {
    let (time, signature) = field.to_str().ok().filter(|it| it.len() <= VALUE_MAX)?.split_once('-')?;
    let is_decimal = !time.is_empty() && time.len() <= 20 && time.bytes().all(|it| it.is_ascii_digit());
    is_decimal.then(|| time.parse().ok().map(|time| (time, signature))).flatten()
}

fn decode(signature: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
    signature
        .as_bytes()
        .chunks(2)
        .map(|pair| if let [high, low] = pair { Some(digit(*high)? << 4 | digit(*low)?) } else { None })
        .collect()
}

#[cfg(test)]
mod tests;
