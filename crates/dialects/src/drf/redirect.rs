//! Where a browser may be sent after signing in or out: to a page of ours, nowhere else.

use crate::dialect::Doorway;

/// Longest address that is followed, in bytes: an authorization request with all its parameters fits.
const NEXT_MAX: usize = 8000;

/// The path of a wanted address on this very host, if it is one. Whatever host was named, the answer
/// holds only the path, so no other host can come of it.
pub fn safe(next: &str, doorway: &Doorway) -> Option<String> {
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>".contains(&byte));
    if next.is_empty() || next.len() > NEXT_MAX || !is_plain {
        return None;
    }
    let target = if next.starts_with('/') { next } else { on_this_host(next, doorway)? };
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let is_straight =
        path.starts_with('/') && !path.contains("//") && !path.split('/').any(|it| it == "." || it == "..");
    is_straight.then(|| target.to_owned())
}

/// What follows the host in an absolute address of our own scheme and host.
fn on_this_host<'a>(next: &'a str, doorway: &Doorway) -> Option<&'a str> {
    let (scheme, rest) = next.split_once("://")?;
    let own = if doorway.is_secure { "https" } else { "http" };
    let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(at);
    let is_ours = scheme.eq_ignore_ascii_case(own)
        && !doorway.host.is_empty()
        && host.eq_ignore_ascii_case(&doorway.host);
    is_ours.then_some(if path.is_empty() { "/" } else { path })
}
