//! Rows 12, 13, 17, 19 to 22 and 36: what a client reads when something does not work.

use serde_json::{Value, json};

use super::{DEVICES, FILTER, LOGIN, Login, Manager, PASSWORD, SERVER, TOKEN, answer, error};
use crate::support::upstream::Answer;
use crate::support::{Response, Upstream};

const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

/// Sends a request of this method with all that a session has.
fn send(manager: &Manager, login: &Login, method: &str, target: &str) -> Response {
    match method {
        "GET" | "DELETE" => login.on(manager.server.request(method, target)).send(),
        _ => manager.change(login, method, target, &json!({})),
    }
}

#[test]
fn row_12_36_a_manager_that_cannot_be_reached_is_an_answer_all_the_same() {
    // Nobody listens there any more.
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = Upstream::start();
    let config = super::service(&gone, "").replace(&gone.address.to_string(), &nowhere.to_string());
    let server = crate::support::Server::with_config(&config);
    let login = super::sign_in(&server, "admin", crate::support::ADMIN_PASSWORD);
    for method in METHODS {
        let answer = login.on(server.request(method, DEVICES)).send();
        assert!(matches!(answer.status, 502 | 503), "{method}: {}", answer.status);
        error(&answer);
    }
}

#[test]
fn row_36_broken_answers_are_failures_and_changes_are_sent_once() {
    let manager = Manager::with("", "", |request| match &*request.target {
        "/dataservice/cut" => Answer::raw("").then_close(),
        "/dataservice/noise" => Answer::raw("\x16\x03\x01 this is not spoken here\r\n\r\n").then_close(),
        "/dataservice/wrong" => {
            answer(405, "{\"error\":{\"message\":\"no\",\"details\":\"\",\"code\":\"X\"}}")
        }
        _ => answer(200, "{}"),
    });
    let login = manager.admin();
    for method in METHODS {
        for target in ["/dataservice/cut", "/dataservice/noise"] {
            let before = manager.seen().len();
            let answer = send(&manager, &login, method, target);
            assert_eq!(answer.status, 502, "{method} {target}");
            error(&answer);
            let times = manager.seen().len() - before;
            assert!(times == 1 || method == "GET", "{method} {target} was sent {times} times");
        }
        send(&manager, &login, method, "/dataservice/wrong").expect(405);
    }
}

#[test]
fn row_13_21_a_failure_has_message_details_and_code() {
    let said = r#"{"error":{"message":"Delete users request failed","details":"No user with name XYZ was found","code":"USER0006"}}"#;
    let manager = Manager::with("", "", move |_| answer(500, said));
    let login = manager.admin();
    // What a Manager says goes through as it is.
    for method in METHODS {
        let failed = send(&manager, &login, method, DEVICES).expect(500);
        assert_eq!(failed.text(), said, "{method}");
        assert_eq!(failed.header("content-type"), Some("application/json"));
    }
    // What we say has the same three texts, and none of them is empty.
    let absent = login.on(manager.server.request("DELETE", "/dataservice/admin/user/XYZ")).send();
    assert!(absent.status >= 400, "{absent:#?}");
    for refused in [
        absent,
        manager.change(&login, "PUT", "/dataservice/admin/user/XYZ", &json!({"description": "x"})),
        manager.change(&login, "POST", "/dataservice/admin/user", &json!({})),
        manager.server.get(SERVER).send(),
        manager.server.get(DEVICES).send(),
        manager.server.get(SERVER).bearer("no.such.key").send(),
    ] {
        assert!(refused.status >= 400, "{refused:#?}");
        let error = error(&refused);
        for key in ["message", "details", "code"] {
            assert_ne!(error[key], "", "{key}: {error}");
        }
    }
}

#[test]
fn row_19_no_answer_below_dataservice_is_without_json() {
    let manager = Manager::new();
    let login = manager.admin();
    manager.make_user(&login, "basil", &["basic"]);
    let basil = manager.sign_in("basil", PASSWORD);
    let own = [
        SERVER,
        "/dataservice/client/about",
        "/dataservice/client/server/ready",
        "/dataservice/admin/user",
        "/dataservice/admin/user/role",
        "/dataservice/admin/user/userAuthType",
        "/dataservice/admin/user/activeSessions",
        "/dataservice/admin/usergroup",
        "/dataservice/settings/configuration/sessionLifeTime",
        "/dataservice/settings/configuration/serverSessionTimeout",
        "/dataservice/settings/configuration/clientSessionTimeout",
        "/dataservice/settings/configuration/maxSessionsPerUser",
        "/dataservice/settings/clientSessionTimeout",
        "/dataservice/tenant",
        "/dataservice/admin/user/no/such/thing",
        "/dataservice/client/nothing",
    ];
    for target in own.into_iter().chain([DEVICES, "/dataservice/no/such/thing"]) {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let request = || manager.server.request(method, target);
            for (who, answer) in [
                ("nobody", request().send()),
                ("a dead session", request().header("Cookie", "JSESSIONID=dead.node").send()),
                ("a wrong key", request().bearer("wrong").send()),
                ("somebody", basil.on(request()).send()),
                ("somebody with noise", basil.on(request()).body("application/json", "{noise").send()),
            ] {
                let text = answer.text();
                let is_json = serde_json::from_str::<Value>(&text).is_ok_and(|it| it.is_object());
                assert!(
                    is_json || (answer.status < 400 && text.is_empty()),
                    "{method} {target} by {who}: {} {text:?}",
                    answer.status
                );
                if answer.status >= 400 {
                    error(&answer);
                }
            }
        }
    }
    // Two answers are none, and must not be: the token itself, and the sentence of the filter.
    assert_eq!(manager.get(&login, TOKEN).expect(200).text().len(), 100);
    let filtered = login.without_token(manager.server.post(DEVICES)).json(&json!({})).send().expect(403);
    assert!(filtered.text().contains(FILTER), "{}", filtered.text());
    // And nothing there is a page with status 200, which clients would take for an empty list.
    assert!(!filtered.text().is_empty());
}

#[test]
fn row_20_bodies_without_an_error_object_go_through_as_they_are() {
    let bodies = ["\"a text\"", "17", "[1,2]", "{\"a\":1}", "null", "no json at all", "<b>a page</b>"];
    let manager = Manager::with("", "", move |request| {
        let number: usize = request.target.rsplit('/').next().unwrap().parse().unwrap();
        answer(500, bodies[number])
    });
    let login = manager.admin();
    for (number, body) in bodies.iter().enumerate() {
        let failed = manager.get(&login, &format!("/dataservice/odd/{number}"));
        assert_eq!(failed.expect(500).text(), *body);
    }
}

#[test]
fn row_22_objects_have_the_keys_that_clients_require() {
    let manager = Manager::new();
    let login = manager.admin();
    manager.make_user(&login, "basil", &["basic"]);
    manager.sign_in("basil", PASSWORD);
    let about = manager.data(&login, "/dataservice/client/about");
    for key in [
        "title",
        "version",
        "applicationVersion",
        "applicationServer",
        "copyright",
        "time",
        "timeZone",
        "logo",
    ] {
        assert!(about[key].is_string(), "{key}: {about}");
    }
    let users = manager.data(&login, "/dataservice/admin/user");
    for user in users.as_array().unwrap() {
        assert!(user["userName"].is_string() && user["group"].is_array(), "{user}");
    }
    let sessions = manager.data(&login, "/dataservice/admin/user/activeSessions");
    assert_eq!(sessions.as_array().unwrap().len(), 1, "{sessions}");
    for key in ["uuid", "sourceIp", "remoteHost", "rawUserName", "rawId", "tenantDomain", "userGroup"] {
        assert!(sessions[0][key].is_string(), "{key}: {sessions}");
    }
    for key in ["userMode", "tenantId"] {
        assert!(sessions[0][key].is_string(), "{key}: {sessions}");
    }
    for key in ["createDateTime", "lastAccessedTime"] {
        assert!(sessions[0][key].is_number(), "{key}: {sessions}");
    }
    let told = manager.data(&login, SERVER);
    for key in ["CSRFToken", "platformVersion", "tenancyMode", "userMode", "viewMode", "user", "tenantId"] {
        assert!(told[key].is_string(), "{key}: {told}");
    }
    assert!(told["roles"].is_array() && told["capabilities"].is_array() && told["vpns"].is_array(), "{told}");
    for key in ["isSamlUser", "isRbacVpnUser", "externalUser", "generalTemplate", "disableFullConfigPush"] {
        assert!(told[key].is_boolean(), "{key}: {told}");
    }
    assert_eq!(told["CSRFToken"], login.xsrf);
}

#[test]
fn row_17_an_answer_without_data_is_one_that_has_no_list() {
    let manager = Manager::new();
    let login = manager.admin();
    // These two have no wrapper in the contract; everything that is a list or an object of data has it.
    for (target, key) in [("role", "isAdmin"), ("userAuthType", "userAuthType")] {
        let answer = manager.get(&login, &format!("/dataservice/admin/user/{target}")).expect(200).json();
        assert!(answer.get("data").is_none() && answer.get(key).is_some(), "{answer}");
    }
    for target in [
        SERVER,
        "/dataservice/client/about",
        "/dataservice/admin/user",
        "/dataservice/admin/user/activeSessions",
        "/dataservice/admin/usergroup",
        "/dataservice/settings/configuration/sessionLifeTime",
    ] {
        let answer = manager.get(&login, target).expect(200).json();
        assert!(answer.get("data").is_some(), "{target}: {answer}");
    }
    let login_page = manager.server.post(LOGIN).send();
    assert!(super::is_out(&login_page), "{login_page:#?}");
}
