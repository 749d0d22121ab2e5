//! Proofs: what one request carries to show who asks.

use super::csrf::Evidence;
use super::pace::Load;
use super::portal::Portal;
use super::principal::Charter;
use super::secret::Secret;
use super::session::SessionKind;
use crate::denial::Malformed;

/// One proof: the same noun in both directions. A server half reads it from a request, a client half
/// writes it onto one.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A name and its password (RFC 7617).
    Password {
        /// The claimed name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// An access token (RFC 6750).
    Bearer(Secret),
    /// A session's secret, and the value that shows that a request is no forgery.
    Session {
        /// The session's secret.
        secret: Secret,
        /// The CSRF token that belongs to it, if the contract has one.
        csrf: Option<Secret>,
    },
}

/// All that a request presents, in the reading of one dialect. What is absent is `None`; what is there
/// but cannot be read is `malformed`.
#[derive(Clone, Debug, Default)]
pub struct Presented {
    /// A bearer token.
    pub bearer: Option<Secret>,
    /// A name and a password.
    pub basic: Option<(String, Secret)>,
    /// The secret of a session, and its kind.
    pub session: Option<(SessionKind, Secret)>,
    /// What looked like a proof and could not be read. It refuses the request, whatever else is there.
    pub malformed: Option<Malformed>,
    /// What the request shows of where it comes from. Looked at only for session proofs.
    pub evidence: Evidence,
    /// Whether the method changes nothing (RFC 9110 section 9.2.1).
    pub is_safe: bool,
    /// Whether the request does not count as use of its session (AWX contract section B4).
    pub is_quiet: bool,
    /// Whose rules about objects it asks to be judged by.
    pub charter: Charter,
    /// How heavy the request is, where a contract limits how many there may be.
    pub load: Load,
    /// The portal that it goes to, where a contract has portals.
    pub portal: Option<Portal>,
    /// The number of the tenant that it claims to act for, where a contract has tenants.
    pub tenant: Option<String>,
}

impl Presented {
    /// Whether the request presents nothing at all.
    pub fn is_empty(&self) -> bool {
        self.bearer.is_none() && self.basic.is_none() && self.session.is_none() && self.malformed.is_none()
    }
}
