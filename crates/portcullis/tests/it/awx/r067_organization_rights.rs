//! Rows 67 to 72: what an organization's administrator may do with people.

use serde_json::{Value, json};

use super::{PASSWORD, World, number};

fn off(id: i64) -> Value {
    json!({"id": id, "disassociate": true})
}

#[test]
fn row_067_administrators_may_be_kept_from_giving_roles() {
    let world = World::new();
    let team = json!({"name": "Night shift", "organization": world.organization});
    let team = world.made("oa", "teams/", &team);
    let lists = [
        format!("organizations/{}/users/", world.organization),
        format!("organizations/{}/admins/", world.organization),
        format!("teams/{team}/users/"),
    ];
    world.set(&json!({"MANAGE_ORGANIZATION_AUTH": false}));
    for list in &lists {
        world.post("oa", list, &json!({"id": world.sa})).expect(403);
        world.post("admin", list, &json!({"id": world.sa})).expect(204);
        world.post("oa", list, &off(world.sa)).expect(403);
        world.post("admin", list, &off(world.sa)).expect(204);
    }
    world.set(&json!({"MANAGE_ORGANIZATION_AUTH": true}));
    for list in &lists {
        world.post("oa", list, &json!({"id": world.sa})).expect(204);
        world.post("oa", list, &off(world.sa)).expect(204);
    }
}

#[test]
fn row_069_an_organizations_administrator_makes_no_auditor() {
    let world = World::new();
    let auditor = json!({"username": "kit", "password": PASSWORD, "is_system_auditor": true});
    world.post("oa", "users/", &auditor).expect(403);
    world.post("oa", &format!("organizations/{}/users/", world.organization), &auditor).expect(403);
    assert_eq!(world.count("admin", "users/?username=kit"), 0);
}

#[test]
fn row_070_nor_makes_one_of_a_member() {
    let world = World::new();
    let path = format!("users/{}/", world.om);
    world.patch("oa", &path, &json!({"is_system_auditor": true})).expect(403);
    assert_eq!(world.seen("admin", &path)["is_system_auditor"], false);
}

/// A user that the organization's administrator has made for it.
fn own(world: &World, name: &str) -> i64 {
    let list = format!("organizations/{}/users/", world.organization);
    number(&world.post("oa", &list, &json!({"username": name, "password": PASSWORD})).expect(201).json())
}

#[test]
fn row_071_an_administrator_removes_whom_it_made() {
    let world = World::new();
    let user = own(&world, "kit");
    world.delete("oa", &format!("users/{user}/")).expect(204);
    // AWX lets it remove any member, and whoever belongs nowhere.
    for user in [world.om, world.alice] {
        world.delete("oa", &format!("users/{user}/")).expect(403);
    }
}

#[test]
fn row_072_but_nobody_who_is_elsewhere_too() {
    let world = World::new();
    let user = own(&world, "kit");
    let other = world.made("admin", "organizations/", &json!({"name": "Dev"}));
    let list = format!("organizations/{other}/users/");
    world.post("admin", &list, &json!({"id": user})).expect(204);
    world.delete("oa", &format!("users/{user}/")).expect(403);
    world.post("admin", &list, &off(user)).expect(204);
    world.delete("oa", &format!("users/{user}/")).expect(204);
}
