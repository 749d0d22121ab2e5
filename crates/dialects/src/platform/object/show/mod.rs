//! To the wire: objects as the contract shows them, every key in its order (contract section A3).

use identity::action::Written;
use identity::model::catalog;
use identity::model::object::{Noun, Object, Stamp, UserId};
use identity::port::References;
use serde_json::{Map, Value, json};

mod entry;
mod role;
mod simple;
mod user;

use super::address::{self, V1};
use super::read::MASK;
use crate::drf::time;

/// An object as everybody may see it who may see it at all.
pub fn object(object: &Object, references: &References) -> Value {
    let map = match object {
        Object::User(it) => user::show(it, references),
        Object::Organization(it) => simple::organization(it, references),
        Object::Team(it) => simple::team(it, references),
        Object::Token(it) => simple::token(it, references),
        Object::Application(it) => simple::application(it, references),
        Object::Authenticator(it) => simple::authenticator(it, references),
        Object::RoleDefinition(it) => role::definition(it, references),
        Object::UserAssignment(it) => role::user_assignment(it, references),
        Object::TeamAssignment(it) => role::team_assignment(it, references),
        Object::Entry(it) => entry::show(it, references),
    };
    Value::Object(map)
}

/// An application as those see it who only want to find it.
pub(super) fn app_url(object: &Object) -> Value {
    match object {
        Object::Application(it) => Value::Object(simple::app_url(it)),
        _ => Value::Null,
    }
}

/// An object that was just written, with the secrets that are shown this once.
pub(super) fn written(written: &Written) -> Value {
    let mut value = object(&written.object, &written.references);
    let secrets = [
        ("token", &written.token),
        ("refresh_token", &written.refresh_token),
        ("client_secret", &written.client_secret),
    ];
    for (name, secret) in secrets {
        if let (Some(secret), Some(shown)) = (secret, value.get_mut(name)) {
            *shown = Value::from(secret.expose());
        }
    }
    value
}

/// Addresses of related objects, by name.
struct Related {
    first: Vec<(&'static str, String)>,
    sorted: Vec<(&'static str, String)>,
}

impl Related {
    /// The addresses of an object's makers.
    fn new(stamp: Option<&Stamp>) -> Self {
        let mut related = Self { first: Vec::new(), sorted: Vec::new() };
        if let Some(stamp) = stamp {
            related.user("created_by", stamp.created_by);
            related.user("modified_by", stamp.modified_by);
        }
        related
    }

    /// One more.
    fn add(&mut self, name: &'static str, address: String) {
        self.sorted.push((name, address));
    }

    /// An object's entries in the activity stream.
    fn activity(&mut self, noun: Noun, id: i64) {
        self.add("activity_stream", address::activity(noun, id));
    }

    /// A list below an object.
    fn below(&mut self, name: &'static str, collection: &str, id: i64) {
        self.add(name, below(collection, id, name));
    }

    /// A user, if there is one.
    fn user(&mut self, name: &'static str, user: Option<UserId>) {
        if let Some(user) = user {
            self.add(name, address::user(user));
        }
    }

    /// Sorted by name, behind those that stand first.
    fn show(mut self) -> Value {
        self.sorted.sort_by_key(|(name, _)| *name);
        let all = self.first.into_iter().chain(self.sorted);
        Value::Object(all.map(|(name, address)| (name.to_owned(), Value::from(address))).collect())
    }
}

fn below(collection: &str, id: i64, name: &str) -> String {
    format!("{V1}{collection}/{id}/{name}/")
}

/// What is shown of the objects that an object refers to.
struct Summary(Map<String, Value>);

impl Summary {
    /// Of an object's makers: the last one first.
    fn new(stamp: &Stamp, references: &References) -> Self {
        let mut summary = Self(Map::new());
        summary.user("modified_by", stamp.modified_by, references);
        summary.user("created_by", stamp.created_by, references);
        summary
    }

    /// Of a user.
    fn user(&mut self, name: &str, user: Option<UserId>, references: &References) {
        if let Some(user) = user
            && let Some(it) = references.users.get(&user)
        {
            let value = json!({
                "id": user.0,
                "username": it.username,
                "first_name": it.first_name,
                "last_name": it.last_name,
            });
            self.0.insert(name.to_owned(), value);
        }
    }

    /// Of an object that has a name.
    fn named(&mut self, name: &str, id: i64, its_name: Option<&String>) {
        if let Some(its_name) = its_name {
            self.0.insert(name.to_owned(), json!({ "id": id, "name": its_name }));
        }
    }

    /// Of the object as other services know it.
    fn resource(&mut self, stable_id: &str, resource_type: &str) {
        self.0.insert(
            "resource".to_owned(),
            json!({ "ansible_id": stable_id, "resource_type": resource_type }),
        );
    }
}

/// The eight keys that most objects begin with.
fn head(noun: Noun, id: i64, related: Related, summary: Summary, stamp: &Stamp) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in [
        ("id", json!(id)),
        ("url", json!(address::of(noun, id))),
        ("related", related.show()),
        ("summary_fields", Value::Object(summary.0)),
        ("created", json!(time::format(stamp.created_at))),
        ("created_by", json!(stamp.created_by.map(|it| it.0))),
        ("modified", json!(time::format(stamp.modified_at))),
        ("modified_by", json!(stamp.modified_by.map(|it| it.0))),
    ] {
        map.insert(name.to_owned(), value);
    }
    map
}

/// More keys, in their order.
fn extend<const N: usize>(map: &mut Map<String, Value>, keys: [(&str, Value); N]) {
    map.extend(keys.map(|(name, value)| (name.to_owned(), value)));
}

/// A kind as `content_type` of roles spells it.
fn shared(noun: Noun) -> Option<&'static str> {
    match noun {
        Noun::Organization => Some("shared.organization"),
        Noun::Team => Some("shared.team"),
        _ => None,
    }
}

/// A kind's model in small letters.
fn model(noun: Noun) -> String {
    catalog::entry(noun).model.to_ascii_lowercase()
}
