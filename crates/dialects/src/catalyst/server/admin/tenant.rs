//! Tenants (contract section A.9): which a provider may act for, and what it sends to do so.

use http::StatusCode;

use super::super::answer;
use super::call::{Call, Outcome, wrong};
use crate::catalyst::proof::tenant_session;
use crate::catalyst::wire::admin as wire;

/// The tenants, for providers. An installation without tenants has none to show, and says so to everybody.
pub(super) async fn list(call: &Call<'_>) -> Outcome {
    let tenants = call.authority().list_tenants(call.principal())?;
    let shown: Vec<wire::Tenant<'_>> = tenants
        .iter()
        .map(|it| wire::Tenant {
            id: &it.id,
            name: &it.name,
            description: &it.description,
            organization: &it.organization,
            subdomain: &it.subdomain,
        })
        .collect();
    Ok(call.data(&shown))
}

/// What a provider sends from now on to act for a tenant. Nothing is begun by asking.
pub(super) async fn enter(call: &Call<'_>) -> Outcome {
    let wanted = call.name();
    let tenants = call.authority().list_tenants(call.principal())?;
    if let Some(tenant) = tenants.iter().find(|it| it.id == wanted) {
        return Ok(answer::plain(&wire::TenantSession { value: tenant_session(&tenant.id) }));
    }
    let details = format!("No tenant with id {wanted} was found");
    Err(wrong(StatusCode::NOT_FOUND, "Tenant not found", &details, wire::NO_TENANT))
}
