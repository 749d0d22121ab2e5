//! The server half: the contract's own endpoints.

use axum::Router;
use axum::body::Body;
use axum::extract::State as Extracted;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use http::header::CACHE_CONTROL;
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use self::visit::Visit;
use super::denial::{self, Code};
use super::{owned, wire};
use crate::door::Door;

pub mod answer;
pub mod body;
pub mod group;
pub mod visit;

mod client;
mod jwt;
mod login;
mod logout;

pub mod admin;

/// All endpoints.
pub fn routes(door: Door) -> Router {
    Router::new()
        .route("/", get(login::welcome))
        .route(wire::LOGIN_PAGE, get(login::page))
        .route(wire::WELCOME, get(login::welcome))
        .route(wire::LOGOUT, get(logout::leave).post(logout::leave))
        .route(wire::JWT_LOGIN, axum::routing::post(jwt::login))
        .route(wire::JWT_REFRESH, axum::routing::post(jwt::refresh))
        .route(wire::TOKEN, get(client::token))
        .route(wire::SERVER, get(client::server))
        .route(wire::READY, get(client::ready))
        .route(wire::ABOUT, get(client::about))
        .route(wire::CONTROLLERS, get(client::controllers))
        .merge(admin::routes())
        .method_not_allowed_fallback(method_unknown)
        .fallback(elsewhere)
        .layer(map_response(dress))
        .with_state(door)
}

/// The login, which may be at the end of any path, and addresses where nothing is.
async fn elsewhere(Extracted(door): Extracted<Door>, parts: Parts, body: Body) -> Response {
    if owned::is_login(parts.uri.path()) {
        return login::enter(&door, &parts, body).await;
    }
    let status = StatusCode::NOT_FOUND;
    guarded(&door, &parts, status, "There is nothing at this address", Code::Absent).await
}

/// An address that does not know the method.
async fn method_unknown(Extracted(door): Extracted<Door>, parts: Parts) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    guarded(&door, &parts, status, "The address does not know this method", Code::Method).await
}

/// An error that only those are told who are known, unless the address is open to everybody: strangers learn
/// nothing of what there is.
async fn guarded(door: &Door, parts: &Parts, status: StatusCode, details: &str, code: Code) -> Response {
    if !owned::is_public(parts.uri.path())
        && let Err(refused) = Visit::new(door, parts).await
    {
        return *refused;
    }
    let message = status.canonical_reason().unwrap_or("Error");
    denial::error(status, message, details, code.as_str())
}

/// Nobody keeps an answer: each holds a secret, or speaks of who asked.
async fn dress(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static(wire::NEVER_CACHED));
    headers.entry(http::header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    response
}
