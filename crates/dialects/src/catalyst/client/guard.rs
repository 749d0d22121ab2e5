//! What nobody reaches through a session that many share (rules G.11 and G.12), and what is taken out of answers
//! (rule 9 of the contract's section 0).

use bytes::Bytes;
use http::Method;

use super::read;
use crate::bare_path::bare_path;
use crate::catalyst::owned::{is_below, is_login, is_same};
use crate::catalyst::wire::{self, admin, told};

/// What hands out, shows or ends proofs, whatever the method.
const CLOSED: [&str; 6] =
    [wire::LOGOUT, wire::TOKEN, "/jwt", "/apigw", admin::ACTIVE_SESSIONS, admin::REMOVE_SESSIONS];

/// How long sessions live and how passwords must be: to be read and not to be changed.
const FIXED: [&str; 5] = [
    admin::LIFE_TIME,
    admin::SERVER_TIMEOUT,
    admin::CLIENT_TIMEOUT,
    admin::SESSIONS_PER_USER,
    admin::PASSWORD_POLICY,
];

/// Whether a path hands out, shows, changes or ends the proofs of whoever asks.
pub fn is_guarded(verb: &Method, path: &str) -> bool {
    let path = bare_path(path);
    let is_key = path.split('/').any(|it| told::KEYS.contains(&it));
    is_login(&path)
        || is_key
        || CLOSED.iter().any(|it| is_below(it, &path))
        || is_same(admin::TENANT_SESSION, &path)
        || (!verb.is_safe() && (is_account(&path) || FIXED.iter().any(|it| is_below(it, &path))))
}

/// Whether a path is that of one user, or of a password. It may be the one that the session belongs to.
fn is_account(path: &str) -> bool {
    is_below(admin::USERS, path) && !is_same(admin::USERS, path)
}

/// Whether the answer at this path names the XSRF token of the session.
pub fn is_masked(path: &str) -> bool {
    is_same(wire::SERVER, &bare_path(path))
}

/// The body without what belongs to the session: its XSRF token becomes that of whoever asked, what it shows for a
/// tenant nothing. All other bytes stay as they are. What cannot be read and might hold a token is left out.
pub fn mask(body: &[u8], csrf: Option<&str>) -> Bytes {
    let is_plain = ![told::CSRF_TOKEN, told::TENANT_SESSION].iter().any(|it| read::contains(body, it));
    // An escape could hide a key from that search.
    if is_plain && !body.contains(&b'\\') {
        return Bytes::copy_from_slice(body);
    }
    if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err() {
        return Bytes::new();
    }
    Bytes::from(masked(body, csrf.unwrap_or_default()))
}

/// Goes through the texts of JSON that is known to be right.
fn masked(body: &[u8], csrf: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while at < body.len() {
        if body[at] != b'"' {
            out.push(body[at]);
            at += 1;
            continue;
        }
        let end = end_of_text(body, at);
        out.extend_from_slice(&body[at..end]);
        let value = after_colon(body, end);
        let replacement = value.and_then(|_| replacement(&body[at..end], csrf));
        at = end;
        if let (Some(value), Some(text)) = (value, replacement) {
            out.extend_from_slice(&body[end..value]);
            at = end_of_value(body, value);
            // A text can always be written.
            out.extend(serde_json::to_vec(text).unwrap_or_else(|_| b"\"\"".to_vec()));
        }
    }
    out
}

/// What takes the place of a key's value; none if it stays.
fn replacement<'a>(key: &[u8], csrf: &'a str) -> Option<&'a str> {
    let key: String = serde_json::from_slice(key).ok()?;
    if key.eq_ignore_ascii_case(told::CSRF_TOKEN) {
        Some(csrf)
    } else if key.eq_ignore_ascii_case(told::TENANT_SESSION) {
        Some("")
    } else {
        None
    }
}

/// Where the text ends that begins at a quotation mark: behind the other one.
fn end_of_text(body: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < body.len() && body[at] != b'"' {
        at += if body[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(body.len())
}

/// Where the value of a key begins that ends here; none if it was no key.
fn after_colon(body: &[u8], end: usize) -> Option<usize> {
    let colon = skip_spaces(body, end);
    (body.get(colon) == Some(&b':')).then(|| skip_spaces(body, colon + 1))
}

fn skip_spaces(body: &[u8], start: usize) -> usize {
    start + body.get(start..).unwrap_or_default().iter().take_while(|it| it.is_ascii_whitespace()).count()
}

/// Where a value ends: behind the text, or behind all that belongs to an object, a list, a number or a word.
fn end_of_value(body: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while at < body.len() {
        match body[at] {
            b'"' => {
                at = end_of_text(body, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            it if depth == 0 && it.is_ascii_whitespace() => return at,
            _ => {}
        }
        at += 1;
    }
    at
}
