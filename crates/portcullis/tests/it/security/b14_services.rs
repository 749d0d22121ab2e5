//! Identities at services: names cannot break out of headers, users are not mixed up, redirects lead nobody
//! away (cases 122, 126,
//! 128-130).

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use super::b14_identity::claims;
use super::stage::{Stage, admin_line, now, services};
use crate::support::raw::talk;
use crate::support::upstream::Answer;
use crate::support::{Options, Server, Upstream};

#[test]
fn case_128_names_cannot_break_out_of_a_header() {
    let upstream = Upstream::start();
    let config = services(&upstream, "headers", "");
    let server = Server::start(Options { config, ..Options::default() });
    let password = "wonder land 42 x";
    for name in
        ["bad\r\nX-Forwarded-Groups: admins", "bad\nx", "bad\0x", "a,b", "a b", "a;b", "a\"b", "a\u{2028}b"]
    {
        let body = json!({"username": name, "password": password});
        let answer = server.as_admin("POST", "/api/gateway/v1/users/").json(&body).send();
        assert_eq!(answer.status, 400, "{name:?}: {}", answer.text());
    }
    // Letters of every script are allowed in names, and everything in the names of teams.
    let id = server.make_user("юля@дом+1", password);
    server
        .as_admin("PATCH", &format!("/api/gateway/v1/users/{id}/"))
        .json(&json!({"first_name": "a\r\nX-Evil: 1", "last_name": "ü, admins"}))
        .send();
    let organization = server.make("organizations", &json!({"name": "Küche, admins"}));
    let team = server.make("teams", &json!({"name": "one,two; three", "organization": organization}));
    for path in [format!("teams/{team}"), format!("organizations/{organization}")] {
        let request = server.as_admin("POST", &format!("/api/gateway/v1/{path}/users/associate/"));
        request.json(&json!({"instances": [id]})).send().expect(204);
    }
    server.get("/api/vault/x/").basic("юля@дом+1", password).send().expect(200);
    let received = upstream.last();
    let users = received.header_all("x-forwarded-user");
    assert_eq!(users.len(), 1, "{received:?}");
    assert!(users[0].is_ascii() && !users[0].contains(','), "{users:?}");
    assert_eq!(dialect_free_decode(users[0]), "юля@дом+1");
    for (name, value) in &received.headers {
        assert!(value.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{name}: {value:?}");
        assert!(!name.eq_ignore_ascii_case("x-evil"));
    }
    // A comma stands between groups and in none of them: `admins` is no group.
    let groups: Vec<String> = received
        .header_all("x-forwarded-groups")
        .iter()
        .flat_map(|it| it.split(','))
        .map(|it| dialect_free_decode(it.trim()))
        .collect();
    assert!(groups.iter().any(|it| it.contains("one,two; three")), "{groups:?}");
    assert!(!groups.iter().any(|it| matches!(&**it, "admins" | "two; three")), "{groups:?}");
    assert!(received.header("x-dab-jw-token").is_none(), "{received:?}");
}

/// Percent-decoding as any component would do it.
fn dialect_free_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if bytes[at] == b'%' {
            decoded.push(u8::from_str_radix(&text[at + 1..at + 3], 16).unwrap());
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).unwrap()
}

#[test]
fn case_129_one_users_identity_never_goes_with_anothers_request() {
    let stage = Stage::new();
    let names: Vec<String> = (0..6).map(|index| format!("twin{index}")).collect();
    let tokens: Vec<String> = names
        .iter()
        .map(|name| {
            stage.server.make_user(name, "wonder land 42 x");
            stage.server.make_token(name, "wonder land 42 x", "write").1
        })
        .collect();
    // All at once over the same connections to the upstream, and both services in turn.
    crate::support::raw::all_at_once(&tokens, |index, token| {
        for round in 0..20 {
            let service = if round % 2 == 0 { "controller" } else { "vault" };
            stage
                .server
                .get(&format!("/api/{service}/t129-{index}-{round}/"))
                .bearer(token)
                .send()
                .expect(200);
        }
    });
    let mut subjects = HashSet::new();
    for (index, name) in names.iter().enumerate() {
        let received = stage.seen(&format!("t129-{index}-"));
        assert_eq!(received.len(), 20);
        for it in received {
            let claims = claims(&stage.server, &it);
            assert_eq!(claims["user_data"]["username"], **name);
            subjects.insert(claims["sub"].to_string());
        }
    }
    assert_eq!(subjects.len(), names.len());
}

#[test]
fn case_130_a_redirect_of_a_service_is_not_followed() {
    let elsewhere = Upstream::start();
    let target = elsewhere.url();
    let stage = Stage::with("", move |_| {
        Answer::raw(format!(
            "HTTP/1.1 307 Over there\r\nLocation: {target}/take/\r\nContent-Length: 0\r\n\r\n"
        ))
    });
    let answer = stage.known("POST", "/api/controller/v2/jobs/").json(&json!({"x": 1})).send();
    assert_eq!(answer.status, 307);
    assert!(elsewhere.received().is_empty(), "{:?}", elsewhere.received());
    // Nor when the gateway itself asks how its services are.
    stage.server.as_admin("GET", "/api/gateway/v1/status/").send().expect(200);
    assert!(elsewhere.received().is_empty(), "{:?}", elsewhere.received());
    for received in stage.upstream.received() {
        assert!(received.header("authorization").is_none(), "{received:?}");
    }
}

/// A service that keeps the bytes it is sent and answers when they end or rest.
fn recorder() -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, kept) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
    let bytes = Arc::clone(&kept);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            stream.set_read_timeout(Some(Duration::from_millis(700))).unwrap();
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                bytes.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    (address, kept)
}

#[test]
fn case_122_trailers_speak_for_nobody() {
    let (address, kept) = recorder();
    let server = Server::with_config(&format!(
        "[[service]]\nname = \"c\"\npath = \"/api/controller/\"\nupstream = [\"http://{address}\"]\n\
         identity = \"headers\"\n"
    ));
    let fields = [
        "X-DAB-JW-TOKEN",
        "X-Trusted-Proxy",
        "X-Forwarded-User",
        "Remote-User",
        "X_Forwarded_User",
        "Cookie",
        "X-Other",
    ];
    let trailers = fields.map(|name| format!("{name}: planted\r\n")).concat();
    let request = format!(
        "POST /api/controller/v2/x/ HTTP/1.1\r\nHost: g\r\n{}Transfer-Encoding: chunked\r\nTE: trailers\r\n\
         Trailer: {}\r\n\r\n4\r\nbody\r\n0\r\n{trailers}\r\n",
        admin_line(),
        fields.join(", ")
    );
    assert_eq!(talk(server.http, request.as_bytes()).statuses(), [200]);
    let text = String::from_utf8(kept.lock().unwrap().clone()).unwrap();
    assert!(text.contains("body") && !text.contains("planted"), "{text}");
    assert_eq!(text.to_lowercase().matches("x-forwarded-user").count(), 1, "{text}");
}

#[test]
fn case_126_a_shorter_life_counts_at_once() {
    let stage = Stage::new();
    let end = |mark: &str| {
        let target = format!("/api/controller/v2/{mark}/");
        stage.known("GET", &target).send().expect(200);
        claims(&stage.server, &stage.seen(mark)[0])["exp"].as_i64().unwrap()
    };
    let start = i64::try_from(now().as_secs()).unwrap();
    assert!(end("long126") > start + 300);
    stage.server.set(&json!({"gateway_access_token_expiration": 60}));
    let end = end("short126");
    assert!(end <= i64::try_from(now().as_secs()).unwrap() + 60, "{} s", end - start);
}

#[test]
fn case_122_the_token_travels_in_no_header_that_means_something_else() {
    let stage = Stage::new();
    for name in [
        "",
        "a b",
        "Host",
        "content-length",
        "Transfer-Encoding",
        "Connection",
        "Authorization",
        "Cookie",
        "X-Trusted-Proxy",
        "X-Forwarded-For",
        "X-Request-Id",
        "x\r\ny",
        "Upgrade",
        "Content-Type",
        "TE",
        "X_House",
    ] {
        let request = stage.server.as_admin("PUT", "/api/gateway/v1/settings/all/");
        assert_eq!(request.json(&json!({"gateway_token_name": name})).send().status, 400, "{name:?}");
        stage.known("GET", "/api/controller/v2/name122/").send().expect(200);
        assert_eq!(stage.upstream.last().header_all("x-dab-jw-token").len(), 1, "{name:?}");
    }
}
