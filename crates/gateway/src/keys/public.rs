//! The public half of RSA keys, to verify the one padding that our cryptographic library does not offer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use identity::{Fault, Origin};

use super::pss;
use crate::der::{BIT_STRING, Reader};

/// Longest modulus in bytes: 4096 bits, so that nobody can make a verification last.
const MODULUS_MAX: usize = 512;
/// Shortest modulus in bytes.
const MODULUS_MIN: usize = 256;
/// Longest public exponent in bytes.
const EXPONENT_MAX: usize = 4;

/// A public key. Verifying with it takes some tenths of a millisecond.
pub struct PublicKey {
    n: BoxedMontyParams,
    e: BoxedUint,
    /// The modulus in bytes.
    length: usize,
}

impl PublicKey {
    /// Reads SPKI in PEM (RFC 5280 section 4.1.2.7, RFC 7468) of an RSA key of 2048 to 4096 bits.
    pub fn from_pem(pem: &str) -> Result<Self, Fault> {
        Self::read(pem).ok_or_else(|| Fault::new(Origin::Internal, "a public key is not an RSA key in PEM"))
    }

    fn read(pem: &str) -> Option<Self> {
        let (_, rest) = pem.split_once("-----BEGIN PUBLIC KEY-----")?;
        let (body, _) = rest.split_once("-----END PUBLIC KEY-----")?;
        let body: String = body.split_ascii_whitespace().collect();
        let der = STANDARD.decode(body).ok()?;
        let mut spki = Reader::new(&der).sequence()?;
        spki.sequence()?;
        // The first byte says how many bits of the last one do not count.
        let key = spki.element(BIT_STRING)?.strip_prefix(&[0])?;
        let mut key = Reader::new(key).sequence()?;
        let (n, e) = (key.positive()?, key.positive()?);
        // A whole number of bytes, as the padding expects it.
        let is_whole = n.first().is_some_and(|it| it & 0x80 != 0);
        if !is_whole || !(MODULUS_MIN..=MODULUS_MAX).contains(&n.len()) || e.len() > EXPONENT_MAX {
            return None;
        }
        let modulus = BoxedUint::from_be_slice(n, u32::try_from(n.len() * 8).ok()?).ok()?;
        let modulus: Option<Odd<BoxedUint>> = Option::from(Odd::new(modulus));
        Some(Self {
            n: BoxedMontyParams::new(modulus?),
            e: BoxedUint::from_be_slice(e, u32::try_from(e.len() * 8).ok()?).ok()?,
            length: n.len(),
        })
    }

    /// Whether this is the signature of a message under RSASSA-PSS with SHA-256, MGF1-SHA-256 and the longest
    /// salt (RFC 8017 section 8.1.2).
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        if signature.len() != self.length {
            return false;
        }
        let Ok(number) = BoxedUint::from_be_slice(signature, self.n.bits_precision()) else { return false };
        if number >= *self.n.modulus().as_ref() {
            return false;
        }
        let block = BoxedMontyForm::new(number, &self.n).pow(&self.e).retrieve().to_be_bytes();
        pss::verify(message, &block)
    }
}
