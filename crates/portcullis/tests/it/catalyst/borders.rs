//! What does not pass between clients and the Manager behind the gateway, in either direction.

use serde_json::json;

use super::{DEVICES, Manager, SERVER, TOKEN, answer, assert_dead};
use crate::support::ADMIN_PASSWORD;
use crate::support::upstream::Answer;

/// What a client could end the gateway's own session with, or change the password by which it works: each with a
/// method that does something.
const DANGEROUS: [(&str, &str); 22] = [
    ("GET", "/dataservice/admin/user/activeSessions"),
    ("DELETE", "/dataservice/admin/user/removeSessions"),
    ("PUT", "/dataservice/admin/user/password/admin"),
    ("PUT", "/dataservice/admin/user/profile/password"),
    ("POST", "/dataservice/admin/user/admin/password"),
    ("POST", "/dataservice/admin/user/reset"),
    ("PUT", "/dataservice/admin/user/lockUser/admin"),
    ("POST", "/dataservice/admin/user"),
    ("PUT", "/dataservice/admin/user/admin"),
    ("DELETE", "/dataservice/admin/user/admin"),
    ("POST", "/dataservice/admin/usergroup"),
    ("PUT", "/dataservice/admin/usergroup/netadmin"),
    ("GET", "/dataservice/client/token"),
    ("GET", "/dataservice/client/server"),
    ("PUT", "/dataservice/settings/configuration/sessionLifeTime"),
    ("PUT", "/dataservice/settings/configuration/maxSessionsPerUser"),
    ("GET", "/dataservice/settings/clientSessionTimeout"),
    ("POST", "/dataservice/tenant/6b1ff8ab-4be0-4b4c-8b2b-3f4a8ee8f1a1/vsessionid"),
    ("POST", "/dataservice/j_security_check"),
    ("POST", "/jwt/login"),
    ("POST", "/jwt/refresh"),
    ("POST", "/apigw/login"),
];

/// Other spellings of a path that a server might read as the same.
fn spellings(path: &str) -> Vec<String> {
    let (head, tail) = path.rsplit_once('/').unwrap();
    let first = tail.as_bytes()[0];
    let middle = path.replacen("/dataservice/", "/dataservice/./", 1);
    vec![
        path.to_owned(),
        format!("{path}/"),
        format!("{path}?x=1"),
        format!("{head}/%{first:02x}{}", &tail[1..]),
        format!("{head}/%{first:02X}{}", &tail[1..]),
        format!("{head}%2f{tail}"),
        format!("{head}//{tail}"),
        format!("{head}/x/../{tail}"),
        format!("{head}/%2e/{tail}"),
        format!("{head}/{tail};a=b"),
        format!("{head};a=b/{tail}"),
        format!("{head}/{}", tail.to_uppercase()),
        path.replacen("/dataservice/", "/DataService/", 1),
        path.replacen("/dataservice/", "/dataservice/device/../", 1),
        path.replacen("/dataservice/", "//dataservice/", 1),
        path.replacen("/admin/", "/%61dmin/", 1),
        path.replacen("/admin/", "/Admin/", 1),
        format!("{path}%20"),
        format!("{path}%00"),
        format!("{path}%3b"),
        format!("{head}/%25{first:02x}{}", &tail[1..]),
        middle,
    ]
}

#[test]
fn nothing_that_could_end_the_gateways_own_session_passes() {
    let manager = Manager::new();
    manager.set("catalyst.requestsPerSecond", "0");
    let login = manager.admin();
    let (_, key) = manager.server.make_token("admin", ADMIN_PASSWORD, "write");
    for (method, path) in DANGEROUS {
        for target in spellings(path) {
            // With a method that does something, and with one that only asks. The bodies change nothing here.
            for method in [method, "OPTIONS", "HEAD"] {
                let request = manager.server.request(method, &target).bearer(&key);
                let request =
                    if method == "GET" || method == "HEAD" { request } else { request.json(&json!([])) };
                let _ = request.try_send();
            }
        }
    }
    for seen in manager.seen() {
        // Capital letters make another path in a servlet container. Nothing is lost by minding them all the same.
        let path = seen.target.split('?').next().unwrap().replace("%61", "a").to_lowercase();
        let segments: Vec<_> =
            path.split('/').map(|it| it.split(';').next().unwrap()).filter(|it| !it.is_empty()).collect();
        let is_ours = matches!(
            segments[..],
            ["dataservice", "admin", "user" | "usergroup", ..]
                | ["dataservice", "client", "server" | "token", ..]
                | ["jwt" | "apigw", ..]
        );
        let words = ["activesessions", "removesessions", "password", "vsessionid", "j_security_check"];
        let is_named = segments.iter().any(|it| words.contains(it));
        assert!(!is_ours && !is_named, "the Manager was asked for {}", seen.target);
    }
    manager.get(&login, DEVICES).expect(200);
}

#[test]
fn no_cookie_of_the_manager_reaches_a_client() {
    let lines = "Set-Cookie: JSESSIONID=theirs.node; path=/; secure\r\nSet-Cookie: other=1\r\n\
                 Set-Cookie: old=; Expires=Thu, 01 Jan 1970 00:00:00 GMT\r\n";
    let manager = Manager::with("", "", move |_| {
        Answer::raw(format!(
            "HTTP/1.1 200 OK\r\n{lines}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
        ))
    });
    let login = manager.admin();
    for target in [DEVICES, "/dataservice/x/y/z"] {
        for method in ["GET", "POST"] {
            let answer = login.on(manager.server.request(method, target)).send().expect(200);
            assert_eq!(answer.header("set-cookie"), None, "{method} {target}");
        }
    }
    manager.get(&login, SERVER).expect(200);
}

#[test]
fn no_proof_of_a_client_reaches_the_manager() {
    let manager = Manager::new();
    let login = manager.admin();
    let (_, key) = manager.server.make_token("admin", ADMIN_PASSWORD, "write");
    let both = || {
        let request = manager.server.post("/dataservice/template").json(&json!({"a": 1}));
        request.header("X-XSRF-TOKEN", &*login.xsrf).header("VSessionId", "ZGVmYXVsdA==")
    };
    let cookies = format!("first=1; JSESSIONID={}; last=2", login.cookie);
    login.on(manager.server.post("/dataservice/template").json(&json!({"a": 1}))).send().expect(200);
    let _ = both().header("Cookie", &*cookies).send();
    let _ = both().bearer(&key).header("Cookie", &*cookies).send();
    manager.server.get(DEVICES).header("Cookie", &*cookies).send().expect(200);
    manager.server.get(DEVICES).bearer(&key).header("Cookie", &*cookies).send().expect(200);
    assert!(manager.seen().len() >= 3);
    for seen in manager.seen() {
        for name in ["cookie", "x-xsrf-token", "vsessionid", "authorization", "x_xsrf_token"] {
            assert_eq!(seen.header(name), None, "{seen:?}");
        }
        let text = format!("{seen:?}");
        assert!(
            !text.contains(&login.cookie) && !text.contains(&login.xsrf) && !text.contains(&key),
            "{text}"
        );
    }
}

#[test]
fn the_token_that_is_told_is_ours_and_not_the_managers() {
    let theirs = "F".repeat(100);
    let said = format!(r#"{{"data":{{"CSRFToken":"{theirs}","user":"service"}}}}"#);
    let manager = Manager::with("", "", move |_| answer(200, &said));
    let login = manager.admin();
    let told = manager.data(&login, SERVER);
    assert_eq!(told["CSRFToken"], login.xsrf);
    assert_eq!(told["user"], "admin");
    assert_eq!(manager.get(&login, TOKEN).expect(200).text(), login.xsrf);
    assert!(!told.to_string().contains(&theirs));
    assert_eq!(manager.seen().len(), 0);
}

#[test]
fn a_refusal_never_begins_a_session() {
    let manager = Manager::new();
    let cookies = ["", "JSESSIONID=", "JSESSIONID=planted.node", "JSESSIONID=\"x\"; JSESSIONID=y", "other=1"];
    for target in [SERVER, TOKEN, DEVICES, "/dataservice/admin/user", "/dataservice/no/such"] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            for cookie in cookies {
                let request = manager.server.request(method, target);
                let request = if cookie.is_empty() { request } else { request.header("Cookie", cookie) };
                assert_dead(&request.send());
            }
        }
    }
    assert_eq!(manager.seen().len(), 0);
    let listed = manager.server.shell_json(&["session", "list"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(0), "{listed}");
}

#[test]
fn what_is_open_without_a_session_is_this_and_nothing_else() {
    let manager = Manager::new();
    for target in ["/welcome.html", "/welcome.html?nocache=1", "/dataservice/client/server/ready", "/"] {
        let answer = manager.server.get(target).send();
        assert!(matches!(answer.status, 200 | 302), "{target}: {}", answer.status);
        assert!(answer.set_cookie("JSESSIONID").is_none(), "{target}");
    }
    manager.server.request("HEAD", "/welcome.html").send().expect(200);
    let ready = manager.server.get("/dataservice/client/server/ready").send().expect(200).json();
    assert_eq!(ready["isServerReady"], true);
    for target in [
        "/dataservice/client/server/ready/x",
        "/dataservice/client/server/readyx",
        "/dataservice/client/server",
        "/dataservice/client/about",
        "/dataservice/",
        "/dataservice/device",
    ] {
        assert_eq!(manager.server.get(target).send().status, 401, "{target}");
    }
    assert_eq!(manager.seen().len(), 0);
}

#[test]
fn older_answers_to_a_dead_session_are_a_key_of_the_service() {
    let manager = Manager::with("", "expired_session = \"login-page\"", |_| answer(200, "{}"));
    let dead = manager.server.get(DEVICES).header("Cookie", "JSESSIONID=dead.node").send().expect(200);
    assert!(dead.body.starts_with(b"<html>"), "{}", dead.text());
    let cookie = dead.set_cookie("JSESSIONID").unwrap();
    assert!(cookie.contains("Expires=Thu, 01 Jan 1970 00:00:00 GMT"), "{cookie}");
    let manager = Manager::with("", "expired_session = \"redirect\"", |_| answer(200, "{}"));
    let dead = manager.server.get(DEVICES).header("Cookie", "JSESSIONID=dead.node").send().expect(302);
    assert!(dead.header("location").unwrap().starts_with("/welcome.html"), "{dead:#?}");
    let cookie = dead.set_cookie("JSESSIONID").unwrap();
    assert!(cookie.contains("Expires=Thu, 01 Jan 1970 00:00:00 GMT"), "{cookie}");
    // A key that is wrong is not a dead session.
    manager.server.get(DEVICES).bearer("wrong").send().expect(401);
    assert_eq!(manager.seen().len(), 0);
}
