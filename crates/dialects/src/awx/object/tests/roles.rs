//! Roles by their numbers.

use serde_json::{Value, json};

use super::{World, forbidden};
use crate::awx::object::role::Numbered;

#[test]
fn a_number_says_what_it_is_about() {
    for number in [1, 2, 16, 17, 18, 28, 29, 30, 31, 16 * 240 + 1] {
        assert_eq!(Numbered::read(number).unwrap().number(), number);
    }
    for number in [0, 3, 15, -1, i64::MIN] {
        assert_eq!(Numbered::read(number), None, "{number}");
    }
    assert!(Numbered::read(i64::MAX).is_some());
}

#[tokio::test]
async fn roles_are_given_by_their_numbers() {
    let world = World::new().await;
    let oa = world.hand("oa");
    let (_, organization) = oa.get(&format!("organizations/{}/", world.organization)).await;
    let member = organization["summary_fields"]["object_roles"]["member_role"]["id"].as_i64().unwrap();
    assert_eq!(member, 16 * world.organization + 1);
    let path = format!("users/{}/roles/", world.alice);
    let body = format!(r#"{{"id": {member}, "associate": true}}"#);
    let given = oa.send(http::Method::POST, &path, &body).await;
    assert_eq!(given.status(), 204);
    assert!(given.headers()["warning"].to_str().unwrap().contains("deprecated"));
    let (_, page) = world.hand("alice").get(&path).await;
    assert_eq!((&page["count"], &page["results"][0]["id"]), (&json!(1), &json!(member)));
    let users = format!("roles/{member}/users/");
    assert_eq!(oa.get(&users).await.1["count"], 2);
    let off = format!(r#"{{"id": {}, "disassociate": true}}"#, world.alice);
    assert_eq!(oa.post(&users, &off).await.0, 204);
    assert_eq!(oa.get(&users).await.1["count"], 1);
    assert_eq!(oa.post(&users, &format!(r#"{{"id": {}}}"#, world.alice)).await.0, 204);
    assert_eq!(world.hand("om").post(&users, &format!(r#"{{"id": {}}}"#, world.sa)).await, forbidden());
}

#[tokio::test]
async fn roles_without_effect_are_refused() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let path = format!("users/{}/roles/", world.alice);
    let said = json!({ "msg": "This role cannot be given: it has no effect here." });
    for offset in [2, 3, 4, 12] {
        let body = format!(r#"{{"id": {}}}"#, 16 * world.organization + offset);
        assert_eq!(admin.post(&path, &body).await, (400, said.clone()), "{offset}");
    }
    assert_eq!(admin.post(&path, r#"{"id": 1}"#).await, (400, said));
    let said = json!({ "detail": "Role matching query does not exist." });
    for number in [3, 16 * 999 + 1] {
        assert_eq!(admin.post(&path, &format!(r#"{{"id": {number}}}"#)).await, (400, said.clone()));
    }
}

#[tokio::test]
async fn an_auditor_is_made_by_role() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let path = format!("users/{}/roles/", world.alice);
    assert_eq!(admin.post(&path, r#"{"id": 2}"#).await.0, 204);
    assert_eq!(admin.post(&path, r#"{"id": 2}"#).await.0, 204);
    assert_eq!(admin.get("users/alice/").await.1["is_system_auditor"], true);
    assert_eq!(
        admin.post("roles/2/users/", &format!(r#"{{"id": {}, "disassociate": true}}"#, world.alice)).await.0,
        204
    );
    assert_eq!(admin.get("users/alice/").await.1["is_system_auditor"], false);
}

#[tokio::test]
async fn a_team_holds_roles_on_teams_only() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let team = async |name: &str| {
        let body = format!(r#"{{"name": "{name}", "organization": {}}}"#, world.organization);
        admin.made("teams/", &body).await
    };
    let (first, second) = (team("a").await, team("b").await);
    let role = 16 * second + 14;
    let path = format!("teams/{first}/roles/");
    assert_eq!(admin.post(&path, &format!(r#"{{"id": {role}}}"#)).await.0, 204);
    assert_eq!(admin.get(&path).await.1["results"][0]["id"], role);
    assert_eq!(admin.get(&format!("roles/{role}/teams/")).await.1["results"][0]["name"], "a");
    let off = format!(r#"{{"id": {first}, "disassociate": true}}"#);
    assert_eq!(admin.post(&format!("roles/{role}/teams/"), &off).await.0, 204);
    assert_eq!(admin.get(&path).await.1["count"], 0);
    let (status, said) = admin.post(&path, &format!(r#"{{"id": {}}}"#, 16 * world.organization)).await;
    assert_eq!((status, said["msg"].is_string()), (400, true));
}

#[tokio::test]
async fn roles_are_listed_for_those_who_see_their_objects() {
    let world = World::new().await;
    let (_, page) = world.hand("admin").get("roles/?page_size=200").await;
    // Two over everything, and those of two organizations.
    assert_eq!(page["count"], 2 + 2 * 13);
    assert_eq!(world.hand("alice").get("roles/").await.1["count"], 0);
    let path = format!("organizations/{}/object_roles/", world.organization);
    assert_eq!(world.hand("om").get(&path).await.1["count"], 13);
    let (status, role) = world.hand("om").get(&format!("roles/{}/", 16 * world.organization)).await;
    assert_eq!((status, &role["summary_fields"]["resource_name"]), (200, &json!("Ops")));
    assert_eq!(world.hand("alice").get(&format!("roles/{}/", 16 * world.organization)).await.0, 403);
    assert_eq!(world.hand("admin").get("roles/3/").await.0, 404);
    assert_eq!(world.hand("alice").get("roles/2/users/").await.0, 403);
    let (_, page) = world.hand("admin").get("roles/1/users/").await;
    assert_eq!(page["results"][0]["username"], "admin");
    let (status, said): (u16, Value) = world.hand("admin").get("roles/?bar=1").await;
    assert_eq!((status, &said["detail"]), (400, &json!("Role has no field named 'bar'")));
}

#[tokio::test]
async fn a_role_of_no_object_is_no_role() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let path = format!("users/{}/roles/", world.alice);
    let said = json!({ "detail": "Role matching query does not exist." });
    for offset in [0, 1, 2, 3, 13, 15] {
        let body = format!(r#"{{"id": {}}}"#, 16 * 4000 + offset);
        assert_eq!(admin.post(&path, &body).await, (400, said.clone()), "{offset}");
    }
    assert_eq!(admin.post(&path, r#"{"id": 7}"#).await, (400, said));
}
