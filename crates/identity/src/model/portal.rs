//! Portals: the parts of Apprenda's platform, each with a rule of its own about who gets in (its contract
//! section 2).

/// A part of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portal {
    /// Platform operations (`soc`).
    Operations,
    /// The developer portal.
    Developer,
    /// The account portal.
    Account,
}
