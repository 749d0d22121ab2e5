//! Bodies at Catalyst's and Apprenda's own endpoints: what is no JSON and no form, texts of every kind, noise
//! (cases 156 to 161).

use std::io::{Read, Write};

use serde_json::json;

use super::doors::open_to_everybody;
use crate::apprenda::SESSIONS;
use crate::catalyst::{LOGIN, Login, Manager, PASSWORD, SERVER, error, is_in, is_out};
use crate::support::tls::connect_tls;
use crate::support::{ADMIN_PASSWORD, Options, Response, Server};

const NO_WAITS: &str =
    "[limits]\nfailures_free = 100000\nfailures_per_day = 100000\nfailures_per_address_minute = 100000\n";

fn gateway() -> Server {
    let server =
        open_to_everybody(Server::start(Options { config: NO_WAITS.to_owned(), ..Options::default() }));
    server.shell(&["setting", "set", "catalyst.requestsPerSecond", "0"]);
    server
}

/// All endpoints of the two doors that read JSON, with a body as it stands.
fn send(server: &Server, login: &Login, kind: &str, body: &[u8]) -> Vec<(&'static str, Response)> {
    let own = [
        ("POST", "/dataservice/admin/user"),
        ("PUT", "/dataservice/admin/user/admin"),
        ("PUT", "/dataservice/admin/user/password/admin"),
        ("PUT", "/dataservice/admin/user/profile/password"),
        ("POST", "/dataservice/admin/user/reset"),
        ("POST", "/dataservice/admin/usergroup"),
        ("DELETE", "/dataservice/admin/user/removeSessions"),
        ("PUT", "/dataservice/settings/configuration/sessionLifeTime"),
        ("PUT", "/dataservice/settings/configuration/maxSessionsPerUser"),
    ];
    let mut answers = vec![
        ("/jwt/login", server.post("/jwt/login").body(kind, body).send()),
        ("/jwt/refresh", server.post("/jwt/refresh").body(kind, body).send()),
    ];
    for (method, target) in own {
        answers.push((target, login.on(server.request(method, target)).body(kind, body).send()));
    }
    for answer in &answers {
        assert!(answer.1.status < 400 || error(&answer.1)["code"].is_string());
    }
    let request = server.encrypted("POST", &format!("{SESSIONS}/soc")).body(kind, body);
    answers.push((SESSIONS, request.send_encrypted()));
    answers
}

#[test]
fn case_156_json_that_is_none_changes_nothing_at_the_two_doors() {
    let server = gateway();
    let login = crate::catalyst::sign_in(&server, "admin", ADMIN_PASSWORD);
    let deep = "[".repeat(100_000);
    let deep_object = "{\"a\":".repeat(20_000);
    let digits = format!("{{\"username\": {}}}", "9".repeat(500));
    for body in [
        &b""[..],
        b"{",
        b"}",
        b"nope",
        b"NaN",
        b"{\"username\": NaN}",
        b"{'username': 'admin'}",
        b"{\"username\": \"admin\",}",
        b"{\"username\": \"admin\"} x",
        b"{\"username\": \"\\ud800\", \"password\": \"x\"}",
        b"{\"username\": \"\xff\", \"password\": \"x\"}",
        b"\xfe\xff\x00{\x00}",
        b"{\"username\": 1e400}",
        deep.as_bytes(),
        deep_object.as_bytes(),
        digits.as_bytes(),
    ] {
        for (target, answer) in send(&server, &login, "application/json", body) {
            let shown: String = String::from_utf8_lossy(body).chars().take(40).collect();
            assert!(matches!(answer.status, 400 | 401 | 413), "{target} {shown}: {}", answer.status);
        }
    }
    // Nothing came of any of it.
    assert!(login.without_token(server.get(SERVER)).send().status == 200);
    assert!(is_in(&crate::catalyst::send_form(&server, "admin", ADMIN_PASSWORD)));
}

#[test]
fn case_157_forms_that_are_none_sign_nobody_in_at_catalyst_s_door() {
    let server = gateway();
    let many = "a=b&".repeat(15_000);
    let huge = "a=b&".repeat(50_000);
    let right = crate::support::http::encode(ADMIN_PASSWORD);
    for body in [
        many.as_bytes(),
        huge.as_bytes(),
        b"j_username=admin&j_password=%zz",
        b"j_username=admin&j_password=%",
        b"j_username=admin&j_password=%ff%fe",
        b"j_username=admin\xff&j_password=x",
        b"j_username=admin%00&j_password=x",
        b"j_username\x00=admin&j_password=x",
        format!("j_username=admin;j_password={right}").as_bytes(),
        format!("j_username=%61dmin%zz&j_password={right}").as_bytes(),
        format!("{{\"j_username\": \"admin\", \"j_password\": \"{ADMIN_PASSWORD}\"}}").as_bytes(),
    ] {
        let answer = server.post(LOGIN).body("application/x-www-form-urlencoded", body).send();
        assert!(is_out(&answer) || matches!(answer.status, 400 | 413), "{}", answer.status);
        assert!(answer.cookie("JSESSIONID").is_none());
    }
    let body = format!("j_username=admin&j_password={right}");
    let form = |kind: &str| server.post(LOGIN).body(kind, &*body).send();
    assert!(is_in(&form("application/x-www-form-urlencoded; charset=UTF-8")));
    assert!(is_in(&form("application/x-www-form-urlencoded")));
}

#[test]
fn case_158_other_languages_are_not_read_at_the_two_doors() {
    let server = gateway();
    let login = crate::catalyst::sign_in(&server, "admin", ADMIN_PASSWORD);
    let json = json!({"username": "admin", "password": ADMIN_PASSWORD}).to_string();
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><x>&b;</x>";
    for (kind, body) in [
        ("text/xml", bomb.to_owned()),
        ("application/xml", bomb.to_owned()),
        ("application/yaml", "username: admin\npassword: x\n".to_owned()),
        ("multipart/form-data; boundary=x", "--x\r\n\r\n--x--\r\n".to_owned()),
        ("application/x-www-form-urlencoded", "username=admin&password=x".to_owned()),
    ] {
        for (target, answer) in send(&server, &login, kind, body.as_bytes()) {
            assert!(matches!(answer.status, 400 | 401 | 415), "{target} {kind}: {}", answer.status);
        }
    }
    // Nothing is unpacked.
    for coding in ["gzip", "deflate", "br"] {
        let jwt = server.post("/jwt/login").body("application/json", &b"\x1f\x8b\x08\x00"[..]);
        let status = jwt.header("Content-Encoding", coding).send().status;
        assert!(matches!(status, 400 | 401 | 415), "{coding}: {status}");
        let cloud = server.encrypted("POST", &format!("{SESSIONS}/soc"));
        let cloud =
            cloud.body("application/json", &b"\x1f\x8b\x08\x00"[..]).header("Content-Encoding", coding);
        let status = cloud.send_encrypted().status;
        assert!(matches!(status, 400 | 401 | 415), "{coding}: {status}");
    }
    let right = server.encrypted("POST", &format!("{SESSIONS}/soc")).body("application/json", json);
    right.send_encrypted().expect(201);
}

#[test]
fn case_159_texts_come_back_as_they_went_or_not_at_all_at_catalyst_s_door() {
    let manager = Manager::new();
    let admin = manager.admin();
    let users = "/dataservice/admin/user";
    let long = "d".repeat(10_000);
    for (number, text) in [
        "ß é 漢字 🔑",
        "a\"b\\c",
        "<script>alert(1)</script>",
        "\u{202e}dne",
        "tab\tbed",
        "nul\0",
        "line\nend",
        &long,
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("user{number}");
        let user = json!({"userName": name, "password": PASSWORD, "group": ["basic"], "description": text});
        let made = manager.change(&admin, "POST", users, &user);
        assert!(matches!(made.status, 200 | 400), "{text:?}: {}", made.status);
        let list = manager.data(&admin, users);
        let found = list.as_array().unwrap().iter().find(|it| it["userName"] == name).cloned();
        assert_eq!(found.is_some(), made.status == 200, "{text:?}");
        assert!(found.is_none_or(|it| it["description"] == text), "{text:?}");
        // And as a name.
        let user = json!({"userName": text, "password": PASSWORD, "group": ["basic"]});
        let made = manager.change(&admin, "POST", users, &user);
        assert!(matches!(made.status, 200 | 400), "{text:?}: {}", made.status);
    }
    assert_eq!(manager.seen().len(), 0);
}

#[test]
fn case_160_answers_of_the_two_doors_say_what_they_are() {
    let manager = Manager::new();
    let server = &manager.server;
    let admin = manager.admin();
    let mut answers = vec![
        server.post(LOGIN).send(),
        server.get("/welcome.html").send(),
        server.get(SERVER).send(),
        server.get("/logout").send(),
        server.post("/jwt/login").json(&json!({})).send(),
        server.post("/jwt/login").json(&json!({"username": "admin", "password": ADMIN_PASSWORD})).send(),
        server.encrypted("POST", &format!("{SESSIONS}/soc")).json(&json!({})).send_encrypted(),
        server.post(&format!("{SESSIONS}/soc")).json(&json!({})).send(),
    ];
    for target in [SERVER, crate::catalyst::TOKEN, "/dataservice/client/about", "/dataservice/admin/user"] {
        answers.push(manager.get(&admin, target));
    }
    let request = server.encrypted("POST", &format!("{SESSIONS}/soc"));
    let body = json!({"username": "admin", "password": ADMIN_PASSWORD});
    answers.push(request.json(&body).send_encrypted());
    for answer in answers {
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{answer:#?}");
        let told = answer.header("cache-control").unwrap_or_default();
        assert!(told.contains("no-store"), "{answer:#?}");
        if !answer.body.is_empty() {
            let kind = answer.header("content-type").unwrap_or_else(|| panic!("{answer:#?}")).to_lowercase();
            assert!(kind.starts_with("application/json") || kind.contains("charset=utf-8"), "{kind}");
        }
        if answer.header("content-type").is_some_and(|it| it.starts_with("text/html")) {
            let policy = answer.header("content-security-policy").unwrap_or_default();
            assert!(policy.contains("frame-ancestors 'none'"), "{answer:#?}");
        }
    }
    // A login whose type is another one, or that has none, is none.
    let body = json!({"username": "admin", "password": ADMIN_PASSWORD}).to_string();
    for kind in ["text/plain", "application/json; charset=utf-7", "application/json; charset=utf-16", "x"] {
        let jwt = server.post("/jwt/login").body(kind, &*body).send();
        assert!(matches!(jwt.status, 400 | 401 | 415), "{kind}: {}", jwt.status);
        let cloud = server.encrypted("POST", &format!("{SESSIONS}/soc")).body(kind, &*body).send_encrypted();
        assert!(matches!(cloud.status, 400 | 401 | 415), "{kind}: {}", cloud.status);
    }
}

#[test]
fn case_161_noise_in_the_middle_of_the_encrypted_door_harms_nobody() {
    let server = gateway();
    for noise in
        [&b"\x00\x01\x02\x03"[..], b"GET", b"POST /j_security_check HTTP/9.9\r\n\r\n", b"\r\n\r\n\r\n"]
    {
        let mut stream = connect_tls(server.https, "http/1.1").unwrap();
        let _ = stream.write_all(noise);
        stream.conn.send_close_notify();
        let _ = stream.flush();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4") || answer.starts_with(b"HTTP/1.1 5"));
    }
    let request = server.encrypted("POST", &format!("{SESSIONS}/soc"));
    let body = json!({"username": "admin", "password": ADMIN_PASSWORD});
    request.json(&body).send_encrypted().expect(201);
}
