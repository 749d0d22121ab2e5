//! The key by which services know that an identity comes from this gateway.

mod pss;
mod public;
mod rsa;

#[cfg(test)]
pub mod tests;

use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use identity::model::object::StableId;
use identity::model::secret::Digest;
use identity::port::Random;
use identity::{Fault, Origin};

pub use public::PublicKey;

/// The RSA key of identity tokens and of `X-Trusted-Proxy` (contract sections E3, E4). Cheap to clone; its
/// `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    pair: KeyPair,
    private: rsa::PrivateKey,
    public_pem: String,
    service_id: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("service_id", &self.0.service_id).finish_non_exhaustive()
    }
}

impl Keys {
    /// A new key of 2048 bits, as PKCS#8 DER to be kept by the caller where nobody else can read it.
    pub fn generate() -> Result<Vec<u8>, Fault> {
        let fault = |_| Fault::new(Origin::Internal, "cannot make an RSA key");
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(fault)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(fault)?;
        Ok(der.as_ref().to_vec())
    }

    /// Reads what [`Self::generate`] made: PKCS#8 DER of an RSA key of at least 2048 bits.
    pub fn load(pkcs8: &[u8]) -> Result<Self, Fault> {
        let fault = || Fault::new(Origin::Internal, "the signing key is not an RSA key in PKCS#8");
        let pair = KeyPair::from_pkcs8(pkcs8).map_err(|_| fault())?;
        let private = rsa::PrivateKey::from_pkcs8(pkcs8).ok_or_else(fault)?;
        let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| fault())?;
        Ok(Self(Arc::new(Inner {
            public_pem: pem("PUBLIC KEY", spki.as_ref()),
            service_id: service_id(spki.as_ref()),
            private,
            pair,
        })))
    }

    /// The public key: SPKI in PEM.
    pub fn public_pem(&self) -> &str {
        &self.0.public_pem
    }

    /// The name of this gateway among services: a UUID that stays the same as long as the key.
    pub fn service_id(&self) -> &str {
        &self.0.service_id
    }

    /// A compact JWS (RFC 7515 section 3.1) of these claims under RS256. Takes about a millisecond: not for
    /// the threads that carry traffic.
    pub fn sign_jwt(&self, claims: &str) -> Result<String, Fault> {
        self.sign_typed("JWT", claims)
    }

    /// The same with this word for its type (RFC 7515 section 4.1.9).
    pub fn sign_typed(&self, kind: &str, claims: &str) -> Result<String, Fault> {
        let mut text = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"RS256","typ":"{kind}"}}"#));
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut text);
        let mut signature = vec![0; self.0.pair.public_modulus_len()];
        self.0
            .pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| Fault::new(Origin::Internal, "cannot sign an identity token"))?;
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(&signature, &mut text);
        Ok(text)
    }

    /// The value of `X-Trusted-Proxy` for this time, in nanoseconds since the epoch (contract section E4).
    /// Takes some milliseconds: not for the threads that carry traffic.
    pub fn sign_trusted_proxy(&self, nanoseconds: i128, random: &dyn Random) -> Result<String, Fault> {
        let mut salt = vec![0; pss::salt_max(self.0.private.length())];
        random.fill(&mut salt);
        let signature = self
            .sign_pss(format!("trusted_proxy-{nanoseconds}").as_bytes(), &salt)
            .ok_or_else(|| Fault::new(Origin::Internal, "cannot sign the proxy's header"))?;
        let mut text = format!("{nanoseconds}-");
        for byte in signature {
            let _ = write!(text, "{byte:02x}");
        }
        Ok(text)
    }

    fn sign_pss(&self, message: &[u8], salt: &[u8]) -> Option<Box<[u8]>> {
        let key = &self.0.private;
        key.apply(&pss::encode(message, salt, key.length())?)
    }
}

/// A text in PEM (RFC 7468).
fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        text.push_str(std::str::from_utf8(line).unwrap_or_default());
        text.push('\n');
    }
    let _ = writeln!(text, "-----END {label}-----");
    text
}

fn service_id(spki: &[u8]) -> String {
    let digest = Digest::of_parts(&[b"service id", spki]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.0[..16]);
    StableId::from_random(bytes).0
}
