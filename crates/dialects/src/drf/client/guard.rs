//! Paths that hand out, show, change or end the proofs of whoever asks. Through a session that many share nobody
//! gets there.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::drf::wire;

/// Longest version of an API in a path, such as `v2`.
const VERSION_MAX: usize = 3;

/// Whether a path is one of them. It is read as servers read it: with its escapes undone, whatever the case, with
/// or without a slash at its end. In doubt it is one.
pub fn is_guarded(verb: &Method, path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = percent_decode_str(path).decode_utf8_lossy().to_ascii_lowercase();
    let mut segments = path.split('/').filter(|it| !it.is_empty() && *it != ".").collect::<Vec<_>>();
    if segments.contains(&"..") {
        return true;
    }
    if segments.first() == Some(&wire::API_ROOT) {
        segments.remove(0);
        if segments.first().is_some_and(|it| wire::COMPONENTS.contains(it)) {
            segments.remove(0);
        }
    }
    match segments.as_slice() {
        [] => false,
        [first, ..] if wire::GUARDED_ROOTS.contains(first) => true,
        [version, rest @ ..] if is_version(version) => is_guarded_endpoint(verb, rest),
        rest => is_guarded_endpoint(verb, rest),
    }
}

fn is_version(segment: &str) -> bool {
    segment.len() <= VERSION_MAX
        && segment
            .strip_prefix('v')
            .is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
}

/// Whether what stands behind the version is one.
fn is_guarded_endpoint(verb: &Method, segments: &[&str]) -> bool {
    let Some((first, below)) = segments.split_first() else { return false };
    if wire::GUARDED_ENDPOINTS.contains(first) {
        return true;
    }
    // The list of tokens of a user or of an application.
    if below.get(1).is_some_and(|it| wire::GUARDED_LISTS.contains(it)) {
        return true;
    }
    match *first {
        // Which user is the one of the session nobody sees in a path: no user is changed, and so no password.
        wire::USERS => !verb.is_safe() && below.len() == 1,
        // The answer to a new application holds its secret.
        wire::APPLICATIONS => !verb.is_safe(),
        wire::ME => !verb.is_safe(),
        _ => false,
    }
}
