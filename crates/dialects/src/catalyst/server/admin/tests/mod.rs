//! The administrators' endpoints over a real store.

use std::collections::HashSet;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{Method, Request, Response};
use identity::model::secret::Secret;
use identity::model::session::SessionKind;
use serde_json::{Value, json};

use crate::bed::{Bed, PASSWORD};
use crate::catalyst::Catalyst;
use crate::dialect::{Dialect as _, Owned};

mod groups;
mod passwords;
mod sessions;
mod settings;
mod tenants;
mod users;

/// A user at work, in a session of this contract.
struct Hand<'a> {
    bed: &'a Bed,
    secret: String,
    csrf: String,
}

impl<'a> Hand<'a> {
    /// A user who signs in with the password that all have.
    async fn of(bed: &'a Bed, name: &str) -> Self {
        Self::with(bed, name, PASSWORD).await
    }

    /// A user who signs in with this password.
    async fn with(bed: &'a Bed, name: &str, password: &str) -> Self {
        let password = Secret::new(password);
        let claim = identity::action::Claim::new(name, &password, SessionKind::Manager);
        let signed_in = bed.authority.sign_in(&bed.context(), claim).await.unwrap();
        Self { bed, secret: signed_in.secret.expose().to_owned(), csrf: signed_in.csrf_token }
    }

    async fn send(&self, method: Method, path: &str, body: &str) -> Response<Bytes> {
        let request = Request::builder().method(method).uri(format!("/dataservice/{path}"));
        let mut request =
            request.header(COOKIE, format!("JSESSIONID={}", self.secret)).header("x-xsrf-token", &self.csrf);
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        self.bed.send(&Catalyst, request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await
    }

    /// Status and body of an answer.
    async fn ask(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = self.send(method, path, &body).await;
        (response.status().as_u16(), value(&response))
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(Method::GET, path, &Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::POST, path, &body).await
    }

    async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::PUT, path, &body).await
    }

    async fn delete(&self, path: &str) -> (u16, Value) {
        self.ask(Method::DELETE, path, &Value::Null).await
    }

    /// What is listed of a user.
    async fn user(&self, name: &str) -> Option<Value> {
        let (status, body) = self.get("admin/user").await;
        assert_eq!(status, 200, "{body}");
        body["data"].as_array().unwrap().iter().find(|it| it["userName"] == name).cloned()
    }
}

fn value(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

/// Asserts that an answer is an error with all three texts; its code.
fn error((status, body): &(u16, Value), wanted: u16) -> String {
    assert_eq!(*status, wanted, "{body}");
    let error = &body["error"];
    assert!(["message", "details", "code"].iter().all(|key| error[key].is_string()), "{body}");
    error["code"].as_str().unwrap().to_owned()
}

/// Whether somebody gets in with this name and password.
async fn gets_in(bed: &Bed, name: &str, password: &str) -> bool {
    let password = Secret::new(password);
    let claim = identity::action::Claim::new(name, &password, SessionKind::Manager);
    bed.authority.sign_in(&bed.context(), claim).await.is_ok()
}

/// Every endpoint with its method: those that look and those that change.
const READS: [&str; 5] = [
    "admin/user",
    "admin/usergroup",
    "settings/configuration/sessionLifeTime",
    "settings/configuration/clientSessionTimeout",
    "settings/configuration/passwordPolicy",
];
const WRITES: [(&str, &str); 15] = [
    ("POST", "admin/user"),
    ("PUT", "admin/user/bob"),
    ("DELETE", "admin/user/bob"),
    ("PUT", "admin/user/password/bob"),
    ("POST", "admin/user/reset"),
    ("PUT", "admin/user/lockUser/bob"),
    ("POST", "admin/usergroup"),
    ("PUT", "admin/usergroup/other"),
    ("DELETE", "admin/usergroup/other"),
    ("GET", "admin/user/activeSessions"),
    ("DELETE", "admin/user/removeSessions"),
    ("PUT", "settings/configuration/sessionLifeTime"),
    ("PUT", "settings/configuration/serverSessionTimeout"),
    ("PUT", "settings/configuration/maxSessionsPerUser"),
    ("PUT", "settings/configuration/passwordPolicy"),
];

#[tokio::test]
async fn who_is_nobody_in_particular_is_forbidden_everything_but_its_own() {
    let bed = Bed::new().await;
    let alice = Hand::of(&bed, "alice").await;
    for path in READS {
        error(&alice.get(path).await, 403);
    }
    for (method, path) in WRITES {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let body = json!({ "userName": "bob", "group": ["netadmin"], "password": "x" });
        error(&alice.ask(method, path, &body).await, 403);
    }
    assert_eq!(alice.get("admin/user/role").await, (200, json!({ "isAdmin": false })));
    assert_eq!(alice.get("admin/user/userAuthType").await, (200, json!({ "userAuthType": "local" })));
    assert_eq!(alice.get("settings/clientSessionTimeout").await.0, 200);
}

#[tokio::test]
async fn an_operator_reads_and_changes_nothing() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    assert_eq!(admin.put("admin/user/alice", json!({ "group": ["operator"] })).await.0, 200);
    let alice = Hand::of(&bed, "alice").await;
    for path in READS {
        assert_eq!(alice.get(path).await.0, 200, "{path}");
    }
    for (method, path) in WRITES {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        error(&alice.ask(method, path, &json!({ "userName": "bob" })).await, 403);
    }
}

#[tokio::test]
async fn strangers_and_forged_requests_are_refused_at_every_endpoint() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    let forged = Hand { bed: &bed, secret: admin.secret.clone(), csrf: "0".repeat(100) };
    let stranger = Hand { bed: &bed, secret: "0".repeat(32), csrf: String::new() };
    for (method, path) in WRITES.into_iter().filter(|it| it.0 != "GET") {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let body = json!({ "userName": "bob" });
        assert_eq!(error(&stranger.ask(method.clone(), path, &body).await, 401), "AUTH0001");
        assert_eq!(error(&forged.ask(method, path, &body).await, 403), "AUTH0003");
    }
    for path in READS {
        assert_eq!(error(&stranger.get(path).await, 401), "AUTH0001");
        assert_eq!(forged.get(path).await.0, 200, "what changes nothing needs no token");
    }
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    for body in ["{", "[]", "\"text\"", "{\"userName\":\"a\",\"userName\":\"b\"}", "{} {}", ""] {
        let response = admin.send(Method::POST, "admin/user", body).await;
        error(&(response.status().as_u16(), value(&response)), 400);
    }
    let long = format!("{{\"userName\":\"{}\"}}", "x".repeat(300_000));
    let response = admin.send(Method::POST, "admin/user", &long).await;
    error(&(response.status().as_u16(), value(&response)), 413);
    let request = Request::post("/dataservice/admin/user")
        .header(COOKIE, format!("JSESSIONID={}", admin.secret))
        .header("x-xsrf-token", &admin.csrf)
        .header(CONTENT_TYPE, "text/plain");
    let response = bed.send(&Catalyst, request.body(Bytes::from_static(b"{}")).unwrap()).await;
    error(&(response.status().as_u16(), value(&response)), 415);
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
}

#[test]
fn each_path_is_our_own_and_its_neighbours_are_not() {
    for path in super::PATHS {
        let path = path.replace("{userName}", "x").replace("{groupName}", "y").replace("{tenantId}", "z");
        assert_eq!(Catalyst.owns(&path), Owned::Yes, "{path}");
    }
    for path in [
        "/dataservice/settings/configuration/banner",
        "/dataservice/settings/configuration/organization",
        "/dataservice/tenant/z",
        "/dataservice/tenant/bulk/async",
        "/dataservice/tenantstatus",
        "/dataservice/admin/resourcegroup",
    ] {
        assert_eq!(Catalyst.owns(path), Owned::No, "{path}");
    }
    let all: HashSet<_> = super::PATHS.iter().collect();
    assert_eq!(all.len(), super::PATHS.len());
}
