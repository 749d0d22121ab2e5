//! The one spelling of a path.

use std::fmt::Write as _;

use http::StatusCode;

use super::{PATH_MAX, Unfit, bad};

/// The canonical spelling of a path (without query), if it differs from the given one.
///
/// Unreserved characters stand for themselves, everything else that was encoded stays so with capital
/// digits, and runs of slashes are one. What somebody behind us could read as another path is refused: dot
/// segments, encoded slashes, backslashes, fragments, control characters and what is not UTF-8, all of them
/// also under a second encoding.
pub fn canonical_path(path: &str) -> Result<Option<String>, Unfit> {
    if path.len() > PATH_MAX {
        return Err(Unfit { status: StatusCode::URI_TOO_LONG, reason: "path too long" });
    }
    let bytes = path.as_bytes();
    if bytes.first() != Some(&b'/') {
        return Err(bad("malformed path"));
    }
    if is_plain(bytes) {
        return Ok(None);
    }
    let canonical = rewrite(bytes)?;
    check_double_encoding(canonical.as_bytes())?;
    for segment in canonical.split('/') {
        // What follows a semicolon is a parameter to some servers, and no part of the name.
        let end = segment.find(';').into_iter().chain(segment.find("%3B")).min().unwrap_or(segment.len());
        if matches!(&segment[..end], "." | "..") {
            return Err(bad("dot segment in path"));
        }
    }
    Ok((canonical != path).then_some(canonical))
}

/// The canonical spelling of a query, if it differs: nothing outside ASCII, nothing that ends it.
pub fn canonical_query(query: &str) -> Result<Option<String>, Unfit> {
    if query.bytes().any(|it| it <= 0x20 || it == 0x7f || it == b'#') {
        return Err(bad("malformed query"));
    }
    if query.is_ascii() {
        return Ok(None);
    }
    let mut canonical = String::with_capacity(query.len() + 16);
    for byte in query.bytes() {
        if byte.is_ascii() { canonical.push(char::from(byte)) } else { push_encoded(&mut canonical, byte) }
    }
    Ok(Some(canonical))
}

/// Whether nothing in a path can have a second spelling.
fn is_plain(bytes: &[u8]) -> bool {
    let mut last = 0;
    bytes.iter().all(|&byte| {
        let is_fine = match byte {
            b'/' | b'.' => last != b'/',
            _ => is_unreserved(byte),
        };
        last = byte;
        is_fine
    })
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn rewrite(bytes: &[u8]) -> Result<String, Unfit> {
    let mut canonical = String::with_capacity(bytes.len() + 16);
    // The bytes that the encoded characters stand for, to see whether they are UTF-8.
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'/' => {
                if !canonical.ends_with('/') {
                    canonical.push('/');
                }
                decoded.push(byte);
            }
            b'%' => {
                let value = hexadecimal(bytes, at).ok_or(bad("malformed encoding in path"))?;
                at += 2;
                if matches!(value, b'/' | b'\\' | b'#' | 0..=0x1f | 0x7f) {
                    return Err(bad("forbidden character in path"));
                }
                if is_unreserved(value) {
                    canonical.push(char::from(value));
                } else {
                    push_encoded(&mut canonical, value);
                }
                decoded.push(value);
            }
            b'\\' | b'#' | b'?' | 0..=0x20 | 0x7f.. => return Err(bad("malformed path")),
            b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                push_encoded(&mut canonical, byte);
                decoded.push(byte);
            }
            _ => {
                canonical.push(char::from(byte));
                decoded.push(byte);
            }
        }
    }
    if std::str::from_utf8(&decoded).is_err() {
        return Err(bad("path is not UTF-8"));
    }
    Ok(canonical)
}

/// Refuses an encoded percent sign that begins another encoding: harmless to us, another path to somebody
/// who decodes twice. Looks at the result, because the digits of the inner encoding can be encoded too.
fn check_double_encoding(canonical: &[u8]) -> Result<(), Unfit> {
    let mut signs = canonical.windows(3).enumerate().filter(|(_, it)| *it == b"%25");
    let is_double = signs.any(|(at, _)| {
        hexadecimal(canonical, at + 3).is_some_and(
            |inner| matches!(inner, b'.' | b'/' | b'\\' | b'%' | b'#' | b';' | 0..=0x1f | 0x7f..),
        )
    });
    if is_double { Err(bad("double encoding in path")) } else { Ok(()) }
}

fn hexadecimal(bytes: &[u8], at: usize) -> Option<u8> {
    let high = char::from(*bytes.get(at)?).to_digit(16)?;
    let low = char::from(*bytes.get(at + 1)?).to_digit(16)?;
    u8::try_from(high << 4 | low).ok()
}

fn push_encoded(text: &mut String, byte: u8) {
    let _ = write!(text, "%{byte:02X}");
}
