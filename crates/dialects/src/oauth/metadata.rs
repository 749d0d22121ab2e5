//! What the server says of itself: its list of endpoints, its metadata (RFC 8414), the discovery document of
//! the platform gateway, and whom the gateway's own API trusts (RFC 9728).
//!
//! No identity tokens are made, so no key is published and no signing algorithm is named.

use axum::Router;
use axum::extract::State as Extracted;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use http::header::{ALLOW, VARY};
use http::request::Parts;
use serde_json::{Map, Value, json};

use super::{Arrival, Flavour, Site, answer, wire};
use crate::drf::manner::Completion;
use crate::drf::respond;

/// The list of endpoints.
pub async fn root(Extracted(site): Extracted<Site>, arrival: Arrival, parts: Parts) -> Response {
    let flavour = site.flavour;
    // As the client knows them: behind the prefix by which it came.
    let links: Map<String, Value> = flavour
        .links
        .iter()
        .map(|(name, path)| {
            let path = format!("{}{path}", flavour.root);
            ((*name).to_owned(), json!(arrival.doorway.address(&path)))
        })
        .collect();
    let mut response = respond::json(StatusCode::OK, &links);
    answer::put(&mut response, ALLOW, wire::READ_METHODS);
    Completion::of(&parts.headers, &parts.extensions).complete_api(&site.state, response.headers_mut());
    response
}

/// The metadata of the server.
pub async fn server(Extracted(site): Extracted<Site>, arrival: Arrival) -> Response {
    document(&metadata(&site, &arrival))
}

/// The same for clients that ask in the manner of `OpenID` Connect. What that standard demands is there, and
/// says that there are no identity tokens.
pub async fn openid(Extracted(site): Extracted<Site>, arrival: Arrival) -> Response {
    let mut body = metadata(&site, &arrival);
    body["subject_types_supported"] = json!(["public"]);
    body["id_token_signing_alg_values_supported"] = json!([]);
    document(&body)
}

/// The keys of identity tokens: none.
pub async fn keys() -> Response {
    document(&json!({ "keys": [] }))
}

/// Whom the gateway's API trusts.
pub async fn resource(Extracted(site): Extracted<Site>, arrival: Arrival) -> Response {
    document(&json!({
        "resource": site.base(&arrival.doorway),
        "authorization_servers": [site.issuer(&arrival.doorway)],
        "scopes_supported": ["read", "write"],
        "bearer_methods_supported": ["header"],
    }))
}

/// The well-known addresses.
pub fn well_known(flavour: &'static Flavour) -> Router<Site> {
    let read = |routes: axum::routing::MethodRouter<Site>| {
        routes.options(answer::read_options).fallback(answer::read_method)
    };
    let mut routes = Router::new().route(wire::PROTECTED_RESOURCE, read(get(resource)));
    for issuer in ["", "/", flavour.root] {
        routes = routes
            .route(&format!("{}{issuer}", wire::SERVER_METADATA), read(get(server)))
            .route(&format!("{}{issuer}", wire::OPENID_METADATA), read(get(openid)));
    }
    routes
}

fn metadata(site: &Site, arrival: &Arrival) -> Value {
    let issuer = site.issuer(&arrival.doorway);
    let at = |path: &str| format!("{issuer}{path}");
    let mut grants = vec![wire::GRANT_CODE, wire::GRANT_REFRESH, wire::GRANT_APPLICATION, wire::GRANT_DEVICE];
    if site.state.authority.grant_policy.allows_password {
        grants.insert(1, wire::GRANT_PASSWORD);
    }
    let with_secret = ["client_secret_basic", "client_secret_post"];
    let with_or_without = ["client_secret_basic", "client_secret_post", "none"];
    json!({
        "issuer": issuer,
        "authorization_endpoint": at("/authorize/"),
        "token_endpoint": at("/token/"),
        "revocation_endpoint": at("/revoke_token/"),
        "introspection_endpoint": at("/introspect/"),
        "device_authorization_endpoint": at("/device_authorization/"),
        "jwks_uri": at("/.well-known/jwks.json"),
        "scopes_supported": ["read", "write"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": grants,
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": with_or_without,
        "revocation_endpoint_auth_methods_supported": with_or_without,
        "introspection_endpoint_auth_methods_supported": with_secret,
        "authorization_response_iss_parameter_supported": true,
    })
}

/// A document that depends on the name by which its reader calls the gateway.
fn document(body: &Value) -> Response {
    let mut response = respond::json(StatusCode::OK, body);
    answer::put(&mut response, VARY, "Host");
    response
}
