//! Tokens: how far they reach, when they end, what they cannot do for themselves.

use std::io::{BufReader, Write};
use std::sync::{Arc, Barrier};

use serde_json::{Value, json};

use super::shared::Shared;
use crate::support::http::connect;
use crate::support::{ADMIN_PASSWORD, Request, Response, Server, Upstream};

const ME: &str = "/api/gateway/v1/me/";
const HOSTS: &str = "/api/controller/v2/hosts/";
const TOKENS: &str = "/api/gateway/v1/tokens/";
const PASSWORD: &str = "a wall of old stones 5";
const DENIED: &str = "You do not have permission to perform this action.";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(Server::demo)
}

fn token_path(id: i64) -> String {
    format!("{TOKENS}{id}/")
}

#[track_caller]
fn assert_denied(answer: &Response) {
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert_eq!(answer.json()["detail"], DENIED);
}

#[test]
fn case_078_a_read_token_changes_nothing_and_nothing_of_it_reaches_a_service() {
    let upstream = Upstream::start();
    let server = Server::with_config(&format!(
        "[[service]]\nname = \"plain\"\npath = \"/plain/\"\nupstream = [\"{}\"]\npublic = [\"/plain/open/\"]\n",
        upstream.url()
    ));
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "read");
    let organization = server.make("organizations", &json!({"name": "c78"}));
    let object = format!("/api/gateway/v1/organizations/{organization}/");
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        for target in
            ["/plain/x/", "/plain/open/", "/plain/x/?method=GET", &object, "/api/gateway/v1/organizations/"]
        {
            let request = server.request(method, target).bearer(&token).json(&json!({"name": "c78-x"}));
            for request in [
                request.clone(),
                request.clone().header("X-HTTP-Method-Override", "GET"),
                request.clone().header("X-Method-Override", "GET"),
            ] {
                let answer = request.send();
                // A method that a path of ours does not have may be told before the right to use it.
                assert!(matches!(answer.status, 403 | 405), "{method} {target}: {}", answer.text());
            }
        }
        assert_denied(&server.request(method, "/plain/x/").bearer(&token).send());
    }
    // Methods that nobody counts as safe.
    for method in ["PROPFIND", "LOCK", "MKCOL", "REPORT", "QUERY", "get", "TRACE", "CONNECT", "PURGE"] {
        let answer = server.request(method, "/plain/x/").bearer(&token).try_send();
        assert!(answer.is_ok_and(|it| matches!(it.status, 400 | 403 | 405 | 501)), "{method}");
    }
    assert!(upstream.received().is_empty(), "{:?}", upstream.received());
    server.as_admin("GET", &object).send().expect(200);
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert_eq!(server.request(method, "/plain/x/").bearer(&token).send().status, 200, "{method}");
    }
    // Not even a token that could write rides on an open path: there it is asked for its right too.
    let (_, writer) = server.make_token("admin", ADMIN_PASSWORD, "write");
    assert_eq!(server.post("/plain/open/").bearer(&writer).send().status, 200);
}

#[test]
fn case_078_a_token_for_identity_alone_reads_nothing() {
    let server = gateway();
    for scope in ["openid", "roles", "openid roles"] {
        let (_, token) = server.make_token("admin", ADMIN_PASSWORD, scope);
        for path in [ME, HOSTS, TOKENS] {
            assert_denied(&server.get(path).bearer(&token).send());
        }
    }
}

#[test]
fn case_079_a_read_token_makes_and_widens_no_token() {
    let server = gateway();
    let id = server.make_user("c79", PASSWORD);
    let (own, token) = server.make_token("c79", PASSWORD, "read");
    let (other, _) = server.make_token("c79", PASSWORD, "read");
    assert_denied(&server.post(TOKENS).bearer(&token).json(&json!({})).send());
    assert_denied(&server.post(TOKENS).bearer(&token).json(&json!({"scope": "read"})).send());
    for (method, body) in
        [("PATCH", json!({"scope": "write"})), ("PUT", json!({"scope": "write"})), ("DELETE", json!({}))]
    {
        for token_id in [own, other] {
            assert_denied(&server.request(method, &token_path(token_id)).bearer(&token).json(&body).send());
        }
    }
    // Nor a session, a password or itself by another way.
    let target = format!("/api/gateway/v1/users/{id}/");
    let change = server.request("PATCH", &target).bearer(&token).json(&json!({"password": "x y z 123456"}));
    assert_denied(&change.send());
    assert_denied(&server.post("/api/gateway/v1/session/").bearer(&token).send());
    let listed = server.get(TOKENS).bearer(&token).send().expect(200).json();
    assert_eq!(listed["count"], 2, "{listed}");
    assert!(listed["results"].as_array().unwrap().iter().all(|it| it["scope"] == "read"));
}

#[test]
fn case_080_a_scope_is_a_plain_list_of_known_words() {
    let server = gateway();
    let send = |scope: &Value| server.as_admin("POST", TOKENS).json(&json!({"scope": scope})).send();
    for wrong in [
        json!("admin"),
        json!("write write"),
        json!("read write read"),
        json!("read,write"),
        json!("read  write"),
        json!("read\twrite"),
        json!("read\nwrite"),
        json!("read\u{a0}write"),
        json!("WRITE"),
        json!("Write"),
        json!("write\u{0}"),
        json!("wrіte"),
        json!("*"),
        json!(""),
        json!("w".repeat(5000)),
        json!("read ".repeat(1000)),
        json!(["write"]),
        json!({"scope": "write"}),
        json!(null),
        json!(true),
        json!(1),
    ] {
        let answer = send(&wrong);
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.text());
        assert!(answer.json()["scope"].is_array(), "{wrong}: {}", answer.text());
    }
    let text = |scope: &str| send(&json!(scope)).json()["scope"][0].as_str().unwrap().to_owned();
    assert_eq!(text("admin"), "Invalid scope: admin. Must be one of: read, write, openid, roles");
    assert!(text("write write").starts_with("Must be a simple space-separated string with allowed scopes"));
    // Spaces around a text do not count, in any field of the contract.
    assert_eq!(send(&json!(" read\n")).expect(201).json()["scope"], "read");
    for right in ["read", "write", "read write", "write read", "openid roles read"] {
        assert_eq!(send(&json!(right)).expect(201).json()["scope"], right);
    }
    // The same on a change, and twice in one body.
    let (id, token) = server.make_token("admin", ADMIN_PASSWORD, "read");
    for wrong in [json!("admin"), json!(["write"]), json!(null)] {
        let answer = server.as_admin("PATCH", &token_path(id)).json(&json!({"scope": wrong})).send();
        assert_eq!(answer.status, 400, "{wrong}");
    }
    let twice =
        server.as_admin("POST", TOKENS).body("application/json", r#"{"scope":"read","scope":"write"}"#);
    let answer = twice.send();
    assert_eq!(answer.status, 400, "which of two equal keys counts must not matter: {}", answer.text());
    assert_denied(&server.post(TOKENS).bearer(&token).json(&json!({})).send());
}

#[test]
fn case_081_what_was_decided_for_one_request_is_not_used_for_another() {
    let server = gateway();
    let (_, read) = server.make_token("admin", ADMIN_PASSWORD, "read");
    let (id, write) = server.make_token("admin", ADMIN_PASSWORD, "write");
    for _ in 0..3 {
        assert_eq!(server.get(HOSTS).bearer(&read).send().status, 200);
        assert_eq!(server.post(HOSTS).bearer(&read).send().status, 403);
        assert_eq!(server.post(HOSTS).bearer(&write).send().status, 200);
        assert_eq!(server.get(HOSTS).send().status, 401);
    }
    // Narrowed while it is in every cache.
    server.as_admin("PATCH", &token_path(id)).json(&json!({"scope": "read"})).send().expect(200);
    assert_eq!(server.post(HOSTS).bearer(&write).send().status, 403);
    assert_eq!(server.get(HOSTS).bearer(&write).send().status, 200);
    server.as_admin("PATCH", &token_path(id)).json(&json!({"scope": "openid"})).send().expect(200);
    assert_eq!(server.get(HOSTS).bearer(&write).send().status, 403);
}

#[test]
fn case_081_a_service_for_few_stays_closed_to_a_token_that_others_services_know() {
    let upstream = Upstream::start();
    let service = |name: &str, allow: &str| {
        format!(
            "[[service]]\nname = \"{name}\"\npath = \"/{name}/\"\nupstream = [\"{}\"]\nallow = [{allow}]\n",
            upstream.url()
        )
    };
    let config = [
        service("all", "\"everybody\""),
        service("few", "\"administrators\""),
        service("one", "\"user:c81\""),
        service("nobody", "\"user:c81-absent\", \"team:c81\""),
    ];
    let server = Server::with_config(&config.concat());
    server.make_user("c81", PASSWORD);
    server.make_user("c81x", PASSWORD);
    let (_, token) = server.make_token("c81", PASSWORD, "write");
    let (_, other) = server.make_token("c81x", PASSWORD, "write");
    for _ in 0..2 {
        let status = |path: &str, token: &str| server.get(path).bearer(token).send().status;
        assert_eq!(status("/all/x/", &token), 200);
        assert_eq!(status("/few/x/", &token), 403);
        assert_eq!(status("/one/x/", &token), 200);
        assert_eq!(status("/nobody/x/", &token), 403);
        assert_eq!(status("/one/x/", &other), 403);
    }
    // A user who takes the name that a rule names does not get what was not there before.
    let id = server.make_user("c81-absent", PASSWORD);
    let (_, absent) = server.make_token("c81-absent", PASSWORD, "write");
    assert_eq!(server.get("/nobody/x/").bearer(&absent).send().status, 200);
    server.as_admin("DELETE", &format!("/api/gateway/v1/users/{id}/")).send().expect(204);
    assert_eq!(server.get("/nobody/x/").bearer(&absent).send().status, 401);
}

#[test]
fn case_082_a_life_of_nothing_makes_tokens_that_are_over() {
    let server = Server::with_config("[token]\naccess_token_expire_seconds = 0\n");
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let answer = server.get(ME).bearer(&token).send().expect(401);
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains("The access token has expired."), "{challenge}");
    // What is over is not told apart from what never was by its body.
    let unknown = server.get(ME).bearer("a").send().expect(401);
    assert_eq!(unknown.body, answer.body);
}

#[test]
fn case_082_nobody_tells_a_token_when_to_end_or_whose_to_be() {
    let server = gateway();
    let id = server.make_user("c82", PASSWORD);
    let far = "2999-01-01T00:00:00Z";
    let fields = json!({
        "expires": far, "user": 1, "token": "x".repeat(30), "refresh_token": "y".repeat(30), "id": 1,
        "created_by": 1, "created": far, "last_used": far, "scope": "read"
    });
    let made = server.post(TOKENS).basic("c82", PASSWORD).json(&fields).send().expect(201).json();
    assert_eq!(made["user"], id);
    assert_eq!(made["created_by"], id);
    assert_eq!(made["refresh_token"], Value::Null);
    assert_eq!(made["last_used"], Value::Null);
    assert_ne!(made["token"], "x".repeat(30));
    assert!(!made["expires"].as_str().unwrap().starts_with("2999"));
    assert!(!made["created"].as_str().unwrap().starts_with("2999"));
    let target = token_path(made["id"].as_i64().unwrap());
    for method in ["PATCH", "PUT"] {
        let request = server.request(method, &target).basic("c82", PASSWORD).json(&fields);
        let changed = request.send().expect(200).json();
        for field in ["user", "expires", "created", "created_by", "id", "refresh_token"] {
            assert_eq!(changed[field], made[field], "{field}");
        }
        assert_eq!(changed["token"], "$encrypted$");
    }
    assert_eq!(server.me(|it| it.bearer(&"x".repeat(30))), 401);
}

/// One client that keeps its connection and asks again and again.
struct Client(BufReader<std::net::TcpStream>);

impl Client {
    fn new(server: &Server) -> Self {
        Self(BufReader::new(connect(server.http).unwrap()))
    }

    fn ask(&mut self, server: &Server, path: &str, token: &str) -> u16 {
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\r\n", server.http);
        self.0.get_mut().write_all(head.as_bytes()).unwrap();
        Response::read(&mut self.0, "GET").unwrap().status
    }
}

#[test]
fn case_083_no_request_after_the_answer_to_a_revocation_succeeds() {
    let server = gateway();
    for round in 0..3 {
        let (id, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
        let stop = std::sync::atomic::AtomicBool::new(false);
        let barrier = Barrier::new(33);
        std::thread::scope(|scope| {
            for number in 0..32 {
                let (server, token, stop, barrier) = (&server, &token, &stop, &barrier);
                scope.spawn(move || {
                    let mut client = Client::new(server);
                    let path = if number % 2 == 0 { ME } else { HOSTS };
                    let first = client.ask(server, path, token);
                    barrier.wait();
                    assert_eq!(first, 200);
                    while !stop.load(std::sync::atomic::Ordering::Acquire) {
                        client.ask(server, path, token);
                    }
                    for _ in 0..5 {
                        assert_eq!(client.ask(server, path, token), 401, "round {round}");
                    }
                });
            }
            barrier.wait();
            server.as_admin("DELETE", &token_path(id)).send().expect(204);
            stop.store(true, std::sync::atomic::Ordering::Release);
        });
    }
}

#[test]
fn case_083_a_token_revoked_while_it_is_used_for_the_first_time_stays_revoked() {
    let server = gateway();
    for _ in 0..15 {
        let (id, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
        std::thread::scope(|scope| {
            for _ in 0..3 {
                // These fill the caches while the token goes.
                scope.spawn(|| server.get(HOSTS).bearer(&token).send());
            }
            scope.spawn(|| server.as_admin("DELETE", &token_path(id)).send().expect(204));
        });
        assert_eq!(server.get(HOSTS).bearer(&token).send().status, 401);
        assert_eq!(server.get(ME).bearer(&token).send().status, 401);
    }
}

#[test]
fn case_083_a_token_may_revoke_itself_and_a_second_time_there_is_none() {
    let server = gateway();
    let (id, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let revoke = |it: Request| it.send().status;
    assert_eq!(revoke(server.request("DELETE", &token_path(id)).bearer(&token)), 204);
    assert_eq!(revoke(server.request("DELETE", &token_path(id)).bearer(&token)), 401);
    assert_eq!(revoke(server.as_admin("DELETE", &token_path(id))), 404);
    // Its number is never given again.
    let (next, _) = server.make_token("admin", ADMIN_PASSWORD, "write");
    assert!(next > id);
}

#[test]
fn case_079_a_dry_run_makes_no_token_and_shows_none() {
    let server = gateway();
    let id = server.make_user("c79-dry", PASSWORD);
    let request = server.post(&format!("{TOKENS}?validate=true")).basic("c79-dry", PASSWORD);
    let answer = request.json(&json!({"scope": "write"})).send().expect(202);
    assert!(!answer.text().contains("\"token\""), "{}", answer.text());
    let listed = server.as_admin("GET", &format!("{TOKENS}?user={id}")).send().expect(200).json();
    assert_eq!(listed["count"], 0);
}

#[test]
fn case_080_a_body_that_is_no_object_makes_no_token_and_breaks_nothing() {
    let server = gateway();
    for body in [
        "[]",
        "[{}]",
        "[{\"scope\":\"write\"}]",
        "null",
        "1",
        "\"write\"",
        "true",
        "{",
        "",
        " ",
        "{}{}",
        "\u{feff}{}",
    ] {
        let answer = server.as_admin("POST", TOKENS).body("application/json", body).send();
        let is_empty = body.trim().is_empty();
        let wanted: &[u16] = if is_empty { &[201, 400] } else { &[400] };
        assert!(wanted.contains(&answer.status), "{body:?}: {} {}", answer.status, answer.text());
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep =
        server.as_admin("POST", TOKENS).body("application/json", format!("{{\"scope\":{deep}}}")).send();
    assert_eq!(deep.status, 400);
    assert_eq!(server.as_admin("GET", TOKENS).send().status, 200, "it still serves");
}
