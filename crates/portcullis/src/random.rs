//! The random source of the operating system, behind identity's port.

use identity::model::object::StableId;
use identity::port::Random;

/// The operating system's generator, as the cryptographic library seeds it.
#[derive(Clone, Copy, Debug)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, buffer: &mut [u8]) {
        // Without randomness every secret could be guessed: there is nothing better to do than to stop.
        assert!(aws_lc_rs::rand::fill(buffer).is_ok(), "the operating system gives no random bytes");
    }
}

/// A fresh UUID (RFC 9562, version 4).
pub fn uuid(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    StableId::from_random(bytes).0
}
