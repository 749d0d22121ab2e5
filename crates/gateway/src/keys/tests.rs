//! Keys: what we sign, others verify.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Keys, PublicKey, pss, rsa};

/// A key made once for these tests; it guards nothing.
const KEY: &str = include_str!("tests/key.hex");
/// A signature over [`MESSAGE`] with a salt of 222 bytes `0x5a`, verified by Python's `cryptography` with
/// `PSS(MGF1(SHA256), PSS.MAX_LENGTH)`.
const SIGNATURE: &str = include_str!("tests/signature.hex");
const MESSAGE: &[u8] = b"trusted_proxy-1790000000000000000";

struct Fixed;

impl identity::port::Random for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0x5a);
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let text = text.trim();
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}

pub fn keys() -> Keys {
    Keys::load(&unhex(KEY)).unwrap()
}

#[test]
fn a_signature_with_the_longest_salt_is_the_one_that_python_accepts() {
    let signature = keys().sign_pss(MESSAGE, &[0x5a; 222]).unwrap();
    assert_eq!(signature.to_vec(), unhex(SIGNATURE));
}

#[test]
fn the_proxy_header_is_the_time_and_a_hexadecimal_signature() {
    let value = keys().sign_trusted_proxy(1_790_000_000_000_000_000, &Fixed).unwrap();
    let (time, signature) = value.split_once('-').unwrap();
    assert_eq!(time, "1790000000000000000");
    assert_eq!(signature, SIGNATURE.trim());
}

#[test]
fn the_longest_salt_of_2048_bits_is_222_bytes() {
    assert_eq!(pss::salt_max(256), 222);
    let block = pss::encode(MESSAGE, &[1; 222], 256).unwrap();
    assert_eq!((block.len(), block[0] & 0x80, block[255]), (256, 0, 0xbc));
    assert!(pss::encode(MESSAGE, &[1; 223], 256).is_none());
}

#[test]
fn a_block_that_is_not_below_the_modulus_is_refused() {
    let key = rsa::PrivateKey::from_pkcs8(&unhex(KEY)).unwrap();
    assert!(key.apply(&[0xff; 256]).is_none());
    assert!(key.apply(&[0xff; 257]).is_none());
    assert_eq!(key.apply(&[0]).unwrap().to_vec(), vec![0; 256]);
}

#[test]
fn a_signature_verifies_under_the_public_key_and_no_other_does() {
    let public = PublicKey::from_pem(keys().public_pem()).unwrap();
    let signature = unhex(SIGNATURE);
    assert!(public.verifies(MESSAGE, &signature));
    assert!(!public.verifies(b"trusted_proxy-1790000000000000001", &signature));
    for at in [0, 100, 255] {
        let mut broken = signature.clone();
        broken[at] ^= 1;
        assert!(!public.verifies(MESSAGE, &broken), "{at}");
    }
    for odd in [&signature[1..], &[], &[0; 256], &[0xff; 256]] {
        assert!(!public.verifies(MESSAGE, odd));
    }
    // A shorter salt is another signature: components sign with the longest.
    let short = keys().sign_pss(MESSAGE, &[0x5a; 32]).unwrap();
    assert!(!public.verifies(MESSAGE, &short));
    let other = Keys::load(&Keys::generate().unwrap()).unwrap();
    assert!(!PublicKey::from_pem(other.public_pem()).unwrap().verifies(MESSAGE, &signature));
}

#[test]
fn what_is_no_public_key_is_refused() {
    let pem = keys().public_pem().to_owned();
    for text in [
        String::new(),
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----".to_owned(),
        pem.replace("PUBLIC KEY", "CERTIFICATE"),
        pem.replacen("MII", "AAA", 1),
    ] {
        assert!(PublicKey::from_pem(&text).is_err(), "{text}");
    }
    assert!(PublicKey::from_pem(&format!("a comment\n{pem}")).is_ok());
}

#[test]
fn a_token_verifies_under_the_public_key() {
    let keys = keys();
    let token = keys.sign_jwt(r#"{"sub":"1"}"#).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let spki: Vec<u8> = {
        let body: String = keys.public_pem().lines().filter(|line| !line.starts_with("-----")).collect();
        base64::engine::general_purpose::STANDARD.decode(body).unwrap()
    };
    assert!(keys.public_pem().starts_with("-----BEGIN PUBLIC KEY-----\n"));
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki).verify(signed.as_bytes(), &signature).unwrap();
    let head = URL_SAFE_NO_PAD.decode(signed.split('.').next().unwrap()).unwrap();
    assert_eq!(head, br#"{"alg":"RS256","typ":"JWT"}"#);
}

#[test]
fn a_generated_key_loads_and_names_its_service() {
    let keys = Keys::load(&Keys::generate().unwrap()).unwrap();
    assert_eq!(keys.service_id().len(), 36);
    assert!(!format!("{keys:?}").contains("BEGIN"));
}

#[test]
fn what_is_no_key_is_refused() {
    assert!(Keys::load(b"").is_err());
    assert!(Keys::load(&unhex(KEY)[..600]).is_err());
}
