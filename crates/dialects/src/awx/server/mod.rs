//! The server half: the endpoints that are no objects, and the assembly of all of them.

use axum::Router;
use axum::extract::Request;
use axum::middleware::map_request;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderName, HeaderValue, Uri};

use super::{object, wire};
use crate::drf::endpoint::{Access, Endpoint, Tables};
use crate::drf::{State, headers};

mod root;

const READ: &str = "GET, HEAD, OPTIONS";

const fn endpoint(path: &'static str, methods: &'static str, access: Access, name: &'static str) -> Endpoint {
    Endpoint { path, methods, access, name }
}

/// The endpoints that are no objects.
pub static ENDPOINTS: &[Endpoint] = &[
    endpoint("/api/", READ, Access::Public, "REST API"),
    endpoint("/api/v2/", READ, Access::Public, "Version 2"),
];

/// All endpoints of the contract.
pub static TABLES: Tables = &[ENDPOINTS, object::ENDPOINTS];

/// Whether an endpoint is answered here only where no service has it.
pub fn is_spare(_: &Endpoint) -> bool {
    false
}

/// The whole contract.
pub fn routes(state: State) -> Router {
    let routes = Router::new().route("/api/", get(root::api)).route("/api/v2/", get(root::version));
    headers::serve(routes.merge(object::routes()), state, TABLES)
}
