//! Enumeration: nobody learns from an answer which names exist. (How long answers take is not measured here:
//! a test that asserts times would fail on a busy machine. That the work is the same is plain in the one
//! place where passwords are checked.)

use serde_json::{Value, json};

use crate::security::doors::{DOORS, open_to_everybody};
use crate::support::{Options, Response, Server};

fn demo() -> Server {
    let config = "[limits]\nfailures_free = 10\nfailure_waits = [600]\n".to_owned();
    open_to_everybody(Server::start(Options { demo: true, config, ..Options::default() }))
}

/// All of an answer that does not differ from request to request anyway.
fn likeness(answer: &Response, name: &str) -> (u16, Vec<String>, String) {
    let changing = [
        "date",
        "expires",
        "x-request-id",
        "x-api-request-id",
        "x-api-time",
        "x-api-total-time",
        "content-length",
    ];
    let headers = answer.headers.iter().filter(|(name, _)| !changing.contains(&&*name.to_lowercase()));
    let headers = headers.map(|(name, value)| {
        // A cookie's value is new each time; its attributes are not.
        let value = if name.eq_ignore_ascii_case("set-cookie") {
            value.split(';').skip(1).filter(|it| !it.trim().starts_with("expires")).collect()
        } else {
            value.clone()
        };
        format!("{name}: {value}")
    });
    let mut text = answer.text();
    for mark in ["name=\"csrfmiddlewaretoken\" value=\"", "\"csrfToken\": \""] {
        if let Some(at) = text.find(mark) {
            text.replace_range(at + mark.len()..at + mark.len() + 64, "");
        }
    }
    // The form comes back with the name that was typed into it.
    let text = text.replace(&format!("value=\"{name}\""), "value=\"\"");
    (answer.status, headers.collect(), text)
}

#[test]
fn case_017_the_same_answer_whoever_fails() {
    let server = demo();
    for name in ["present", "disabled", "locked"] {
        server.make_user(name, "wonder land 42 x");
    }
    server.shell(&["user", "add", "robot", "--no-password"]);
    server.shell(&["user", "disable", "disabled"]);
    for _ in 0..11 {
        server.get("/api/gateway/v1/me/").basic("locked", "wrong").send();
    }
    for (door, knock) in DOORS {
        let wanted = likeness(&knock(&server, "present", "wrong"), "present");
        for (name, password) in [
            ("absent", "wrong"),
            ("disabled", "wrong"),
            ("disabled", "wonder land 42 x"),
            ("locked", "wonder land 42 x"),
            ("robot", "wrong"),
            ("_system", "wrong"),
        ] {
            assert_eq!(likeness(&knock(&server, name, password), name), wanted, "{door}: {name}");
        }
    }
}

#[test]
fn case_018_an_absent_user_and_a_hidden_one() {
    let server = demo();
    let hidden = server.make_user("hidden", "wonder land 42 x");
    server.make_user("stranger", "wonder land 42 x");
    let ask = |id: i64, proof: bool| {
        let request = server.get(&format!("/api/gateway/v1/users/{id}/"));
        if proof { request.basic("stranger", "wonder land 42 x") } else { request }.send()
    };
    for (proof, status) in [(false, 401), (true, 404)] {
        let (present, absent) = (ask(hidden, proof), ask(999_999, proof));
        assert_eq!((present.status, absent.status), (status, status));
        assert_eq!(likeness(&present, ""), likeness(&absent, ""));
    }
}

#[test]
fn case_022_what_a_stranger_is_told() {
    let server = demo();
    server.make_user("very-secret-name", "wonder land 42 x");
    let keys = |path: &str| -> Vec<String> {
        let answer = server.get(path).send().expect(200);
        assert!(!answer.text().contains("very-secret-name"), "{path}");
        assert_eq!(answer.header("x-api-product-version"), None, "{path}");
        assert_eq!(answer.header("server"), None, "{path}");
        answer.json().as_object().unwrap().keys().cloned().collect()
    };
    let of_platform = ["description", "apis"];
    let of_awx = [
        "current_version",
        "available_versions",
        "oauth2",
        "custom_logo",
        "custom_login_info",
        "login_redirect_override",
    ];
    assert_eq!(keys("/api/"), [&of_platform[..], &of_awx].concat());
    assert_eq!(
        keys("/api/v2/ping/"),
        ["ha", "version", "active_node", "install_uuid", "instances", "instance_groups"]
    );
    assert_eq!(keys("/api/v2/auth/"), [""; 0]);
    assert_eq!(keys("/api/o/"), ["authorize", "token", "revoke_token"]);
    assert_eq!(keys("/api/gateway/"), ["current_version", "available_versions"]);
    assert_eq!(
        keys("/api/gateway/v1/ping/"),
        ["status", "version", "pong", "db_connected", "proxy_connected"]
    );
    assert_eq!(
        keys("/api/gateway/v1/ui_auth/"),
        [
            "passwords",
            "ssos",
            "show_login_form",
            "login_redirect_override",
            "custom_login_info",
            "custom_logo",
            "managed_cloud_install"
        ]
    );
    let apis = server.get("/api/").send().json()["apis"].clone();
    for (name, path) in apis.as_object().unwrap() {
        assert_eq!(path, &Value::from(format!("/api/{name}/")), "a path, and never where the service is");
    }
    assert!(json!(apis).get("gateway").is_some());
}
