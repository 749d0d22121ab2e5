//! Tokens at AWX's door: a read token reads, here and at a service; what is revoked is dead at once.

use std::io::{BufReader, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use serde_json::{Value, json};

use super::clock::Clock;
use super::grants::{AWX, AWX_ME, App};
use super::shared::Shared;
use crate::support::http::connect;
use crate::support::{ADMIN_PASSWORD, Options, Response, Server, Upstream};

const TOKENS: &str = "/api/v2/tokens/";
const PASSWORD: &str = "a wall of old stones 5";
const DAY: i64 = 24 * 60 * 60;

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| Server::start(Options::default()))
}

/// Makes a token at AWX's door.
fn make(server: &Server, scope: &str) -> (i64, String) {
    let answer = server.as_admin("POST", TOKENS).json(&json!({"scope": scope})).send().expect(201).json();
    (answer["id"].as_i64().unwrap(), answer["token"].as_str().unwrap().to_owned())
}

#[test]
fn case_078_a_read_token_changes_nothing_at_awx_s_door_nor_behind_it() {
    let upstream = Upstream::start();
    let server = Server::with_config(&format!(
        "[[service]]\nname = \"controller\"\npath = \"/api/v2/\"\nupstream = [\"{}\"]\ndialect = \"awx\"\n",
        upstream.url()
    ));
    let (_, reader) = make(&server, "read");
    let app = App::new(&server, "c78", "confidential", "password");
    let fields =
        [("grant_type", "password"), ("username", "admin"), ("password", ADMIN_PASSWORD), ("scope", "read")];
    let granted = AWX.token(&server, &app, &fields).expect(200).json();
    for token in [&*reader, granted["access_token"].as_str().unwrap()] {
        assert_eq!(server.get(AWX_ME).bearer(token).send().status, 200);
        assert_eq!(server.get("/api/v2/hosts/").bearer(token).send().status, 200);
        let before = upstream.received().len();
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            for path in [
                "/api/v2/users/",
                "/api/v2/users/1/",
                "/api/v2/users/admin/",
                "/api/v2/organizations/",
                "/api/v2/organizations/1",
                "/api/v2/teams/",
                "/api/v2/applications/",
                "/api/v2/tokens/",
                "/api/v2/users/1/roles/",
                "/api/v2/users/admin/personal_tokens/",
                "/api/v2/settings/authentication/",
                "/api/v2/hosts/",
                "/api/v2/hosts/1/",
                "/api/v2/nothing/",
            ] {
                let fields = json!({"name": "c78", "scope": "write", "id": 1});
                let answer = server.request(method, path).bearer(token).json(&fields).send();
                assert!(matches!(answer.status, 403 | 405), "{method} {path}: {}", answer.status);
                for name in ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"] {
                    let masked = server.request(method, path).bearer(token).header(name, "GET");
                    assert!(matches!(masked.json(&fields).send().status, 403 | 405), "{method} {path}");
                }
            }
        }
        assert_eq!(upstream.received().len(), before, "nothing of it reaches the service");
        server.get("/api/v2/hosts/").bearer(token).header("X-HTTP-Method-Override", "DELETE").send();
        assert!(upstream.received().iter().all(|it| it.method == "GET"));
    }
    let list = server.as_admin("GET", "/api/v2/organizations/?name=c78").send().expect(200).json();
    // One of that name was made for the application.
    assert_eq!(list["count"], 1);
}

#[test]
fn case_079_a_read_token_makes_and_widens_no_token_at_awx_s_door() {
    let server = gateway();
    let (id, reader) = make(&server, "read");
    let path = format!("{TOKENS}{id}/");
    for method in ["PATCH", "PUT"] {
        for path in [&path, &format!("{TOKENS}{id}"), &format!("/api/gateway/v1/tokens/{id}/")] {
            let answer = server.request(method, path).bearer(&reader).json(&json!({"scope": "write"})).send();
            // Without its last slash it is another address, which changes nothing either.
            assert!(matches!(answer.status, 301 | 403), "{method} {path}: {}", answer.status);
        }
    }
    for list in [TOKENS, "/api/v2/users/1/tokens/", "/api/v2/users/admin/personal_tokens/"] {
        assert_eq!(server.post(list).bearer(&reader).json(&json!({})).send().status, 403, "{list}");
        assert_eq!(server.post(list).bearer(&reader).send().status, 403, "{list}");
    }
    assert_eq!(server.request("DELETE", &path).bearer(&reader).send().status, 403);
    let shown = server.as_admin("GET", &path).send().expect(200).json();
    assert_eq!((&shown["scope"], &shown["token"]), (&json!("read"), &json!("************")));
    // A writer may narrow itself, and then no longer widen.
    let (id, writer) = make(&server, "write");
    let path = format!("{TOKENS}{id}/");
    let rescope = |scope: &str| {
        server.request("PATCH", &path).bearer(&writer).json(&json!({"scope": scope})).send().status
    };
    assert_eq!((rescope("read"), rescope("write")), (200, 403));
}

#[test]
fn case_080_a_scope_at_awx_s_door_is_one_of_its_own() {
    let server = gateway();
    for wrong in [
        json!("admin"),
        json!("write write"),
        json!("read,write"),
        json!("read  write"),
        json!("read\u{a0}write"),
        json!("WRITE"),
        json!("write\u{0}"),
        json!("*"),
        json!(""),
        json!("w".repeat(5000)),
        json!(["write"]),
        json!({"scope": "write"}),
        json!(null),
        json!(true),
    ] {
        let answer = server.as_admin("POST", TOKENS).json(&json!({"scope": wrong})).send();
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.text());
    }
    let fields = json!({
        "scope": "read", "user": 99, "token": "x".repeat(30), "refresh_token": "y".repeat(30), "id": 1,
        "expires": "2999-01-01T00:00:00Z"
    });
    let user = server.make_user("c80", PASSWORD);
    for list in [TOKENS, "/api/v2/users/c80/personal_tokens/", "/api/v2/users/1/tokens/"] {
        let made = server.post(list).basic("c80", PASSWORD).json(&fields).send();
        if made.status == 201 {
            let made = made.json();
            assert_eq!(made["user"], user, "{list}: a token speaks for whoever made it");
            assert_ne!(made["token"], "x".repeat(30));
            assert_eq!(made["refresh_token"], Value::Null);
        } else {
            assert!(matches!(made.status, 403 | 404), "{list}: {}", made.status);
        }
    }
    // Nor does an administrator's posting to somebody's list make a token of somebody.
    let made = server.as_admin("POST", "/api/v2/users/c80/personal_tokens/").json(&json!({})).send();
    assert_ne!(made.json()["user"], user);
    assert_eq!(server.get(AWX_ME).bearer(&"x".repeat(30)).send().status, 401);
}

#[test]
fn case_082_a_token_ends_by_the_clock_at_both_doors() {
    let Some((server, clock)) = Clock::start("case_082_awx", Options::default()) else { return };
    let life = json!({"OAUTH2_PROVIDER": {
        "ACCESS_TOKEN_EXPIRE_SECONDS": 3600, "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
        "REFRESH_TOKEN_EXPIRE_SECONDS": 7200
    }});
    server.as_admin("PATCH", "/api/v2/settings/authentication/").json(&life).send().expect(200);
    let app = App::new(&server, "c82", "confidential", "password");
    let pair = AWX.by_password(&server, &app, "admin", ADMIN_PASSWORD);
    let (_, token) = make(&server, "write");
    let statuses = |token: &str| {
        [AWX_ME, "/api/gateway/v1/me/"].map(|path| server.get(path).bearer(token).send().status)
    };
    clock.set(3590);
    assert_eq!((statuses(&pair.access), statuses(&token)), ([200, 200], [200, 200]));
    clock.set(3601);
    assert_eq!((statuses(&pair.access), statuses(&token)), ([401, 401], [401, 401]));
    let body = [("token", &*pair.access)];
    let told = app.ask(server.post("/o/introspect/"), &body).send().expect(200).json();
    assert_eq!(told, json!({"active": false}));
    let next = AWX.refresh(&server, &app, &pair.refresh).expect(200);
    clock.set(3601 + 7300);
    let next = super::grants::Pair::of(&next);
    assert_ne!(AWX.refresh(&server, &app, &next.refresh).status, 200, "its own life is over");
    clock.set(400 * DAY);
    assert_eq!(statuses(&token), [401, 401]);
}

struct Client(BufReader<std::net::TcpStream>);

impl Client {
    fn ask(&mut self, server: &Server, path: &str, token: &str) -> u16 {
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\r\n", server.http);
        self.0.get_mut().write_all(head.as_bytes()).unwrap();
        Response::read(&mut self.0, "GET").unwrap().status
    }
}

#[test]
fn case_083_a_revocation_holds_for_every_connection_however_it_is_made() {
    let server = gateway();
    let app = App::new(&server, "c83", "confidential", "password");
    for way in ["delete", "revoke", "refresh", "application"] {
        let victim = match way {
            "application" => App::new(&server, "c83-gone", "confidential", "password"),
            _ => app.clone(),
        };
        let (id, token) = make(&server, "write");
        let pair = AWX.by_password(&server, &victim, "admin", ADMIN_PASSWORD);
        let token = if way == "delete" { token } else { pair.access.clone() };
        let stop = AtomicBool::new(false);
        let barrier = Barrier::new(33);
        std::thread::scope(|scope| {
            for number in 0..32 {
                let (server, token, stop, barrier) = (&server, &token, &stop, &barrier);
                scope.spawn(move || {
                    let mut client = Client(BufReader::new(connect(server.http).unwrap()));
                    let path = if number % 2 == 0 { AWX_ME } else { "/api/gateway/v1/me/" };
                    let first = client.ask(server, path, token);
                    barrier.wait();
                    assert_eq!(first, 200);
                    while !stop.load(Ordering::Acquire) {
                        client.ask(server, path, token);
                    }
                    for _ in 0..5 {
                        assert_eq!(client.ask(server, path, token), 401, "{way}");
                    }
                });
            }
            barrier.wait();
            let status = match way {
                "delete" => server.as_admin("DELETE", &format!("{TOKENS}{id}/")).send().status,
                "revoke" => AWX.revoke(&server, &victim, &[("token", &token)]).status,
                "refresh" => AWX.refresh(&server, &victim, &pair.refresh).status,
                _ => server.as_admin("DELETE", &format!("/api/v2/applications/{}/", victim.id)).send().status,
            };
            stop.store(true, Ordering::Release);
            assert!(matches!(status, 200 | 204), "{way}: {status}");
        });
    }
}
