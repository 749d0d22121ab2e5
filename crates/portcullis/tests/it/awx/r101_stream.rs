//! Rows 101 and 102: the activity stream.

use serde_json::json;

use super::{World, number};

#[test]
fn row_101_entries_tell_of_what_was_touched_and_stay_as_they_are() {
    let world = World::new();
    let application = world.application("oa", "kit");
    let row = &world.seen("admin", "activity_stream/?object1=o_auth2_application")["results"][0];
    let path = format!("/api/v2/applications/{}/", number(&application));
    assert_eq!(row["related"]["o_auth2_application"], json!([path]));
    assert_eq!(row["related"]["actor"], format!("/api/v2/users/{}/", world.oa));
    assert_eq!(row["summary_fields"]["o_auth2_application"][0]["name"], "kit");
    assert_eq!(row["summary_fields"]["actor"]["username"], "oa");
    let one = format!("activity_stream/{}/", number(row));
    for method in ["PUT", "PATCH", "DELETE"] {
        world.request("admin", method, &one).json(&json!({"operation": "delete"})).send().expect(405);
    }
    world.post("admin", "activity_stream/", &json!({"operation": "delete"})).expect(405);
    assert_eq!(&world.seen("admin", &one), row);
}

#[test]
fn row_102_a_given_role_is_told_from_the_users_side() {
    let world = World::new();
    let role = &world.seen("admin", &format!("organizations/{}/", world.organization))["summary_fields"];
    let role = number(&role["object_roles"]["member_role"]);
    world.post("admin", &format!("users/{}/roles/", world.alice), &json!({"id": role})).expect(204);
    let stream = format!("users/{}/activity_stream/?operation=associate", world.alice);
    let row = &world.seen("admin", &stream)["results"][0];
    assert_eq!((&row["object1"], &row["object2"]), (&json!("user"), &json!("organization")));
}
