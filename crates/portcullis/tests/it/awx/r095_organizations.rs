//! Rows 96 to 100: organizations and their members.

use serde_json::{Value, json};

use super::World;

#[test]
fn row_096_lists_answer_all_that_read() {
    let world = World::new();
    for method in ["OPTIONS", "HEAD", "GET"] {
        for name in ["admin", "alice"] {
            world.request(name, method, "organizations/").send().expect(200);
        }
        world.request("", method, "organizations/").send().expect(401);
    }
    assert_eq!(world.count("alice", "organizations/"), 0, "nothing of others is in it");
}

#[test]
fn row_097_members_see_their_organization() {
    let world = World::new();
    let path = format!("organizations/{}/", world.organization);
    for (name, status) in [("admin", 200), ("om", 200), ("alice", 403), ("", 401)] {
        world.get(name, &path).expect(status);
    }
}

#[test]
fn row_098_superusers_make_organizations() {
    let world = World::new();
    let wanted = json!({"name": "Dev"});
    world.post("admin", "organizations/", &wanted).expect(201);
    let said = world.post("admin", "organizations/", &wanted).expect(400).json();
    assert_eq!(said, json!({"name": ["Organization with this Name already exists."]}));
    world.post("alice", "organizations/", &json!({"name": "Hers"})).expect(403);
}

#[test]
fn row_099_members_come_and_go() {
    let world = World::new();
    for list in ["users", "admins"] {
        let path = format!("organizations/{}/{list}/", world.organization);
        let on = json!({"id": world.alice});
        let off = json!({"id": world.alice, "disassociate": true});
        let found = format!("{path}?username=alice");
        world.post("om", &path, &on).expect(403);
        world.post("oa", &path, &on).expect(204);
        assert_eq!(world.count("oa", &found), 1, "{list}");
        world.post("om", &path, &off).expect(403);
        world.post("oa", &path, &off).expect(204);
        assert_eq!(world.count("oa", &found), 0, "{list}");
    }
}

#[test]
fn row_100_who_changes_an_organization() {
    let world = World::new();
    let path = format!("organizations/{}/", world.organization);
    let mut whole: Value = world.seen("oa", &path);
    whole["description"] = json!("ours");
    let put = |name: &str, body: &Value| world.request(name, "PUT", &path).json(body).send();
    assert_eq!(put("oa", &whole).expect(200).json()["description"], "ours");
    put("om", &whole).expect(403);
    whole["max_hosts"] = json!(100);
    put("oa", &whole).expect(400);
    assert_eq!(world.seen("admin", &path)["max_hosts"], 0);
}
