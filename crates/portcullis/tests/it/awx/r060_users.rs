//! Rows 60 to 66: users.

use serde_json::{Value, json};

use super::{PASSWORD, World, all};

fn kit() -> Value {
    json!({
        "username": "kit",
        "first_name": "K",
        "last_name": "I",
        "email": "kit@example.com",
        "password": PASSWORD,
    })
}

#[test]
fn row_060_a_new_user_has_no_rights() {
    let world = World::new();
    let user = world.post("admin", "users/", &kit()).expect(201).json();
    for (field, value) in kit().as_object().unwrap().iter().filter(|(field, _)| *field != "password") {
        assert_eq!(&user[field], value, "{field}");
    }
    assert_eq!((&user["is_superuser"], &user["is_system_auditor"]), (&json!(false), &json!(false)));
    assert_eq!(world.seen("kit", "me/")["results"][0]["username"], "kit");
}

#[test]
fn row_061_a_name_is_taken_once() {
    let world = World::new();
    world.post("admin", "users/", &kit()).expect(201);
    let said = world.post("admin", "users/", &kit()).expect(400).json();
    assert_eq!(said, json!({"username": ["A user with that username already exists."]}));
}

#[test]
fn row_062_a_name_is_free_again() {
    let world = World::new();
    let user = world.made("admin", "users/", &kit());
    world.delete("admin", &format!("users/{user}/")).expect(204);
    assert_ne!(world.made("admin", "users/", &kit()), user);
}

#[test]
fn row_063_the_last_login_is_not_written() {
    let world = World::new();
    let path = format!("users/{}/", world.alice);
    let body = json!({"last_login": "2026-01-01T00:00:00Z"});
    let shown = world.patch("admin", &path, &body).expect(200).json();
    assert_eq!(shown["last_login"], Value::Null);
    assert_eq!(world.seen("admin", &path)["last_login"], Value::Null);
}

#[test]
fn row_064_a_user_was_created_when_it_came() {
    let world = World::new();
    let created = world.seen("admin", "users/alice/")["created"].as_str().unwrap().to_owned();
    assert!(created.starts_with("20") && created.ends_with('Z'), "{created}");
    for (query, count) in [("created__gt=2020-01-01T00:00:00Z", 1), ("created__lt=2020-01-01T00:00:00Z", 0)] {
        assert_eq!(world.count("admin", &format!("users/?username=alice&{query}")), count, "{query}");
    }
    assert_eq!(world.count("admin", &format!("users/?created={created}&username=alice")), 1);
}

#[test]
fn row_065_an_auditor_sends_the_own_flag_back() {
    let world = World::new();
    let path = format!("users/{}/", world.sa);
    let same = json!({"is_system_auditor": true, "first_name": "S"});
    assert_eq!(world.patch("sa", &path, &same).expect(200).json()["first_name"], "S");
    // What AWX's own API adds to that: nobody changes it for himself.
    let said = world.patch("sa", &path, &json!({"is_system_auditor": false})).expect(403).json();
    assert_eq!(said["detail"], "Cannot change is_system_auditor.");
}

#[test]
fn row_066_a_lonely_user_sees_itself() {
    let world = World::new();
    let seen = world.seen("alice", "users/");
    // And whom everybody sees: the superusers, of which we always have one.
    assert_eq!(all(&seen, "username"), ["admin", "alice"]);
    assert_eq!(world.count("alice", "users/?is_superuser=false"), 1);
}
