//! What clients ask for right after a login: the XSRF token, who they are, what the server is (contract sections
//! A.2 and A.6).

use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use identity::model::principal::Evidence;
use identity::model::secret::Digest;

use super::answer;
use super::group::groups_of;
use super::visit::Visit;
use crate::catalyst::proof::tenant_session;
use crate::catalyst::wire;
use crate::door::Door;
use crate::drf::form::Form;
use crate::drf::respond;

/// The token as text, or as JSON for who asks so.
pub async fn token(Extracted(door): Extracted<Door>, parts: Parts) -> Response {
    let visit = match Visit::new(&door, &parts).await {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let token = xsrf_token(&visit);
    let query = Form::urlencoded(parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    if query.one("json").ok().flatten() == Some("true") {
        return answer::plain(&wire::TokenAnswer { token: &token });
    }
    respond::with_body(StatusCode::OK, "text/plain;charset=UTF-8", token.into_bytes())
}

/// The token that belongs to what the request shows. Nothing asks for that of a key, but the contract has one.
fn xsrf_token(visit: &Visit<'_>) -> String {
    match (&visit.principal.evidence, &visit.arrival.presented.bearer) {
        (Evidence::Session(session), _) => visit.authority().session_token(session),
        (_, Some(bearer)) => visit.authority().csrf_key.bearer_token(&Digest::of(bearer.expose().as_bytes())),
        (Evidence::Token(_) | Evidence::Password | Evidence::Operator, None) => String::new(),
    }
}

/// Who asks, and what the server is.
pub async fn server(Extracted(door): Extracted<Door>, parts: Parts) -> Response {
    let visit = match Visit::new(&door, &parts).await {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let (authority, principal) = (visit.authority(), &visit.principal);
    let platform = &authority.world.platform;
    let has_tenants = !authority.tenants.is_empty();
    let is_provider = has_tenants && principal.is_superuser();
    let acts_as_provider = is_provider && principal.tenant.is_none();
    let tenant = principal.tenant.as_deref().unwrap_or(wire::TENANT_DEFAULT);
    let mode = |is_provider| if is_provider { "provider" } else { "tenant" };
    let told = wire::Server {
        server: platform.node(),
        tenancy_mode: if has_tenants { "MultiTenant" } else { "SingleTenant" },
        user_mode: mode(is_provider),
        tenant_session: tenant_session(tenant),
        is_saml_user: false,
        is_vpn_user: false,
        vpns: [],
        csrf_token: xsrf_token(&visit),
        provider_domain: "",
        tenant,
        view_mode: mode(acts_as_provider),
        capabilities: [],
        user: &principal.user().username,
        description: "",
        locale: "en_US",
        roles: groups_of(&principal.subject),
        is_external: false,
        version: &authority.manager_version,
        has_general_templates: true,
        has_no_full_push: false,
        sends_events: true,
        cloudx: "off",
        reverseproxy: "off",
        manager_mode: "default",
    };
    answer::data(&visit, &told)
}

/// The product and its release.
pub async fn about(Extracted(door): Extracted<Door>, parts: Parts) -> Response {
    let visit = match Visit::new(&door, &parts).await {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let authority = visit.authority();
    let told = wire::About {
        title: authority.world.platform.product(),
        version: &authority.manager_version,
        application_version: &authority.manager_version,
        application_server: authority.world.platform.node(),
        copyright: "",
        time: visit.context().now.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        time_zone: "UTC",
        logo: "/dataservice/client/logo.png",
    };
    answer::data(&visit, &told)
}

/// Whether the server works: whoever gets the answer knows that it does.
pub async fn ready() -> Response {
    answer::plain(&wire::Ready { is_ready: true })
}

/// The controllers: this server alone, where no Manager is behind it. Clients read the release here before they
/// ask for a token.
pub async fn controllers(Extracted(door): Extracted<Door>, parts: Parts) -> Response {
    let visit = match Visit::new(&door, &parts).await {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let own = wire::Controller { version: &visit.authority().manager_version, kind: "vmanage" };
    answer::data(&visit, &[own])
}
