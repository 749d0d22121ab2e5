//! Users: what is said of them, and who may say what (contract section A.3).

use http::Method;
use identity::model::setting::SettingValue;
use serde_json::{Value, json};

use super::{Hand, World, body_of, forbidden, header};
use crate::bed::{Bed, PASSWORD};

#[tokio::test]
async fn row_060_a_new_user_has_no_rights() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let body = r#"{"username": "kit1", "first_name": "K", "last_name": "I", "email": "k@example.com",
        "password": "x", "is_superuser": 0, "is_active": false, "junk": 1}"#;
    let made = admin.send(Method::POST, "users/", body).await;
    let user = body_of(&made);
    assert_eq!((made.status().as_u16(), header(&made, "location")), (201, user["url"].as_str()), "{user}");
    assert_eq!((&user["is_superuser"], &user["is_system_auditor"]), (&json!(false), &json!(false)));
    assert_eq!((&user["modified"], &user["last_login"]), (&Value::Null, &Value::Null));
    assert_eq!(user["password"], "$encrypted$");
}

#[tokio::test]
async fn row_061_062_a_name_is_taken_until_it_is_free() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let body = r#"{"username": "kit1", "password": "x"}"#;
    let path = format!("users/{}/", admin.made("users/", body).await);
    let said = json!({ "username": ["A user with that username already exists."] });
    assert_eq!(admin.post("users/", body).await, (400, said));
    assert_eq!(admin.delete(&path).await, 204);
    assert_eq!(admin.post("users/", body).await.0, 201);
}

#[tokio::test]
async fn row_063_the_last_login_is_not_written() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let (status, user) = admin.patch("users/alice/", r#"{"last_login": "2026-01-01T00:00:00Z"}"#).await;
    assert_eq!((status, &user["last_login"]), (200, &Value::Null));
    bed.sign_in("alice").await;
    let (_, user) = admin.get("users/alice/").await;
    assert!(user["last_login"].is_string());
    assert_eq!(user["modified"], user["last_login"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_user_is_said() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let long = "x".repeat(151);
    let name =
        "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.";
    for (body, said) in [
        (json!({ "username": "a b", "email": "nope", "password": "x" }), json!({ "username": [name] })),
        (
            json!({ "username": "k", "email": "nope", "password": "x" }),
            json!({ "email": ["Enter a valid email address."] }),
        ),
        (json!({ "username": "k" }), json!({ "password": ["Password required for new User."] })),
        (
            json!({ "username": "k", "password": "$encrypted$" }),
            json!({ "password": ["Password required for new User."] }),
        ),
        (json!({ "username": "k", "password": "" }), json!({ "password": ["This field may not be blank."] })),
        (
            json!({ "username": "k", "password": "x".repeat(129) }),
            json!({ "password": ["Password max length is 128"] }),
        ),
        (json!({ "password": "x" }), json!({ "username": ["This field is required."] })),
        (
            json!({ "username": long, "password": "x" }),
            json!({ "username": ["Ensure this field has no more than 150 characters."] }),
        ),
        (
            json!({ "username": "k", "password": "x", "is_superuser": "maybe" }),
            json!({ "is_superuser": ["Must be a valid boolean."] }),
        ),
    ] {
        assert_eq!(admin.post("users/", &body.to_string()).await, (400, said), "{body}");
    }
}

#[tokio::test]
async fn passwords_keep_the_rules() {
    let bed = Bed::new().await;
    bed.set("password_min_length", SettingValue::Integer(8)).await;
    bed.set("password_min_digits", SettingValue::Integer(2)).await;
    bed.set("allow_admins_to_set_insecure", SettingValue::Boolean(false)).await;
    let alice = Hand::of(&bed, "alice");
    let said = json!({ "password": ["Password must be at least 8 characters long."] });
    assert_eq!(alice.patch("users/alice/", r#"{"password": "x1x2"}"#).await, (400, said));
    let said = json!({ "password": ["Password must contain at least 2 digits."] });
    assert_eq!(alice.patch("users/alice/", r#"{"password": "xxxxxxxxx1"}"#).await, (400, said));
}

#[tokio::test]
async fn flags_are_spelled_in_many_ways() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    for (value, flag) in [
        (json!(1), true),
        (json!(0), false),
        (json!("true"), true),
        (json!("f"), false),
        (json!(true), true),
        (json!(null), false),
    ] {
        let body = json!({ "is_superuser": value, "is_system_auditor": value }).to_string();
        let (status, user) = admin.patch("users/alice/", &body).await;
        assert_eq!(status, 200, "{body}: {user}");
        assert_eq!(
            (&user["is_superuser"], &user["is_system_auditor"]),
            (&json!(flag), &json!(flag)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_whole_new_state_takes_the_flags_down() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let body = r#"{"first_name": "A", "is_superuser": true, "is_system_auditor": true}"#;
    assert_eq!(admin.patch("users/alice/", body).await.0, 200);
    let (status, user) = admin.ask(Method::PUT, "users/alice/", r#"{"username": "alice"}"#).await;
    assert_eq!((status, &user["first_name"]), (200, &json!("A")));
    assert_eq!((&user["is_superuser"], &user["is_system_auditor"]), (&json!(false), &json!(false)));
    assert_eq!(admin.get("users/alice/").await.1["is_system_auditor"], false);
    let said = json!({ "username": ["This field is required."] });
    assert_eq!(admin.ask(Method::PUT, "users/alice/", "{}").await, (400, said));
}

#[tokio::test]
async fn a_mask_leaves_the_password_as_it_is() {
    let bed = Bed::new().await;
    let alice = Hand::of(&bed, "alice");
    for body in [r#"{"password": "$encrypted$"}"#, r#"{"password": ""}"#] {
        assert_eq!(alice.patch("users/alice/", body).await.0, 200);
        assert_eq!(alice.get("me/").await.0, 200, "the old password is still right");
    }
    assert_eq!(alice.patch("users/alice/", r#"{"password": "another horse"}"#).await.0, 200);
    assert_eq!(alice.get("me/").await.0, 401);
}

#[tokio::test]
async fn people_change_their_own_names_only() {
    let bed = Bed::new().await;
    let alice = Hand::of(&bed, "alice");
    let body = r#"{"first_name": "A", "last_name": "L", "email": "a@example.com", "username": "alice"}"#;
    assert_eq!(alice.patch("users/alice/", body).await.0, 200);
    let detail = |text: &str| (403, json!({ "detail": text }));
    let id = super::number(&bed, "alice").await;
    let path = format!("users/{id}/");
    for (body, text) in [
        (r#"{"username": "other"}"#, "Cannot change username."),
        (r#"{"is_system_auditor": true}"#, "Cannot change is_system_auditor."),
        (r#"{"is_superuser": true}"#, "You do not have permission to perform this action."),
    ] {
        assert_eq!(alice.patch(&path, body).await, detail(text));
    }
    assert_eq!(alice.patch(&path, r#"{"is_superuser": false, "is_system_auditor": 0}"#).await.0, 200);
}

#[tokio::test]
async fn nobody_removes_himself() {
    let bed = Bed::new().await;
    let (admin, alice) = (Hand::of(&bed, "admin"), Hand::of(&bed, "alice"));
    let path = format!("users/{}/", super::number(&bed, "admin").await);
    let said = json!({ "detail": "Cannot delete user." });
    assert_eq!(admin.ask(Method::DELETE, &path, "").await, (403, said));
    let path = format!("users/{}/", super::number(&bed, "alice").await);
    assert_eq!(alice.ask(Method::DELETE, &path, "").await, forbidden());
    assert_eq!(
        admin.get("me/").await.1["results"][0]["summary_fields"]["user_capabilities"]["delete"],
        false
    );
}

#[tokio::test]
async fn row_066_a_lonely_user_sees_himself_and_superusers() {
    let bed = Bed::new().await;
    let (_, page) = Hand::of(&bed, "alice").get("users/?order_by=username").await;
    let names: Vec<&str> =
        page["results"].as_array().unwrap().iter().map(|it| it["username"].as_str().unwrap()).collect();
    assert_eq!(names, ["admin", "alice"]);
}

#[tokio::test]
async fn row_069_070_an_organizations_administrator_makes_no_auditors() {
    let world = World::new().await;
    let oa = world.hand("oa");
    let body = format!(r#"{{"username": "n", "password": "{PASSWORD}", "is_system_auditor": true}}"#);
    assert_eq!(oa.post("users/", &body).await, forbidden());
    let path = format!("users/{}/", world.om);
    assert_eq!(oa.patch(&path, r#"{"is_system_auditor": true}"#).await.0, 403);
    assert_eq!(oa.post(&format!("users/{}/roles/", world.om), r#"{"id": 2}"#).await, forbidden());
    let (_, page) = world.hand("admin").get("users/om/").await;
    assert_eq!(page["is_system_auditor"], false);
}

#[tokio::test]
async fn row_071_072_an_administrator_removes_whom_it_made_for_its_organization() {
    let world = World::new().await;
    let (admin, oa) = (world.hand("admin"), world.hand("oa"));
    let list = format!("organizations/{}/users/", world.organization);
    let body = |name: &str| format!(r#"{{"username": "{name}", "password": "{PASSWORD}"}}"#);
    let (first, second) = (oa.made(&list, &body("n1")).await, oa.made(&list, &body("n2")).await);
    let other = admin.made("organizations/", r#"{"name": "Dev"}"#).await;
    let path = format!("organizations/{other}/users/");
    assert_eq!(admin.post(&path, &format!(r#"{{"id": {second}}}"#)).await.0, 204);
    assert_eq!(oa.delete(&format!("users/{second}/")).await, 403);
    assert_eq!(oa.delete(&format!("users/{first}/")).await, 204);
    // Whoever was only taken in is not the administrator's to remove.
    assert_eq!(oa.post(&list, &format!(r#"{{"id": {}}}"#, world.alice)).await.0, 204);
    assert_eq!(oa.delete(&format!("users/{}/", world.alice)).await, 403);
}

#[tokio::test]
async fn an_auditor_is_one_at_the_other_door_too() {
    let world = World::new().await;
    assert_eq!(world.hand("sa").get("users/").await.1["count"], 6);
    let (_, page) = world.hand("sa").get("me/").await;
    assert_eq!(page["results"][0]["is_system_auditor"], true);
    let (_, page) = world.hand("admin").get(&format!("roles/2/users/?id={}", world.sa)).await;
    assert_eq!(page["results"][0]["username"], "sa");
}
