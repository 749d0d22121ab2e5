//! Shapes: every key in its order.

use serde_json::{Value, json};

use super::{World, keys};

#[tokio::test]
async fn a_user_has_its_keys() {
    let world = World::new().await;
    let (_, user) = world.hand("admin").get("users/alice/").await;
    assert_eq!(
        keys(&user),
        [
            "id",
            "type",
            "url",
            "related",
            "summary_fields",
            "created",
            "modified",
            "username",
            "first_name",
            "last_name",
            "email",
            "is_superuser",
            "is_system_auditor",
            "password",
            "ldap_dn",
            "last_login",
            "external_account",
            "auth"
        ]
    );
    assert_eq!(
        keys(&user["related"]),
        [
            "named_url",
            "teams",
            "organizations",
            "admin_of_organizations",
            "projects",
            "credentials",
            "roles",
            "activity_stream",
            "access_list",
            "tokens",
            "authorized_tokens",
            "personal_tokens"
        ]
    );
    assert_eq!(keys(&user["summary_fields"]), ["resource", "user_capabilities"]);
    assert_eq!(user["summary_fields"]["user_capabilities"], json!({ "edit": true, "delete": true }));
    assert_eq!(
        (&user["ldap_dn"], &user["external_account"], &user["auth"]),
        (&json!(""), &Value::Null, &json!([]))
    );
}

#[tokio::test]
async fn an_organization_has_its_keys() {
    let world = World::new().await;
    let (_, it) = world.hand("om").get(&format!("organizations/{}/", world.organization)).await;
    assert_eq!(
        keys(&it),
        [
            "id",
            "type",
            "url",
            "related",
            "summary_fields",
            "created",
            "modified",
            "name",
            "description",
            "max_hosts",
            "custom_virtualenv",
            "default_environment"
        ]
    );
    assert_eq!(
        keys(&it["related"])[..4],
        ["named_url", "created_by", "modified_by", "execution_environments"]
    );
    assert_eq!(keys(&it["related"]).len(), 23);
    assert_eq!(
        keys(&it["summary_fields"]),
        [
            "resource",
            "created_by",
            "modified_by",
            "object_roles",
            "user_capabilities",
            "related_field_counts"
        ]
    );
    let roles = &it["summary_fields"]["object_roles"];
    assert_eq!(
        keys(roles),
        [
            "admin_role",
            "execute_role",
            "project_admin_role",
            "inventory_admin_role",
            "credential_admin_role",
            "workflow_admin_role",
            "notification_admin_role",
            "job_template_admin_role",
            "execution_environment_admin_role",
            "auditor_role",
            "member_role",
            "read_role",
            "approval_role"
        ]
    );
    assert_eq!(
        roles["admin_role"].to_string(),
        format!(
            r#"{{"description":"Can manage all aspects of the organization","name":"Admin","id":{},"user_only":true}}"#,
            16 * world.organization
        )
    );
    assert_eq!(keys(&roles["read_role"]), ["description", "name", "id"]);
    assert_eq!(it["summary_fields"]["user_capabilities"], json!({ "edit": false, "delete": false }));
    assert_eq!(
        it["summary_fields"]["related_field_counts"].to_string(),
        r#"{"inventories":0,"teams":0,"users":1,"job_templates":0,"admins":1,"projects":0}"#
    );
}

#[tokio::test]
async fn a_team_and_an_application_have_their_keys() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let body = format!(r#"{{"name": "t", "organization": {}}}"#, world.organization);
    let (_, team) = admin.post("teams/", &body).await;
    assert_eq!(
        keys(&team),
        [
            "id",
            "type",
            "url",
            "related",
            "summary_fields",
            "created",
            "modified",
            "name",
            "description",
            "organization"
        ]
    );
    assert_eq!(
        keys(&team["summary_fields"]),
        ["organization", "resource", "created_by", "modified_by", "object_roles", "user_capabilities"]
    );
    let organization = json!({ "id": world.organization, "name": "Ops", "description": "" });
    assert_eq!(team["summary_fields"]["organization"], organization);
    let application = world.application("admin", "a").await;
    let (_, it) = admin.get(&format!("applications/{application}/")).await;
    assert_eq!(
        keys(&it),
        [
            "id",
            "type",
            "url",
            "related",
            "summary_fields",
            "created",
            "modified",
            "name",
            "description",
            "client_id",
            "client_secret",
            "client_type",
            "redirect_uris",
            "authorization_grant_type",
            "skip_authorization",
            "organization"
        ]
    );
    assert_eq!(keys(&it["related"]), ["named_url", "tokens", "activity_stream", "organization"]);
    assert_eq!(keys(&it["summary_fields"]), ["organization", "user_capabilities", "tokens"]);
    let body = body.replace("\"t\"", "\"p\"").replace(
        "\"organization\"",
        "\"client_type\": \"public\", \"authorization_grant_type\": \"password\", \"organization\"",
    );
    let (_, public) = admin.post("applications/", &body).await;
    assert!(public.get("client_secret").is_none());
}

#[tokio::test]
async fn every_list_that_an_object_names_is_there() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let body = format!(r#"{{"name": "Team A", "organization": {}}}"#, world.organization);
    let team = admin.made("teams/", &body).await;
    let application = world.application("admin", "app").await;
    for path in [
        format!("users/{}/", world.alice),
        format!("organizations/{}/", world.organization),
        format!("teams/{team}/"),
        format!("applications/{application}/"),
    ] {
        let (_, object) = admin.get(&path).await;
        for (name, address) in object["related"].as_object().unwrap() {
            let address = address.as_str().unwrap().strip_prefix("/api/v2/").unwrap();
            let (status, found) = admin.get(address).await;
            assert_eq!(status, 200, "{path} {name}");
            if name == "access_list" {
                assert_eq!((&found["count"], &found["results"]), (&json!(0), &json!([])), "{path}");
            }
        }
    }
}
