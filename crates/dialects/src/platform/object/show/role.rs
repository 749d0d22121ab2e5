//! Roles and who has them, as the contract shows them.

use identity::model::object::{AssignmentId, Noun, OrganizationId, TeamId, UserId};
use identity::model::role::{ManagedRole, RoleDefinition, TeamAssignment, UserAssignment};
use identity::port::References;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Related, Summary, extend, shared};
use crate::drf::time;
use crate::platform::object::address;

pub(super) fn definition(it: &RoleDefinition, references: &References) -> Map<String, Value> {
    let id = it.id.0;
    let mut related = Related::new(Some(&it.stamp));
    related.activity(Noun::RoleDefinition, id);
    for name in ["team_assignments", "user_assignments"] {
        related.below(name, "role_definitions", id);
    }
    let summary = Summary::new(&it.stamp, references);
    let mut map = Map::new();
    extend(
        &mut map,
        [
            ("id", json!(id)),
            ("url", json!(address::of(Noun::RoleDefinition, id))),
            ("related", related.show()),
            ("summary_fields", Value::Object(summary.0)),
            ("permissions", json!(it.permissions)),
            ("content_type", json!(it.target.and_then(shared))),
            ("modified", json!(time::format(it.stamp.modified_at))),
            ("created", json!(time::format(it.stamp.created_at))),
            ("name", json!(it.name)),
            ("description", json!(it.description)),
            ("managed", json!(it.is_managed)),
            ("modified_by", json!(it.stamp.modified_by.map(|it| it.0))),
            ("created_by", json!(it.stamp.created_by.map(|it| it.0))),
        ],
    );
    map
}

pub(super) fn user_assignment(it: &UserAssignment, references: &References) -> Map<String, Value> {
    let given = Given {
        noun: Noun::UserAssignment,
        id: it.id,
        role: it.role,
        object_id: it.object_id,
        created_at: it.created_at,
        created_by: it.created_by,
    };
    let mut related = Related { first: Vec::new(), sorted: Vec::new() };
    related.user("user", Some(it.user));
    let mut map = given.show(references, related, |summary| summary.user("user", Some(it.user), references));
    extend(&mut map, [("user", json!(it.user.0)), ("user_ansible_id", json!(it.user_stable_id.0))]);
    map
}

pub(super) fn team_assignment(it: &TeamAssignment, references: &References) -> Map<String, Value> {
    let given = Given {
        noun: Noun::TeamAssignment,
        id: it.id,
        role: it.role,
        object_id: it.object_id,
        created_at: it.created_at,
        created_by: it.created_by,
    };
    let mut related = Related { first: Vec::new(), sorted: Vec::new() };
    related.add("team", address::of(Noun::Team, it.team.0).unwrap_or_default());
    let mut map = given.show(references, related, |summary| {
        summary.named("team", it.team.0, references.teams.get(&it.team));
    });
    extend(&mut map, [("team", json!(it.team.0)), ("team_ansible_id", json!(it.team_stable_id.0))]);
    map
}

/// What the two kinds of assignments share.
struct Given {
    noun: Noun,
    id: AssignmentId,
    role: ManagedRole,
    object_id: Option<i64>,
    created_at: Timestamp,
    created_by: Option<UserId>,
}

impl Given {
    fn show(
        &self,
        references: &References,
        mut related: Related,
        holder: impl FnOnce(&mut Summary),
    ) -> Map<String, Value> {
        let role = self.role.id();
        related.activity(self.noun, self.id.0);
        related.user("created_by", self.created_by);
        related.add("role_definition", address::of(Noun::RoleDefinition, role.0).unwrap_or_default());
        let mut related = related.show();
        let mut summary = Summary(Map::new());
        summary.user("created_by", self.created_by, references);
        let (name, description) = match references.roles.get(&role) {
            Some((name, description)) => (name.as_str(), description.as_str()),
            None => (self.role.name(), ""),
        };
        summary.0.insert(
            "role_definition".to_owned(),
            json!({ "id": role.0, "name": name, "description": description, "managed": true }),
        );
        holder(&mut summary);
        let target = self.role.target();
        if let (Some(noun), Some(id)) = (target, self.object_id) {
            if let (Value::Object(related), Some(address)) = (&mut related, address::of(noun, id)) {
                related.insert("content_object".to_owned(), json!(address));
            }
            let name = match noun {
                Noun::Organization => references.organizations.get(&OrganizationId(id)),
                Noun::Team => references.teams.get(&TeamId(id)),
                _ => None,
            };
            summary.named("content_object", id, name);
        }
        let mut map = Map::new();
        extend(
            &mut map,
            [
                ("id", json!(self.id.0)),
                ("url", json!(address::of(self.noun, self.id.0))),
                ("related", related),
                ("summary_fields", Value::Object(summary.0)),
                ("created", json!(time::format(self.created_at))),
                ("created_by", json!(self.created_by.map(|it| it.0))),
                ("content_type", json!(target.and_then(shared))),
                ("object_id", json!(self.object_id.map(|it| it.to_string()))),
                // The contract's server shows none here, whatever was sent.
                ("object_ansible_id", Value::Null),
                ("role_definition", json!(role.0)),
            ],
        );
        map
    }
}
