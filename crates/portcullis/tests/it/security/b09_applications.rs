//! Tokens of applications: they end with what they belong to, and speak for its owner at most.

use std::sync::Arc;

use serde_json::{Value, json};

use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Server};

const TOKENS: &str = "/api/gateway/v1/tokens/";
const PASSWORD: &str = "a wall of old stones 5";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(Server::demo)
}

fn application(server: &Server, name: &str, owner: Option<i64>) -> Value {
    let organization = server.make("organizations", &json!({"name": name}));
    let fields = json!({
        "name": name, "organization": organization, "user": owner,
        "client_type": "confidential", "authorization_grant_type": "password"
    });
    server.as_admin("POST", "/api/gateway/v1/applications/").json(&fields).send().expect(201).json()
}

fn bound_token(server: &Server, application: &Value) -> Value {
    let fields = json!({"application": application["id"]});
    server.as_admin("POST", TOKENS).json(&fields).send().expect(201).json()
}

fn is_alive(server: &Server, token: &Value) -> bool {
    let own = server.me(|it| it.bearer(token["token"].as_str().unwrap()));
    let forwarded = server.get("/api/controller/v2/hosts/").bearer(token["token"].as_str().unwrap());
    assert_eq!(own, forwarded.send().status, "both doors agree");
    own == 200
}

#[test]
fn case_085_the_tokens_of_an_application_die_with_it() {
    let server = gateway();
    let application = application(&server, "c85", None);
    let token = bound_token(&server, &application);
    let (_, personal) = server.make_token("admin", ADMIN_PASSWORD, "write");
    assert!(is_alive(&server, &token));
    server.as_admin("DELETE", application["url"].as_str().unwrap()).send().expect(204);
    assert!(!is_alive(&server, &token));
    assert_eq!(server.me(|it| it.bearer(&personal)), 200, "personal ones go on");
    let gone = server.as_admin("GET", token["url"].as_str().unwrap()).send();
    assert_eq!(gone.status, 404);
}

#[test]
fn case_085_the_tokens_of_an_application_die_with_its_organization() {
    let server = gateway();
    let application = application(&server, "c85-organization", None);
    let token = bound_token(&server, &application);
    assert!(is_alive(&server, &token));
    let organization = application["organization"].as_i64().unwrap();
    server.as_admin("DELETE", &format!("/api/gateway/v1/organizations/{organization}/")).send().expect(204);
    assert!(!is_alive(&server, &token));
}

#[test]
fn case_085_the_tokens_of_an_owner_die_when_the_owner_is_disabled_or_removed() {
    let server = gateway();
    let owner = server.make_user("c85-owner", PASSWORD);
    let application = application(&server, "c85-owner", Some(owner));
    let token = bound_token(&server, &application);
    assert_eq!(token["user"], owner, "it speaks for the owner, not for who made it");
    assert!(is_alive(&server, &token));
    server.shell(&["user", "disable", "c85-owner"]);
    assert!(!is_alive(&server, &token));
    server.shell(&["user", "enable", "c85-owner"]);
    assert!(is_alive(&server, &token));
    server.as_admin("DELETE", &format!("/api/gateway/v1/users/{owner}/")).send().expect(204);
    assert!(!is_alive(&server, &token));
}

#[test]
fn case_085_only_administrators_bind_tokens_to_applications() {
    let server = gateway();
    server.make_user("c85-user", PASSWORD);
    let owner = server.as_admin("GET", "/api/gateway/v1/me/").send().json()["results"][0]["id"].clone();
    let application = application(&server, "c85-bind", owner.as_i64());
    let known = application["id"].clone();
    for id in [known.clone(), json!(999_999)] {
        let request = server.post(TOKENS).basic("c85-user", PASSWORD).json(&json!({"application": id}));
        let answer = request.send();
        assert_eq!(answer.status, 403, "a token of the owner for anybody: {}", answer.text());
    }
    // Nor by moving an own token into it.
    let (id, _) = server.make_token("c85-user", PASSWORD, "write");
    let request = server.request("PATCH", &format!("{TOKENS}{id}/")).basic("c85-user", PASSWORD);
    assert_eq!(request.json(&json!({"application": known})).send().status, 403);
}

#[test]
fn case_088_the_last_use_of_a_token_is_written_down() {
    let server = gateway();
    let (id, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let target = format!("{TOKENS}{id}/");
    let read = || server.as_admin("GET", &target).send().expect(200).json();
    let before = read();
    assert_eq!(before["last_used"], Value::Null);
    for _ in 0..50 {
        assert_eq!(server.get("/api/controller/v2/hosts/").bearer(&token).send().status, 200);
    }
    // Written in batches: asked for until it is there, within a bound that no test machine should miss.
    let seen = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        read()["last_used"] != Value::Null
    });
    assert!(seen, "the use of a token is never written down");
    assert_eq!(read()["modified"], before["modified"], "using it does not modify it");
    let entries =
        server.as_admin("GET", &format!("/api/gateway/v1/activitystream/?object_id={id}&content_type=30"));
    assert_eq!(entries.send().expect(200).json()["count"], 1, "only its making is in the stream");
    // A refused use is no use.
    let (other, wrong) = server.make_token("admin", ADMIN_PASSWORD, "openid");
    assert_eq!(server.me(|it| it.bearer(&wrong)), 403);
    let unused = format!("{TOKENS}{other}/");
    server.as_admin("DELETE", &unused).send().expect(204);
}
