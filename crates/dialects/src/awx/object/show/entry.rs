//! Entries of the activity stream as the contract shows them (contract section A.10).

use identity::model::entry::{Entry, FieldChange, Operation};
use identity::model::object::{ApplicationId, Noun, OrganizationId, TeamId, UserId};
use serde_json::{Map, Value, json};

use super::{Keys, MASK, View, head, person};
use crate::awx::server::setting_table::{KEYS, LIVES};
use crate::drf::time;

/// Fields that the contract does not know.
const UNKNOWN: [&str; 6] =
    ["expires", "user", "app_url", "algorithm", "post_logout_redirect_uris", "is_active"];
/// Fields that hold numbers; an empty one is none.
const NUMBERS: [&str; 4] = ["organization", "team", "object_id", "id"];
/// Fields that hold flags.
const FLAGS: [&str; 2] = ["is_superuser", "skip_authorization"];

pub(super) fn show(it: &Entry, view: &View<'_>) -> Map<String, Value> {
    let (mut related, mut summary) = (Keys::default(), Keys::default());
    if let Some(actor) = it.created_by {
        related.add("actor", view.place.user(actor));
    }
    let ends = [(Some(it.noun), Some(&it.object_id)), (it.related_noun, it.related_id.as_ref())];
    for (noun, id) in ends.into_iter().filter_map(|(noun, id)| noun.zip(id)) {
        let word = word(noun);
        match id.parse::<i64>() {
            Ok(id) => {
                let address = view.place.of(noun, id);
                if !address.is_empty() {
                    related.add(word, json!([address]));
                    summary.add(word, json!([object(it, view, noun, id)]));
                }
            }
            Err(_) if noun == Noun::Setting => {
                let (name, category) = setting(id);
                summary.add(word, json!([{ "name": name, "category": category }]));
            }
            Err(_) => {}
        }
    }
    if let Some(actor) = it.created_by.and_then(|actor| person(view.references, actor)) {
        summary.add("actor", actor);
    }
    // A role is told from the side of the user that has it (contract section H, row 102).
    let is_role = it.related_noun == Some(Noun::User);
    let (object1, object2) = match it.related_noun {
        Some(Noun::User) => ("user", word(it.noun)),
        Some(related) => (word(it.noun), word(related)),
        None => (word(it.noun), ""),
    };
    let mut keys = head(view, Noun::Entry, "activity_stream", it.id.0);
    keys.add("related", related.0)
        .add("summary_fields", summary.0)
        .add("timestamp", time::format(it.created_at))
        .add("operation", operation(it.operation))
        .add("changes", changes(it, view))
        .add("object1", object1)
        .add("object2", object2)
        .add("object_association", if is_role { "role" } else { "" })
        .add("action_node", view.node)
        .add("object_type", "");
    keys.0
}

/// What the contract calls a stored setting, and the word of its section.
fn setting(stored: &str) -> (&str, &str) {
    if LIVES.iter().any(|(_, name)| *name == stored) {
        return ("OAUTH2_PROVIDER", "authentication");
    }
    let key = KEYS.iter().find(|key| key.definition().is_some_and(|it| it.name == stored));
    // What only the platform's contract has is told under the platform's name.
    key.map_or((stored, "system"), |key| (key.name, key.slug))
}

/// What the contract calls a kind here.
fn word(noun: Noun) -> &'static str {
    match noun {
        Noun::User => "user",
        Noun::Organization => "organization",
        Noun::Team => "team",
        Noun::Token => "o_auth2_access_token",
        Noun::Application => "o_auth2_application",
        Noun::Setting => "setting",
        Noun::RoleDefinition | Noun::UserAssignment | Noun::TeamAssignment => "role",
        Noun::Authenticator => "authenticator",
        Noun::Entry => "activity_stream",
        Noun::Session => "session",
    }
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

/// What is shown of an object that an entry tells of.
fn object(it: &Entry, view: &View<'_>, noun: Noun, id: i64) -> Value {
    let references = view.references;
    let named =
        |name: Option<&String>| json!({ "id": id, "name": name, "description": said(it, "description") });
    match noun {
        Noun::User => person(references, UserId(id)).unwrap_or_else(|| json!({ "id": id })),
        Noun::Organization => named(references.organizations.get(&OrganizationId(id))),
        Noun::Team => named(references.teams.get(&TeamId(id))),
        Noun::Application => named(references.applications.get(&ApplicationId(id))),
        Noun::Token => {
            let mut token = Keys::default();
            token.add("id", id).add("user_id", number(said(it, "user")));
            token.add("description", said(it, "description"));
            if let Some(application) = said(it, "application").filter(|it| !it.is_empty()) {
                token.add("application_id", number(Some(application)));
            }
            token.add("scope", said(it, "scope"));
            Value::Object(token.0)
        }
        _ => json!({ "id": id }),
    }
}

/// The last value of a field that an entry tells of.
fn said<'a>(it: &'a Entry, field: &str) -> Option<&'a str> {
    let change = it.changes.iter().find(|change| change.field == field)?;
    change.after.as_deref().or(change.before.as_deref())
}

fn number(text: Option<&str>) -> Value {
    text.and_then(|text| text.parse::<i64>().ok()).map_or(Value::Null, Value::from)
}

/// What was made or removed, field by field, and of what was changed the old and the new value.
fn changes(it: &Entry, view: &View<'_>) -> Value {
    let mut changes = Keys::default();
    for FieldChange { field, before, after } in &it.changes {
        if UNKNOWN.contains(&field.as_str()) {
            continue;
        }
        if field == "password" {
            changes.add(field, json!(["hidden", "hidden"]));
            continue;
        }
        let typed = |text: &String| typed(view, field, text);
        match (before, after) {
            (Some(before), Some(after)) => changes.add(field, json!([typed(before), typed(after)])),
            (Some(text), None) | (None, Some(text)) => changes.add(field, typed(text)),
            (None, None) => continue,
        };
    }
    match it.operation {
        Operation::Create | Operation::Delete => {
            changes.add("id", number(Some(&it.object_id)));
            if it.noun == Noun::Token {
                changes.add("token", MASK);
            }
        }
        Operation::Associate | Operation::Disassociate => {
            changes.add("object1", word(it.noun)).add("object1_pk", number(Some(&it.object_id)));
            if let Some(noun) = it.related_noun {
                changes.add("object2", word(noun)).add("object2_pk", number(it.related_id.as_deref()));
            }
            changes.add("action", operation(it.operation));
        }
        Operation::Update => {}
    }
    Value::Object(changes.0)
}

/// A stored text as the kind of value that its field holds.
fn typed(view: &View<'_>, field: &str, text: &str) -> Value {
    // Objects are told by their names, organizations with their numbers behind.
    let id = text.parse::<i64>().ok();
    if field == "application" {
        let name = id.and_then(|id| view.references.applications.get(&ApplicationId(id)));
        return name.map_or_else(|| number(Some(text)), |name| json!(name));
    }
    if field == "organization"
        && let Some((id, name)) =
            id.and_then(|id| Some((id, view.references.organizations.get(&OrganizationId(id))?)))
    {
        return json!(format!("{name}-{id}"));
    }
    if NUMBERS.contains(&field) {
        return number(Some(text));
    }
    if FLAGS.contains(&field) {
        return text.parse::<bool>().map_or_else(|_| Value::from(text), Value::from);
    }
    Value::from(text)
}
