//! Who may do what at the contract's own endpoints: `netadmin` everything, `operator` reads, everybody else neither,
//! and nobody more than is said at the other doors.

use serde_json::{Value, json};

use super::{Login, Manager, PASSWORD, is_in, send_form};
use crate::support::ADMIN_PASSWORD;

/// An endpoint with a request that would work, and the statuses for `netadmin`, `operator` and `basic`.
type Rule = (&'static str, &'static str, fn() -> Value, [u16; 3]);

fn nothing() -> Value {
    json!({})
}

fn user() -> Value {
    json!({"userName": "mint", "password": PASSWORD, "group": ["netadmin"]})
}

const RULES: [Rule; 20] = [
    ("GET", "/dataservice/client/server", nothing, [200, 200, 200]),
    ("GET", "/dataservice/client/about", nothing, [200, 200, 200]),
    ("GET", "/dataservice/client/token", nothing, [200, 200, 200]),
    ("GET", "/dataservice/settings/clientSessionTimeout", nothing, [200, 200, 200]),
    ("GET", "/dataservice/admin/user/role", nothing, [200, 200, 200]),
    ("GET", "/dataservice/admin/user", nothing, [200, 200, 403]),
    ("GET", "/dataservice/admin/usergroup", nothing, [200, 200, 403]),
    ("GET", "/dataservice/admin/user/activeSessions", nothing, [200, 403, 403]),
    ("DELETE", "/dataservice/admin/user/removeSessions", || json!([]), [200, 403, 403]),
    ("PUT", "/dataservice/admin/user/rose", || json!({"group": ["netadmin"]}), [200, 403, 403]),
    ("PUT", "/dataservice/admin/user/admin", || json!({"description": "x"}), [200, 403, 403]),
    ("POST", "/dataservice/admin/user/reset", || json!({"userName": "rose"}), [200, 403, 403]),
    (
        "PUT",
        "/dataservice/admin/user/password/rose",
        || json!({"userName": "rose", "password": "another one 1234", "currentUserPassword": PASSWORD}),
        [200, 403, 403],
    ),
    (
        "POST",
        "/dataservice/admin/usergroup",
        || json!({"groupName": "herbs", "groupDesc": "", "tasks": []}),
        [200, 403, 403],
    ),
    (
        "PUT",
        "/dataservice/admin/usergroup/herbs",
        || json!({"groupName": "herbs", "groupDesc": "x", "tasks": []}),
        [200, 403, 403],
    ),
    ("DELETE", "/dataservice/admin/usergroup/herbs", nothing, [200, 403, 403]),
    (
        "PUT",
        "/dataservice/settings/configuration/sessionLifeTime",
        || json!({"sessionLifeTime": 600}),
        [200, 403, 403],
    ),
    (
        "PUT",
        "/dataservice/settings/configuration/maxSessionsPerUser",
        || json!({"maxSessionsPerUser": 8}),
        [200, 403, 403],
    ),
    ("POST", "/dataservice/admin/user", user, [200, 403, 403]),
    ("DELETE", "/dataservice/admin/user/mint", nothing, [200, 403, 403]),
];

fn ask(manager: &Manager, login: &Login, rule: &Rule) -> u16 {
    let (method, target, body, _) = rule;
    match *method {
        "GET" => manager.get(login, target).status,
        _ => manager.change(login, method, target, &body()).status,
    }
}

#[test]
fn every_endpoint_is_for_whom_the_page_says() {
    let manager = Manager::new();
    let admin = manager.admin();
    for (name, group) in [("rose", "basic"), ("ann", "netadmin"), ("otto", "operator"), ("basil", "basic")] {
        manager.make_user(&admin, name, &[group]);
    }
    let [ann, otto, basil] = ["ann", "otto", "basil"].map(|it| manager.sign_in(it, PASSWORD));
    for rule in &RULES {
        let (method, target, _, wanted) = rule;
        // Those who may not come first, so that it would be seen if something came of it.
        let got = [&basil, &otto, &ann].map(|it| ask(&manager, it, rule));
        assert_eq!([got[2], got[1], got[0]], *wanted, "{method} {target}");
    }
    assert_eq!(manager.seen().len(), 0);
}

#[test]
fn nobody_makes_itself_more_than_it_is() {
    let manager = Manager::new();
    let admin = manager.admin();
    manager.make_user(&admin, "basil", &["basic"]);
    let basil = manager.sign_in("basil", PASSWORD);
    let users = "/dataservice/admin/user";
    for body in [
        json!({"userName": "basil", "group": ["netadmin"]}),
        json!({"userName": "basil", "isAdmin": true, "is_superuser": true}),
        json!({"oldpassword": PASSWORD, "newpassword": "another one 1234", "group": ["netadmin"]}),
    ] {
        for target in ["basil", "admin", "profile/password", "password/basil"] {
            manager.change(&basil, "PUT", &format!("{users}/{target}"), &body);
        }
    }
    let admin_role =
        |login: &Login| manager.get(login, &format!("{users}/role")).expect(200).json()["isAdmin"].clone();
    assert_eq!(admin_role(&admin), true);
    let basil =
        [PASSWORD, "another one 1234"].iter().find(|it| is_in(&send_form(&manager.server, "basil", it)));
    let basil = manager.sign_in("basil", basil.unwrap());
    assert_eq!(admin_role(&basil), false);
    let me =
        manager.server.as_admin("GET", "/api/gateway/v1/users/?username=basil").send().expect(200).json();
    assert_eq!(me["results"][0]["is_superuser"], false);
    // The last administrator stays one, and stays.
    let body = json!({"userName": "admin", "group": ["basic"]});
    assert!(manager.change(&admin, "PUT", &format!("{users}/admin"), &body).status >= 400);
    assert!(admin.on(manager.server.request("DELETE", &format!("{users}/admin"))).send().status >= 400);
    assert!(is_in(&send_form(&manager.server, "admin", ADMIN_PASSWORD)));
    assert_eq!(admin_role(&manager.admin()), true);
}

#[test]
fn a_key_that_reads_only_reads_at_these_endpoints() {
    let manager = Manager::new();
    let (_, reader) = manager.server.make_token("admin", ADMIN_PASSWORD, "read");
    let admin = manager.admin();
    manager.make_user(&admin, "rose", &["basic"]);
    for (method, target, body, _) in &RULES {
        let request = manager.server.request(method, target).bearer(&reader);
        let request = if *method == "GET" { request } else { request.json(&body()) };
        let status = request.send().status;
        assert_eq!(status, if *method == "GET" { 200 } else { 403 }, "{method} {target}");
    }
    let users = manager.data(&admin, "/dataservice/admin/user");
    assert_eq!(users.as_array().unwrap().len(), 2, "{users}");
}
