//! Applications: whose business they are, and what is wrong with one (contract section A.5).

use http::Method;
use serde_json::json;

use super::{World, forbidden};

#[tokio::test]
async fn row_008_a_new_application_shows_its_secret_once() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let body = format!(
        r#"{{"name": "a", "client_type": "confidential", "authorization_grant_type": "password",
            "organization": {}, "client_id": "mine", "client_secret": "mine"}}"#,
        world.organization
    );
    let (status, made) = admin.post("applications/", &body).await;
    assert_eq!(status, 201);
    assert_eq!(made["client_id"].as_str().unwrap().len(), 40);
    assert_eq!(made["client_secret"].as_str().unwrap().len(), 128);
    assert_eq!((&made["skip_authorization"], &made["redirect_uris"]), (&json!(false), &json!("")));
    assert!(made.get("modified").is_some() && made.get("updated").is_none());
    let (_, shown) = admin.get(&format!("applications/{}/", made["id"])).await;
    assert_eq!(shown["client_secret"], "************");
}

#[tokio::test]
async fn row_009_junk_is_refused() {
    let world = World::new().await;
    let (status, said) =
        world.hand("admin").post("applications/", r#"{"name": "a", "scope": "Write"}"#).await;
    let required = json!(["This field is required."]);
    assert_eq!(status, 400);
    assert_eq!(
        said.to_string(),
        json!({ "client_type": required, "authorization_grant_type": required, "organization": required })
            .to_string()
    );
}

#[tokio::test]
async fn row_010_all_but_the_grant_type_changes() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let application = world.application("admin", "a").await;
    let other = admin.made("organizations/", r#"{"name": "Dev"}"#).await;
    let body = format!(
        r#"{{"name": "b", "organization": {other}, "redirect_uris": "http://localhost/api/",
            "skip_authorization": true, "authorization_grant_type": "authorization-code"}}"#
    );
    let (status, changed) = admin.patch(&format!("applications/{application}/"), &body).await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!(
        (&changed["name"], &changed["organization"], &changed["skip_authorization"]),
        (&json!("b"), &json!(other), &json!(true))
    );
    assert_eq!(changed["redirect_uris"], "http://localhost/api/");
    assert_eq!(changed["authorization_grant_type"], "password");
}

#[tokio::test]
async fn what_is_wrong_with_an_application_is_said() {
    let world = World::new().await;
    let admin = world.hand("admin");
    world.application("admin", "taken").await;
    let all = |text: &str| json!({ "__all__": [text] });
    for (name, client, grant, organization, more, said) in [
        (
            "taken",
            "public",
            "password",
            world.organization,
            "",
            all("Application with this Name and Organization already exists."),
        ),
        (
            "x",
            "public",
            "authorization-code",
            world.organization,
            "",
            all("redirect_uris cannot be empty with grant_type authorization-code"),
        ),
        (
            "x",
            "public",
            "password",
            world.organization,
            r#", "redirect_uris": "nope""#,
            all("Enter a valid URL."),
        ),
        (
            "x",
            "public",
            "password",
            world.organization,
            r#", "redirect_uris": "ftp://a.example/""#,
            all("Unauthorized redirect scheme: ftp"),
        ),
        (
            "x",
            "x",
            "password",
            world.organization,
            "",
            json!({ "client_type": ["\"x\" is not a valid choice."] }),
        ),
        (
            "x",
            "public",
            "implicit",
            world.organization,
            "",
            json!({ "authorization_grant_type": ["\"implicit\" is not a valid choice."] }),
        ),
        (
            "x",
            "public",
            "password",
            77,
            "",
            json!({ "organization": ["Invalid pk \"77\" - object does not exist."] }),
        ),
    ] {
        let body = format!(
            r#"{{"name": "{name}", "client_type": "{client}", "authorization_grant_type": "{grant}",
                "organization": {organization}{more}}}"#
        );
        assert_eq!(admin.post("applications/", &body).await, (400, said), "{body}");
    }
}

#[tokio::test]
async fn row_025_026_027_members_read_applications() {
    let world = World::new().await;
    for by in ["admin", "oa"] {
        let application = world.application(by, by).await;
        let path = format!("applications/{application}/");
        for name in ["admin", "oa", "om", "sa"] {
            assert_eq!(world.hand(name).get(&path).await.0, 200, "{name} reads {by}'s");
        }
        assert_eq!(world.hand("alice").get(&path).await, forbidden());
    }
    assert_eq!(world.hand("om").get("applications/").await.1["count"], 2);
    assert_eq!(world.hand("alice").get("applications/").await.1["count"], 0);
}

#[tokio::test]
async fn row_030_031_administrators_change_applications() {
    let world = World::new().await;
    for by in ["admin", "oa"] {
        let application = world.application(by, by).await;
        let path = format!("applications/{application}/");
        for name in ["om", "alice", "sa"] {
            assert_eq!(world.hand(name).patch(&path, r#"{"description": "x"}"#).await.0, 403, "{name}");
            assert_eq!(world.hand(name).delete(&path).await, 403, "{name}");
        }
        assert_eq!(world.hand("oa").patch(&path, r#"{"description": "x"}"#).await.0, 200);
        assert_eq!(world.hand("admin").patch(&path, r#"{"description": "y"}"#).await.0, 200);
        assert_eq!(world.hand("oa").delete(&path).await, 204);
    }
}

#[tokio::test]
async fn row_033_others_make_none() {
    let world = World::new().await;
    let body = format!(
        r#"{{"name": "a", "client_type": "public", "authorization_grant_type": "password",
            "organization": {}}}"#,
        world.organization
    );
    for name in ["om", "alice", "sa"] {
        assert_eq!(world.hand(name).post("applications/", &body).await, forbidden(), "{name}");
        let path = format!("organizations/{}/applications/", world.organization);
        assert_ne!(world.hand(name).post(&path, &body).await.0, 201, "{name}");
    }
    let path = format!("organizations/{}/applications/", world.organization);
    assert_eq!(world.hand("oa").post(&path, &body).await.0, 201);
    let other = world.hand("admin").made("organizations/", r#"{"name": "Dev"}"#).await;
    let body = body.replace(&format!(": {}}}", world.organization), &format!(": {other}}}"));
    assert_eq!(world.hand("oa").post("applications/", &body).await.0, 400, "it cannot even see it");
}

#[tokio::test]
async fn an_organizations_administrator_spares_nobody_the_question() {
    let world = World::new().await;
    let application = world.application("oa", "a").await;
    let path = format!("applications/{application}/");
    let body = r#"{"skip_authorization": true}"#;
    assert_eq!(world.hand("oa").patch(&path, body).await, forbidden());
    assert_eq!(world.hand("admin").patch(&path, body).await.0, 200);
    // What is so already may stay so.
    let body = r#"{"skip_authorization": true, "description": "x"}"#;
    assert_eq!(world.hand("oa").patch(&path, body).await.0, 200);
}

#[tokio::test]
async fn row_019_an_application_takes_its_tokens_along() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let application = world.application("admin", "a").await;
    let token = admin.made(&format!("applications/{application}/tokens/"), "{}").await;
    assert_eq!(admin.delete(&format!("applications/{application}/")).await, 204);
    assert_eq!(admin.get(&format!("tokens/{token}/")).await.0, 404);
    let (status, said) = admin.ask(Method::GET, &format!("applications/{application}/"), "").await;
    assert_eq!((status, said), (404, json!({ "detail": "No OAuth2Application matches the given query." })));
}
