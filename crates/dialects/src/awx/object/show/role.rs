//! Roles as the contract shows them.

use identity::model::object::Noun;
use serde_json::{Value, json};

use super::Keys;
use crate::awx::object::address::Place;
use crate::awx::object::role::Numbered;

/// A role on an object of this name.
pub fn show(place: Place, it: Numbered, object_name: &str) -> Value {
    let number = it.number();
    let mut related = Keys::default();
    for list in ["users", "teams"] {
        related.add(list, place.below("roles", number, list));
    }
    let mut summary = Keys::default();
    if let Some((noun, id)) = it.object {
        let (word, label) = match noun {
            Noun::Team => ("team", "Team"),
            _ => ("organization", "Organization"),
        };
        related.add(word, place.of(noun, id));
        summary
            .add("resource_name", object_name)
            .add("resource_type", word)
            .add("resource_type_display_name", label)
            .add("resource_id", id);
    }
    let mut keys = Keys::default();
    keys.add("id", number)
        .add("type", "role")
        .add("url", place.one("roles", number))
        .add("related", related.0)
        .add("summary_fields", summary.0)
        .add("name", it.role.name)
        .add("description", it.role.description);
    json!(keys.0)
}
