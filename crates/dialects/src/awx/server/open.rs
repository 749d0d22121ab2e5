//! What programs ask before they sign in (contract section A1).

use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::super::wire;
use crate::drf::{State, respond};

/// The installation and this node of it.
pub async fn ping(Extracted(state): Extracted<State>) -> Response {
    let platform = &state.authority.world.platform;
    let node = platform.node();
    let body = json!({
        "ha": false,
        "version": wire::VERSION,
        "active_node": node,
        "install_uuid": uuid_of(&["installation", platform.public_key_pem()]),
        "instances": [{
            "node": node,
            "node_type": "control",
            "uuid": uuid_of(&["node", platform.public_key_pem(), node]),
            "heartbeat": null,
            "capacity": 0,
            "version": wire::VERSION,
        }],
        "instance_groups": [],
    });
    respond::json(StatusCode::OK, &body)
}

/// The other ways to sign in: none so far.
pub async fn auth() -> Response {
    respond::json(StatusCode::OK, &json!({}))
}

/// A UUID that is always the same for the same texts (RFC 9562 section 5.8).
fn uuid_of(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    let mut text = String::with_capacity(36);
    for (at, byte) in hash.finalize().iter().take(16).enumerate() {
        let byte = match at {
            6 => byte & 0x0f | 0x80,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for half in [byte >> 4, byte & 0x0f] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    text
}
