//! Tenants: the parts of an installation that a provider acts for (Catalyst contract section A.9).

/// One tenant, as it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its number, a UUID in text.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// The name of its organization.
    pub organization: String,
    /// Its subdomain, by which clients find it.
    pub subdomain: String,
}
