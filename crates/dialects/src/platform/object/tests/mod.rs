//! Objects over the wire: their shapes, their rights, the manners of their endpoints.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::Value;

use crate::bed::{Bed, HOST, PASSWORD};
use crate::dialect::Dialect;

mod change;
mod list;
mod manners;
mod schema;
mod shape;
mod sight;

/// The dialect that the tests speak.
fn aap() -> &'static dyn Dialect {
    crate::named("aap").unwrap()
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

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Bytes> {
        let path = format!("/api/gateway/v1/{path}");
        let mut request = Request::builder().method(method).uri(path).header("host", HOST);
        request = request.header("authorization", &self.authorization);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.bed.send(aap(), request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await
    }

    /// Status and body of an answer to a JSON body.
    async fn ask(&self, method: Method, path: &str, body: &str) -> (u16, Value) {
        let response = self.send(method, path, &[("content-type", "application/json")], body).await;
        (response.status().as_u16(), json(&response))
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(Method::GET, path, "").await
    }

    async fn post(&self, path: &str, body: &str) -> (u16, Value) {
        self.ask(Method::POST, path, body).await
    }

    /// The number of a new object.
    async fn made(&self, path: &str, body: &str) -> i64 {
        let (status, object) = self.post(path, body).await;
        assert_eq!(status, 201, "{object}");
        object["id"].as_i64().unwrap()
    }
}

/// The body of an answer; null if it has none.
fn json(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

/// The value of a header.
fn header<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

/// The number of a user of the bed.
async fn number(bed: &Bed, name: &str) -> i64 {
    let (_, page) = Hand::of(bed, "admin").get(&format!("users/?username={name}")).await;
    page["results"][0]["id"].as_i64().unwrap()
}
