//! Translation: the texts of an answer that says no, in the language of the request.

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use http_body_util::{BodyExt as _, Limited};
use serde_json::Value;

use super::language::Language;

/// Longest answer that is translated, in bytes.
const ANSWER_MAX: usize = 256 * 1024;

/// Translates an answer, if it says no and another language than the contract's is preferred.
pub async fn answer(response: Response, language: Language) -> Response {
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|it| it == "application/json");
    let is_no = response.status().is_client_error() || response.status().is_server_error();
    if language == Language::English || !is_json || !is_no {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = Limited::new(body, ANSWER_MAX).collect().await.map(http_body_util::Collected::to_bytes)
    else {
        return Response::from_parts(parts, Body::empty());
    };
    let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    translate(&mut value, language);
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(VARY, HeaderValue::from_static("Accept, Cookie, Accept-Language"));
    parts.headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    Response::from_parts(parts, Body::from(value.to_string()))
}

fn translate(value: &mut Value, language: Language) {
    match value {
        Value::String(text) => *text = language.say(text).to_owned(),
        Value::Array(values) => values.iter_mut().for_each(|value| translate(value, language)),
        Value::Object(map) => map.values_mut().for_each(|value| translate(value, language)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
