//! The `OpenAPI` document (version 3.0.3), made from the tables that the endpoints themselves are made from.

use serde_json::{Map, Value, json};

use super::endpoint::{Endpoint, Tables};
use super::field::{Field, Kind};

/// What the document says of itself.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The title.
    pub title: &'a str,
    /// The version of the contract.
    pub version: &'a str,
    /// The cookie that carries a session.
    pub session_cookie: &'a str,
}

/// A kind of object in the document.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// Its name.
    pub name: &'static str,
    /// The path of its collection.
    pub path: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

/// The document of everything in the tables.
pub fn document(about: About<'_>, tables: Tables, schemas: &[Schema]) -> Value {
    let mut paths = Map::new();
    let mut endpoints: Vec<&Endpoint> = tables.iter().flat_map(|table| table.iter()).collect();
    endpoints.sort_by_key(|endpoint| endpoint.path);
    for endpoint in endpoints {
        paths.insert(endpoint.path.to_owned(), path_item(endpoint, schemas));
    }
    let described: Map<String, Value> =
        schemas.iter().map(|schema| (schema.name.to_owned(), object(schema.fields))).collect();
    json!({
        "openapi": "3.0.3",
        "info": { "title": about.title, "version": about.version },
        "paths": paths,
        "components": {
            "schemas": described,
            "securitySchemes": {
                "basicAuth": { "type": "http", "scheme": "basic" },
                "bearerAuth": { "type": "http", "scheme": "bearer" },
                "cookieAuth": { "type": "apiKey", "in": "cookie", "name": about.session_cookie },
            },
        },
    })
}

fn path_item(endpoint: &Endpoint, schemas: &[Schema]) -> Value {
    let mut item = Map::new();
    let parameters: Vec<Value> = variables(endpoint.path)
        .map(|name| json!({ "in": "path", "name": name, "schema": { "type": "string" }, "required": true }))
        .collect();
    if !parameters.is_empty() {
        item.insert("parameters".to_owned(), Value::Array(parameters));
    }
    for method in endpoint.methods.split(", ").filter(|it| !matches!(*it, "HEAD" | "OPTIONS")) {
        item.insert(method.to_ascii_lowercase(), operation(endpoint, method, schemas));
    }
    Value::Object(item)
}

fn variables(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn operation(endpoint: &Endpoint, method: &str, schemas: &[Schema]) -> Value {
    let schema = schemas.iter().find(|schema| {
        endpoint.path == schema.path || endpoint.path.strip_prefix(schema.path) == Some("{id}/")
    });
    let is_list = schema.is_some_and(|schema| schema.path == endpoint.path) && method == "GET";
    let status = match method {
        "POST" if schema.is_some() => "201",
        "POST" if endpoint.path.ends_with("associate/") => "204",
        "DELETE" => "204",
        _ => "200",
    };
    let mut answer = json!({ "description": "" });
    let reference = schema.map(|schema| json!({ "$ref": format!("#/components/schemas/{}", schema.name) }));
    if let (Some(reference), Value::Object(answer)) = (&reference, &mut answer)
        && status != "204"
    {
        let shape = if is_list { page_of(reference) } else { reference.clone() };
        answer.insert("content".to_owned(), json!({ "application/json": { "schema": shape } }));
    }
    let mut operation = json!({
        "operationId": operation_id(endpoint.path, method),
        "summary": endpoint.name,
        "tags": [tag(endpoint.path)],
        "security": security(endpoint),
        "responses": { status: answer },
    });
    if let (Some(reference), Value::Object(operation)) = (reference, &mut operation)
        && matches!(method, "POST" | "PUT" | "PATCH")
    {
        let content = json!({ "schema": reference });
        operation.insert(
            "requestBody".to_owned(),
            json!({ "content": {
                "application/json": content.clone(),
                "application/x-www-form-urlencoded": content.clone(),
                "multipart/form-data": content,
            }}),
        );
    }
    operation
}

fn security(endpoint: &Endpoint) -> Value {
    let mut schemes =
        vec![json!({ "bearerAuth": [] }), json!({ "cookieAuth": [] }), json!({ "basicAuth": [] })];
    if endpoint.is_public() {
        schemes.push(json!({}));
    }
    Value::Array(schemes)
}

fn page_of(reference: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["count", "results"],
        "properties": {
            "count": { "type": "integer" },
            "next": { "type": "string", "nullable": true },
            "previous": { "type": "string", "nullable": true },
            "results": { "type": "array", "items": reference },
        },
    })
}

/// `users_retrieve` and the like: unique, as the path and the method are.
fn operation_id(path: &str, method: &str) -> String {
    let verb = match (method, path.ends_with("}/")) {
        ("GET", true) => "retrieve",
        ("GET", false) => "list",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "partial_update",
        _ => "destroy",
    };
    let words: Vec<&str> = path
        .split(['/', '-', '.'])
        .filter(|word| !matches!(*word, "" | "api" | "gateway" | "v1"))
        .map(|word| word.trim_matches(['{', '}']))
        .collect();
    if words.is_empty() {
        format!("root{}_{verb}", path.len())
    } else {
        format!("{}_{verb}", words.join("_"))
    }
}

fn tag(path: &str) -> &str {
    path.split('/').find(|word| !matches!(*word, "" | "api" | "gateway" | "v1")).unwrap_or("root")
}

fn object(fields: &[Field]) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.to_owned(), property(field))).collect();
    let required: Vec<&str> =
        fields.iter().filter(|field| field.is_required).map(|field| field.name).collect();
    let mut object = json!({ "type": "object", "properties": properties });
    if let (false, Value::Object(object)) = (required.is_empty(), &mut object) {
        object.insert("required".to_owned(), json!(required));
    }
    object
}

fn property(field: &Field) -> Value {
    let (kind, format) = match field.kind {
        Kind::Integer | Kind::Key => ("integer", None),
        Kind::Text | Kind::Username | Kind::Choice(_) => ("string", None),
        Kind::Password => ("string", Some("password")),
        Kind::Email => ("string", Some("email")),
        Kind::Url => ("string", Some("uri")),
        Kind::Uuid => ("string", Some("uuid")),
        Kind::Instant => ("string", Some("date-time")),
        Kind::Boolean => ("boolean", None),
        Kind::List => ("array", None),
        Kind::Shown => shown(field.name),
        Kind::Json => ("object", None),
    };
    let mut property = Map::new();
    let mut put = |name: &str, value: Value| {
        property.insert(name.to_owned(), value);
    };
    put("type", json!(kind));
    if let Some(format) = format {
        put("format", json!(format));
    }
    if kind == "array" {
        put("items", json!({}));
    }
    if let Kind::Choice(choices) = field.kind {
        put("enum", json!(choices.iter().map(|(word, _)| *word).collect::<Vec<_>>()));
    }
    if let Some(max) = field.length_max {
        put("maxLength", json!(max));
    }
    if field.is_read_only(true) {
        put("readOnly", json!(true));
    }
    if field.is_nullable {
        put("nullable", json!(true));
    }
    if !field.help.is_empty() {
        put("description", json!(field.help));
    }
    Value::Object(property)
}

/// The types of the fields that are only shown.
fn shown(name: &str) -> (&'static str, Option<&'static str>) {
    match name {
        "related" | "summary_fields" => ("object", None),
        "url" | "content_type" | "refresh_token" => ("string", None),
        _ => ("integer", None),
    }
}
