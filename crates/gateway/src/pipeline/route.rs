//! Whose a path is: a contract's own, a service's, or what a contract has to spare.

use std::sync::Arc;

use dialects::Owned;

use super::Own;
use crate::admin;
use crate::server::Shared;
use crate::service::{Entry, Table};

/// The contract that is also answered behind a prefix.
const PREFIXED: &str = "awx";

/// Who answers a request.
pub enum Way<'a> {
    /// Our own API.
    Admin,
    /// A dialect itself.
    Own(&'a Own),
    /// A dialect itself, at this path: what stood before it was taken off.
    Prefixed(&'a Own, String),
    /// A service.
    Service(Arc<Entry>),
    /// Nobody.
    Nowhere,
}

impl std::fmt::Debug for Way<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Admin => f.write_str("admin"),
            Self::Own((dialect, _)) => write!(f, "own {}", dialect.name()),
            Self::Prefixed((dialect, _), path) => write!(f, "own {} {path}", dialect.name()),
            Self::Service(entry) => write!(f, "service {}", entry.service.name),
            Self::Nowhere => f.write_str("nowhere"),
        }
    }
}

/// Finds who answers a canonical path at a host. Our own API goes before all, then what a dialect has to itself, then
/// the services; what is left may be behind the prefix, or one of the endpoints that stand in for a service.
pub fn find<'a>(shared: &'a Shared, table: &Table, host: &str, path: &str) -> Way<'a> {
    if admin::owns(path) {
        return Way::Admin;
    }
    let mut spare = None;
    for own in &shared.own {
        match own.0.owns(path) {
            Owned::Yes | Owned::Public => return Way::Own(own),
            Owned::Spare => spare = spare.or(Some(own)),
            Owned::No => {}
        }
    }
    if let Some(entry) = table.find(host, path) {
        return Way::Service(Arc::clone(entry));
    }
    if let Some(own) = spare {
        return Way::Own(own);
    }
    let prefixed = shared.prefix.and_then(|prefix| without(prefix, path)).and_then(|path| {
        let is_owner = |it: &&Own| it.0.name() == PREFIXED && it.0.owns(&path) != Owned::No;
        shared.own.iter().find(is_owner).map(|own| (own, path))
    });
    prefixed.map_or(Way::Nowhere, |(own, path)| Way::Prefixed(own, path))
}

/// The path with `/api` in the place of a prefix such as `/api/controller`, if it begins with that.
fn without(prefix: &str, path: &str) -> Option<String> {
    let rest = path.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| format!("/api{rest}"))
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn a_prefix_is_whole_segments() {
        let without = |path| without("/api/controller", path);
        assert_eq!(without("/api/controller/v2/me/").as_deref(), Some("/api/v2/me/"));
        assert_eq!(without("/api/controller/").as_deref(), Some("/api/"));
        assert_eq!(without("/api/controller").as_deref(), Some("/api"));
        assert_eq!(without("/api/controllers/v2/"), None);
        assert_eq!(without("/api/v2/"), None);
    }
}
