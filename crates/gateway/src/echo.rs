//! The built-in component of `--demo`: it answers with what reached it, so that a newcomer sees which
//! identity a service gets.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value, json};

use crate::body::{Answer, Upload};
use crate::forward::Failure;

/// Answers a request as a service would.
pub async fn answer(
    parts: &Parts,
    mut body: Upload,
    token_name: &HeaderName,
) -> Result<Response<Answer>, Failure> {
    let mut length = 0_u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|cause| match cause.downcast_ref() {
            Some(crate::body::Cut::TooLong) => Failure::TooLong,
            _ => Failure::ClientIdle,
        })?;
        length += frame.data_ref().map_or(0, |it| it.len() as u64);
    }
    let headers: Map<String, Value> = parts
        .headers
        .iter()
        .filter(|(name, _)| name.as_str() != "cookie")
        .map(|(name, value)| (name.to_string(), json!(String::from_utf8_lossy(value.as_bytes()))))
        .collect();
    let text = json!({
        "method": parts.method.as_str(),
        "path": parts.uri.path(),
        "query": parts.uri.query().unwrap_or_default(),
        "body_length": length,
        "headers": headers,
        "identity": parts.headers.get(token_name).and_then(claims),
    })
    .to_string();
    let mut response = Response::new(Answer::Text(Bytes::from(text)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// The claims of an identity token. Nobody but the gateway can have set it, so nothing is verified here.
fn claims(token: &HeaderValue) -> Option<Value> {
    let body = token.to_str().ok()?.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
}
