//! Rows 28 to 30: users made, changed, removed and unlocked, each by one request.

use serde_json::json;

use super::{Manager, PASSWORD, SERVER, assert_dead, is_in, is_out, send_form};
use crate::support::ADMIN_PASSWORD;

const USERS: &str = "/dataservice/admin/user";

#[test]
fn row_28_a_name_alone_unlocks_its_user() {
    let config = "[limits]\nfailures_free = 5\nfailure_waits = [600]\n";
    let manager = Manager::with(config, "", |_| super::answer(200, "{}"));
    let login = manager.admin();
    manager.make_user(&login, "rose", &["basic"]);
    for _ in 0..6 {
        assert!(is_out(&send_form(&manager.server, "rose", "wrong")));
    }
    assert!(is_out(&send_form(&manager.server, "rose", PASSWORD)), "the account is closed");
    let reset = format!("{USERS}/reset");
    let body = json!({"userName": "rose"});
    // Not by anybody.
    manager.make_user(&login, "basil", &["basic"]);
    let basil = manager.sign_in("basil", PASSWORD);
    manager.change(&basil, "POST", &reset, &body).expect(403);
    assert!(is_out(&send_form(&manager.server, "rose", PASSWORD)));
    manager.change(&login, "POST", &reset, &body).expect(200);
    assert!(is_in(&send_form(&manager.server, "rose", PASSWORD)));
}

#[test]
fn row_29_a_password_is_changed_on_the_path_of_its_user() {
    let manager = Manager::new();
    let login = manager.admin();
    manager.make_user(&login, "rose", &["basic"]);
    let rose = manager.sign_in("rose", PASSWORD);
    let body = |current: &str, new: &str| {
        json!({
            "userName": "rose", "currentPassword": false, "showPassword": false,
            "showConfirmPassword": false, "currentUserPassword": current, "password": new,
        })
    };
    let path = format!("{USERS}/password/rose");
    // Who asks shows the own password with it.
    let refused = manager.change(&login, "PUT", &path, &body("wrong", "another one 1234"));
    assert!(refused.status >= 400, "{refused:#?}");
    assert!(is_in(&send_form(&manager.server, "rose", PASSWORD)));
    let changed = manager.change(&login, "PUT", &path, &body(ADMIN_PASSWORD, "another one 1234"));
    changed.expect(200);
    assert!(is_in(&send_form(&manager.server, "rose", "another one 1234")));
    assert!(is_out(&send_form(&manager.server, "rose", PASSWORD)));
    assert_dead(&manager.get(&rose, SERVER));
    // The own password, as the pages of the vendor send it.
    let rose = manager.sign_in("rose", "another one 1234");
    let own = format!("{USERS}/profile/password");
    let fields = |old: &str, new: &str| json!({"oldpassword": old, "newpassword": new});
    let refused = manager.change(&rose, "PUT", &own, &fields("wrong", "a third one 12345"));
    assert!(refused.status >= 400, "{refused:#?}");
    let changed = manager.change(&rose, "PUT", &own, &fields("another one 1234", "a third one 12345"));
    // A new live session in this answer would send clients in again with what they knew before.
    let cookie = changed.expect(200).set_cookie("JSESSIONID").map(str::to_owned);
    assert!(cookie.is_none_or(|it| it.contains("1970")));
    assert!(is_in(&send_form(&manager.server, "rose", "a third one 12345")));
}

#[test]
fn row_30_one_request_each_makes_changes_and_removes_a_user() {
    let manager = Manager::new();
    let login = manager.admin();
    let find = || {
        let users = manager.data(&login, USERS);
        users.as_array().unwrap().iter().find(|it| it["userName"] == "rose").cloned()
    };
    manager.make_user(&login, "rose", &["netadmin"]);
    assert_eq!(find().unwrap()["group"], json!(["netadmin"]));
    assert!(is_in(&send_form(&manager.server, "rose", PASSWORD)));
    let rose = manager.sign_in("rose", PASSWORD);
    manager.get(&rose, USERS).expect(200);
    let path = format!("{USERS}/rose");
    let change = json!({"userName": "rose", "group": ["basic"], "description": "waters the garden"});
    manager.change(&login, "PUT", &path, &change).expect(200);
    let changed = find().unwrap();
    assert_eq!(changed["group"], json!(["basic"]), "{changed}");
    assert_eq!(changed["description"], "waters the garden");
    // The right is gone at once, and nobody without it makes, changes or removes anybody.
    let user = json!({"userName": "mint", "password": PASSWORD, "group": ["netadmin"]});
    manager.change(&rose, "POST", USERS, &user).expect(403);
    manager.change(&rose, "PUT", &path, &json!({"group": ["netadmin"]})).expect(403);
    rose.on(manager.server.request("DELETE", &format!("{USERS}/admin"))).send().expect(403);
    login.on(manager.server.request("DELETE", &path)).send().expect(200);
    assert!(find().is_none());
    assert!(is_out(&send_form(&manager.server, "rose", PASSWORD)));
    assert_dead(&manager.get(&rose, SERVER));
    assert_eq!(manager.seen().len(), 0, "the Manager behind us is told of nothing");
}
