//! JSON bodies, read strictly: bounded, nothing twice, of the right media type.

use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde_json::Value;

use super::super::denial::{self, Code};
use crate::drf::body::has_known_charset;
use crate::drf::strict;

/// Longest JSON body of an own endpoint, in bytes.
pub const BODY_MAX: usize = 256 * 1024;

/// The JSON value of a body; null if there is no body at all. What is wrong with it is answered with the error.
pub async fn json(parts: &Parts, body: Body) -> Result<Value, Box<Response>> {
    let wrong = |status, details: &str| {
        Box::new(denial::error(status, "Invalid request", details, Code::Request.as_str()))
    };
    let Ok(body) = to_bytes(body, BODY_MAX).await else {
        return Err(wrong(StatusCode::PAYLOAD_TOO_LARGE, "The body is too long or broke off"));
    };
    if body.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    let mut kinds = parts.headers.get_all(CONTENT_TYPE).iter().map(|it| it.to_str().unwrap_or_default());
    let (kind, is_repeated) = (kinds.next().unwrap_or_default(), kinds.next().is_some());
    let essence = kind.split(';').next().unwrap_or_default().trim_ascii();
    if is_repeated || !essence.eq_ignore_ascii_case("application/json") || !has_known_charset(kind) {
        return Err(wrong(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must be application/json"));
    }
    strict::parse(&body).map_err(|why| wrong(StatusCode::BAD_REQUEST, &format!("The body is no JSON: {why}")))
}
