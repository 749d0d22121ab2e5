//! OPTIONS: what an endpoint is called, what it takes, and which fields the caller may write (contract
//! section G.5).

use axum::response::Response;
use http::StatusCode;
use identity::model::catalog;
use serde_json::{Map, Value, json};

use super::collection::Collection;
use super::list::SIZE_MAX;
use super::role;
use crate::drf::endpoint::Endpoint;
use crate::drf::field::{Default, Field, Kind};
use crate::drf::respond;

/// What there is to tell about an endpoint.
pub(super) struct About<'a> {
    /// What stands there.
    pub collection: &'a Collection,
    /// The method with which the caller may write, and the names of the fields if it may not write all.
    pub action: Option<(&'static str, Option<&'a [&'a str]>)>,
    /// Whether it is a list.
    pub is_list: bool,
}

/// What is written where something that there is already is attached: its number. By this field the command line
/// knows such a list when it exports.
pub(super) const ATTACHED: &[&str] = &["id"];

/// The beginning of every answer to OPTIONS.
pub(super) fn head(endpoint: &Endpoint) -> Map<String, Value> {
    let mut body = Map::new();
    for (name, value) in [
        ("name", json!(endpoint.name)),
        ("description", json!(format!("# {}", endpoint.name))),
        ("renders", json!(["application/json", "text/html"])),
        ("parses", json!(["application/json"])),
    ] {
        body.insert(name.to_owned(), value);
    }
    body
}

/// The answer to OPTIONS at an endpoint of objects.
pub(super) fn response(endpoint: &Endpoint, about: &About<'_>) -> Response {
    let collection = about.collection;
    let mut body = head(endpoint);
    let mut actions = Map::new();
    if let Some((method, names)) = about.action {
        let is_made = method == "POST";
        let is_attached = names == Some(ATTACHED);
        let written = collection.fields.iter().filter(|field| is_attached || !field.is_read_only(is_made));
        let written = written.filter(|field| names.is_none_or(|names| names.contains(&field.name)));
        let fields: Map<String, Value> =
            written.map(|field| (field.name.to_owned(), write(field, collection.help))).collect();
        actions.insert(method.to_owned(), Value::Object(fields));
    }
    let fields: Map<String, Value> =
        collection.fields.iter().map(|field| (field.name.to_owned(), read(field, collection.help))).collect();
    actions.insert("GET".to_owned(), Value::Object(fields));
    body.insert("actions".to_owned(), Value::Object(actions));
    body.insert("types".to_owned(), json!([collection.word]));
    if about.is_list {
        let relations = catalog::entry(collection.noun).relations;
        let related: Vec<String> = relations.iter().map(|it| format!("{}__search", it.name)).collect();
        body.insert("search_fields".to_owned(), json!(collection.searched));
        body.insert("related_search_fields".to_owned(), json!(related));
        if collection.has_roles {
            body.insert("object_roles".to_owned(), json!(role::names_of(collection.noun)));
        }
        body.insert("max_page_size".to_owned(), json!(SIZE_MAX));
    }
    respond::json(StatusCode::OK, &Value::Object(body))
}

/// What a field says of itself, whoever uses it.
fn describe(field: &Field, help: &str, is_required: Option<bool>) -> Map<String, Value> {
    let mut text = Map::new();
    let mut say = |name: &str, value: Value| {
        text.insert(name.to_owned(), value);
    };
    say("type", json!(type_name(field.kind)));
    if let Some(is_required) = is_required {
        say("required", json!(is_required));
    }
    say("hidden", json!(false));
    say("label", json!(field.label()));
    // Help that the contract's server makes up itself stands behind the limits.
    let (own, made) = (field.help, help_of(field.name, help));
    if !own.is_empty() {
        say("help_text", json!(own));
    }
    if is_required.is_some() {
        if let Some(max) = field.length_max.filter(|max| *max <= 1024) {
            say("max_length", json!(max));
        }
        if field.kind == Kind::Integer {
            say("min_value", json!(0));
            say("max_value", json!(i32::MAX));
        }
    }
    if own.is_empty() && !made.is_empty() {
        say("help_text", json!(made));
    }
    // What kind of object it is can be filtered by, but is not a field.
    if field.name != "type" {
        say("filterable", json!(field.is_filterable));
    }
    if let Kind::Choice(choices) = field.kind {
        say("choices", json!(choices));
    }
    text
}

fn read(field: &Field, help: &str) -> Value {
    Value::Object(describe(field, help, None))
}

fn write(field: &Field, help: &str) -> Value {
    let mut text = describe(field, help, Some(field.is_required));
    if let Some(default) = field.default {
        let default = match default {
            Default::Text(it) => json!(it),
            Default::Integer(it) => json!(it),
            Default::Boolean(it) => json!(it),
        };
        text.insert("default".to_owned(), default);
    }
    Value::Object(text)
}

/// The help that follows from a field's name.
fn help_of(name: &str, kind: &str) -> String {
    match name {
        "id" => format!("Database ID for this {kind}."),
        "type" => format!("Data type for this {kind}."),
        "url" => format!("URL for this {kind}."),
        "related" => "Data structure with URLs of related resources.".to_owned(),
        "summary_fields" => "Data structure with name/description for related resources.  The output for \
            some objects may be limited for performance reasons."
            .to_owned(),
        "created" => format!("Timestamp when this {kind} was created."),
        "modified" => format!("Timestamp when this {kind} was last modified."),
        "name" => format!("Name of this {kind}."),
        "description" => format!("Optional description of this {kind}."),
        _ => String::new(),
    }
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer => "integer",
        Kind::Text | Kind::Password | Kind::Username | Kind::Uuid | Kind::Email | Kind::Url => "string",
        Kind::Boolean => "boolean",
        Kind::Instant => "datetime",
        Kind::Choice(_) => "choice",
        Kind::List => "list",
        Kind::Key => "id",
        Kind::Shown => "field",
        Kind::Json => "object",
    }
}
