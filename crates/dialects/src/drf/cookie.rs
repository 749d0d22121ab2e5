//! Reads the `Cookie` header by one strict rule.
//!
//! The rule: pairs are separated by `;`, spaces and tabs around them do not count; a name is compared
//! byte by byte; of two cookies of one name the first wins; a value is what stands there, quotes
//! included. The old syntax with `$Version` has no meaning: such pairs are cookies of odd names.

use http::HeaderMap;
use http::header::COOKIE;

/// Largest `Cookie` header that is looked at, in bytes, over all its lines.
pub const COOKIES_MAX: usize = 64 * 1024;

/// The value of the first cookie of this name. A value that is not printable ASCII reads as empty, as
/// does every cookie of a header beyond [`COOKIES_MAX`] bytes.
pub fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = || headers.get_all(COOKIE).iter();
    let is_oversized = lines().map(http::HeaderValue::len).sum::<usize>() > COOKIES_MAX;
    for line in lines() {
        for pair in line.as_bytes().split(|byte| *byte == b';') {
            let pair = trim(pair);
            let Some(at) = pair.iter().position(|byte| *byte == b'=') else { continue };
            if &pair[..at] != name.as_bytes() {
                continue;
            }
            let value = &pair[at + 1..];
            let is_readable = !is_oversized && value.iter().all(|byte| (0x21..0x7f).contains(byte));
            return Some(if is_readable {
                String::from_utf8_lossy(value).into_owned()
            } else {
                String::new()
            });
        }
    }
    None
}

fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}
