//! Organizations and teams as the contract shows them (contract sections A.6, A.7).

use identity::model::object::Noun;
use identity::model::organization::Organization;
use identity::model::team::Team;
use serde_json::{Map, Value, json};

use super::{Keys, View, head, stamps};

pub(super) fn organization(it: &Organization, view: &View<'_>) -> Map<String, Value> {
    let id = it.id.0;
    let mut related = Keys::default();
    related.named(view, Noun::Organization, &it.name, None).makers(view, &it.stamp).below(
        view,
        "organizations",
        id,
        &[
            "execution_environments",
            "projects",
            "inventories",
            "job_templates",
            "workflow_job_templates",
            "users",
            "admins",
            "teams",
            "credentials",
            "applications",
            "activity_stream",
            "notification_templates",
            "notification_templates_started",
            "notification_templates_success",
            "notification_templates_error",
            "notification_templates_approvals",
            "object_roles",
            "access_list",
            "instance_groups",
            "galaxy_credentials",
        ],
    );
    let counts = view.references.organization_counts.get(&it.id).copied().unwrap_or_default();
    let mut summary = Keys::default();
    summary
        .resource(&it.stable_id.0, "shared.organization")
        .maker_names(view, &it.stamp)
        .roles(Noun::Organization, id)
        .capabilities(view)
        .add(
            "related_field_counts",
            json!({
                "inventories": 0,
                "teams": counts.teams,
                "users": counts.users,
                "job_templates": 0,
                "admins": counts.admins,
                "projects": 0,
            }),
        );
    let mut keys = head(view, Noun::Organization, "organization", id);
    keys.add("related", related.0).add("summary_fields", summary.0);
    stamps(&mut keys, &it.stamp);
    keys.add("name", it.name.as_str())
        .add("description", it.description.as_str())
        .add("max_hosts", 0)
        .add("custom_virtualenv", Value::Null)
        .add("default_environment", Value::Null);
    keys.0
}

pub(super) fn team(it: &Team, view: &View<'_>) -> Map<String, Value> {
    let id = it.id.0;
    let organization = view.references.organizations.get(&it.organization).map_or("", String::as_str);
    let mut related = Keys::default();
    related
        .named(view, Noun::Team, &it.name, Some(organization))
        .makers(view, &it.stamp)
        .below(
            view,
            "teams",
            id,
            &["projects", "users", "credentials", "roles", "object_roles", "activity_stream", "access_list"],
        )
        .add("organization", view.place.of(Noun::Organization, it.organization.0));
    let mut summary = Keys::default();
    summary
        .organization(view, it.organization)
        .resource(&it.stable_id.0, "shared.team")
        .maker_names(view, &it.stamp)
        .roles(Noun::Team, id)
        .capabilities(view);
    let mut keys = head(view, Noun::Team, "team", id);
    keys.add("related", related.0).add("summary_fields", summary.0);
    stamps(&mut keys, &it.stamp);
    keys.add("name", it.name.as_str())
        .add("description", it.description.as_str())
        .add("organization", it.organization.0);
    keys.0
}
