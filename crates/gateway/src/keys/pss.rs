//! The padding EMSA-PSS with SHA-256 and MGF1-SHA-256 (RFC 8017 section 9.1.1), at any length of salt.

use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

/// The longest salt that fits a modulus of so many bytes.
pub fn salt_max(modulus_length: usize) -> usize {
    modulus_length.saturating_sub(SHA256_OUTPUT_LEN + 2)
}

/// The block that a message and a salt of [`salt_max`] bytes are signed as. The modulus must be a whole
/// number of bytes long.
pub fn encode(message: &[u8], salt: &[u8], modulus_length: usize) -> Option<Vec<u8>> {
    let data_length = modulus_length.checked_sub(SHA256_OUTPUT_LEN + 1)?;
    let padding = data_length.checked_sub(salt.len() + 1)?;

    let mut input = vec![0_u8; 8];
    input.extend_from_slice(digest(&SHA256, message).as_ref());
    input.extend_from_slice(salt);
    let hash = digest(&SHA256, &input);

    let mut block = vec![0_u8; padding];
    block.push(0x01);
    block.extend_from_slice(salt);
    mask(&mut block, hash.as_ref());
    // One bit fewer than the modulus, so that the block is below it.
    if let Some(first) = block.first_mut() {
        *first &= 0x7f;
    }
    block.extend_from_slice(hash.as_ref());
    block.push(0xbc);
    Some(block)
}

/// Whether a block, as long as the modulus, is one that this message is signed as with the longest salt
/// (RFC 8017 section 9.1.2). Everything in it is public, so nothing here need take the same time.
pub fn verify(message: &[u8], block: &[u8]) -> bool {
    let Some((data, hash)) = block
        .split_last()
        .filter(|(last, _)| **last == 0xbc)
        .and_then(|(_, rest)| rest.split_at_checked(rest.len().checked_sub(SHA256_OUTPUT_LEN)?))
    else {
        return false;
    };
    let mut data = data.to_vec();
    mask(&mut data, hash);
    // With the longest salt there is no padding before the mark, and the salt is all behind it.
    data.split_first().is_some_and(|(first, salt)| {
        first & 0x7f == 0x01 && encode(message, salt, block.len()).is_some_and(|expected| expected == block)
    })
}

/// MGF1 over SHA-256 (RFC 8017 appendix B.2.1), added to the data.
fn mask(data: &mut [u8], seed: &[u8]) {
    for (counter, chunk) in (0_u32..).zip(data.chunks_mut(SHA256_OUTPUT_LEN)) {
        let mut input = seed.to_vec();
        input.extend_from_slice(&counter.to_be_bytes());
        for (byte, mask) in chunk.iter_mut().zip(digest(&SHA256, &input).as_ref()) {
            *byte ^= mask;
        }
    }
}
