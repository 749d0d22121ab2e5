//! Rows 25 to 33: whose business applications are, and what is told of them.

use serde_json::json;

use super::{World, number, text};

#[test]
fn row_025_the_organization_reads_its_applications() {
    let world = World::new();
    for by in ["admin", "oa"] {
        let path = format!("applications/{}/", number(&world.application(by, by)));
        for name in ["admin", "oa", "om"] {
            assert_eq!(world.seen(name, &path)["name"], by, "{name}");
        }
    }
}

#[test]
fn row_026_others_do_not() {
    let world = World::new();
    for by in ["admin", "oa"] {
        let path = format!("applications/{}/", number(&world.application(by, by)));
        world.get("alice", &path).expect(403);
    }
    assert_eq!(world.count("alice", "applications/"), 0);
}

#[test]
fn row_027_to_administer_the_organization_is_enough_to_read() {
    let world = World::new();
    let path = format!("applications/{}/", number(&world.application("admin", "kit")));
    world.get("alice", &path).expect(403);
    let admins = format!("organizations/{}/admins/", world.organization);
    world.post("admin", &admins, &json!({"id": world.alice})).expect(204);
    assert_eq!(
        world.count("alice", &format!("organizations/{}/users/?username=alice", world.organization)),
        0
    );
    assert_eq!(world.seen("alice", &path)["name"], "kit");
}

#[test]
fn row_028_the_stream_tells_the_organization_of_an_application() {
    let world = World::new();
    world.application("oa", "kit");
    let path = "activity_stream/?object1=o_auth2_application&operation=create";
    let row = world.seen("oa", path)["results"][0].clone();
    assert_eq!(row["changes"]["name"], "kit", "{row}");
    assert_eq!(world.count("alice", path), 0);
    let one = format!("activity_stream/{}/", number(&row));
    world.get("oa", &one).expect(200);
    assert!([403, 404].contains(&world.get("alice", &one).status));
}

#[test]
fn row_029_the_stream_tells_strangers_of_no_token() {
    let world = World::new();
    let application = number(&world.application("oa", "kit"));
    let token = world.made("oa", &format!("applications/{application}/tokens/"), &json!({}));
    let path = "activity_stream/?object1=o_auth2_access_token&operation=create";
    let row = world.seen("oa", path)["results"][0].clone();
    assert_eq!(row["changes"]["id"], token, "{row}");
    assert_eq!(world.count("alice", path), 0);
    for path in [format!("activity_stream/{}/", number(&row)), format!("tokens/{token}/")] {
        assert!([403, 404].contains(&world.get("alice", &path).status), "{path}");
    }
}

/// Members and strangers change nothing of it; its organization's administrator and ours do.
fn changed_by_administrators(by: &str) {
    let world = World::new();
    let path = format!("applications/{}/", number(&world.application(by, "kit")));
    for name in ["om", "alice"] {
        world.patch(name, &path, &json!({"description": "theirs"})).expect(403);
        world.delete(name, &path).expect(403);
    }
    for name in ["admin", "oa"] {
        world.patch(name, &path, &json!({"description": name})).expect(200);
        assert_eq!(world.seen("admin", &path)["description"], name);
        let own = number(&world.application(by, name));
        world.delete(name, &format!("applications/{own}/")).expect(204);
    }
}

#[test]
fn row_030_an_application_of_its_administrator_is_changed_by_administrators() {
    changed_by_administrators("oa");
}

#[test]
fn row_031_an_application_of_ours_is_changed_by_administrators() {
    changed_by_administrators("admin");
}

#[test]
fn row_032_an_administrator_names_any_user() {
    let world = World::new();
    for (index, name) in ["admin", "oa", "om", "alice"].iter().enumerate() {
        // AWX's own address knows no field for the owner, and takes a body that has one.
        let mut wanted = world.wanted(&format!("kit{index}"), "confidential");
        wanted["user"] = json!(world.alice);
        world.post("admin", "applications/", &wanted).expect(201);
        let fixed = ["application", "create", name, "--organization", "Ops", "--grant", "password"];
        let made = world.server.shell_json(&[&fixed[..], &["--user", name]].concat());
        assert!(!text(&made["client_id"]).is_empty(), "{made}");
    }
    let owned = world.seen("admin", "users/alice/applications/");
    assert_eq!(super::all(&owned, "name"), ["alice"]);
}

#[test]
fn row_033_members_and_strangers_make_no_application() {
    let world = World::new();
    for name in ["om", "alice"] {
        for client_type in ["confidential", "public"] {
            world.post(name, "applications/", &world.wanted("kit", client_type)).expect(403);
        }
    }
    assert_eq!(world.count("admin", "applications/"), 0);
}
