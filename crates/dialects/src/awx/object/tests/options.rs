//! OPTIONS: what the command line learns (contract sections G.1, G.5).

use http::Method;
use serde_json::{Value, json};

use super::{Hand, World, body_of, header, keys};
use crate::bed::Bed;

async fn options(hand: &Hand<'_>, path: &str) -> (String, Value) {
    let response = hand.send(Method::OPTIONS, path, "").await;
    assert_eq!(response.status(), 200, "{path}");
    (header(&response, "allow").unwrap().to_owned(), body_of(&response))
}

#[tokio::test]
async fn a_list_tells_what_the_caller_may_do() {
    let bed = Bed::new().await;
    let (_, admin) = options(&Hand::of(&bed, "admin"), "users/").await;
    assert_eq!((keys(&admin["actions"]), &admin["name"]), (vec!["POST", "GET"], &json!("User List")));
    assert_eq!((&admin["types"], &admin["max_page_size"]), (&json!(["user"]), &json!(200)));
    assert_eq!(admin["search_fields"], json!(["username", "first_name", "last_name", "email"]));
    let (allow, alice) = options(&Hand::of(&bed, "alice"), "users/").await;
    assert_eq!((keys(&alice["actions"]), allow.as_str()), (vec!["GET"], "GET, POST, HEAD, OPTIONS"));
    let (_, tokens) = options(&Hand::of(&bed, "alice"), "tokens/").await;
    assert_eq!(keys(&tokens["actions"]), ["POST", "GET"]);
    let read = bed.token("admin", "read").await;
    let (_, tokens) = options(&Hand::with(&bed, &read), "tokens/").await;
    assert_eq!(keys(&tokens["actions"]), ["GET"]);
}

#[tokio::test]
async fn the_fields_of_users_are_described_exactly() {
    let bed = Bed::new().await;
    let (_, about) = options(&Hand::of(&bed, "admin"), "users/").await;
    let post = &about["actions"]["POST"];
    assert_eq!(
        keys(post),
        ["username", "first_name", "last_name", "email", "is_superuser", "is_system_auditor", "password"]
    );
    for (name, said) in [
        (
            "username",
            r#"{"type":"string","required":true,"hidden":false,"label":"Username","help_text":"Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.","max_length":150,"filterable":true}"#,
        ),
        (
            "email",
            r#"{"type":"string","required":false,"hidden":false,"label":"Email address","max_length":254,"filterable":true}"#,
        ),
        (
            "is_system_auditor",
            r#"{"type":"boolean","required":false,"hidden":false,"label":"Is system auditor","filterable":false,"default":false}"#,
        ),
        (
            "password",
            r#"{"type":"string","required":false,"hidden":false,"label":"Password","help_text":"Field used to change the password.","filterable":true,"default":""}"#,
        ),
    ] {
        assert_eq!(post[name].to_string(), said);
    }
    let get = &about["actions"]["GET"];
    assert_eq!(
        get["type"].to_string(),
        r#"{"type":"choice","hidden":false,"label":"Type","help_text":"Data type for this user.","choices":[["user","User"]]}"#
    );
    assert_eq!(
        get["id"].to_string(),
        r#"{"type":"integer","hidden":false,"label":"ID","help_text":"Database ID for this user.","filterable":true}"#
    );
    assert_eq!(keys(get).last(), Some(&"external_account"));
    assert_eq!(get["related"]["type"], "object");
}

#[tokio::test]
async fn the_fields_of_groups_and_applications_are_described_exactly() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let (_, about) = options(&admin, "organizations/").await;
    assert_eq!(
        about["actions"]["POST"].to_string(),
        r#"{"name":{"type":"string","required":true,"hidden":false,"label":"Name","max_length":512,"help_text":"Name of this organization.","filterable":true},"description":{"type":"string","required":false,"hidden":false,"label":"Description","help_text":"Optional description of this organization.","filterable":true,"default":""},"max_hosts":{"type":"integer","required":false,"hidden":false,"label":"Max hosts","help_text":"Maximum number of hosts allowed to be managed by this organization.","min_value":0,"max_value":2147483647,"filterable":true,"default":0},"default_environment":{"type":"id","required":false,"hidden":false,"label":"Default environment","help_text":"The default execution environment for jobs run by this organization.","filterable":true}}"#
    );
    assert_eq!(about["object_roles"].as_array().unwrap().len(), 13);
    let (_, about) = options(&admin, "teams/").await;
    assert_eq!(
        about["actions"]["POST"].to_string(),
        r#"{"name":{"type":"string","required":true,"hidden":false,"label":"Name","max_length":512,"help_text":"Name of this team.","filterable":true},"description":{"type":"string","required":false,"hidden":false,"label":"Description","help_text":"Optional description of this team.","filterable":true,"default":""},"organization":{"type":"id","required":true,"hidden":false,"label":"Organization","filterable":true}}"#
    );
    assert_eq!(about["object_roles"], json!(["admin_role", "member_role", "read_role"]));
    let (_, about) = options(&admin, "applications/").await;
    let post = &about["actions"]["POST"];
    assert_eq!(
        keys(post),
        [
            "name",
            "description",
            "client_type",
            "redirect_uris",
            "authorization_grant_type",
            "skip_authorization",
            "organization"
        ]
    );
    assert_eq!(
        post["client_type"].to_string(),
        r#"{"type":"choice","required":true,"hidden":false,"label":"Client Type","help_text":"Set to Public or Confidential depending on how secure the client device is.","filterable":true,"choices":[["confidential","Confidential"],["public","Public"]]}"#
    );
    let (_, about) = options(&admin, "tokens/").await;
    assert_eq!(keys(&about["actions"]["POST"]), ["description", "application", "scope"]);
    assert_eq!(
        about["actions"]["GET"]["refresh_token"].to_string(),
        r#"{"type":"field","hidden":false,"label":"Refresh token","filterable":false}"#
    );
}

#[tokio::test]
async fn row_082_an_object_tells_what_can_be_changed() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let application = world.application("admin", "a").await;
    let token = admin.made("tokens/", "{}").await;
    for (path, name, fields) in [
        (format!("tokens/{token}/"), "OAuth Token Detail", vec!["description", "scope"]),
        (
            format!("applications/{application}/"),
            "OAuth 2 Application Detail",
            vec!["name", "description", "client_type", "redirect_uris", "skip_authorization", "organization"],
        ),
    ] {
        let (allow, about) = options(&admin, &path).await;
        assert_eq!(allow, "GET, PUT, PATCH, DELETE, HEAD, OPTIONS");
        assert_eq!((&about["name"], keys(&about["actions"]["PUT"])), (&json!(name), fields));
        assert!(about.get("max_page_size").is_none());
        assert_eq!(about["actions"]["GET"]["id"]["filterable"], true);
    }
    for path in ["tokens/99999/", "users/ghost/", "organizations/99999/"] {
        let (allow, about) = options(&admin, path).await;
        assert_eq!(
            (allow.as_str(), keys(&about["actions"])),
            ("GET, PUT, PATCH, DELETE, HEAD, OPTIONS", vec!["GET"])
        );
    }
    let path = format!("organizations/{}/", world.organization);
    assert_eq!(keys(&options(&world.hand("om"), &path).await.1["actions"]), ["GET"]);
    assert_eq!(keys(&options(&world.hand("oa"), &path).await.1["actions"]), ["PUT", "GET"]);
}

#[tokio::test]
async fn lists_below_objects_tell_what_can_be_made_there() {
    let bed = Bed::new().await;
    let alice = Hand::of(&bed, "alice");
    for (path, name, fields) in [
        ("users/alice/personal_tokens/", "OAuth2 Personal Access Tokens", vec!["description", "scope"]),
        (
            "users/alice/authorized_tokens/",
            "OAuth2 User Authorized Access Tokens",
            vec!["description", "application", "scope"],
        ),
    ] {
        let (_, about) = options(&alice, path).await;
        assert_eq!((&about["name"], keys(&about["actions"]["POST"])), (&json!(name), fields));
    }
    let (allow, about) = options(&alice, "activity_stream/").await;
    assert_eq!((allow.as_str(), keys(&about["actions"])), ("GET, HEAD, OPTIONS", vec!["GET"]));
}

#[tokio::test]
async fn row_096_lists_answer_all_that_read() {
    let bed = Bed::new().await;
    for method in [Method::OPTIONS, Method::HEAD, Method::GET] {
        for name in ["admin", "alice"] {
            let answer = Hand::of(&bed, name).send(method.clone(), "organizations/", "").await;
            assert_eq!(answer.status(), 200, "{method} {name}");
        }
        let nobody = Hand { bed: &bed, authorization: String::new() };
        let answer = nobody.send(method.clone(), "organizations/", "").await;
        assert_eq!(answer.status(), 401, "{method}");
    }
}

#[tokio::test]
async fn what_is_attached_is_told_by_its_number() {
    let world = World::new().await;
    let admin = world.hand("admin");
    for path in [
        format!("users/{}/roles/", world.alice),
        "teams/1/roles/".to_owned(),
        "roles/2/users/".to_owned(),
        "roles/17/teams/".to_owned(),
    ] {
        let (status, about) = admin.ask(Method::OPTIONS, &path, "").await;
        assert_eq!((status, keys(&about["actions"])), (200, vec!["POST", "GET"]), "{path}");
        assert_eq!(keys(&about["actions"]["POST"]), ["id"], "{path}");
        assert_eq!(about["actions"]["POST"]["id"]["type"], "integer", "{path}");
    }
    let path = format!("organizations/{}/object_roles/", world.organization);
    assert_eq!(keys(&admin.ask(Method::OPTIONS, &path, "").await.1["actions"]), ["GET"]);
}
