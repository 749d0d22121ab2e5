//! Shapes: every key of every object, in the contract's order.

use identity::model::setting::SettingValue;
use serde_json::Value;

use super::{Hand, number};
use crate::bed::Bed;

/// The keys of an object, joined.
fn keys(value: &Value) -> String {
    value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
}

const COMMON: &str = "id url related summary_fields created created_by modified modified_by";

#[tokio::test]
async fn a_user() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let (status, user) = admin.post("users/", r#"{"username": "bob2", "email": "bob2@example.com"}"#).await;
    assert_eq!(status, 201);
    assert_eq!(
        keys(&user),
        format!(
            "{COMMON} username email first_name last_name last_login last_login_from password is_superuser \
             is_platform_auditor managed last_login_results authenticators authenticator_uid \
             associated_authenticators"
        )
    );
    assert_eq!(
        keys(&user["related"]),
        "personal_tokens authorized_tokens tokens activity_stream authenticators created_by modified_by \
         organizations teams"
    );
    assert_eq!(keys(&user["summary_fields"]), "modified_by created_by resource");
    assert_eq!(keys(&user["summary_fields"]["created_by"]), "id username first_name last_name");
    assert_eq!(user["summary_fields"]["resource"]["resource_type"], "shared.user");
    assert_eq!(user["password"], "$encrypted$");
    assert_eq!(user["url"], format!("/api/gateway/v1/users/{}/", user["id"]));
}

#[tokio::test]
async fn organizations_and_teams() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let (_, organization) = admin.post("organizations/", r#"{"name": "Exam Org"}"#).await;
    assert_eq!(keys(&organization), format!("{COMMON} name description managed"));
    assert_eq!(keys(&organization["related"]), "activity_stream admins created_by modified_by teams users");
    let body = format!(r#"{{"name": "Exam Team", "organization": {}}}"#, organization["id"]);
    let (_, team) = admin.post("teams/", &body).await;
    assert_eq!(keys(&team), format!("{COMMON} name organization description"));
    assert_eq!(keys(&team["related"]), "activity_stream admins created_by modified_by organization users");
    assert_eq!(keys(&team["summary_fields"]), "modified_by created_by organization resource");
    assert_eq!(keys(&team["summary_fields"]["organization"]), "id name");
}

#[tokio::test]
async fn a_token_shows_its_value_once() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let (_, token) = admin.post("tokens/", "").await;
    let own = "expires user application description last_used scope token refresh_token";
    assert_eq!(keys(&token), format!("{COMMON} {own}"));
    assert_eq!(keys(&token["related"]), "activity_stream created_by modified_by user");
    assert_eq!(keys(&token["summary_fields"]), "modified_by created_by user");
    assert_eq!(token["token"].as_str().unwrap().len(), 30);
    let (_, again) = admin.get(&format!("tokens/{}/", token["id"])).await;
    assert_eq!(again["token"], "$encrypted$");
    assert_eq!(again["refresh_token"], Value::Null);
}

#[tokio::test]
async fn a_public_application_has_no_key_for_a_secret() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let organization = admin.made("organizations/", r#"{"name": "o"}"#).await;
    let body = |name: &str, kind: &str| {
        format!(
            r#"{{"name": "{name}", "client_type": "{kind}", "authorization_grant_type": "password",
                "organization": {organization}}}"#
        )
    };
    let (_, open) = admin.post("applications/", &body("open", "public")).await;
    let own = "name client_id redirect_uris post_logout_redirect_uris algorithm user description organization \
               app_url client_type skip_authorization authorization_grant_type";
    assert_eq!(keys(&open), format!("{COMMON} {own}"));
    assert_eq!(keys(&open["related"]), "access_tokens activity_stream created_by modified_by organization");
    assert_eq!(keys(&open["summary_fields"]), "modified_by created_by organization tokens");
    let (_, closed) = admin.post("applications/", &body("closed", "confidential")).await;
    assert_eq!(closed["client_secret"].as_str().unwrap().len(), 128);
    let number = &closed["id"];
    let (_, closed) = admin.get(&format!("applications/{number}/")).await;
    assert_eq!(closed["client_secret"], "$encrypted$");
    let (_, token) = admin.post("tokens/", &format!(r#"{{"application": {number}}}"#)).await;
    assert_eq!(keys(&token["related"]), "activity_stream application created_by modified_by user");
    assert_eq!(token["refresh_token"].as_str().unwrap().len(), 30);
    let (_, closed) = admin.get(&format!("applications/{number}/")).await;
    assert_eq!(closed["summary_fields"]["tokens"]["count"], 1);
    assert_eq!(keys(&closed["summary_fields"]["tokens"]["results"][0]), "id token scope");
}

#[tokio::test]
async fn an_assignment_names_its_object_last() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let organization = admin.made("organizations/", r#"{"name": "o"}"#).await;
    let alice = number(&bed, "alice").await;
    let body = format!(r#"{{"role_definition": 5, "user": {alice}, "object_id": "{organization}"}}"#);
    let (status, given) = admin.post("role_user_assignments/", &body).await;
    assert_eq!(status, 201);
    let own = "content_type object_id object_ansible_id role_definition user user_ansible_id";
    assert_eq!(keys(&given), format!("id url related summary_fields created created_by {own}"));
    assert_eq!(keys(&given["related"]), "activity_stream created_by role_definition user content_object");
    assert_eq!(keys(&given["summary_fields"]), "created_by role_definition user content_object");
    assert_eq!(keys(&given["summary_fields"]["role_definition"]), "id name description managed");
    assert_eq!(given["object_id"], organization.to_string());
    assert_eq!(given["content_type"], "shared.organization");
    let (_, global) =
        admin.post("role_user_assignments/", &format!(r#"{{"role_definition": 1, "user": {alice}}}"#)).await;
    assert_eq!((&global["object_id"], &global["content_type"]), (&Value::Null, &Value::Null));
    let (_, user) = admin.get(&format!("users/{alice}/")).await;
    assert_eq!(user["is_platform_auditor"], true);
}

#[tokio::test]
async fn the_activity_stream_tells_of_changes() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let token = admin.made("tokens/", r#"{"description": "old"}"#).await;
    admin.ask(http::Method::PATCH, &format!("tokens/{token}/"), r#"{"description": "d"}"#).await;
    let (_, page) = admin.get(&format!("activitystream/?content_type=30&object_id={token}")).await;
    let [update, create] = &page["results"].as_array().unwrap()[..] else { panic!("two entries: {page}") };
    let own = "operation changes content_type object_id related_content_type related_object_id \
               content_type_model related_content_type_model";
    assert_eq!(keys(update), format!("id url related summary_fields created created_by {own}"));
    assert_eq!((&create["operation"], &update["operation"]), (&"create".into(), &"update".into()));
    assert_eq!(keys(&update["changes"]), "added_fields changed_fields removed_fields");
    assert_eq!(update["changes"]["changed_fields"]["description"], serde_json::json!(["old", "d"]));
    assert_eq!(update["content_type_model"], "oauth2accesstoken");
    assert_eq!(create["changes"]["added_fields"]["application"], Value::Null);
}

#[tokio::test]
async fn what_is_built_in() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let (_, local) = admin.get("authenticators/1/").await;
    let own = "name enabled create_objects remove_users configuration type order slug auto_migrate_users_to";
    assert_eq!(keys(&local), format!("{COMMON} {own}"));
    assert_eq!(keys(&local["related"]), "authenticator_maps created_by modified_by users");
    let (_, maps) = admin.get("authenticators/1/authenticator_maps/").await;
    assert_eq!(maps["count"], 0);
    let (_, roles) = admin.get("role_definitions/").await;
    assert_eq!(roles["count"], 5);
    assert_eq!(
        keys(&roles["results"][0]),
        "id url related summary_fields permissions content_type modified created name description managed \
         modified_by created_by"
    );
    let (_, plugins) = admin.get("authenticator_plugins/").await;
    assert_eq!(keys(&plugins["authenticators"][0]), "type configuration_schema documentation_url");
}

#[tokio::test]
async fn pages_follow_the_settings_at_once() {
    let bed = Bed::new().await;
    bed.set("MAX_PAGE_SIZE", SettingValue::Integer(1)).await;
    let (_, page) = Hand::of(&bed, "admin").get("users/?page_size=50").await;
    assert_eq!(page["results"].as_array().unwrap().len(), 1);
    assert_eq!(page["next"], "/api/gateway/v1/users/?page=2&page_size=50");
}
