//! Names and shapes of the administrators' endpoints: users, groups, sessions, settings, tenants.

/// The group of administrators.
pub const NETADMIN: &str = "netadmin";
/// The group of those who may read everything.
pub const OPERATOR: &str = "operator";
/// The group that gives nothing special.
pub const BASIC: &str = "basic";
/// The organization whose teams are the other groups.
pub const ORGANIZATION: &str = "Default";
