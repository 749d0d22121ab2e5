//! To the wire: objects as the contract shows them, every key in its order (contract sections A.3 to A.10).

use identity::Refusal;
use identity::action::Written;
use identity::model::object::{Noun, Object, OrganizationId, Stamp, UserId};
use identity::port::References;
use serde_json::{Map, Value, json};

mod entry;
mod group;
mod role;
mod token;
mod user;

pub(super) use role::show as role;

use super::address::Place;
use super::ask::Asked;
use super::role::{Numbered, roles_of};
use crate::drf::time;

/// What stands for a token or an application's secret that is not shown (contract section D.6).
const MASK: &str = "************";

/// Keys of a usual object: room for them is made once.
const KEYS_USUAL: usize = 20;

/// What an object is shown with.
struct View<'a> {
    /// What stands before addresses.
    place: Place,
    /// Whether it is shown alone, with its address by name.
    is_alone: bool,
    /// Whether the caller may change it.
    can_edit: bool,
    /// Whether the caller may remove it.
    can_delete: bool,
    /// The names of what it refers to.
    references: &'a References,
    /// This node's name.
    node: &'a str,
}

/// An object as a row of a list.
pub(super) async fn row(asked: &Asked, object: &Object, references: &References) -> Result<Value, Refusal> {
    show(asked, object, references, false).await
}

/// An object alone.
pub(super) async fn alone(asked: &Asked, object: &Object, references: &References) -> Result<Value, Refusal> {
    show(asked, object, references, true).await
}

/// An object that was just written, with the secrets that are shown this once.
pub(super) async fn written(asked: &Asked, written: &Written) -> Result<Value, Refusal> {
    let mut value = alone(asked, &written.object, &written.references).await?;
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
    Ok(value)
}

async fn show(
    asked: &Asked,
    object: &Object,
    references: &References,
    is_alone: bool,
) -> Result<Value, Refusal> {
    let (authority, principal) = (&asked.state.authority, asked.principal()?);
    let has_capabilities = !matches!(object, Object::Token(_) | Object::Entry(_));
    let can_edit = has_capabilities && authority.may_change(principal, object).await?;
    let can_delete = has_capabilities && authority.may_delete(principal, object).await?;
    let node = authority.world.platform.node();
    let view = View { place: asked.place(), is_alone, can_edit, can_delete, references, node };
    Ok(Value::Object(match object {
        Object::User(it) => user::show(it, &view),
        Object::Organization(it) => group::organization(it, &view),
        Object::Team(it) => group::team(it, &view),
        Object::Token(it) => token::token(it, &view),
        Object::Application(it) => token::application(it, &view),
        Object::Entry(it) => entry::show(it, &view),
        Object::Authenticator(_)
        | Object::RoleDefinition(_)
        | Object::UserAssignment(_)
        | Object::TeamAssignment(_) => Map::new(),
    }))
}

/// Keys and values in the order in which they are added.
struct Keys(Map<String, Value>);

impl Default for Keys {
    fn default() -> Self {
        Self(Map::with_capacity(KEYS_USUAL))
    }
}

impl Keys {
    fn add(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// A list below an object, for each of these names.
    fn below(&mut self, view: &View<'_>, collection: &str, id: i64, names: &[&str]) -> &mut Self {
        for name in names {
            self.add(name, view.place.below(collection, id, name));
        }
        self
    }

    /// The address of an object by its name, if it is shown alone and has one.
    fn named(&mut self, view: &View<'_>, noun: Noun, name: &str, organization: Option<&str>) -> &mut Self {
        if view.is_alone
            && let Some(address) = view.place.named(noun, name, organization)
        {
            self.add("named_url", address);
        }
        self
    }

    /// The addresses of an object's makers.
    fn makers(&mut self, view: &View<'_>, stamp: &Stamp) -> &mut Self {
        for (name, user) in [("created_by", stamp.created_by), ("modified_by", stamp.modified_by)] {
            if let Some(user) = user {
                self.add(name, view.place.user(user));
            }
        }
        self
    }

    /// What is shown of an object's makers.
    fn maker_names(&mut self, view: &View<'_>, stamp: &Stamp) -> &mut Self {
        for (name, user) in [("created_by", stamp.created_by), ("modified_by", stamp.modified_by)] {
            if let Some(shown) = user.and_then(|user| person(view.references, user)) {
                self.add(name, shown);
            }
        }
        self
    }

    /// The object as other services know it.
    fn resource(&mut self, stable_id: &str, resource_type: &str) -> &mut Self {
        self.add("resource", json!({ "ansible_id": stable_id, "resource_type": resource_type }))
    }

    /// What the caller may do with it.
    fn capabilities(&mut self, view: &View<'_>) -> &mut Self {
        self.add("user_capabilities", json!({ "edit": view.can_edit, "delete": view.can_delete }))
    }

    /// The roles on it.
    fn roles(&mut self, noun: Noun, id: i64) -> &mut Self {
        let mut roles = Map::new();
        for (numbered, role) in Numbered::all(noun, id).zip(roles_of(noun)) {
            let mut shown = Keys::default();
            shown.add("description", role.description).add("name", role.name).add("id", numbered.number());
            // Teams hold no such roles on organizations.
            if noun == Noun::Organization && role.managed.is_some() {
                shown.add("user_only", true);
            }
            roles.insert(role.key.to_owned(), Value::Object(shown.0));
        }
        self.add("object_roles", Value::Object(roles))
    }

    /// The organization that it belongs to.
    fn organization(&mut self, view: &View<'_>, id: OrganizationId) -> &mut Self {
        let Some(name) = view.references.organizations.get(&id) else { return self };
        let description = view.references.organization_descriptions.get(&id);
        self.add("organization", json!({ "id": id.0, "name": name, "description": description }))
    }
}

/// The four keys that every object begins with.
fn head(view: &View<'_>, noun: Noun, word: &str, id: i64) -> Keys {
    let mut keys = Keys::default();
    keys.add("id", id).add("type", word).add("url", view.place.of(noun, id));
    keys
}

/// When an object was made and changed.
fn stamps(keys: &mut Keys, stamp: &Stamp) {
    keys.add("created", time::format(stamp.created_at)).add("modified", time::format(stamp.modified_at));
}

/// What is shown of a user that something refers to.
fn person(references: &References, user: UserId) -> Option<Value> {
    let it = references.users.get(&user)?;
    Some(json!({
        "id": user.0,
        "username": it.username,
        "first_name": it.first_name,
        "last_name": it.last_name,
    }))
}
