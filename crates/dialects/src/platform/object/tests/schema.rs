//! The `OpenAPI` document: it tells of everything that is served, and points nowhere else.

use std::collections::HashSet;

use http::Method;
use serde_json::Value;

use super::{Hand, header};
use crate::bed::Bed;
use crate::platform::object::ENDPOINTS;

fn references(value: &Value, found: &mut HashSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                found.insert(reference.clone());
            }
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn it_tells_of_every_endpoint() {
    let bed = Bed::new().await;
    let (status, document) = Hand::of(&bed, "admin").get("docs/schema/?format=json").await;
    assert_eq!((status, &document["openapi"]), (200, &Value::from("3.0.3")));
    let mut ids = HashSet::new();
    for endpoint in ENDPOINTS {
        let item = &document["paths"][endpoint.path];
        for method in endpoint.methods.split(", ").filter(|it| !matches!(*it, "HEAD" | "OPTIONS")) {
            let operation = &item[method.to_ascii_lowercase()];
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice");
        }
    }
    assert!(document["paths"]["/api/gateway/v1/login/"].is_object());
    let mut found = HashSet::new();
    references(&document["paths"], &mut found);
    for reference in found {
        let name = reference.strip_prefix("#/components/schemas/").unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
    let user = &document["components"]["schemas"]["User"];
    assert_eq!(user["properties"]["username"]["maxLength"], 150);
    assert_eq!(user["required"], serde_json::json!(["username"]));
}

#[tokio::test]
async fn it_is_yaml_unless_json_is_asked_for() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let yaml = admin.send(Method::GET, "docs/schema/", &[], "").await;
    assert_eq!(header(&yaml, "content-type"), Some("application/vnd.oai.openapi"));
    assert!(yaml.body().starts_with(b"openapi: \"3.0.3\"\ninfo:\n  title: "));
    let json = admin.send(Method::GET, "docs/schema/", &[("accept", "application/json")], "").await;
    assert_eq!(header(&json, "content-type"), Some("application/json"));
    assert_eq!(admin.send(Method::GET, "docs/schema/?format=zzz", &[], "").await.status(), 404);
    assert_eq!(admin.send(Method::POST, "docs/schema/", &[], "").await.status(), 405);
}
