//! The names on the wire that the whole family shares.

use jiff::SignedDuration;

/// The cookie that carries a CSRF token. Scripts of our pages may read it.
pub const CSRF_COOKIE: &str = "csrftoken";
/// The header that carries a CSRF token, in lower case.
pub const CSRF_HEADER: &str = "x-csrftoken";
/// The same as documents and pages write it.
pub const CSRF_HEADER_SHOWN: &str = "X-CSRFToken";

/// The framework's sentence for who asks too often, and the whole seconds after which to ask again, at least one.
pub fn throttled(after: SignedDuration) -> (String, i64) {
    let seconds = after.as_secs().saturating_add(i64::from(after.subsec_nanos() > 0)).max(1);
    let unit = if seconds == 1 { "second" } else { "seconds" };
    (format!("Request was throttled. Expected available in {seconds} {unit}."), seconds)
}
