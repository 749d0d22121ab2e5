//! The server half: the endpoints that are no objects, and the assembly of all of them.

use axum::Router;
use axum::extract::Request;
use axum::middleware::map_request;
use axum::routing::{MethodRouter, get};
use http::Uri;

use super::{object, wire};
use crate::drf::endpoint::{Access, Endpoint, Tables};
use crate::drf::{State, headers};
use crate::oauth::{self, Flavour};

mod login;
mod logout;
mod page;

mod config;
mod me;
mod open;
mod root;
mod spare;

mod setting;
mod setting_life;
mod setting_options;
pub mod setting_table;

#[cfg(test)]
mod tests;

const CONFIG: &str = "/api/v2/config/";

const READ: &str = "GET, HEAD, OPTIONS";
const LOGIN: &str = "GET, POST, PUT, HEAD, OPTIONS";
const LOGOUT: &str = "GET, POST, HEAD, OPTIONS";

const fn endpoint(path: &'static str, methods: &'static str, access: Access, name: &'static str) -> Endpoint {
    Endpoint { path, methods, access, name }
}

/// The endpoints that are no objects.
pub static ENDPOINTS: &[Endpoint] = &[
    endpoint("/api/", READ, Access::Public, "REST API"),
    endpoint("/api/v2/", READ, Access::Public, "Version 2"),
    endpoint("/api/login/", LOGIN, Access::Page, "Login"),
    endpoint("/api/logout/", LOGOUT, Access::Page, "Logout"),
    endpoint("/login/", READ, Access::Page, "Login"),
    endpoint("/api/v2/ping/", READ, Access::Public, "Ping"),
    endpoint("/api/v2/auth/", READ, Access::Public, "Auth"),
    endpoint(CONFIG, READ, Access::Known, "Configuration"),
    endpoint("/api/v2/me/", READ, Access::Known, "Me"),
];

/// All endpoints of the contract but the authorization server's, which dresses its answers itself.
pub static TABLES: Tables = &[ENDPOINTS, setting::ENDPOINTS, object::ENDPOINTS, spare::ENDPOINTS];

/// Whether an endpoint is answered here only where no service has it. The configuration is such a one: a
/// controller tells its licence and its directories there, which nobody else knows.
pub fn is_spare(endpoint: &Endpoint) -> bool {
    spare::is_spare(endpoint) || setting::is_spare(endpoint) || endpoint.path == CONFIG
}

/// The whole contract.
pub fn routes(state: State) -> Router {
    let page = |routes: MethodRouter<State>| routes.options(page::options).fallback(page::method_unknown);
    let routes = Router::new()
        .route("/api/", get(root::api))
        .route("/api/v2/", get(root::version))
        .route("/api/login/", page(get(login::page).post(login::form).put(login::form)))
        .route("/api/logout/", page(get(logout::get).post(logout::post)))
        .route("/login/", page(get(page::to_interface)))
        .route("/api/v2/ping/", get(open::ping))
        .route("/api/v2/auth/", get(open::auth))
        .route(CONFIG, get(config::config))
        .route("/api/v2/me/", get(me::me).options(me::describe))
        .merge(setting::routes())
        .merge(spare::routes())
        .merge(object::routes());
    let served = headers::serve(routes, state.clone(), TABLES);
    let all = oauth::routes(state, &Flavour::AWX).fallback_service(served);
    Router::new().fallback_service(all).layer(map_request(slashed))
}

/// The resources whose objects have names in addresses (contract section 1.1).
const NAMED: [&str; 4] = ["users", "organizations", "teams", "applications"];

/// Adds the last slash where the contract adds it silently: behind the name or number of an object, which
/// command lines send without it (contract section 1.1).
async fn slashed(mut request: Request) -> Request {
    let uri = request.uri();
    let path = uri.path();
    let mut words = path.strip_prefix(wire::V2).unwrap_or_default().split('/');
    let is_named = words.next().is_some_and(|word| NAMED.contains(&word));
    let is_object = words.next().is_some_and(|word| !word.is_empty());
    if is_named && is_object && !path.ends_with('/') {
        let target = match uri.query() {
            Some(query) => format!("{path}/?{query}"),
            None => format!("{path}/"),
        };
        if let Ok(uri) = target.parse::<Uri>() {
            *request.uri_mut() = uri;
        }
    }
    request
}
