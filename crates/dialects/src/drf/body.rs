//! Request bodies: JSON, form or multipart into one shape, strictly and within limits (contract section A0).

use axum::body::Body as Stream;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http::{Method, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Map, Value, json};

use super::respond;
use super::strict;

/// Longest body, in bytes.
pub const BODY_MAX: usize = 1024 * 1024;
/// Most fields of a form.
pub const FIELDS_MAX: usize = 1000;

/// What a request asks for, field by field.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// From JSON: an object.
    Json(Map<String, Value>),
    /// From a form: texts, in their order; a name may come several times.
    Form(Vec<(String, String)>),
}

/// Why a body could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// Its media type is none that is understood.
    MediaType(String),
    /// It is encoded in a way that is not undone here, such as `gzip`.
    ContentEncoding(String),
    /// It is no JSON; why.
    Json(String),
    /// It is no form; why.
    Form(String),
    /// It is JSON, but no object; what it is instead, in Python's words.
    NotAnObject(&'static str),
    /// It is JSON's `null`.
    Nothing,
    /// It is too long.
    TooLong,
    /// It broke off.
    Cut,
}

impl Body {
    /// A body without fields.
    pub fn empty() -> Self {
        Self::Json(Map::new())
    }

    /// Whether it came as a form, in which everything is a text.
    pub fn is_form(&self) -> bool {
        matches!(self, Self::Form(_))
    }

    /// The value of a field; of a form, the last of that name.
    pub fn get(&self, name: &str) -> Option<Value> {
        match self {
            Self::Json(map) => map.get(name).cloned(),
            Self::Form(fields) => {
                fields.iter().rev().find(|(it, _)| it == name).map(|(_, value)| Value::String(value.clone()))
            }
        }
    }

    /// The value of a field that holds a list; of a form, all of that name.
    pub fn list(&self, name: &str) -> Option<Value> {
        match self {
            Self::Json(map) => map.get(name).cloned(),
            Self::Form(fields) => {
                let values: Vec<Value> = fields
                    .iter()
                    .filter(|(it, _)| it == name)
                    .map(|(_, value)| Value::String(value.clone()))
                    .collect();
                (!values.is_empty()).then_some(Value::Array(values))
            }
        }
    }
}

impl BodyError {
    /// The answer that says what is wrong.
    pub fn response(&self) -> Response {
        let (status, text) = match self {
            Self::MediaType(it) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("Unsupported media type \"{it}\" in request."))
            }
            Self::ContentEncoding(it) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                format!("Unsupported content encoding \"{it}\" in request."),
            ),
            Self::Json(why) => (StatusCode::BAD_REQUEST, format!("JSON parse error - {why}")),
            Self::Form(why) => (StatusCode::BAD_REQUEST, format!("Form parse error - {why}")),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "Request body is too large.".to_owned()),
            Self::Cut => (StatusCode::BAD_REQUEST, "Request body broke off.".to_owned()),
            Self::NotAnObject(kind) => {
                let text = format!("Invalid data. Expected a dictionary, but got {kind}.");
                return respond::json(StatusCode::BAD_REQUEST, &json!({ "non_field_errors": [text] }));
            }
            Self::Nothing => {
                let body = json!({ "non_field_errors": ["No data provided"] });
                return respond::json(StatusCode::BAD_REQUEST, &body);
            }
        };
        respond::detail(status, &text)
    }
}

/// Reads a request's body. Bodies of requests that read, and bodies that are empty, say nothing.
pub async fn read(parts: &Parts, stream: Stream) -> Result<Body, BodyError> {
    if [Method::GET, Method::HEAD, Method::OPTIONS, Method::DELETE].contains(&parts.method) {
        return Ok(Body::empty());
    }
    parse(parts, collect(stream).await?).await
}

/// Waits for a whole body, at most [`BODY_MAX`] long.
pub async fn collect(stream: Stream) -> Result<Bytes, BodyError> {
    let whole = Limited::new(stream, BODY_MAX).collect().await.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() { BodyError::TooLong } else { BodyError::Cut }
    })?;
    Ok(whole.to_bytes())
}

/// Reads a body that has come whole.
pub async fn parse(parts: &Parts, bytes: Bytes) -> Result<Body, BodyError> {
    let text = |name| {
        let value = parts.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        // Only what RFC 9110 section 5.6.3 calls whitespace: other spaces are part of an unknown type.
        value.map(|value| value.trim_ascii().to_owned()).unwrap_or_default()
    };
    if bytes.is_empty() {
        return Ok(Body::empty());
    }
    let encoding = text(CONTENT_ENCODING);
    if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
        return Err(BodyError::ContentEncoding(encoding));
    }
    let media_type = text(CONTENT_TYPE);
    if parts.headers.get_all(CONTENT_TYPE).iter().count() > 1 || !has_known_charset(&media_type) {
        return Err(BodyError::MediaType(media_type));
    }
    let essence = media_type.split(';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => object(&bytes).map(Body::Json),
        "application/x-www-form-urlencoded" => urlencoded(&bytes).map(Body::Form),
        "multipart/form-data" => multipart(&media_type, bytes).await.map(Body::Form),
        _ => Err(BodyError::MediaType(media_type)),
    }
}

/// Whether a media type names no encoding, or one that every text of ours has (RFC 8259 section 8.1).
pub fn has_known_charset(media_type: &str) -> bool {
    media_type.split(';').skip(1).all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let value = value.trim().trim_matches('"');
            ["utf-8", "utf8", "us-ascii"].iter().any(|it| value.eq_ignore_ascii_case(it))
        }
        _ => true,
    })
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, BodyError> {
    match strict::parse(bytes).map_err(BodyError::Json)? {
        Value::Object(map) => Ok(map),
        Value::Null => Err(BodyError::Nothing),
        other => Err(BodyError::NotAnObject(python_type(&other))),
    }
}

/// The name of a value's type in Python, which messages use.
pub fn python_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// Reads `application/x-www-form-urlencoded`. Broken escapes and broken UTF-8 are refused.
pub fn urlencoded(bytes: &[u8]) -> Result<Vec<(String, String)>, BodyError> {
    let text = std::str::from_utf8(bytes).map_err(|_| BodyError::Form("invalid UTF-8".to_owned()))?;
    let mut fields = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        if fields.len() == FIELDS_MAX {
            return Err(BodyError::Form("too many fields".to_owned()));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = unescape(name).zip(unescape(value));
        fields.push(decoded.ok_or_else(|| BodyError::Form("invalid escape".to_owned()))?);
    }
    Ok(fields)
}

/// Undoes `+` and `%xx`; none if an escape is broken or the result is no UTF-8.
pub fn unescape(text: &str) -> Option<String> {
    if !text.contains(['+', '%']) {
        return Some(text.to_owned());
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

async fn multipart(media_type: &str, bytes: Bytes) -> Result<Vec<(String, String)>, BodyError> {
    let broken = |why: &str| BodyError::Form(why.to_owned());
    let boundary = multer::parse_boundary(media_type).map_err(|_| broken("invalid boundary"))?;
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(bytes) });
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut fields = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|_| broken("invalid multipart"))? {
        if fields.len() == FIELDS_MAX {
            return Err(broken("too many fields"));
        }
        if part.file_name().is_some() {
            return Err(broken("files are not understood"));
        }
        let name = part.name().map(str::to_owned).ok_or_else(|| broken("a part without a name"))?;
        let value = part.bytes().await.map_err(|_| broken("invalid multipart"))?;
        let value = String::from_utf8(value.to_vec()).map_err(|_| broken("invalid UTF-8"))?;
        fields.push((name, value));
    }
    Ok(fields)
}
