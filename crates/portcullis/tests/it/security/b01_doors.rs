//! Password login at Catalyst's and Apprenda's doors: fields of another kind, none, twice, and in the wrong place;
//! names of the system (cases 4, 5, 14, 15, 16).

use serde_json::{Value, json};

use super::doors::open_to_everybody;
use crate::apprenda::SESSIONS;
use crate::catalyst::{LOGIN, is_in, is_out};
use crate::support::http::encode;
use crate::support::{ADMIN_PASSWORD, Options, Response, Server};

/// A limit that these tests would reach.
const NO_WAITS: &str =
    "[limits]\nfailures_free = 100000\nfailures_per_day = 100000\nfailures_per_address_minute = 100000\n";
const PASSWORD: &str = "wonder land 42 x";

fn gateway() -> Server {
    let options = Options { config: NO_WAITS.to_owned(), ..Options::default() };
    let server = open_to_everybody(Server::start(options));
    server.make_user("alice", PASSWORD);
    server
}

fn form(server: &Server, target: &str, body: &str) -> Response {
    server.post(target).body("application/x-www-form-urlencoded", body).send()
}

/// The two doors that read JSON, with a body as it stands.
fn json_doors(server: &Server, body: &str) -> [(&'static str, Response); 2] {
    let cloud = server.encrypted("POST", &format!("{SESSIONS}/soc"));
    [
        ("Catalyst's JWT", server.post("/jwt/login").body("application/json", body).send()),
        ("Apprenda's session", cloud.body("application/json", body).send_encrypted()),
    ]
}

#[track_caller]
fn assert_refused(server: &Server, body: &str) {
    for (door, answer) in json_doors(server, body) {
        assert!(matches!(answer.status, 400 | 401 | 413), "{door} {body}: {}", answer.status);
        let text = answer.text();
        assert!(!text.contains("eyJ") && !text.contains("href"), "{door} {body}: {text}");
    }
}

fn logs(server: &Server) -> [String; 2] {
    let audit = std::fs::read_to_string(server.data_dir().join("audit.jsonl")).unwrap_or_default();
    [server.output(), audit]
}

#[test]
fn case_004_a_password_that_is_no_text_at_the_other_doors() {
    let server = gateway();
    for odd in [json!({"$ne": ""}), json!(["x"]), json!(null), json!(true), json!(1), json!([ADMIN_PASSWORD])]
    {
        assert_refused(&server, &json!({"username": "admin", "password": odd}).to_string());
        assert_refused(&server, &json!({"username": odd, "password": ADMIN_PASSWORD}).to_string());
    }
    for body in ["[]", "\"admin\"", "17", "null", "", "{", "{\"username\"", &"[".repeat(200_000)] {
        assert_refused(&server, body);
    }
    for body in
        ["j_username[]=admin&j_password[]=x", "j_username=admin&j_password[$ne]=", "j_username[0]=admin"]
    {
        assert!(is_out(&form(&server, LOGIN, body)), "{body}");
    }
}

#[test]
fn case_005_no_password_at_the_other_doors() {
    let server = gateway();
    server.shell(&["user", "add", "robot", "--no-password"]);
    for name in ["admin", "robot", "nobody", ""] {
        for password in ["", "\0", "%00"] {
            assert_refused(&server, &json!({"username": name, "password": password}).to_string());
            let body = format!("j_username={name}&j_password={}", encode(password));
            assert!(is_out(&form(&server, LOGIN, &body)), "{body}");
        }
        assert_refused(&server, &json!({ "username": name }).to_string());
        assert!(is_out(&form(&server, LOGIN, &format!("j_username={name}"))));
        assert!(is_out(&form(&server, LOGIN, &format!("j_username={name}&j_password"))));
    }
    assert_refused(&server, &json!({ "password": ADMIN_PASSWORD }).to_string());
    assert!(is_out(&form(&server, LOGIN, &format!("j_password={}", encode(ADMIN_PASSWORD)))));
    for body in ["", "&&&", "=", "j_username=&j_password="] {
        assert!(is_out(&form(&server, LOGIN, body)), "{body:?}");
    }
}

#[test]
fn case_014_name_and_password_in_the_query_of_the_other_doors() {
    let server = gateway();
    let secret = encode(PASSWORD);
    let query = format!("j_username=alice&j_password={secret}");
    let target = format!("{LOGIN}?{query}");
    for body in ["", "j_username=alice", "j_username=alice&j_password=wrong", &query] {
        let answer = form(&server, &target, body);
        assert!(is_out(&answer), "{body}: {} {:?}", answer.status, answer.headers);
    }
    // A part in each place is no whole.
    let halves = form(&server, &format!("{LOGIN}?j_username=alice"), &format!("j_password={secret}"));
    assert!(is_out(&halves));
    for request in [server.get(&target), server.request("PUT", &target), server.post(&target)] {
        let answer = request.send();
        assert!(answer.cookie("JSESSIONID").is_none(), "{answer:#?}");
    }
    let query = format!("username=alice&password={secret}");
    for body in ["", "{}", "{\"username\": \"alice\"}"] {
        let jwt = server.post(&format!("/jwt/login?{query}")).body("application/json", body).send();
        assert!(matches!(jwt.status, 400 | 401), "{}", jwt.status);
        let target = format!("{SESSIONS}/soc?{query}");
        let cloud = server.encrypted("POST", &target).body("application/json", body).send_encrypted();
        assert!(matches!(cloud.status, 400 | 401), "{}", cloud.status);
    }
    for log in logs(&server) {
        assert!(!log.contains(&secret) && !log.contains("wonder"), "{log}");
    }
}

#[test]
fn case_015_the_same_field_twice_at_the_other_doors() {
    let server = gateway();
    let right = encode(PASSWORD);
    for body in [
        format!("j_username=alice&j_username=admin&j_password={right}"),
        format!("j_username=admin&j_username=alice&j_password={right}"),
        format!("j_username=alice&j_password={right}&j_password=wrong"),
        format!("j_username=alice&j_password=wrong&j_password={right}"),
        format!("j_username=alice&j_password={right}&j_password={right}"),
        format!("j_username=alice&%6a_username=admin&j_password={right}"),
    ] {
        assert!(is_out(&form(&server, LOGIN, &body)), "{body}");
    }
    let twice = |first: &str, second: &str, name: &str, other: &str| {
        format!("{{\"{first}\": \"{name}\", \"{second}\": \"{other}\", \"password\": \"{PASSWORD}\"}}")
    };
    for body in [
        twice("username", "username", "alice", "admin"),
        twice("username", "username", "admin", "alice"),
        twice("username", "username", "alice", "alice"),
        twice("username", "user\\u006eame", "alice", "admin"),
        format!("{{\"username\": \"alice\", \"password\": \"{PASSWORD}\", \"password\": \"wrong\"}}"),
        format!("{{\"username\": \"alice\", \"password\": \"wrong\", \"password\": \"{PASSWORD}\"}}"),
    ] {
        assert_refused(&server, &body);
    }
    // Where keys are read in any case, another case is the same key.
    let body = twice("username", "Username", "alice", "admin");
    let cloud = server.encrypted("POST", &format!("{SESSIONS}/soc")).body("application/json", body);
    assert_eq!(cloud.send_encrypted().status, 400);
    // The encoded name of a field is the field.
    let body = format!("%6a_username=alice&j_%70assword={right}");
    assert!(is_in(&form(&server, LOGIN, &body)));
}

#[test]
fn case_016_names_of_the_system_are_unknown_at_the_other_doors() {
    let server = gateway();
    let ask = |name: &str, password: &str| -> [(u16, String); 3] {
        let page = form(&server, LOGIN, &format!("j_username={name}&j_password={}", encode(password)));
        assert!(is_out(&page), "{name}");
        let [jwt, cloud] = json_doors(&server, &json!({"username": name, "password": password}).to_string());
        [page, jwt.1, cloud.1].map(|it| (it.status, it.text()))
    };
    let unknown = ask("nobody-at-all", "x");
    assert_eq!([unknown[1].0, unknown[2].0], [401, 400]);
    for name in [
        "_system",
        "system",
        "root",
        "viptela-reserved-system",
        "viptela-reserved-dca",
        "vmanage-system",
        "operator",
        "basic",
        "netadmin",
    ] {
        for password in ["x", "_system", "$encrypted$", "admin", name] {
            assert_eq!(ask(name, password), unknown, "{name} {password}");
        }
    }
    // Nor are they shown where users are listed, nor can they be changed there.
    let login = crate::catalyst::sign_in(&server, "admin", ADMIN_PASSWORD);
    let users = login.without_token(server.get("/dataservice/admin/user")).send().expect(200).json();
    let names: Vec<&Value> = users["data"].as_array().unwrap().iter().map(|it| &it["userName"]).collect();
    assert!(!names.contains(&&json!("_system")), "{names:?}");
    for (method, path) in [("PUT", "_system"), ("DELETE", "_system"), ("PUT", "password/_system")] {
        let target = format!("/dataservice/admin/user/{path}");
        let body = json!({"description": "x", "password": PASSWORD, "currentUserPassword": ADMIN_PASSWORD});
        let answer = login.on(server.request(method, &target)).json(&body).send();
        assert!(answer.status >= 400 && answer.status < 500, "{method} {path}: {}", answer.status);
    }
    assert_eq!(ask("_system", PASSWORD), unknown);
}
