//! Request bodies: JSON objects and nothing else, with the contract's complaints (contract section 1.2).

use axum::body::Body as Stream;
use axum::response::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;

use super::wire::{NOT_AN_OBJECT, TRAILING_COMMA, WRONG_CONTENT_TYPE};
use crate::drf::body::{self, Body, BodyError};
use crate::drf::respond;

/// Reads a request's body; the answer that says what is wrong if it cannot be read. Bodies of requests that
/// read, and bodies that are empty, are objects without fields.
pub async fn read(parts: &Parts, stream: Stream) -> Result<Body, Box<Response>> {
    match body::read(parts, stream).await {
        // Forms are only for the pages, and for what applications ask.
        Ok(Body::Form(_)) => Err(Box::new(response(&BodyError::MediaType(content_type(parts))))),
        Ok(body) => Ok(body),
        Err(error) => Err(Box::new(response(&error))),
    }
}

fn content_type(parts: &Parts) -> String {
    let value = parts.headers.get(CONTENT_TYPE).map(|it| String::from_utf8_lossy(it.as_bytes()));
    value.unwrap_or_default().into_owned()
}

fn response(error: &BodyError) -> Response {
    match error {
        BodyError::MediaType(_) | BodyError::Form(_) => {
            respond::detail(StatusCode::UNSUPPORTED_MEDIA_TYPE, WRONG_CONTENT_TYPE)
        }
        BodyError::Json(why) => {
            respond::detail(StatusCode::BAD_REQUEST, &format!("JSON parse error - {why}{TRAILING_COMMA}"))
        }
        BodyError::NotAnObject(_) | BodyError::Nothing => {
            respond::detail(StatusCode::BAD_REQUEST, NOT_AN_OBJECT)
        }
        BodyError::ContentEncoding(_) | BodyError::TooLong | BodyError::Cut => error.response(),
    }
}
