//! Rows 85 to 91: settings.

use serde_json::{Value, json};

use super::World;

#[test]
fn row_085_a_secret_setting_is_never_shown() {
    // The row is about a secret of RADIUS; this is the secret setting that we have.
    let world = World::new();
    let set = |value: &str| world.patch("admin", "settings/system/", &json!({"REDHAT_PASSWORD": value}));
    let shown = || world.seen("admin", "settings/system/")["REDHAT_PASSWORD"].clone();
    assert_eq!(shown(), "");
    assert_eq!(set("mysecret").expect(200).json()["REDHAT_PASSWORD"], "$encrypted$");
    assert_eq!(shown(), "$encrypted$");
    set("$encrypted$").expect(200);
    assert_eq!(shown(), "$encrypted$");
    set("").expect(200);
    assert_eq!(shown(), "");
}

#[test]
fn row_089_a_section_gets_its_defaults_back() {
    let world = World::new();
    let before = world.seen("admin", "settings/authentication/");
    world.set(&json!({"SESSION_COOKIE_AGE": 900, "SESSIONS_PER_USER": 3}));
    assert_ne!(world.seen("admin", "settings/authentication/"), before);
    world.delete("admin", "settings/authentication/").expect(204);
    assert_eq!(world.seen("admin", "settings/authentication/"), before);
    assert_eq!(world.seen("admin", "settings/changed/"), json!({}));
}

#[test]
fn row_090_the_address_of_the_installation_is_what_the_client_calls_it() {
    let world = World::new();
    let request = world.request("admin", "OPTIONS", "settings/system/").host("gate.example:8052");
    let options: Value = request.send().expect(200).json();
    assert_eq!(options["actions"]["PUT"]["TOWER_URL_BASE"]["default"], "http://gate.example:8052");
}

#[test]
fn row_091_users_do_not_try_the_logging_out() {
    let world = World::new();
    // AWX says 403 to her. Here is nothing to try: its log goes where the operator's configuration says.
    for name in ["alice", "admin"] {
        world.post(name, "settings/logging/test/", &json!({})).expect(404);
    }
}
