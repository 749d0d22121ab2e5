//! The page on which a user types what a device shows (RFC 8628 section 3.3).

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
