//! Authorize: whether a principal's request reaches as far as it asks.

use crate::authority::Authority;
use crate::denial::Denial;
use crate::model::principal::Principal;

impl Authority {
    /// Whether the scope reaches a request that is safe (reads) or not (changes). Holds for our own
    /// endpoints and for forwarded requests alike.
    pub fn authorize(&self, principal: &Principal, is_safe: bool) -> Result<(), Denial> {
        let reaches = if is_safe { principal.scope.allows_read() } else { principal.scope.allows_write() };
        if reaches { Ok(()) } else { Err(Denial::MissingScope) }
    }
}
