//! The activity stream (contract section A.10).

use http::Method;
use serde_json::{Value, json};

use super::{World, keys};

#[tokio::test]
async fn row_101_entries_tell_of_what_was_touched() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let token = admin.made("tokens/", r#"{"description": "x"}"#).await;
    let path = "activity_stream/?object1=o_auth2_access_token&operation=create&order_by=-id&page_size=1";
    let (status, page) = admin.get(path).await;
    assert_eq!((status, &page["count"]), (200, &json!(1)));
    let entry = &page["results"][0];
    assert_eq!(
        keys(entry),
        [
            "id",
            "type",
            "url",
            "related",
            "summary_fields",
            "timestamp",
            "operation",
            "changes",
            "object1",
            "object2",
            "object_association",
            "action_node",
            "object_type"
        ]
    );
    assert_eq!(keys(&entry["related"]), ["actor", "o_auth2_access_token"]);
    assert_eq!(entry["related"]["o_auth2_access_token"], json!([format!("/api/v2/tokens/{token}/")]));
    assert_eq!(
        entry["changes"],
        json!({ "application": null, "description": "x", "scope": "write", "id": token, "token": "************" })
    );
    assert_eq!(entry["summary_fields"]["actor"]["username"], "admin");
    let one = format!("activity_stream/{}/", entry["id"]);
    assert_eq!(admin.get(&one).await.1["object1"], "o_auth2_access_token");
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        assert_eq!(admin.ask(method, &one, "{}").await.0, 405);
    }
    assert_eq!(admin.get(&format!("tokens/{token}/activity_stream/")).await.1["count"], 1);
    assert_eq!(admin.get("activity_stream/?object1=nothing").await.1["count"], 0);
}

#[tokio::test]
async fn row_102_a_given_role_is_told_from_the_users_side() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let (_, page) = admin.get(&format!("users/{}/activity_stream/?operation=associate", world.om)).await;
    let entry = &page["results"][0];
    assert_eq!((&entry["object1"], &entry["object2"]), (&json!("user"), &json!("organization")));
    assert_eq!(entry["object_association"], "role");
}

#[tokio::test]
async fn row_028_029_entries_are_for_those_they_concern() {
    let world = World::new().await;
    let application = world.application("oa", "a").await;
    let token = world.hand("oa").made(&format!("applications/{application}/tokens/"), "{}").await;
    for word in ["o_auth2_application", "o_auth2_access_token"] {
        let path = format!("activity_stream/?object1={word}&operation=create");
        assert_eq!(world.hand("oa").get(&path).await.1["count"], 1, "{word}");
        assert_eq!(world.hand("alice").get(&path).await.1["count"], 0, "{word}");
    }
    assert_eq!(world.hand("alice").get(&format!("tokens/{token}/activity_stream/")).await.0, 404);
    assert_eq!(world.hand("alice").get(&format!("applications/{application}/activity_stream/")).await.0, 403);
}

#[tokio::test]
async fn secrets_are_not_in_the_stream() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let (_, made) = admin.post("tokens/", "{}").await;
    assert_eq!(admin.patch("users/alice/", r#"{"password": "another horse"}"#).await.0, 200);
    let application = world.application("admin", "a").await;
    let (_, page) = admin.get("activity_stream/?page_size=200").await;
    let text = page.to_string();
    assert!(!text.contains(made["token"].as_str().unwrap()) && !text.contains("another horse"));
    let password = page["results"].as_array().unwrap().iter().find(|it| it["changes"]["password"].is_array());
    assert_eq!(password.unwrap()["changes"]["password"], json!(["hidden", "hidden"]));
    let (_, page) = admin.get(&format!("applications/{application}/activity_stream/")).await;
    assert_eq!(page["results"][0]["changes"].get("client_secret"), None::<&Value>);
}

#[tokio::test]
async fn what_changed_is_told_by_names() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let application = world.application("admin", "robot").await;
    admin.made("tokens/", &format!(r#"{{"application": {application}}}"#)).await;
    let newest = async |kind: &str| {
        let path = format!("activity_stream/?object1={kind}&order_by=-id&page_size=1");
        admin.get(&path).await.1["results"][0].clone()
    };
    let made = newest("o_auth2_access_token").await;
    assert_eq!(made["changes"]["application"], "robot");
    let made = newest("o_auth2_application").await;
    assert_eq!(made["changes"]["organization"], format!("Ops-{}", world.organization));
    for (body, name) in [
        (r#"{"SESSIONS_PER_USER": 7}"#, "SESSIONS_PER_USER"),
        (r#"{"OAUTH2_PROVIDER": {"ACCESS_TOKEN_EXPIRE_SECONDS": 60}}"#, "OAUTH2_PROVIDER"),
    ] {
        assert_eq!(admin.patch("settings/authentication/", body).await.0, 200);
        let told = json!([{ "name": name, "category": "authentication" }]);
        assert_eq!(newest("setting").await["summary_fields"]["setting"], told);
    }
    let absent = json!({ "detail": "No ActivityStream matches the given query." });
    assert_eq!(admin.get("activity_stream/999999/").await, (404, absent));
}
