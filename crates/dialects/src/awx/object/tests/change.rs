//! Bodies and methods of all kinds (contract sections 1.2, 1.4).

use bytes::Bytes;
use http::{Method, Request};
use serde_json::json;

use super::{Hand, awx, body_of};
use crate::awx::object::ENDPOINTS;
use crate::bed::{Bed, HOST};

#[tokio::test]
async fn bodies_that_cannot_be_read() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let broken = "JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 \
                  (char 1)\nPossible cause: trailing comma.";
    for (body, text) in [("{bad", broken), ("[1]", "JSON parse error - not a JSON object")] {
        assert_eq!(admin.post("tokens/", body).await, (400, json!({ "detail": text })), "{body}");
    }
}

#[tokio::test]
async fn row_080_other_content_types_are_refused() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    for content_type in ["text/html", "text/plain", "application/x-www-form-urlencoded"] {
        let request = Request::builder().method(Method::POST).uri("/api/v2/tokens/").header("host", HOST);
        let request =
            request.header("authorization", &admin.authorization).header("content-type", content_type);
        let response = bed.send(awx(), request.body(Bytes::from_static(b"x=1")).unwrap()).await;
        assert_eq!(response.status(), 415, "{content_type}");
        assert!(body_of(&response)["detail"].as_str().unwrap().contains("application/json"));
    }
}

#[tokio::test]
async fn methods_that_are_unknown() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    for (method, path) in [(Method::PUT, "tokens/"), (Method::DELETE, "users/"), (Method::POST, "tokens/1/")]
    {
        let said = json!({ "detail": format!("Method \"{method}\" not allowed.") });
        assert_eq!(admin.ask(method, path, "{}").await, (405, said), "{path}");
    }
}

#[tokio::test]
async fn every_endpoint_asks_who_is_there() {
    let bed = Bed::new().await;
    let nobody = Hand { bed: &bed, authorization: String::new() };
    for endpoint in ENDPOINTS {
        let path = endpoint.path.replace("{id}", "1");
        let path = path.strip_prefix("/api/v2/").unwrap();
        for method in endpoint.methods.split(", ") {
            let answer = nobody.send(method.parse().unwrap(), path, "").await;
            assert_eq!(answer.status(), 401, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_endpoint_has_a_route() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    for endpoint in ENDPOINTS {
        let path = endpoint.path.replace("{id}", "1");
        let answer = admin.send(Method::OPTIONS, path.strip_prefix("/api/v2/").unwrap(), "").await;
        assert_eq!(answer.status(), 200, "{path}");
        assert!(body_of(&answer)["actions"]["GET"].is_object(), "{path}");
    }
}
