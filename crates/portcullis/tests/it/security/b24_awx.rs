//! Settings by which AWX believes proxies, and settings of both contracts through AWX's door: nobody escapes
//! his address, and what one contract refuses the other does not let in.

use serde_json::{Value, json};

use super::grants::awx_sign_in;
use crate::support::{ADMIN_PASSWORD, Server};

const ME: &str = "/api/v2/me/";
const PASSWORD: &str = "a wall of old stones 5";

fn limited() -> Server {
    Server::with_config("[limits]\nfailures_per_address_minute = 5\n")
}

fn set(server: &Server, slug: &str, fields: &Value) -> u16 {
    server.as_admin("PATCH", &format!("/api/v2/settings/{slug}/")).json(fields).send().status
}

/// How many wrong passwords were really looked at when each guess claims another address.
fn evaluated(server: &Server, dress: impl Fn(u8) -> Vec<(&'static str, String)>) -> usize {
    for number in 0..12 {
        let mut request = server.get(ME).basic(&format!("somebody{number}"), "wrong");
        for (name, value) in dress(number) {
            request = request.header(name, value);
        }
        assert!(matches!(request.send().status, 400 | 401));
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    let log = std::fs::read_to_string(server.data_dir().join("audit.jsonl")).unwrap();
    log.lines().filter(|line| line.contains("\"sign_in_failure\"")).count()
}

#[test]
fn case_179_remote_host_headers_of_strangers_escape_no_limit() {
    let server = limited();
    let headers = json!({"REMOTE_HOST_HEADERS": ["HTTP_X_CLIENT", "HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"]});
    assert_eq!(set(&server, "system", &headers), 200);
    let looked_at = evaluated(&server, |number| {
        vec![
            ("X-Client", format!("192.0.2.{number}")),
            ("X-Forwarded-For", format!("192.0.2.{number}")),
            ("X-Trusted-Proxy", format!("{}-{}", 1_790_000_000_u64 + u64::from(number), "ab".repeat(256))),
        ]
    });
    assert_eq!(looked_at, 5);
}

#[test]
fn case_179_lists_of_names_and_of_everybody_believe_nobody() {
    for list in [json!(["localhost"]), json!(["0.0.0.0/0"]), json!(["::/0", "0.0.0.0"]), json!(["127.0.0.2"])]
    {
        let server = limited();
        let headers = json!({"REMOTE_HOST_HEADERS": ["HTTP_X_CLIENT"], "PROXY_IP_ALLOWED_LIST": list});
        let status = set(&server, "system", &headers);
        assert!(matches!(status, 200 | 400), "{list}: {status}");
        let only = json!({"REMOTE_HOST_HEADERS": ["HTTP_X_CLIENT"]});
        assert_eq!(set(&server, "system", &only), 200);
        let looked_at = evaluated(&server, |number| vec![("X-Client", format!("192.0.2.{number}"))]);
        assert_eq!(looked_at, 5, "{list}");
    }
}

#[test]
fn case_179_a_believed_proxy_is_believed_about_its_own_entry_only() {
    let server = limited();
    let headers = json!({"REMOTE_HOST_HEADERS": ["HTTP_X_CLIENT"], "PROXY_IP_ALLOWED_LIST": ["127.0.0.1"]});
    assert_eq!(set(&server, "system", &headers), 200);
    // What a client wrote stands left of what the proxy saw, in one line or in two.
    let looked_at =
        evaluated(&server, |number| vec![("X-Client", format!("192.0.2.{number}, 198.51.100.7"))]);
    assert_eq!(looked_at, 5);
    let server = limited();
    assert_eq!(set(&server, "system", &headers), 200);
    let looked_at = evaluated(&server, |number| {
        vec![("X-Client", format!("192.0.2.{number}")), ("X-Client", "198.51.100.7".to_owned())]
    });
    assert_eq!(looked_at, 5);
    // The proxy itself may speak for many.
    let server = limited();
    assert_eq!(set(&server, "system", &headers), 200);
    assert_eq!(evaluated(&server, |number| vec![("X-Client", format!("192.0.2.{number}"))]), 12);
}

#[test]
fn case_176_a_forged_signature_of_a_proxy_is_none() {
    let server = limited();
    assert_eq!(set(&server, "system", &json!({"REMOTE_HOST_HEADERS": ["HTTP_X_CLIENT"]})), 200);
    let now = super::stage::now().as_nanos();
    let forgeries = [
        "true".to_owned(),
        String::new(),
        "-".to_owned(),
        format!("{now}-"),
        format!("{now}-00"),
        format!("{now}-{}", "00".repeat(256)),
        format!("{now}-{}", "ff".repeat(256)),
        format!("{now}-{}", "ff".repeat(4096)),
        format!("-{now}-{}", "ab".repeat(256)),
        format!("{}-{}", "9".repeat(40), "ab".repeat(256)),
        format!("{now}-{}", "é".repeat(20)),
        format!("{now}-DEAD-BEEF"),
    ];
    let looked_at = evaluated(&server, |number| {
        vec![
            ("X-Client", format!("192.0.2.{number}")),
            ("X-Trusted-Proxy", forgeries[usize::from(number)].clone()),
        ]
    });
    assert!(looked_at <= 5, "{looked_at}");
}

#[test]
fn case_187_settings_are_judged_alike_at_both_doors() {
    let server = Server::start(crate::support::Options::default());
    let platform =
        |fields: &Value| server.as_admin("PUT", "/api/gateway/v1/settings/all/").json(fields).send().status;
    for (name, values) in [
        ("LOGIN_REDIRECT_OVERRIDE", vec![json!("javascript:alert(1)"), json!("//evil.example"), json!(1)]),
        (
            "CSRF_TRUSTED_ORIGINS",
            vec![json!(["*"]), json!(["evil"]), json!("https://*"), json!(["https://*"])],
        ),
        ("SESSION_COOKIE_AGE", vec![json!(0), json!(-1), json!("x"), json!(null), json!(1e300)]),
        ("ALLOW_OAUTH2_FOR_EXTERNAL_USERS", vec![json!("maybe"), json!(null), json!([])]),
        ("custom_logo", vec![json!("javascript:alert(1)"), json!("data:text/html;base64,eA=="), json!(1)]),
    ] {
        for value in values {
            let fields = json!({name: value});
            for slug in ["all", "system", "authentication", "ui"] {
                let path = format!("/api/v2/settings/{slug}/");
                let before = server.as_admin("GET", "/api/v2/settings/all/").send().json()[name].clone();
                let other =
                    server.as_admin("GET", "/api/gateway/v1/settings/all/").send().json()[name].clone();
                let answer = server.as_admin("PATCH", &path).json(&fields).send();
                assert!(matches!(answer.status, 200 | 400 | 404), "{slug} {fields}: {}", answer.status);
                let after = server.as_admin("GET", "/api/v2/settings/all/").send().json()[name].clone();
                assert_eq!(before, after, "{slug} {fields}");
                let after =
                    server.as_admin("GET", "/api/gateway/v1/settings/all/").send().json()[name].clone();
                assert_eq!(other, after, "{slug} {fields}");
            }
            let status = platform(&fields);
            assert!(matches!(status, 200 | 400), "{fields}: {status}");
        }
    }
    // Nor are there settings through this door for anybody but administrators.
    server.make_user("c187", PASSWORD);
    let browser = awx_sign_in(&server, "c187", PASSWORD);
    for slug in ["all", "system", "authentication", "ui", "changed"] {
        let path = format!("/api/v2/settings/{slug}/");
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let answer = browser.on(server.request(method, &path)).json(&json!({})).send();
            assert!(matches!(answer.status, 403 | 405), "{method} {path}: {}", answer.status);
        }
    }
    assert_eq!(server.get(ME).basic("admin", ADMIN_PASSWORD).send().status, 200);
}
