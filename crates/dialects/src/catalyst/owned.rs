//! Which paths are the contract's own.

use super::server::admin;
use super::wire;
use crate::dialect::Owned;

/// Own endpoints that are open to everybody (section A.13).
const PUBLIC: [&str; 6] =
    [wire::LOGOUT, wire::WELCOME, wire::LOGIN_PAGE, wire::JWT_LOGIN, wire::JWT_REFRESH, wire::READY];

/// What nobody behind us may answer, with all that is below it: these tell or change who may come in, and the
/// Manager behind us would speak of its own users and of the session that we hold there (rules G.11 and G.12).
const CLOSED: [&str; 7] = [
    "/dataservice/admin/user",
    "/dataservice/admin/usergroup",
    wire::TOKEN,
    wire::SERVER,
    wire::ABOUT,
    "/jwt",
    "/apigw",
];

/// Own endpoints only where no service has them.
const SPARE: [&str; 2] = ["/", wire::CONTROLLERS];

/// How every own path begins, beside those of the login: its first segment, or its second below `/dataservice/`.
const FIRST: [&str; 5] = ["logout", "welcome.html", "login.html", "jwt", "apigw"];
const SECOND: [&str; 4] = ["admin", "client", "settings", "tenant"];

/// Whether a path is the contract's own. Asked of every request, of whatever contract.
///
/// A servlet container reads a path segment by segment, and without what stands behind a semicolon; so does this,
/// or a path that is nobody's here would be an owned one behind us.
pub fn owns(path: &str) -> Owned {
    if is_login(path) {
        Owned::Public
    } else if !may_be_closed(path) {
        if SPARE.contains(&path) { Owned::Spare } else { Owned::No }
    } else if PUBLIC.iter().any(|it| is_same(it, path)) {
        Owned::Public
    } else if CLOSED.iter().any(|it| is_below(it, path)) || admin::PATHS.iter().any(|it| is_same(it, path)) {
        Owned::Yes
    } else {
        Owned::No
    }
}

/// Whether a path can be one that nobody behind us may have, by its beginning: nearly none is.
fn may_be_closed(path: &str) -> bool {
    let is_in = |given: Option<&str>, list: &[&str]| {
        given.is_some_and(|given| list.iter().any(|it| given.eq_ignore_ascii_case(it)))
    };
    let mut given = segments(path);
    let first = given.next();
    if is_in(first, &["dataservice"]) { is_in(given.next(), &SECOND) } else { is_in(first, &FIRST) }
}

/// Whether a path is one of the login (rule 3).
pub fn is_login(path: &str) -> bool {
    segments(path).next_back().is_some_and(|it| it.eq_ignore_ascii_case(&wire::LOGIN[1..]))
}

/// Whether an own path is open to everybody.
pub fn is_public(path: &str) -> bool {
    matches!(owns(path), Owned::Public) || path == "/"
}

/// Whether a path is this one. A segment in braces stands for any. Whoever is behind us might read capital letters
/// as small ones.
pub fn is_same(wanted: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (segments(wanted), segments(path));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if given.eq_ignore_ascii_case(wanted) || wanted.starts_with('{') => {}
            _ => return false,
        }
    }
}

/// Whether a path is this one or below it.
pub fn is_below(top: &str, path: &str) -> bool {
    let mut given = segments(path);
    segments(top).all(|it| given.next().is_some_and(|given| given.eq_ignore_ascii_case(it)))
}

/// The segments of a path as a server behind us may read them, without their parameters.
fn segments(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|it| !it.is_empty() && !it.starts_with(';') && !it.starts_with("%3B")).map(bare)
}

/// A segment up to where it goes on with what none of ours has: what is still encoded in a canonical path is no
/// letter.
fn bare(segment: &str) -> &str {
    let end = segment.bytes().position(|it| it == b';' || it == b'%');
    &segment[..end.unwrap_or(segment.len())]
}

#[cfg(test)]
mod tests {
    use super::{CLOSED, PUBLIC, admin, may_be_closed};

    #[test]
    fn every_own_path_is_known_by_its_beginning() {
        for path in PUBLIC.iter().chain(&CLOSED).chain(admin::PATHS) {
            assert!(may_be_closed(path), "{path} is missing in FIRST or SECOND");
        }
    }
}
