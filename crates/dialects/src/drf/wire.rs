//! The names on the wire that the whole family shares.

/// The cookie that carries a CSRF token. Scripts of our pages may read it.
pub const CSRF_COOKIE: &str = "csrftoken";
/// The header that carries a CSRF token, in lower case.
pub const CSRF_HEADER: &str = "x-csrftoken";
/// The same as documents and pages write it.
pub const CSRF_HEADER_SHOWN: &str = "X-CSRFToken";
