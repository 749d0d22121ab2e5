//! Objects over the wire: their shapes, their rights, the manners of their endpoints.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};

use crate::bed::{Bed, HOST, PASSWORD};
use crate::dialect::Dialect;

mod address;
mod applications;
mod change;
mod external;
mod groups;
mod lists;
mod options;
mod roles;
mod shape;
mod stream;
mod tokens;
mod users;

/// The dialect that the tests speak.
fn awx() -> &'static dyn Dialect {
    crate::named("awx").unwrap()
}

/// A user at work on the bed.
struct Hand<'a> {
    bed: &'a Bed,
    authorization: String,
}

impl<'a> Hand<'a> {
    /// A user that shows its name and password.
    fn of(bed: &'a Bed, name: &str) -> Self {
        let pair = STANDARD.encode(format!("{name}:{PASSWORD}"));
        Self { bed, authorization: format!("Basic {pair}") }
    }

    /// Somebody that shows a token.
    fn with(bed: &'a Bed, token: &str) -> Self {
        Self { bed, authorization: format!("Bearer {token}") }
    }

    async fn send(&self, method: Method, path: &str, body: &str) -> Response<Bytes> {
        let request = Request::builder().method(method).uri(format!("/api/v2/{path}")).header("host", HOST);
        let mut request = request.header("authorization", &self.authorization);
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        self.bed.send(awx(), request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await
    }

    /// Status and body of an answer.
    async fn ask(&self, method: Method, path: &str, body: &str) -> (u16, Value) {
        let response = self.send(method, path, body).await;
        (response.status().as_u16(), body_of(&response))
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(Method::GET, path, "").await
    }

    async fn post(&self, path: &str, body: &str) -> (u16, Value) {
        self.ask(Method::POST, path, body).await
    }

    async fn patch(&self, path: &str, body: &str) -> (u16, Value) {
        self.ask(Method::PATCH, path, body).await
    }

    async fn delete(&self, path: &str) -> u16 {
        self.ask(Method::DELETE, path, "").await.0
    }

    /// The number of a new object.
    async fn made(&self, path: &str, body: &str) -> i64 {
        let (status, object) = self.post(path, body).await;
        assert_eq!(status, 201, "{path} {body}: {object}");
        object["id"].as_i64().unwrap()
    }
}

/// The body of an answer; null if it has none.
fn body_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

/// The value of a header.
fn header<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

/// The keys of an object, in their order.
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The answer to those who may not.
fn forbidden() -> (u16, Value) {
    (403, json!({ "detail": "You do not have permission to perform this action." }))
}

/// The number of a user of the bed.
async fn number(bed: &Bed, name: &str) -> i64 {
    let (_, page) = Hand::of(bed, "admin").get(&format!("users/?username={name}")).await;
    page["results"][0]["id"].as_i64().unwrap()
}

/// An organization with an administrator `oa`, a member `om`, an auditor `sa`, and `alice`, who has nothing to
/// do with it.
struct World {
    organization: i64,
    oa: i64,
    om: i64,
    sa: i64,
    alice: i64,
    bed: Bed,
}

impl World {
    async fn new() -> Self {
        let bed = Bed::new().await;
        let admin = Hand::of(&bed, "admin");
        let organization = admin.made("organizations/", r#"{"name": "Ops"}"#).await;
        let user = async |name: &str, more: &str| {
            let body = format!(r#"{{"username": "{name}", "password": "{PASSWORD}"{more}}}"#);
            admin.made("users/", &body).await
        };
        let (oa, om) = (user("oa", "").await, user("om", "").await);
        let sa = user("sa", r#", "is_system_auditor": true"#).await;
        for (list, id) in [("admins", oa), ("users", om)] {
            let path = format!("organizations/{organization}/{list}/");
            assert_eq!(admin.post(&path, &format!(r#"{{"id": {id}}}"#)).await.0, 204);
        }
        let alice = number(&bed, "alice").await;
        Self { organization, oa, om, sa, alice, bed }
    }

    fn hand(&self, name: &str) -> Hand<'_> {
        Hand::of(&self.bed, name)
    }

    /// An application of the organization.
    async fn application(&self, by: &str, name: &str) -> i64 {
        let body = format!(
            r#"{{"name": "{name}", "client_type": "confidential", "authorization_grant_type": "password",
                "organization": {}}}"#,
            self.organization
        );
        self.hand(by).made("applications/", &body).await
    }
}
