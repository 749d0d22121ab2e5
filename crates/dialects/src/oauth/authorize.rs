//! The authorization endpoint: a page on which a user lets an application in (RFC 6749 section 3.1).

use axum::response::Response;
use http::StatusCode;

use crate::drf::respond;

/// Asks the user.
pub async fn get() -> Response {
    respond::plain(StatusCode::NOT_IMPLEMENTED)
}

/// Hears the user.
pub async fn post() -> Response {
    respond::plain(StatusCode::NOT_IMPLEMENTED)
}
