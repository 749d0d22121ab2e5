//! Organizations and teams, and who belongs to them (contract sections A.6, A.7).

use http::Method;
use identity::model::setting::SettingValue;
use serde_json::json;

use super::{Hand, World, forbidden};
use crate::bed::{Bed, PASSWORD};

#[tokio::test]
async fn row_097_who_sees_an_organization() {
    let world = World::new().await;
    let path = format!("organizations/{}/", world.organization);
    for name in ["admin", "oa", "om", "sa"] {
        assert_eq!(world.hand(name).get(&path).await.0, 200, "{name}");
    }
    assert_eq!(world.hand("alice").get(&path).await, forbidden());
    let nobody = Hand { bed: &world.bed, authorization: String::new() };
    assert_eq!(nobody.get(&path).await.0, 401);
}

#[tokio::test]
async fn row_098_administrators_make_organizations() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    assert_eq!(admin.post("organizations/", r#"{"name": "Ops"}"#).await.0, 201);
    let said = json!({ "name": ["Organization with this Name already exists."] });
    assert_eq!(admin.post("organizations/", r#"{"name": "Ops"}"#).await, (400, said));
    assert_eq!(Hand::of(&bed, "alice").post("organizations/", r#"{"name": "X"}"#).await, forbidden());
}

#[tokio::test]
async fn row_099_members_come_and_go() {
    let world = World::new().await;
    let oa = world.hand("oa");
    for list in ["users", "admins"] {
        let path = format!("organizations/{}/{list}/", world.organization);
        let body = format!(r#"{{"id": {}}}"#, world.alice);
        assert_eq!(oa.post(&path, &body).await.0, 204, "{list}");
        assert_eq!(oa.get(&format!("{path}?username=alice")).await.1["count"], 1, "{list}");
        let off = format!(r#"{{"id": {}, "disassociate": true}}"#, world.alice);
        assert_eq!(oa.post(&path, &off).await.0, 204, "{list}");
        assert_eq!(oa.get(&format!("{path}?username=alice")).await.1["count"], 0, "{list}");
        assert_eq!(oa.post(&path, &off).await.0, 204, "who is gone may go again");
        assert_eq!(world.hand("om").post(&path, &body).await, forbidden());
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_attachment_is_said() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let path = format!("organizations/{}/users/", world.organization);
    for (body, said) in [
        (r#"{"id": "abc"}"#, json!({ "msg": "\"id\" field must be an integer." })),
        (r#"{"disassociate": true}"#, json!({ "msg": "\"id\" is required to disassociate" })),
        (r#"{"id": 999}"#, json!({ "detail": "User matching query does not exist." })),
        ("{}", json!({ "username": ["This field is required."] })),
    ] {
        assert_eq!(admin.post(&path, body).await, (400, said), "{body}");
    }
    let said = json!({ "msg": "Role 'id' field is missing." });
    assert_eq!(admin.post("users/alice/roles/", "{}").await, (400, said));
}

#[tokio::test]
async fn a_user_is_made_where_it_belongs() {
    let world = World::new().await;
    let path = format!("organizations/{}/users/", world.organization);
    let body = format!(r#"{{"username": "new", "password": "{PASSWORD}"}}"#);
    assert_eq!(world.hand("om").post(&path, &body).await, forbidden());
    let (status, user) = world.hand("oa").post(&path, &body).await;
    assert_eq!((status, &user["username"]), (201, &json!("new")));
    let (_, page) = world.hand("oa").get(&format!("users/{}/organizations/", user["id"])).await;
    assert_eq!(page["results"][0]["name"], "Ops");
}

#[tokio::test]
async fn row_100_who_changes_an_organization() {
    let world = World::new().await;
    let path = format!("organizations/{}/", world.organization);
    let put = async |name: &str, body: &str| world.hand(name).ask(Method::PUT, &path, body).await;
    assert_eq!(put("oa", r#"{"name": "Ops", "description": "d"}"#).await.0, 200);
    assert_eq!(put("om", r#"{"name": "Ops"}"#).await, forbidden());
    let said = json!({ "__all__": ["Cannot change max_hosts."] });
    assert_eq!(put("oa", r#"{"name": "Ops", "max_hosts": 10}"#).await, (400, said));
    let (status, organization) = put("oa", r#"{"name": "Ops"}"#).await;
    assert_eq!((status, &organization["description"]), (200, &json!("")));
}

#[tokio::test]
async fn row_067_administrators_may_be_kept_from_giving_roles() {
    let world = World::new().await;
    world.bed.set("MANAGE_ORGANIZATION_AUTH", SettingValue::Boolean(false)).await;
    let path = format!("organizations/{}/users/", world.organization);
    for body in
        [format!(r#"{{"id": {}}}"#, world.oa), format!(r#"{{"id": {}, "disassociate": true}}"#, world.om)]
    {
        assert_eq!(world.hand("oa").post(&path, &body).await, forbidden());
    }
    let body = format!(r#"{{"id": {}}}"#, world.alice);
    assert_eq!(world.hand("admin").post(&path, &body).await.0, 204);
}

#[tokio::test]
async fn a_team_belongs_to_its_organization() {
    let world = World::new().await;
    let (admin, oa) = (world.hand("admin"), world.hand("oa"));
    let body = format!(r#"{{"name": "t", "organization": {}}}"#, world.organization);
    let team = oa.made("teams/", &body).await;
    let said = json!({ "__all__": ["Team with this Organization and Name already exists."] });
    assert_eq!(oa.post("teams/", &body).await, (400, said));
    assert_eq!(world.hand("om").post("teams/", &body).await, forbidden());
    assert_eq!(admin.post("teams/", r#"{"name": "u"}"#).await.0, 400);
    let below = format!("organizations/{}/teams/", world.organization);
    let (status, other) = oa.post(&below, r#"{"name": "u"}"#).await;
    assert_eq!((status, &other["organization"]), (201, &json!(world.organization)));
    assert_eq!(oa.get(&below).await.1["count"], 2);
    let members = format!("teams/{team}/users/");
    assert_eq!(oa.post(&members, &format!(r#"{{"id": {}}}"#, world.om)).await.0, 204);
    assert_eq!(world.hand("om").get("users/om/teams/").await.1["results"][0]["name"], "t");
    assert_eq!(oa.get(&members).await.1["count"], 1);
}

#[tokio::test]
async fn the_lists_of_a_user() {
    let world = World::new().await;
    let oa = world.hand("oa");
    for (list, count) in
        [("organizations", 1), ("admin_of_organizations", 1), ("teams", 0), ("applications", 0), ("roles", 1)]
    {
        let path = format!("users/{}/{list}/", world.oa);
        assert_eq!(oa.get(&path).await.1["count"], count, "{list}");
    }
    let path = format!("users/{}/admin_of_organizations/", world.om);
    assert_eq!(world.hand("om").get(&path).await.1["count"], 0);
}
