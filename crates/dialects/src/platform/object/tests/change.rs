//! Changes: bodies of every kind, dry runs, members.

use http::Method;
use serde_json::json;

use super::{Hand, header, json as body_of, number};
use crate::bed::Bed;

#[tokio::test]
async fn a_new_object_says_where_it_is() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let made = admin.send(Method::POST, "organizations/", &form, "name=a+b%21&description=").await;
    assert_eq!((made.status().as_u16(), &body_of(&made)["name"]), (201, &json!("a b!")));
    let location = format!("/api/gateway/v1/organizations/{}/", body_of(&made)["id"]);
    assert_eq!(header(&made, "location"), Some(location.as_str()));
    let multipart = [("content-type", "multipart/form-data; boundary=x")];
    let text = "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nc\r\n--x--\r\n";
    assert_eq!(admin.send(Method::POST, "organizations/", &multipart, text).await.status(), 201);
}

#[tokio::test]
async fn what_is_wrong_is_said_by_field() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let required = json!(["This field is required."]);
    assert_eq!(admin.post("organizations/", "").await, (400, json!({ "name": required })));
    assert_eq!(
        admin.post("applications/", "{}").await.1.to_string(),
        json!({
            "name": required,
            "organization": required,
            "client_type": required,
            "authorization_grant_type": required,
        })
        .to_string()
    );
    for (path, body, said) in [
        ("tokens/", r#"{"scope": null}"#, json!({"scope": ["This field may not be null."]})),
        (
            "tokens/",
            r#"{"scope": "admin"}"#,
            json!({"scope": ["Invalid scope: admin. Must be one of: read, write, openid, roles"]}),
        ),
        (
            "tokens/",
            r#"{"scope": "read read"}"#,
            json!({"scope": ["Must be a simple space-separated string with allowed scopes ['read', 'write', 'openid', 'roles']."]}),
        ),
        (
            "tokens/",
            r#"{"application": 99999999}"#,
            json!({"application": ["Invalid pk \"99999999\" - object does not exist."]}),
        ),
        (
            "tokens/",
            "[]",
            json!({"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
        ),
        (
            "users/",
            r#"{"username": "x", "password": "$encrypted$"}"#,
            json!({"password": ["Can not be set to $encrypted$"]}),
        ),
        (
            "users/",
            r#"{"username": "alice"}"#,
            json!({"username": ["A user with that username already exists."]}),
        ),
        (
            "role_user_assignments/",
            r#"{"role_definition": 5, "user": 3}"#,
            json!({"object_id": "Object must be specified for this role assignment"}),
        ),
    ] {
        assert_eq!(admin.post(path, body).await, (400, said), "{path} {body}");
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_read() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let plain = admin.send(Method::POST, "tokens/", &[("content-type", "text/plain")], "x").await;
    assert_eq!(
        (plain.status().as_u16(), body_of(&plain)),
        (415, json!({"detail": "Unsupported media type \"text/plain\" in request."}))
    );
    let packed = [("content-type", "application/json"), ("content-encoding", "gzip")];
    assert_eq!(admin.send(Method::POST, "tokens/", &packed, "{}").await.status(), 415);
    let (status, said) = admin.post("tokens/", "{bad").await;
    assert_eq!(status, 400);
    assert!(said["detail"].as_str().unwrap().starts_with("JSON parse error - Expecting property name"));
    let long = format!(r#"{{"description": "{}"}}"#, "x".repeat(1024 * 1024));
    assert_eq!(admin.post("tokens/", &long).await.0, 413);
    let deep = "[".repeat(200_000);
    assert_eq!(admin.post("tokens/", &deep).await.0, 400);
}

#[tokio::test]
async fn a_token_stays_with_its_application() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let organization = admin.made("organizations/", r#"{"name": "o"}"#).await;
    let application = |name: &str| {
        json!({"name": name, "organization": organization, "client_type": "public",
               "authorization_grant_type": "password"})
        .to_string()
    };
    let one = admin.made("applications/", &application("one")).await;
    let two = admin.made("applications/", &application("two")).await;
    let token = admin.made("tokens/", &json!({ "application": one }).to_string()).await;
    let path = format!("tokens/{token}/");
    let said = json!({"application": ["This field cannot be changed."]});
    for other in [json!(two), json!(null)] {
        let body = json!({ "application": other }).to_string();
        assert_eq!(admin.ask(Method::PATCH, &path, &body).await, (400, said.clone()), "{other}");
    }
    let body = json!({ "application": one, "description": "kept" }).to_string();
    let (status, kept) = admin.ask(Method::PATCH, &path, &body).await;
    assert_eq!((status, &kept["application"], &kept["description"]), (200, &json!(one), &json!("kept")));
}

#[tokio::test]
async fn a_dry_run_stores_nothing() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let accepted = (202, json!({"detail": "Request would have been accepted"}));
    assert_eq!(admin.post("organizations/?validate=true", r#"{"name": "Dry"}"#).await, accepted);
    assert_eq!(admin.get("organizations/?name=Dry").await.1["count"], 0);
    assert_eq!(admin.post("organizations/?validate=true", "{}").await.0, 400);
    let id = admin.made("organizations/", r#"{"name": "Wet"}"#).await;
    let path = format!("organizations/{id}/?validate=true");
    assert_eq!(admin.ask(Method::PATCH, &path, r#"{"name": "Dry"}"#).await, accepted);
    assert_eq!(admin.get("organizations/?name=Wet").await.1["count"], 1);
}

#[tokio::test]
async fn put_wants_everything_and_patch_a_part() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let path = format!("organizations/{}/", admin.made("organizations/", r#"{"name": "o"}"#).await);
    let (status, said) = admin.ask(Method::PUT, &path, r#"{"description": "d"}"#).await;
    assert_eq!((status, said), (400, json!({"name": ["This field is required."]})));
    let (status, changed) = admin.ask(Method::PATCH, &path, r#"{"description": "d"}"#).await;
    assert_eq!((status, &changed["description"]), (200, &json!("d")));
    assert_eq!(admin.ask(Method::DELETE, &path, "").await.0, 204);
    assert_eq!(admin.ask(Method::DELETE, &path, "").await.0, 404);
}

#[tokio::test]
async fn members_come_and_go() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let alice = number(&bed, "alice").await;
    let organization = admin.made("organizations/", r#"{"name": "o"}"#).await;
    let team = admin.made("teams/", &format!(r#"{{"name": "t", "organization": {organization}}}"#)).await;
    let body = format!(r#"{{"instances": [{alice}]}}"#);
    for parent in [format!("organizations/{organization}"), format!("teams/{team}")] {
        for list in ["users", "admins"] {
            let path = format!("{parent}/{list}/");
            assert_eq!(admin.post(&format!("{path}associate/"), &body).await.0, 204, "{path}");
            assert_eq!(admin.get(&path).await.1["results"][0]["username"], "alice", "{path}");
            assert_eq!(admin.post(&format!("{path}disassociate/"), &body).await.0, 204, "{path}");
            assert_eq!(admin.get(&path).await.1["count"], 0, "{path}");
            let text = format!(
                "Invalid pk \"{alice}\" - object does not exist or is not associated with parent object."
            );
            let said = admin.post(&format!("{path}disassociate/"), &body).await;
            assert_eq!(said, (400, json!({ "instances": [text] })));
        }
    }
    let path = format!("organizations/{organization}/users/associate/");
    for (body, text) in [
        (r#"{"instances": [999]}"#, "Invalid pk \"999\" - object does not exist."),
        (r#"{"instances": ["x"]}"#, "Incorrect type. Expected pk value, received str."),
        (r#"{"instances": 3}"#, "Expected a list of items but got type \"int\"."),
        ("{}", "This field is required."),
    ] {
        assert_eq!(admin.post(&path, body).await, (400, json!({ "instances": [text] })));
    }
}
