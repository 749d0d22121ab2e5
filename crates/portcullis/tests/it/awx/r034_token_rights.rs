//! Rows 34 to 40: who may do what with tokens. What somebody may not see is absent (404), where AWX says 403.

use serde_json::json;

use super::{World, number};

/// A token that somebody made for an application of the organization.
fn token_of(world: &World, by: &str, application: i64) -> String {
    format!("tokens/{}/", world.made(by, &format!("applications/{application}/tokens/"), &json!({})))
}

/// Whether somebody reads, changes and deletes it, in this order.
fn may(world: &World, name: &str, path: &str) -> [bool; 3] {
    let read = world.get(name, path).status;
    let changed = world.patch(name, path, &json!({"description": name})).status;
    let deleted = world.delete(name, path).status;
    for status in [read, changed, deleted] {
        assert!([200, 204, 403, 404].contains(&status), "{name}: {status}");
    }
    [read == 200, changed == 200, deleted == 204]
}

const ALL: [bool; 3] = [true; 3];
const NONE: [bool; 3] = [false; 3];

#[test]
fn row_034_an_applications_token_is_its_administrators_business() {
    let world = World::new();
    let application = number(&world.application("admin", "kit"));
    for (name, rights) in [("admin", ALL), ("oa", ALL), ("om", NONE), ("alice", NONE)] {
        let token = token_of(&world, "admin", application);
        assert_eq!(may(&world, name, &token), rights, "{name}");
    }
}

#[test]
fn row_035_an_auditor_reads_tokens_and_no_more() {
    let world = World::new();
    let application = number(&world.application("admin", "kit"));
    for by in ["admin", "oa", "om"] {
        let token = token_of(&world, by, application);
        assert_eq!(may(&world, "sa", &token), [true, false, false], "{by}'s");
    }
}

#[test]
fn row_036_an_auditor_that_administers_the_organization_may_change_them() {
    let world = World::new();
    let application = number(&world.application("admin", "kit"));
    let token = token_of(&world, "oa", application);
    assert_eq!(may(&world, "sa", &token), [true, false, false]);
    let admins = format!("organizations/{}/admins/", world.organization);
    world.post("admin", &admins, &json!({"id": world.sa})).expect(204);
    assert_eq!(may(&world, "sa", &token), ALL);
}

#[test]
fn row_037_a_personal_token_is_its_owners_and_the_superusers_business() {
    let world = World::new();
    for (name, rights) in [("admin", ALL), ("om", ALL), ("oa", NONE), ("alice", NONE)] {
        let token = format!("tokens/{}/", world.made("om", "users/om/personal_tokens/", &json!({})));
        assert_eq!(may(&world, name, &token), rights, "{name}");
    }
}

#[test]
fn row_038_everybody_manages_the_own_personal_token() {
    let world = World::new();
    for name in ["admin", "oa", "om", "alice", "sa"] {
        let token = json!({"application": null, "scope": "read"});
        let token = world.made(name, &format!("users/{name}/personal_tokens/"), &token);
        assert_eq!(may(&world, name, &format!("tokens/{token}/")), ALL, "{name}");
    }
}

#[test]
fn row_039_the_organization_makes_tokens_of_its_applications() {
    let world = World::new();
    let list = format!("applications/{}/tokens/", number(&world.application("admin", "kit")));
    for name in ["admin", "oa", "om"] {
        let token = world.post(name, &list, &json!({"scope": "read"})).expect(201).json();
        assert_eq!(token["summary_fields"]["user"]["username"], name);
    }
}

#[test]
fn row_040_a_stranger_makes_none() {
    let world = World::new();
    let list = format!("applications/{}/tokens/", number(&world.application("admin", "kit")));
    world.post("alice", &list, &json!({"scope": "read"})).expect(403);
    assert_eq!(world.count("admin", &list), 0);
}
