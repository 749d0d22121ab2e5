//! Which paths are the contract's own.

use super::server::TABLES;
use super::wire;
use crate::dialect::Owned;
use crate::drf::endpoint;
use crate::oauth::{self, Flavour};

/// Whether a path is the contract's own. What is below the version and is not served is a service's, if one
/// has it; without one it is answered here, so that the answer is in the contract's words.
pub fn owns(path: &str) -> Owned {
    if path == "/login" || path == "/login/" || oauth::owns(path, &Flavour::AWX) != Owned::No {
        return Owned::Public;
    }
    let Some(rest) = path.strip_prefix("/api") else { return Owned::No };
    let Some(rest) = rest.strip_prefix('/') else {
        return if rest.is_empty() { Owned::Public } else { Owned::No };
    };
    match rest.split('/').next().unwrap_or_default() {
        "" if rest.is_empty() => Owned::Public,
        "login" | "logout" => Owned::Public,
        "v2" => below_version(path),
        _ => Owned::No,
    }
}

fn below_version(path: &str) -> Owned {
    if path.trim_end_matches('/') == wire::V2.trim_end_matches('/') {
        return Owned::Public;
    }
    let found = if path.ends_with('/') {
        endpoint::find(TABLES, path)
    } else {
        endpoint::find(TABLES, &format!("{path}/"))
    };
    match found {
        Some(endpoint) if super::server::is_spare(endpoint) => Owned::Spare,
        Some(endpoint) if endpoint.is_public() => Owned::Public,
        Some(_) => Owned::Yes,
        None => Owned::Spare,
    }
}
