//! Entries of the activity stream as the contract shows them.

use identity::model::catalog;
use identity::model::entry::{Entry, FieldChange, Operation};
use identity::model::object::Noun;
use identity::port::References;
use serde_json::{Map, Value, json};

use super::{Related, Summary, extend, model};
use crate::drf::time;
use crate::platform::object::address;

/// Fields that hold numbers; an empty one is none.
const NUMBERS: [&str; 6] = ["user", "application", "organization", "team", "id", "object_id"];
/// Fields that hold flags.
const FLAGS: [&str; 3] = ["is_superuser", "is_active", "skip_authorization"];

pub(super) fn show(it: &Entry, references: &References) -> Map<String, Value> {
    let mut related = Related { first: Vec::new(), sorted: Vec::new() };
    related.user("created_by", it.created_by);
    let mut summary = Summary(Map::new());
    summary.user("created_by", it.created_by, references);
    let mut map = Map::new();
    extend(
        &mut map,
        [
            ("id", json!(it.id.0)),
            ("url", json!(address::of(Noun::Entry, it.id.0))),
            ("related", related.show()),
            ("summary_fields", Value::Object(summary.0)),
            ("created", json!(time::format(it.created_at))),
            ("created_by", json!(it.created_by.map(|it| it.0))),
            ("operation", json!(operation(it.operation))),
            ("changes", changes(it)),
            ("content_type", json!(catalog::content_type(it.noun))),
            ("object_id", json!(it.object_id)),
            ("related_content_type", json!(it.related_noun.map(catalog::content_type))),
            ("related_object_id", json!(it.related_id)),
            ("content_type_model", json!(model(it.noun))),
            ("related_content_type_model", json!(it.related_noun.map(model))),
        ],
    );
    map
}

fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
        Operation::Associate => "associate",
        Operation::Disassociate => "disassociate",
    }
}

/// What was added, changed and removed. An association changes no field.
fn changes(it: &Entry) -> Value {
    if matches!(it.operation, Operation::Associate | Operation::Disassociate) {
        return Value::Null;
    }
    let (mut added, mut changed, mut removed) = (Map::new(), Map::new(), Map::new());
    for FieldChange { field, before, after } in &it.changes {
        let typed = |text: &String| typed(field, text);
        match (before, after) {
            (None, Some(after)) => added.insert(field.clone(), typed(after)),
            (Some(before), None) => removed.insert(field.clone(), typed(before)),
            (before, after) => {
                let pair = json!([before.as_ref().map(typed), after.as_ref().map(typed)]);
                changed.insert(field.clone(), pair)
            }
        };
    }
    json!({ "added_fields": added, "changed_fields": changed, "removed_fields": removed })
}

/// A stored text as the kind of value that its field holds.
fn typed(field: &str, text: &str) -> Value {
    if NUMBERS.contains(&field) {
        return text.parse::<i64>().map_or(Value::Null, Value::from);
    }
    if FLAGS.contains(&field) {
        return text.parse::<bool>().map_or_else(|_| Value::from(text), Value::from);
    }
    match (field, text.parse::<jiff::Timestamp>()) {
        ("expires" | "created" | "modified", Ok(at)) => Value::from(time::format(at)),
        _ => Value::from(text),
    }
}
