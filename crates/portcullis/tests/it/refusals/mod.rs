//! The sweep: every endpoint of our own is called without a proof and with wrong ones, and the lists of
//! endpoints are shown to be complete.

mod awx;
mod explained;
mod grants;
mod platform;

use std::collections::VecDeque;

use dialects::drf::endpoint::Endpoint;
use serde_json::Value;

use crate::support::{Request, Server};

/// An endpoint's path with something in the place of its variables.
fn filled(endpoint: &Endpoint) -> String {
    let segment = |it: &str| match it {
        "{section}" | "{slug}" => "all".to_owned(),
        "{name}" => "SESSION_COOKIE_AGE".to_owned(),
        it if it.starts_with('{') => "1".to_owned(),
        it => it.to_owned(),
    };
    endpoint.path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

fn methods(endpoint: &Endpoint) -> impl Iterator<Item = &'static str> {
    endpoint.methods.split(", ")
}

/// A way to ask.
type Way = fn(Request) -> Request;

/// A gateway that does not count failures: that would end the sweep early, and is tested elsewhere.
fn patient() -> Server {
    Server::with_config(
        "[limits]\nfailures_free = 1000000\nfailures_per_day = 1000000\nfailures_per_address_minute = 1000000\n",
    )
}

/// All addresses below this one that an answer shows.
fn collect_paths(value: &Value, below: &str, queue: &mut VecDeque<String>) {
    match value {
        Value::String(text) if text.starts_with(below) => {
            queue.push_back(text.split('?').next().unwrap_or_default().to_owned());
        }
        Value::Array(items) => items.iter().for_each(|item| collect_paths(item, below, queue)),
        Value::Object(fields) => fields.values().for_each(|item| collect_paths(item, below, queue)),
        _ => {}
    }
}
