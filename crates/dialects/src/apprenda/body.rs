//! The token in a request's body (contract section 1): found in the outermost object, and cut out so that every
//! other byte stays as it was.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use identity::model::secret::Secret;
use serde::de::IgnoredAny;

use super::wire::TOKEN_KEY;

/// What some programs put before UTF-8.
const MARK: &str = "\u{feff}";

/// What a body holds.
#[derive(Debug)]
pub enum Found {
    /// No token; or no JSON, which is the service's to complain about.
    Nothing,
    /// The member more than once.
    Several,
    /// The member once.
    Token {
        /// The token; none for `null`, the empty text if it is no text.
        sent: Option<Secret>,
        /// The body without the member.
        rest: Bytes,
    },
}

/// Looks for the token in a body.
pub fn take(body: &Bytes) -> Found {
    let Ok(text) = std::str::from_utf8(body) else { return Found::Nothing };
    let json = text.strip_prefix(MARK).unwrap_or(text);
    // From here on the text is known to be one JSON value, so that its parts can be told by few marks.
    if serde_json::from_str::<IgnoredAny>(json).is_err() {
        return Found::Nothing;
    }
    let mut scan = Scan { bytes: text.as_bytes(), at: text.len() - json.len() };
    let member = match scan.member(|key| is_token_key(&text[key])) {
        Ok(Some(member)) => member,
        Ok(None) => return Found::Nothing,
        Err(Twice) => return Found::Several,
    };
    let sent = match serde_json::from_str(&text[member.value.clone()]) {
        Ok(serde_json::Value::Null) => None,
        Ok(serde_json::Value::String(sent)) => Some(Secret::new(sent)),
        Ok(_) | Err(_) => Some(Secret::new("")),
    };
    let cut = member.cut();
    let mut rest = BytesMut::with_capacity(body.len() - cut.len());
    rest.extend_from_slice(&body[..cut.start]);
    rest.extend_from_slice(&body[cut.end..]);
    Found::Token { sent, rest: rest.freeze() }
}

/// Whether a key, between its quotes and with its escapes, is the token's.
fn is_token_key(key: &str) -> bool {
    serde_json::from_str::<String>(key).is_ok_and(|it| it.eq_ignore_ascii_case(TOKEN_KEY))
}

/// A member of the outermost object: where its parts are.
struct Member {
    key: Range<usize>,
    value: Range<usize>,
    comma_before: Option<usize>,
    comma_after: Option<usize>,
}

impl Member {
    /// What goes with the member, so that an object is left: one comma, if there is one.
    fn cut(&self) -> Range<usize> {
        match (self.comma_after, self.comma_before) {
            (Some(after), _) => self.key.start..after + 1,
            (None, Some(before)) => before..self.value.end,
            (None, None) => self.key.start..self.value.end,
        }
    }
}

/// There is a second one.
struct Twice;

/// A walk over text that is known to be JSON.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    /// The one member, of the object that the text is, whose key is wanted; none if the text is no object.
    fn member(&mut self, is_wanted: impl Fn(Range<usize>) -> bool) -> Result<Option<Member>, Twice> {
        let mut found = None;
        self.skip_space();
        if self.peek() != Some(b'{') {
            return Ok(None);
        }
        self.at += 1;
        self.skip_space();
        let mut comma_before = None;
        while self.peek() == Some(b'"') {
            let key = self.value();
            self.skip_space();
            // The colon.
            self.at += 1;
            self.skip_space();
            let value = self.value();
            self.skip_space();
            let comma_after = (self.peek() == Some(b',')).then_some(self.at);
            if is_wanted(key.clone())
                && found.replace(Member { key, value, comma_before, comma_after }).is_some()
            {
                return Err(Twice);
            }
            if comma_after.is_none() {
                break;
            }
            comma_before = comma_after;
            self.at += 1;
            self.skip_space();
        }
        Ok(found)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|it| matches!(it, b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Goes past one value, whatever it holds.
    fn value(&mut self) -> Range<usize> {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.skip_text(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth > 0 => self.at += 1,
                // What ends a number or a word belongs to who holds the value.
                b',' | b':' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r' => break,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            if depth == 0 {
                break;
            }
        }
        start..self.at
    }

    /// Goes past a text in quotes.
    fn skip_text(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
    }
}
