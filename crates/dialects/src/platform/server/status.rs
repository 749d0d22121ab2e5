//! How the installation is (contract section E5).

use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use identity::port::{Health, NodeStatus, ServiceStatus};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::super::wire;
use crate::drf::caller::Caller;
use crate::drf::form::Form;
use crate::drf::{State, respond, time};

/// Whether the gateway and its database answer. Open to everybody.
pub async fn ping(Extracted(state): Extracted<State>, caller: Caller) -> Response {
    respond::json(StatusCode::OK, &own(&state, caller.context.now).await.1)
}

/// How every service is.
pub async fn status(Extracted(state): Extracted<State>, caller: Caller, parts: Parts) -> Response {
    let settings = state.authority.settings();
    let timeout = SignedDuration::from_secs(settings.integer("status_endpoint_backend_timeout_seconds"));
    let verify = settings.boolean("status_endpoint_backend_verify");
    let (own_health, own_ping) = own(&state, caller.context.now).await;
    let mut services = vec![gateway(&state, own_health, &own_ping)];
    let mut healths = vec![own_health];
    for service in state.authority.world.platform.service_status(timeout, verify).await {
        healths.push(service.health);
        services.push(entry(&service));
    }
    let query = Form::urlencoded(parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let has_keys = query.one("service_keys").ok().flatten().is_some_and(is_true);
    let services = if has_keys { keyed(services) } else { Value::Array(services) };
    let body = json!({
        "status": word(overall(&healths)),
        "time": time::format(caller.context.now),
        "services": services,
    });
    respond::json(StatusCode::OK, &body)
}

/// How the gateway itself is, and its ping object.
async fn own(state: &State, now: Timestamp) -> (Health, Value) {
    let is_connected = state.authority.store.ping().await.is_ok();
    let health = if is_connected { Health::Good } else { Health::Failed };
    let mut ping = json!({
        "status": word(health),
        "version": state.authority.world.platform.version(),
        "pong": wire::instant_with_offset(now),
        "db_connected": is_connected,
    });
    if !is_connected {
        ping["db_exception"] = json!("The database does not answer.");
    }
    ping["proxy_connected"] = json!(true);
    (health, ping)
}

fn gateway(state: &State, health: Health, ping: &Value) -> Value {
    let node = json!({
        "status": word(health),
        "url": format!("{}ping/", wire::V1),
        "response": ping,
        "response_code": 200,
    });
    let nodes = Map::from_iter([(state.authority.world.platform.node().to_owned(), node)]);
    json!({ "status": word(health), "service_name": "gateway", "nodes": nodes })
}

fn entry(service: &ServiceStatus) -> Value {
    let nodes: Map<String, Value> =
        service.nodes.iter().map(|node| (node.node.clone(), node_entry(node))).collect();
    json!({ "status": word(service.health), "service_name": service.name, "nodes": nodes })
}

fn node_entry(node: &NodeStatus) -> Value {
    let mut entry = json!({ "status": word(node.health), "url": node.url });
    if let Some(exception) = &node.exception {
        entry["exception"] = json!(exception);
    }
    if let Some(response) = &node.response {
        // What is no JSON is shown as the text it is.
        match serde_json::from_str::<Value>(response) {
            Ok(value) => entry["response"] = value,
            Err(_) => entry["body"] = json!(response),
        }
    }
    if let Some(code) = node.response_code {
        entry["response_code"] = json!(code);
    }
    entry
}

fn keyed(services: Vec<Value>) -> Value {
    let mut keyed = Map::new();
    for service in services {
        let name = service["service_name"].as_str().unwrap_or_default().to_owned();
        keyed.insert(name, service);
    }
    Value::Object(keyed)
}

fn overall(healths: &[Health]) -> Health {
    if healths.iter().all(|it| *it == Health::Good) {
        Health::Good
    } else if healths.iter().all(|it| *it == Health::Failed) {
        Health::Failed
    } else {
        Health::Degraded
    }
}

fn word(health: Health) -> &'static str {
    match health {
        Health::Good => "good",
        Health::Degraded => "degraded",
        Health::Failed => "failed",
    }
}

fn is_true(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on")
}
