//! Answers: JSON with blanks after its commas and colons, texts, and the headers that every answer has.

use std::io;

use axum::extract::{Request, State as Extracted};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{ALLOW, CACHE_CONTROL, LOCATION, PRAGMA};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde::Serialize;
use serde_json::ser::Formatter;

use super::{Arrival, Site, wire};
use crate::drf::manner::Completion;
use crate::drf::respond;

/// A JSON answer that nobody keeps (RFC 6749 section 5.1), spelled as the contracts spell it here.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let mut body = Vec::with_capacity(256);
    let mut writer = serde_json::Serializer::with_formatter(&mut body, Spaced);
    // Only a map with keys that are no texts can fail, and no answer holds one.
    if value.serialize(&mut writer).is_err() {
        return respond::plain(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let mut response = respond::with_body(status, "application/json", body);
    put(&mut response, CACHE_CONTROL, "no-store");
    put(&mut response, PRAGMA, "no-cache");
    response
}

/// An answer in words.
pub fn text(status: StatusCode, text: &str) -> Response {
    respond::with_body(status, wire::TEXT_TYPE, text.as_bytes().to_vec())
}

/// Sets a header of an answer.
pub fn put(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Puts on an answer what every one has.
pub async fn dress(Extracted(site): Extracted<Site>, request: Request, next: Next) -> Response {
    let completion = Completion::of(request.headers(), request.extensions());
    let mut response = next.run(request).await;
    completion.complete(&site.state, response.headers_mut());
    response
}

/// A path that none of the endpoints has: perhaps only its last slash is missing. Nothing of a body follows the
/// browser there.
pub async fn unknown(Extracted(site): Extracted<Site>, arrival: Arrival, parts: Parts) -> Response {
    const SLASHED: [&str; 7] =
        ["", "/authorize", "/token", "/revoke_token", "/introspect", "/device", "/device_authorization"];
    let path = parts.uri.path();
    let is_moved = path.strip_prefix(site.flavour.root).is_some_and(|rest| SLASHED.contains(&rest));
    if !is_moved || ![Method::GET, Method::HEAD, Method::POST].contains(&parts.method) {
        return respond::detail(StatusCode::NOT_FOUND, site.state.brand.manner.not_found);
    }
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut response = text(StatusCode::MOVED_PERMANENTLY, "");
    put(&mut response, LOCATION, &format!("{}/{query}", arrival.doorway.address(path)));
    response
}

/// OPTIONS of an endpoint for applications.
pub async fn form_options() -> Response {
    options(wire::FORM_METHODS)
}

/// Another method at an endpoint for applications.
pub async fn form_method() -> Response {
    not_allowed(wire::FORM_METHODS)
}

/// OPTIONS of what is only read.
pub async fn read_options() -> Response {
    options(wire::READ_METHODS)
}

/// Another method at what is only read.
pub async fn read_method() -> Response {
    not_allowed(wire::READ_METHODS)
}

/// OPTIONS of a page.
pub async fn page_options() -> Response {
    options(wire::PAGE_METHODS)
}

/// Another method at a page.
pub async fn page_method() -> Response {
    not_allowed(wire::PAGE_METHODS)
}

fn options(methods: &'static str) -> Response {
    let mut response = text(StatusCode::OK, "");
    put(&mut response, ALLOW, methods);
    response
}

fn not_allowed(methods: &'static str) -> Response {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "");
    put(&mut response, ALLOW, methods);
    response
}

/// Writes `{"a": 1, "b": [2, 3]}`.
struct Spaced;

impl Formatter for Spaced {
    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }
}
