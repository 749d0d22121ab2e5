//! The scope that a grant gives.

use crate::denial::{Denial, Refusal};
use crate::model::grant::GrantDenial;
use crate::model::scope::Scope;

/// Longest scope that is read, in bytes.
const SCOPE_MAX: usize = 1024;

/// The scope that is asked for; reading and writing if nothing is (contract sections C4 and D3).
pub(super) fn asked(scope: Option<&str>) -> Result<Scope, Refusal> {
    let invalid = || Refusal::from(Denial::Grant(GrantDenial::InvalidScope));
    match scope.map(str::trim).filter(|it| !it.is_empty()) {
        None => Scope::parse("read write").map_err(|_| invalid()),
        Some(text) if text.len() > SCOPE_MAX => Err(invalid()),
        Some(text) => Scope::parse(text).map_err(|_| invalid()),
    }
}
