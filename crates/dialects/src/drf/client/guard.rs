//! Paths that hand out, show, change or end the proofs of whoever asks. Through a session that many share nobody
//! gets there.

use http::Method;

use crate::bare_path::bare_path;
use crate::drf::wire;

/// Longest version of an API in a path, such as `v2`.
const VERSION_MAX: usize = 3;

/// Whether a path is one of them, in whatever way it is written.
pub fn is_guarded(verb: &Method, path: &str) -> bool {
    let path = bare_path(path);
    let mut segments = path.split('/').filter(|it| !it.is_empty()).collect::<Vec<_>>();
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
        _ => false,
    }
}
