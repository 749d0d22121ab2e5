//! What does not pass between clients and the platform behind the gateway.

use serde_json::{Value, json};

use super::{CLOUDS, Platform, SESSIONS, fields, message, plain};
use crate::support::ADMIN_PASSWORD;
use crate::support::upstream::Answer;

#[test]
fn a_token_leaves_no_trace_in_what_is_forwarded() {
    let platform = Platform::new();
    let token = platform.admin();
    let bare = plain(&token);
    for spelling in [bare.clone(), bare.replace('=', "%3D"), bare.replace('=', "%253D")] {
        for name in ["ApprendaSessionToken", "apprendaSessionToken", "APPRENDASESSIONTOKEN"] {
            let request = platform.request("GET", CLOUDS).header(name, &*spelling);
            request.send_encrypted().expect(200);
            for method in ["POST", "PUT"] {
                let body =
                    json!({"name": "x", name: spelling, "after": [1, 2.50, "é"], "deep": {name: "kept"}});
                let request = platform.request(method, CLOUDS).json(&body);
                request.send_encrypted().expect(200);
                let seen = platform.upstream.last();
                let sent: Value = serde_json::from_slice(&seen.body).unwrap();
                assert_eq!(sent, json!({"name": "x", "after": [1, 2.50, "é"], "deep": {name: "kept"}}));
                assert_eq!(seen.header("content-length"), Some(&*seen.body.len().to_string()));
                // In both places, and both the same.
                let request =
                    platform.request(method, CLOUDS).header("ApprendaSessionToken", &*bare).json(&body);
                request.send_encrypted().expect(200);
            }
        }
    }
    for seen in platform.seen() {
        let text = format!("{:?} {}", seen.headers, String::from_utf8_lossy(&seen.body)).to_lowercase();
        assert!(!text.contains(&bare.to_lowercase()[..90]), "{text}");
        assert_eq!(seen.header("apprendasessiontoken"), None);
    }
}

#[test]
fn a_body_that_is_too_long_to_be_read_is_413_and_says_why() {
    let platform = Platform::new();
    let token = platform.admin();
    let body = json!({"ApprendaSessionToken": token, "fill": "x".repeat(1_100_000)});
    let answer = platform.request("POST", CLOUDS).json(&body).send_encrypted().expect(413);
    assert!(!message(&answer).is_empty());
    assert_eq!(platform.seen().len(), 0);
    // With the header there is nothing to look for in it.
    let body = json!({"fill": "x".repeat(1_100_000)});
    let request = platform.request("POST", CLOUDS).header("ApprendaSessionToken", &*token).json(&body);
    let status = request.send_encrypted().status;
    assert!(matches!(status, 200 | 413), "{status}");
    // A body that is no JSON goes through as it is.
    let bytes: Vec<u8> = (0..=255).cycle().take(2_000_000).collect();
    let request = platform.request("POST", CLOUDS).header("ApprendaSessionToken", &*token);
    request.body("application/octet-stream", bytes.clone()).send_encrypted().expect(200);
    assert!(platform.upstream.last().body == bytes);
}

#[test]
fn the_own_endpoints_reach_no_platform_however_they_are_spelled() {
    let platform = Platform::new();
    let token = platform.admin();
    for path in [
        "/authentication/api/v1/sessions/soc",
        "/%61uthentication/api/v1/sessions/soc",
        "/authentication/api/v1/%73essions/soc",
        "/authentication/api/v1/sessions/%73oc",
        "/authentication//api/v1/sessions/soc",
        "/soc/../authentication/api/v1/sessions/soc",
        "/soc/..%2fauthentication/api/v1/sessions/soc",
        "/authentication/api/v1/sessions/soc;a=b",
        "/Authentication/API/v1/Sessions/SOC",
        "/authentication/api/v1/sessions/soc%20",
        "/authentication/api/v1/sessions/soc%00",
    ] {
        let request = platform.request("POST", path).json(&fields("admin", ADMIN_PASSWORD));
        let answer = request.send_encrypted();
        assert!(matches!(answer.status, 201 | 400 | 401 | 404), "{path}: {}", answer.status);
    }
    // A service's path with a way up in it is no way out of the portal's rule, either.
    for path in ["/developer/..;/soc/api/v1/hosts", "/developer/%2e%2e/soc/api/v1/hosts", "/SOC/api/v1/hosts"]
    {
        let request = platform.request("GET", path).header("ApprendaSessionToken", &*token);
        assert!(matches!(request.send_encrypted().status, 400 | 404), "{path}");
    }
    assert_eq!(platform.seen().len(), 0);
    assert!(platform.is_alive(&token));
}

#[test]
fn a_token_elsewhere_is_no_proof() {
    let platform = Platform::new();
    let token = platform.admin();
    let bare = plain(&token);
    let (_, key) = platform.server.make_token("admin", ADMIN_PASSWORD, "write");
    for request in [
        platform.request("GET", &format!("{CLOUDS}?ApprendaSessionToken={token}")),
        platform.request("GET", CLOUDS).header("Cookie", format!("ApprendaSessionToken={bare}")),
        platform.request("GET", CLOUDS).bearer(&bare),
        platform.request("GET", CLOUDS).header("Authorization", format!("ApprendaSessionToken {bare}")),
        platform.request("GET", CLOUDS).header("X-ApprendaSessionToken", &*bare),
        platform.request("GET", CLOUDS).header("ApprendaSessionToken", &*key),
        platform.request("POST", CLOUDS).form(&[("ApprendaSessionToken", &bare)]),
        platform.request("GET", CLOUDS).json(&json!({"ApprendaSessionToken": bare})),
        platform.request("DELETE", CLOUDS).json(&json!({"ApprendaSessionToken": bare})),
    ] {
        let answer = request.send_encrypted();
        assert!(matches!(answer.status, 400 | 401), "{answer:#?}");
    }
    assert_eq!(platform.seen().len(), 0);
    assert_eq!(platform.server.me(|it| it.bearer(&bare)), 401);
    assert_eq!(platform.server.me(|it| it.header("ApprendaSessionToken", &*bare)), 401);
}

#[test]
fn logs_show_no_token_that_stands_in_a_path() {
    let platform = Platform::with("[log]\nlevel = \"trace\"\n", |_| {
        Answer::raw("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    });
    let token = platform.admin();
    let bare = plain(&token);
    platform.get(&token, CLOUDS).expect(200);
    platform
        .request("POST", CLOUDS)
        .json(&json!({"ApprendaSessionToken": bare}))
        .send_encrypted()
        .expect(200);
    platform.log_out("soc", &bare).expect(204);
    let second = platform.admin();
    platform.request("DELETE", &format!("/api/v1/sessions/soc/{second}")).send_encrypted().expect(204);
    let third = platform.admin();
    let refused = platform.request("GET", &format!("{SESSIONS}/soc/{third}")).send_encrypted();
    assert!(refused.status >= 400);
    platform.server.post(&format!("{SESSIONS}/soc/{third}")).send();
    let audit = std::fs::read_to_string(platform.server.data_dir().join("audit.jsonl")).unwrap();
    for log in [platform.server.output(), audit] {
        for secret in [&bare, &plain(&second), &plain(&third)] {
            assert!(!log.contains(&secret[..60]), "{log}");
        }
        assert!(!log.contains(ADMIN_PASSWORD));
    }
}
