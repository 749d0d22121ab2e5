//! Makes a right password a wrong one, whichever way a login carries it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::Value;

use super::door::Asked;
use super::wire;

/// What stands in the place of a right password.
const WRONG: &str = "refused-on-demand";

/// Makes the password of a login a wrong one: in a form, in JSON, in Basic.
pub fn password(asked: &mut Asked) {
    let kind = asked.parts.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let spoiled = if kind.starts_with("application/json") { json(&asked.body) } else { form(&asked.body) };
    if let Some(body) = spoiled {
        asked.parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        asked.body = body;
    }
    if let Some(value) = asked.parts.headers.get(AUTHORIZATION).and_then(basic) {
        asked.parts.headers.insert(AUTHORIZATION, value);
    }
}

fn is_password(name: &str) -> bool {
    wire::PASSWORD_FIELDS.iter().any(|it| it.eq_ignore_ascii_case(name))
}

fn form(body: &Bytes) -> Option<Bytes> {
    let text = std::str::from_utf8(body).ok()?;
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_password(name) => format!("{name}={WRONG}"),
        _ => pair.to_owned(),
    };
    Some(text.split('&').map(pair).collect::<Vec<_>>().join("&").into())
}

fn json(body: &Bytes) -> Option<Bytes> {
    let mut value: Value = serde_json::from_slice(body).ok()?;
    for (name, value) in value.as_object_mut()? {
        if is_password(name) {
            *value = Value::from(WRONG);
        }
    }
    Some(value.to_string().into())
}

fn basic(value: &HeaderValue) -> Option<HeaderValue> {
    let encoded = value.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (name, _) = pair.split_once(':')?;
    HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(format!("{name}:{WRONG}")))).ok()
}
