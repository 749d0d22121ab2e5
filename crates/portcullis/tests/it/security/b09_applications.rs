//! Tokens of applications: they end with what they belong to, and speak for its owner at most.

use std::sync::Arc;

use serde_json::{Value, json};

use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Server, need};

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
    // Nor by moving an own token into it: it stays where it was made, and nobody is told what there is.
    let (id, _) = server.make_token("c85-user", PASSWORD, "write");
    for application in [known, json!(999_999)] {
        let request = server.request("PATCH", &format!("{TOKENS}{id}/")).basic("c85-user", PASSWORD);
        let answer = request.json(&json!({"application": application})).send().expect(400);
        assert!(!answer.text().contains("exist"), "{}", answer.text());
    }
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

/// Users of directories cannot be made yet; this one is written into the database, as an import would.
#[test]
fn case_086_a_user_of_a_directory_gets_tokens_only_while_the_setting_allows() {
    if !need("case_086", &["sqlite3"]) {
        return;
    }
    let mut server = Server::demo();
    let id = server.make_user("c86", PASSWORD);
    server.stop();
    let insert = format!(
        "INSERT INTO authenticators (name, is_enabled, plugin, place, slug, created_at, modified_at) VALUES \
         ('corp ldap', 1, 'ansible_base.authentication.authenticator_plugins.ldap', 2, 'corp', 0, 0); \
         INSERT INTO user_sources SELECT {id}, id, 'c86', '' FROM authenticators WHERE slug = 'corp';"
    );
    let database = server.data_dir().join("portcullis.db");
    let status = std::process::Command::new("sqlite3").arg(database).arg(insert).status().unwrap();
    assert!(status.success());
    server.start_again();
    let create = || server.post(TOKENS).basic("c86", PASSWORD).json(&json!({})).send();
    let refused = create().expect(403).json();
    assert_eq!(
        refused["detail"],
        "(access_denied) OAuth2 Tokens cannot be created by users associated with an external authentication \
         provider (corp ldap)"
    );
    // Nor does an administrator make one for it through an application that it owns.
    let application = application(&server, "c86", Some(id));
    let fields = json!({"application": application["id"]});
    assert_eq!(server.as_admin("POST", TOKENS).json(&fields).send().status, 403);
    let allow = |is_allowed: bool| server.set(&json!({"ALLOW_OAUTH2_FOR_EXTERNAL_USERS": is_allowed}));
    allow(true);
    let token = create().expect(201).json();
    allow(false);
    assert_eq!(create().status, 403);
    assert!(is_alive(&server, &token), "one that was made goes on");
}
