//! What becomes of proofs when their user changes: disabled, removed, demoted, with a new password.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::shared::Shared;
use crate::support::{Request, Server, Session};

const ME: &str = "/api/gateway/v1/me/";
const HOSTS: &str = "/api/controller/v2/hosts/";
const PASSWORD: &str = "a wall of old stones 5";
const NEW_PASSWORD: &str = "a gate of new iron 8";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(Server::demo)
}

/// Everything by which one user can show itself.
struct Proofs {
    username: String,
    session: Session,
    token: String,
}

impl Proofs {
    fn of(server: &Server, username: &str) -> Self {
        let session = server.sign_in(username, PASSWORD);
        let (_, token) = server.make_token(username, PASSWORD, "write");
        let proofs = Self { username: username.to_owned(), session, token };
        // Used once each, so that every cache holds them.
        assert_eq!(proofs.accepted(server), [true; 6]);
        proofs
    }

    /// Which are accepted: session, token and password, here and through the proxy.
    fn accepted(&self, server: &Server) -> [bool; 6] {
        let ask =
            |path: &str, proof: &dyn Fn(Request) -> Request| proof(server.get(path)).send().status == 200;
        let session = |it: Request| self.session.on(it);
        let token = |it: Request| it.bearer(&self.token);
        let password = |it: Request| it.basic(&self.username, PASSWORD);
        [
            ask(ME, &session),
            ask(HOSTS, &session),
            ask(ME, &token),
            ask(HOSTS, &token),
            ask(ME, &password),
            ask(HOSTS, &password),
        ]
    }
}

fn user_path(id: i64) -> String {
    format!("/api/gateway/v1/users/{id}/")
}

fn change(server: &Server, id: i64, fields: &serde_json::Value) {
    server.as_admin("PATCH", &user_path(id)).json(fields).send().expect(200);
}

#[test]
fn case_041_every_proof_of_a_disabled_user_dies_at_once() {
    let server = gateway();
    server.make_user("c41-disabled", PASSWORD);
    let proofs = Proofs::of(&server, "c41-disabled");
    server.shell(&["user", "disable", "c41-disabled"]);
    assert_eq!(proofs.accepted(&server), [false; 6]);
    assert_eq!(server.send_form("c41-disabled", PASSWORD).status, 401);
    // Enabled again, it must sign in anew; its tokens were never revoked.
    server.shell(&["user", "enable", "c41-disabled"]);
    assert_eq!(proofs.accepted(&server), [false, false, true, true, true, true]);
}

#[test]
fn case_041_every_proof_of_a_removed_user_dies_at_once() {
    let server = gateway();
    let id = server.make_user("c41-removed", PASSWORD);
    let proofs = Proofs::of(&server, "c41-removed");
    server.as_admin("DELETE", &user_path(id)).send().expect(204);
    assert_eq!(proofs.accepted(&server), [false; 6]);
    assert_eq!(server.send_form("c41-removed", PASSWORD).status, 401);
}

#[test]
fn case_041_a_new_password_ends_sessions_and_remembered_verdicts() {
    let server = gateway();
    let id = server.make_user("c41-password", PASSWORD);
    let proofs = Proofs::of(&server, "c41-password");
    change(&server, id, &json!({"password": NEW_PASSWORD}));
    // Tokens go on: automation depends on them.
    assert_eq!(proofs.accepted(&server), [false, false, true, true, false, false]);
    assert_eq!(server.send_form("c41-password", PASSWORD).status, 401);
    assert_eq!(server.me(|it| it.basic("c41-password", NEW_PASSWORD)), 200);
    server.sign_in("c41-password", NEW_PASSWORD);
}

#[test]
fn case_041_who_changes_the_own_password_keeps_that_session_only() {
    let server = gateway();
    let id = server.make_user("c41-own", PASSWORD);
    let proofs = Proofs::of(&server, "c41-own");
    let here = server.sign_in("c41-own", PASSWORD);
    here.on(server.request("PATCH", &user_path(id)))
        .json(&json!({"password": NEW_PASSWORD}))
        .send()
        .expect(200);
    assert_eq!(here.on(server.get(ME)).send().status, 200);
    assert_eq!(proofs.accepted(&server), [false, false, true, true, false, false]);
}

#[test]
fn case_041_a_dry_run_changes_no_password() {
    let server = gateway();
    let id = server.make_user("c41-dry", PASSWORD);
    let proofs = Proofs::of(&server, "c41-dry");
    let target = format!("{}?validate=true", user_path(id));
    server.as_admin("PATCH", &target).json(&json!({"password": NEW_PASSWORD})).send().expect(202);
    assert_eq!(proofs.accepted(&server), [true; 6]);
    assert_eq!(server.me(|it| it.basic("c41-dry", NEW_PASSWORD)), 401);
}

/// Sign-ins with the old password run while it is changed: whichever of them succeeds, its session must be
/// dead once the change was acknowledged.
#[test]
fn case_041_no_session_of_an_old_password_outlives_its_change() {
    let server = gateway();
    let id = server.make_user("c41-race", PASSWORD);
    let csrf = server.form_token();
    let (mut old, mut new) = (PASSWORD.to_owned(), NEW_PASSWORD.to_owned());
    for round in 0..12 {
        let stop = AtomicBool::new(false);
        let sessions = std::sync::Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        let answer = server
                            .post("/api/gateway/v1/login/")
                            .header("Cookie", format!("csrftoken={csrf}"))
                            .header("X-CSRFToken", &*csrf)
                            .form(&[("username", "c41-race"), ("password", &old)])
                            .send();
                        if let Some(secret) = answer.cookie("gateway_sessionid") {
                            sessions.lock().unwrap().push(secret.to_owned());
                        }
                    }
                });
            }
            std::thread::sleep(std::time::Duration::from_millis(30));
            change(&server, id, &json!({"password": new}));
            stop.store(true, Ordering::Relaxed);
        });
        for secret in sessions.into_inner().unwrap() {
            let cookie = format!("gateway_sessionid={secret}");
            let status = server.me(|it| it.header("Cookie", cookie));
            assert_eq!(status, 401, "round {round}: a session of the old password lives");
        }
        assert_eq!(server.me(|it| it.basic("c41-race", &old)), 401, "round {round}");
        // The failures of the old password must not close the account for the next round.
        assert_eq!(server.me(|it| it.basic("c41-race", &new)), 200, "round {round}");
        std::mem::swap(&mut old, &mut new);
    }
}

/// The same for names and passwords that come with each request.
#[test]
fn case_072_no_verdict_on_an_old_password_outlives_its_change() {
    let server = gateway();
    let id = server.make_user("c72-race", PASSWORD);
    let (mut old, mut new) = (PASSWORD.to_owned(), NEW_PASSWORD.to_owned());
    for round in 0..12 {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        server.me(|it| it.basic("c72-race", &old));
                    }
                });
            }
            change(&server, id, &json!({"password": new}));
            stop.store(true, Ordering::Relaxed);
        });
        assert_eq!(server.me(|it| it.basic("c72-race", &old)), 401, "round {round}");
        assert_eq!(server.get(HOSTS).basic("c72-race", &old).send().status, 401, "round {round}");
        assert_eq!(server.me(|it| it.basic("c72-race", &new)), 200, "round {round}");
        std::mem::swap(&mut old, &mut new);
    }
}

#[test]
fn case_042_a_name_given_again_inherits_nothing() {
    let server = gateway();
    let id = server.make_user("c42", PASSWORD);
    let proofs = Proofs::of(&server, "c42");
    server.as_admin("DELETE", &user_path(id)).send().expect(204);
    let again = server.make_user("c42", NEW_PASSWORD);
    assert_ne!(again, id);
    assert_eq!(proofs.accepted(&server), [false; 6]);
    let listed = server.get("/api/gateway/v1/tokens/").basic("c42", NEW_PASSWORD).send().expect(200).json();
    assert_eq!(listed["count"], 0, "{listed}");
    // Also with the same password: the password is the new user's, the rest is not.
    server.as_admin("DELETE", &user_path(again)).send().expect(204);
    server.make_user("c42", PASSWORD);
    assert_eq!(proofs.accepted(&server), [false, false, false, false, true, true]);
}

#[test]
fn case_042_a_renamed_user_keeps_its_proofs_and_frees_its_name() {
    let server = gateway();
    let id = server.make_user("c42-before", PASSWORD);
    let proofs = Proofs::of(&server, "c42-before");
    change(&server, id, &json!({"username": "c42-after"}));
    assert_eq!(proofs.accepted(&server), [true, true, true, true, false, false], "not under the old name");
    assert_eq!(server.me(|it| it.basic("c42-after", PASSWORD)), 200);
    server.make_user("c42-before", NEW_PASSWORD);
    let me = server.get(ME).bearer(&proofs.token).send().expect(200).json();
    assert_eq!(me["results"][0]["username"], "c42-after");
    assert_eq!(proofs.accepted(&server), [true, true, true, true, false, false]);
}

#[test]
fn case_043_a_live_session_sees_rights_go_at_the_next_request() {
    let server = gateway();
    let fields = json!({"username": "c43", "password": PASSWORD, "is_superuser": true});
    let id = server.make("users", &fields);
    let proofs = Proofs::of(&server, "c43");
    let settings = "/api/gateway/v1/settings/all/";
    let read = |proof: &dyn Fn(Request) -> Request| proof(server.get(settings)).send().status;
    assert_eq!(read(&|it| proofs.session.on(it)), 200);
    change(&server, id, &json!({"is_superuser": false}));
    assert_eq!(read(&|it| proofs.session.on(it)), 403);
    assert_eq!(read(&|it| it.bearer(&proofs.token)), 403);
    assert_eq!(read(&|it| it.basic("c43", PASSWORD)), 403);
    let me = proofs.session.on(server.get(ME)).send().expect(200).json();
    assert_eq!(me["results"][0]["is_superuser"], false);
    let answer = proofs.session.on(server.post("/api/gateway/v1/organizations/"));
    assert_eq!(answer.json(&json!({"name": "c43"})).send().status, 403);
    change(&server, id, &json!({"is_superuser": true}));
    assert_eq!(read(&|it| proofs.session.on(it)), 200);
}

/// What a service behind the gateway is told must follow too, though its assertion is signed ahead.
#[test]
fn case_043_the_assertion_to_services_loses_the_right_too() {
    let server = gateway();
    let fields = json!({"username": "c43-jwt", "password": PASSWORD, "is_superuser": true});
    let id = server.make("users", &fields);
    let (_, token) = server.make_token("c43-jwt", PASSWORD, "write");
    let is_superuser = || {
        let text = server.get(HOSTS).bearer(&token).send().expect(200).text();
        super::jwt::claims_in(&text)["user_data"]["is_superuser"].clone()
    };
    assert_eq!(is_superuser(), true);
    change(&server, id, &json!({"is_superuser": false}));
    assert_eq!(is_superuser(), false);
}

#[test]
fn case_043_a_role_that_was_taken_is_gone_from_the_next_assertion() {
    let server = gateway();
    let id = server.make_user("c43-role", PASSWORD);
    let organization = server.make("organizations", &json!({"name": "c43-role"}));
    let members = format!("/api/gateway/v1/organizations/{organization}/users");
    let (_, token) = server.make_token("c43-role", PASSWORD, "write");
    let member = |verb: &str| {
        let target = format!("{members}/{verb}/");
        server.as_admin("POST", &target).json(&json!({"instances": [id]})).send().expect(204);
    };
    let roles = || {
        let text = server.get(HOSTS).bearer(&token).send().expect(200).text();
        super::jwt::claims_in(&text)["object_roles"].to_string()
    };
    assert!(!roles().contains("Organization Member"));
    member("associate");
    assert!(roles().contains("Organization Member"));
    member("disassociate");
    assert!(!roles().contains("Organization Member"));
}
