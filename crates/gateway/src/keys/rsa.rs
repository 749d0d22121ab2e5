//! The private operation of RSA (RFC 8017 section 5.1.2) in constant time, for the one padding that our
//! cryptographic library does not offer.
//!
//! Exponentiations are fixed-window Montgomery ladders over all bits of the precision; nothing branches on
//! a secret. A result leaves only after the public operation has led back to its input, so a fault in the
//! arithmetic cannot betray a factor.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, NonZero, Odd, Resize as _};

use crate::der::{OCTET_STRING, Reader};

/// A private key with its primes.
pub struct PrivateKey {
    n: BoxedMontyParams,
    p: BoxedMontyParams,
    q: BoxedMontyParams,
    e: BoxedUint,
    dp: BoxedUint,
    dq: BoxedUint,
    q_inverse: BoxedMontyForm,
    /// The modulus in bytes.
    length: usize,
}

impl PrivateKey {
    /// Reads PKCS#8 (RFC 5958) around an `RSAPrivateKey` (RFC 8017 appendix A.1.2) of two primes.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let mut info = Reader::new(pkcs8).sequence()?;
        info.positive()?;
        info.sequence()?;
        let mut key = Reader::new(info.element(OCTET_STRING)?).sequence()?;
        key.positive()?;
        let n = key.positive()?;
        let e = key.positive()?;
        let _d = key.positive()?;
        let p = key.positive()?;
        let q = key.positive()?;
        let dp = key.positive()?;
        let dq = key.positive()?;
        let q_inverse = key.positive()?;
        let bits = u32::try_from(n.len().checked_mul(8)?).ok()?;
        let half = u32::try_from(p.len().max(q.len()).checked_mul(8)?).ok()?;
        let number = |bytes: &[u8], bits| BoxedUint::from_be_slice(bytes, bits).ok();
        let p = BoxedMontyParams::new(odd(number(p, half)?)?);
        Some(Self {
            n: BoxedMontyParams::new(odd(number(n, bits)?)?),
            q: BoxedMontyParams::new(odd(number(q, half)?)?),
            e: BoxedUint::from_be_slice(e, u32::try_from(e.len() * 8).ok()?).ok()?,
            dp: number(dp, half)?,
            dq: number(dq, half)?,
            q_inverse: BoxedMontyForm::new(number(q_inverse, half)?, &p),
            length: n.len(),
            p,
        })
    }

    /// The length of the modulus and of a signature in bytes.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The private operation on a block of [`Self::length`] bytes; none if it is not below the modulus or if
    /// the result does not hold.
    pub fn apply(&self, block: &[u8]) -> Option<Box<[u8]>> {
        let message = BoxedUint::from_be_slice(block, self.n.bits_precision()).ok()?;
        if message >= *self.n.modulus().as_ref() {
            return None;
        }
        let m1 = power(&message, &self.dp, &self.p)?;
        let m2 = power(&message, &self.dq, &self.q)?.retrieve();
        // Garner: h = (m1 - m2) / q modulo p, and the result is m2 + h q, which is below n.
        let m2_mod_p = BoxedMontyForm::new(reduce(&m2, &self.p)?, &self.p);
        let h = (m1 - &m2_mod_p) * &self.q_inverse;
        let precision = self.n.bits_precision();
        let q = self.q.modulus().as_ref().clone().resize(precision);
        let product = h.retrieve().resize(precision).wrapping_mul(q);
        let result = product.wrapping_add(m2.resize(precision));

        let back = BoxedMontyForm::new(result.clone(), &self.n).pow(&self.e).retrieve();
        let bytes = result.to_be_bytes();
        (back == message && bytes.len() == self.length).then_some(bytes)
    }
}

fn odd(number: BoxedUint) -> Option<Odd<BoxedUint>> {
    Option::from(Odd::new(number))
}

fn reduce(number: &BoxedUint, modulus: &BoxedMontyParams) -> Option<BoxedUint> {
    let divisor: Option<NonZero<BoxedUint>> = Option::from(NonZero::new(modulus.modulus().as_ref().clone()));
    Some(number.rem(&divisor?))
}

fn power(base: &BoxedUint, exponent: &BoxedUint, modulus: &BoxedMontyParams) -> Option<BoxedMontyForm> {
    Some(BoxedMontyForm::new(reduce(base, modulus)?, modulus).pow(exponent))
}
