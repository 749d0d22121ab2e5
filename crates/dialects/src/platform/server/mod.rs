//! The server half: the endpoints that are no objects, and the assembly of all of them.

use axum::Router;
use axum::extract::Request;
use axum::middleware::map_request;
use axum::routing::{MethodRouter, get};
use http::Uri;

use super::Flavour;
use super::{object, wire};
use crate::drf::endpoint::{Access, Endpoint, Tables};
use crate::drf::html::visit::{self, FORM};
use crate::drf::{State, headers};

mod login;
mod logout;

mod me;
mod session;

mod open;
mod root;
mod status;

mod setting;

#[cfg(test)]
mod tests;

const READ: &str = "GET, HEAD, OPTIONS";
const WRITE: &str = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS";

const fn endpoint(path: &'static str, methods: &'static str, access: Access, name: &'static str) -> Endpoint {
    Endpoint { path, methods, access, name }
}

/// The endpoints that are no objects.
pub static ENDPOINTS: &[Endpoint] = &[
    endpoint("/api/", READ, Access::Public, "REST API"),
    endpoint("/api/gateway/", READ, Access::Public, "Gateway"),
    endpoint("/api/gateway/v1/", READ, Access::Public, "Version 1"),
    endpoint("/api/gateway/v1/login/", FORM, Access::Page, "Login"),
    endpoint("/api/gateway/v1/logout/", FORM, Access::Page, "Logout"),
    endpoint("/api/gateway/v1/me/", READ, Access::Known, "Me"),
    endpoint("/api/gateway/v1/session/", FORM, Access::Known, "Session"),
    endpoint("/api/gateway/v1/ping/", READ, Access::Public, "Ping"),
    endpoint("/api/gateway/v1/status/", READ, Access::Known, "Status"),
    endpoint("/api/gateway/v1/ui_auth/", READ, Access::Public, "Ui Auth"),
    endpoint("/api/gateway/v1/jwt_key/", READ, Access::Public, "Jwt Key"),
    // A component shows itself by its own token, so the handler asks.
    endpoint("/api/gateway/v1/jwt_claims/{id}/", READ, Access::Public, "Jwt Claims"),
    endpoint("/api/gateway/v1/settings/", READ, Access::Known, "Setting List"),
    endpoint("/api/gateway/v1/settings/{section}/", WRITE, Access::Known, "Setting Section"),
    endpoint(
        "/api/gateway/v1/settings/{section}/{name}/",
        "GET, DELETE, HEAD, OPTIONS",
        Access::Known,
        "Setting",
    ),
];

/// All endpoints of the contract.
pub static TABLES: Tables = &[ENDPOINTS, object::ENDPOINTS];

/// The whole contract under a flavour's path.
pub fn routes(state: State, flavour: &'static Flavour) -> Router {
    let page_methods =
        |routes: MethodRouter<State>| routes.options(visit::options).fallback(visit::method_unknown);
    let routes = Router::new()
        .route("/api/", get(root::union))
        .route("/api/gateway/", get(root::gateway))
        .route("/api/gateway/v1/", get(root::version))
        .route("/api/gateway/v1/login/", page_methods(get(login::page).post(login::form)))
        .route("/api/gateway/v1/logout/", page_methods(get(logout::get).post(logout::post)))
        .route("/api/gateway/v1/me/", get(me::me))
        .route("/api/gateway/v1/session/", get(session::show).post(session::extend))
        .route("/api/gateway/v1/ping/", get(status::ping))
        .route("/api/gateway/v1/status/", get(status::status))
        .route("/api/gateway/v1/ui_auth/", get(open::ui_auth))
        .route("/api/gateway/v1/jwt_key/", get(open::jwt_key))
        .route("/api/gateway/v1/jwt_claims/{id}/", get(open::jwt_claims))
        .route("/api/gateway/v1/settings/", get(setting::list))
        .route(
            "/api/gateway/v1/settings/{section}/",
            get(setting::show).put(setting::write).patch(setting::write).delete(setting::reset),
        )
        .route(
            "/api/gateway/v1/settings/{section}/{name}/",
            get(setting::show_one).delete(setting::reset_one),
        );
    let served = headers::serve(routes.merge(object::routes()), state, TABLES);
    // A flavour with another path has the same endpoints there: the path is put right before routing.
    let put_right = move |request: Request| async move { at_root(request, flavour) };
    Router::new().fallback_service(served).layer(map_request(put_right))
}

fn at_root(mut request: Request, flavour: &Flavour) -> Request {
    let root = wire::ROOT.trim_end_matches('/');
    if flavour.root == root {
        return request;
    }
    let asked = request.uri().path_and_query().map_or("", http::uri::PathAndQuery::as_str);
    let target = asked.strip_prefix(flavour.root).map(|rest| format!("{root}{rest}"));
    if let Some(uri) = target.and_then(|target| target.parse::<Uri>().ok()) {
        *request.uri_mut() = uri;
    }
    request
}
