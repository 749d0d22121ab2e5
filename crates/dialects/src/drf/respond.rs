//! Answers: the few shapes that all answers of this family have (contract section A0).

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::json;

/// Bytes of a usual answer: a body is written without having to move as it grows.
const BODY_USUAL: usize = 1024;

/// A JSON answer in compact form.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let mut body = Vec::with_capacity(BODY_USUAL);
    match serde_json::to_writer(&mut body, value) {
        Ok(()) => with_body(status, "application/json", body),
        // Only a map with keys that are no texts can fail, and no answer holds one.
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// A JSON answer that says one sentence.
pub fn detail(status: StatusCode, text: &str) -> Response {
    json(status, &json!({ "detail": text }))
}

/// 204, without a body.
pub fn no_content() -> Response {
    plain(StatusCode::NO_CONTENT)
}

/// 201 with the address of the new object.
pub fn created(location: &str, value: &impl Serialize) -> Response {
    let mut response = json(StatusCode::CREATED, value);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// A page for browsers.
pub fn html(status: StatusCode, page: impl Into<String>) -> Response {
    with_body(status, "text/html; charset=utf-8", page.into().into_bytes())
}

/// A text of another kind.
pub fn with_body(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = plain(status);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    *response.body_mut() = Body::from(body);
    response
}

/// An answer with nothing but its status.
pub fn plain(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A text with the five characters that mean something in HTML made harmless.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#x27;"),
            _ => escaped.push(character),
        }
    }
    escaped
}
