//! Caches: others' must keep nothing of ours, our own must forget in time (cases 194-197).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::json;

use super::shared::Shared;
use super::stage::Stage;
use crate::support::{ADMIN_PASSWORD, Options, Request, Response, Server};

static SERVER: Shared = Shared::new();

const ME: &str = "/api/gateway/v1/me/";
const PASSWORD: &str = "wonder land 42 x";

fn server() -> Arc<Server> {
    // What is tried in vain after a revocation would close the address of all these tests.
    let config = "[limits]\nfailures_per_address_minute = 1000000\n".to_owned();
    SERVER.get(|| Server::start(Options { demo: true, config, ..Options::default() }))
}

#[track_caller]
fn assert_not_kept(answer: &Response, shown: &str) {
    let control = answer.header_all("cache-control").join(", ");
    assert!(control.contains("no-store"), "{shown}: {} {control:?}", answer.status);
    assert!(!control.contains("public"), "{shown}: {control:?}");
}

#[test]
fn case_194_nothing_about_anybody_is_kept() {
    let server = server();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    for (method, path) in [
        ("GET", ME),
        ("GET", "/api/gateway/v1/users/"),
        ("GET", "/api/gateway/v1/tokens/"),
        ("GET", "/api/gateway/v1/session/"),
        ("GET", "/api/gateway/v1/settings/all/"),
        ("GET", "/api/gateway/v1/login/"),
        ("GET", "/api/gateway/v1/"),
        ("GET", "/api/"),
        ("GET", "/api/gateway/v1/ui_auth/"),
        ("GET", "/api/gateway/v1/none/"),
        ("GET", "/api/gateway/v1/users/99999/"),
        ("OPTIONS", "/api/gateway/v1/tokens/"),
        ("HEAD", ME),
        ("PATCH", ME),
        ("GET", "/api/gateway/v1/me"),
        ("POST", "/api/gateway/v1/login/"),
    ] {
        assert_not_kept(&server.request(method, path).send(), &format!("anonymous {method} {path}"));
        assert_not_kept(&server.as_admin(method, path).send(), &format!("basic {method} {path}"));
        assert_not_kept(
            &session.on(server.request(method, path)).send(),
            &format!("session {method} {path}"),
        );
    }
    // What gives a secret away once.
    let token = server.as_admin("POST", "/api/gateway/v1/tokens/").json(&json!({})).send().expect(201);
    assert_not_kept(&token, "a new token");
    assert_not_kept(&server.send_form("admin", ADMIN_PASSWORD).expect(302), "a sign-in");
    assert_not_kept(&server.send_form("admin", "wrong").expect(401), "a failed sign-in");
    // A refusal in front of a service.
    assert_not_kept(&server.get("/api/controller/v2/hosts/").send().expect(401), "a refusal at the proxy");
    assert_not_kept(&server.get("/api/controller/../x").send().expect(400), "no canonical form");
    assert_not_kept(&server.get("/nowhere/").send().expect(404), "no service");
    let crossed = session.without_token(server.post("/api/controller/v2/hosts/")).send().expect(403);
    assert_not_kept(&crossed, "a forged request at the proxy");
    assert_not_kept(&session.on(server.get("/api/gateway/v1/logout/")).send(), "a sign-out");
}

#[test]
fn case_195_an_answer_does_not_hide_under_the_name_of_a_picture() {
    let server = server();
    for path in [
        "/api/gateway/v1/me/x.css",
        "/api/gateway/v1/me/;x.css",
        "/api/gateway/v1/me/%0ax.css",
        "/api/gateway/v1/me/%3bx.css",
        "/api/gateway/v1/me%2fx.css",
        "/api/gateway/v1/me/x/../y.js",
        "/api/gateway/v1/me.css",
        "/api/gateway/v1/me/?x.css",
        "/api/gateway/v1/me/.css",
        "/api/gateway/v1/me/x.css/",
        "/static/../api/gateway/v1/me/",
        "/api/gateway/v1/users/1/x.png",
        "/api/gateway/v1/users/1.json",
        "/api/gateway/v1/tokens/x.js",
    ] {
        let answer = server.as_admin("GET", path).send();
        let is_harmless = matches!(answer.status, 301 | 400 | 404);
        assert!(is_harmless || path.contains('?'), "{path}: {}", answer.status);
        assert_not_kept(&answer, path);
    }
}

#[test]
fn case_196_one_address_has_an_answer_for_each_who_asks() {
    let server = server();
    server.make_user("pair196", PASSWORD);
    let name = |request: Request| {
        let answer = request.send();
        assert!(answer.header("age").is_none() && answer.header("etag").is_none(), "{:?}", answer.headers);
        (answer.status == 200).then(|| answer.json()["results"][0]["username"].as_str().unwrap().to_owned())
    };
    for _ in 0..3 {
        assert_eq!(name(server.as_admin("GET", ME)).as_deref(), Some("admin"));
        assert_eq!(name(server.get(ME).basic("pair196", PASSWORD)).as_deref(), Some("pair196"));
        assert_eq!(name(server.get(ME)), None);
        // The pair is what counts, not one half of it and not where it is cut.
        assert_eq!(name(server.get(ME).basic("pair196", ADMIN_PASSWORD)), None);
        assert_eq!(name(server.get(ME).basic("pair19", &format!("6:{PASSWORD}"))), None);
        assert_eq!(name(server.get(ME).basic("pair196:", PASSWORD)), None);
        assert_eq!(name(server.get(ME).basic("PAIR196", PASSWORD)), None);
        assert_eq!(name(server.get(ME).basic("pair196", &format!("{PASSWORD} "))), None);
        assert_eq!(name(server.get(ME).basic("pair196", "")), None);
    }
    let vary = server.as_admin("GET", ME).send();
    assert!(vary.header_all("vary").join(",").to_lowercase().contains("cookie"), "{:?}", vary.headers);
}

/// Uses a proof from several threads all the time, takes the right away in between, and returns how many
/// uses that began after the acknowledgement were still accepted.
fn accepted_after(
    server: &Server,
    path: &str,
    proof: impl Fn(Request) -> Request + Sync,
    take_away: impl FnOnce(),
) -> usize {
    let is_over = AtomicBool::new(false);
    let acknowledged = Mutex::new(None);
    let (before, after) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(Ordering::SeqCst) {
                    let is_after =
                        acknowledged.lock().unwrap().is_some_and(|at: Instant| at <= Instant::now());
                    if proof(server.get(path)).send().status == 200 {
                        if is_after { &after } else { &before }.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
        while before.load(Ordering::SeqCst) < 40 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        take_away();
        *acknowledged.lock().unwrap() = Some(Instant::now());
        std::thread::sleep(std::time::Duration::from_millis(400));
        is_over.store(true, Ordering::SeqCst);
    });
    after.into_inner()
}

#[test]
fn case_197_a_revocation_that_is_acknowledged_holds_everywhere() {
    let server = server();
    for (round, path) in [ME, "/api/controller/v2/hosts/"].into_iter().enumerate() {
        let name = format!("gone197-{round}");
        let user = format!("/api/gateway/v1/users/{}/", server.make_user(&name, PASSWORD));
        let (number, token) = server.make_token(&name, PASSWORD, "write");
        let late = accepted_after(
            &server,
            path,
            |it| it.bearer(&token),
            || {
                let target = format!("/api/gateway/v1/tokens/{number}/");
                server.as_admin("DELETE", &target).send().expect(204);
            },
        );
        assert_eq!(late, 0, "{path}: a token");

        let session = server.sign_in(&name, PASSWORD);
        let late = accepted_after(
            &server,
            path,
            |it| session.on(it),
            || {
                session.on(server.post("/api/gateway/v1/logout/")).send().expect(302);
            },
        );
        assert_eq!(late, 0, "{path}: a session");

        // From the shell, too.
        let (_, token) = server.make_token(&name, PASSWORD, "write");
        let late = accepted_after(
            &server,
            path,
            |it| it.bearer(&token),
            || {
                server.shell(&["user", "disable", &name]);
            },
        );
        assert_eq!(late, 0, "{path}: a disabled user");
        server.shell(&["user", "enable", &name]);

        let (_, token) = server.make_token(&name, PASSWORD, "write");
        let late = accepted_after(
            &server,
            path,
            |it| it.bearer(&token),
            || {
                server.as_admin("DELETE", &user).send().expect(204);
            },
        );
        assert_eq!(late, 0, "{path}: a deleted user");
    }
}

#[test]
fn case_197_a_remembered_password_is_forgotten_when_it_changes() {
    let server = server();
    // The uses that come too late are failures and close the account, so each way has a user of its own.
    for (round, path) in [ME, "/api/controller/v2/hosts/"].into_iter().enumerate() {
        let name = format!("new197-{round}");
        let user = format!("/api/gateway/v1/users/{}/", server.make_user(&name, PASSWORD));
        let late = accepted_after(
            &server,
            path,
            |it| it.basic(&name, PASSWORD),
            || {
                server
                    .as_admin("PATCH", &user)
                    .json(&json!({"password": "another land 43 y"}))
                    .send()
                    .expect(200);
            },
        );
        assert_eq!(late, 0, "{path}: a password changed by an administrator");

        let name = format!("shell197-{round}");
        server.make_user(&name, PASSWORD);
        let late = accepted_after(
            &server,
            path,
            |it| it.basic(&name, PASSWORD),
            || {
                let output =
                    server.try_shell(&["user", "passwd", &name, "--password-stdin"], "another land 43 y");
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            },
        );
        assert_eq!(late, 0, "{path}: a password changed from the shell");
    }
}

#[test]
fn case_197_rights_that_were_taken_are_gone_at_once() {
    let server = server();
    let id = server.make_user("less197", PASSWORD);
    let user = format!("/api/gateway/v1/users/{id}/");
    server.as_admin("PATCH", &user).json(&json!({"is_superuser": true})).send().expect(200);
    let (_, token) = server.make_token("less197", PASSWORD, "write");
    let late = accepted_after(
        &server,
        "/api/gateway/v1/settings/all/",
        |it| it.bearer(&token),
        || {
            server.as_admin("PATCH", &user).json(&json!({"is_superuser": false})).send().expect(200);
        },
    );
    assert_eq!(late, 0);
    // A narrower scope, too.
    let (number, token) = server.make_token("less197", PASSWORD, "write");
    let target = format!("/api/gateway/v1/tokens/{number}/");
    server.post("/api/controller/v2/hosts/").bearer(&token).send().expect(200);
    server.as_admin("PATCH", &target).json(&json!({"scope": "read"})).send().expect(200);
    server.post("/api/controller/v2/hosts/").bearer(&token).send().expect(403);
}

#[test]
fn case_197_a_way_to_sign_in_that_is_switched_off_is_off_at_once() {
    // A gateway of its own: the other tests of this file sign in so.
    let Stage { server, .. } = Stage::new();
    server.make_user("less197", PASSWORD);
    server.get(ME).basic("less197", PASSWORD).send().expect(200);
    server.set(&json!({"gateway_basic_auth_enabled": false}));
    server.get(ME).basic("less197", PASSWORD).send().expect(401);
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let request = session.on(server.request("PUT", "/api/gateway/v1/settings/all/"));
    request.json(&json!({"gateway_basic_auth_enabled": true})).send().expect(200);
}

#[test]
fn case_197_memory_of_right_passwords_is_bounded_to_its_user() {
    let stage = Stage::new();
    // Two users with one password: what is remembered for one says nothing of the other.
    stage.server.make_user("one197", PASSWORD);
    stage.server.make_user("two197", PASSWORD);
    stage.server.get(ME).basic("one197", PASSWORD).send().expect(200);
    stage.server.shell(&["user", "disable", "two197"]);
    stage.server.get(ME).basic("two197", PASSWORD).send().expect(401);
    stage.server.get(ME).basic("one197", PASSWORD).send().expect(200);
    stage.server.shell(&["user", "disable", "one197"]);
    stage.server.get(ME).basic("one197", PASSWORD).send().expect(401);
}
