//! OPTIONS: what an endpoint is called, what it takes, and which fields may be written (contract section A0).

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::endpoint::Endpoint;
use super::field::{Field, Kind};
use super::respond;

/// The kinds of bodies that the platform reads.
pub const ALL_KINDS: [&str; 3] =
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"];

/// The answer to OPTIONS. `action`: the method with which the caller may write, and the fields.
pub fn response(endpoint: &Endpoint, action: Option<(&str, &[Field])>) -> Response {
    let mut body = head(endpoint, &ALL_KINDS);
    if let (Some((method, fields)), Value::Object(body)) = (action, &mut body) {
        let fields: Map<String, Value> =
            fields.iter().map(|field| (field.name.to_owned(), describe(field, method == "POST"))).collect();
        body.insert("actions".to_owned(), json!({ method: fields }));
    }
    respond::json(StatusCode::OK, &body)
}

/// The answer to OPTIONS at an endpoint that has nothing to tell about fields; the kinds of bodies it reads.
pub fn bare(endpoint: &Endpoint, parses: &[&str]) -> Response {
    respond::json(StatusCode::OK, &head(endpoint, parses))
}

/// What is told about every endpoint.
pub fn head(endpoint: &Endpoint, parses: &[&str]) -> Value {
    json!({
        "name": endpoint.name,
        "description": "",
        "renders": ["application/json", "text/html"],
        "parses": parses,
    })
}

fn describe(field: &Field, is_made: bool) -> Value {
    let is_read_only = field.is_read_only(is_made);
    let mut text = json!({
        "type": type_name(field.kind),
        "required": field.is_required && !is_read_only,
        "read_only": is_read_only,
        "label": field.label(),
    });
    if let Value::Object(text) = &mut text {
        if !field.help.is_empty() {
            text.insert("help_text".to_owned(), json!(field.help));
        }
        if let Some(max) = field.length_max {
            text.insert("max_length".to_owned(), json!(max));
        }
        if let Kind::Choice(choices) = field.kind {
            let choices: Vec<Value> = choices
                .iter()
                .map(|(value, label)| json!({ "value": value, "display_name": label }))
                .collect();
            text.insert("choices".to_owned(), json!(choices));
        }
    }
    text
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer => "integer",
        Kind::Text | Kind::Password | Kind::Username | Kind::Uuid => "string",
        Kind::Email => "email",
        Kind::Url => "url",
        Kind::Boolean => "boolean",
        Kind::Instant => "datetime",
        Kind::Choice(_) => "choice",
        Kind::List => "list",
        Kind::Key | Kind::Shown | Kind::Json => "field",
    }
}
