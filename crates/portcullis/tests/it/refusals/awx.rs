//! AWX's door: one answer to everybody who shows nothing that counts.

use std::collections::{BTreeSet, VecDeque};

use dialects::awx::{Awx, TABLES};
use dialects::drf::endpoint::{Access, Endpoint, find};
use dialects::{Dialect as _, Owned};
use serde_json::{Value, json};

use super::{Way, collect_paths, filled, methods, patient};
use crate::support::{ADMIN_PASSWORD, Response, Server};

const BODY: &str = r#"{"detail":"Authentication credentials were not provided. To establish a login session, visit /api/login/."}"#;
const CHALLENGE: &str = "Bearer realm=api authorization_url=/api/o/authorize/";

const WAYS: [(&str, Way); 8] = [
    ("nothing", |it| it),
    ("wrong password", |it| it.basic("admin", "wrong")),
    ("unknown user", |it| it.basic("nobody", "wrong")),
    ("no base64", |it| it.header("Authorization", "Basic %%%")),
    ("unknown token", |it| it.bearer("abcdefghijklmnopqrstuvwxyz0123")),
    ("another word", |it| it.header("Authorization", "Token abcdefghijklmnopqrstuvwxyz0123")),
    ("unknown session", |it| it.header("Cookie", "awx_sessionid=abcdefghijklmnopqrstuvwxyz012345")),
    ("self-made identity", |it| it.header("X-DAB-JW-TOKEN", "e30.e30.e30")),
];

fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    TABLES.iter().flat_map(|table| table.iter())
}

#[test]
fn every_endpoint_refuses_who_shows_nothing_or_something_wrong() {
    let server = patient();
    let (mut calls, mut complaints) = (0, Vec::new());
    for endpoint in endpoints().filter(|it| it.access == Access::Known) {
        let path = filled(endpoint);
        for method in methods(endpoint) {
            for (name, way) in WAYS {
                let answer = way(server.request(method, &path)).send();
                calls += 1;
                if let Some(complaint) = complaint(&answer, method) {
                    complaints.push(format!("{method} {path}, {name}: {complaint}"));
                }
            }
        }
    }
    assert!(calls > 1000, "only {calls} calls: the table of endpoints is not what it was");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

fn complaint(answer: &Response, method: &str) -> Option<String> {
    if answer.status != 401 {
        return Some(format!("status {}: {}", answer.status, answer.text()));
    }
    if answer.header("www-authenticate") != Some(CHALLENGE) {
        return Some(format!("challenge {:?}", answer.header("www-authenticate")));
    }
    if method != "HEAD" && answer.text() != BODY {
        return Some(format!("body {}", answer.text()));
    }
    answer.header("x-api-product-version").map(|it| format!("it tells a stranger the version {it}"))
}

#[test]
fn public_endpoints_answer_without_a_proof() {
    let server = Server::demo();
    for endpoint in endpoints().filter(|it| it.is_public()) {
        let path = filled(endpoint);
        let answer = server.get(&path).send();
        assert!(answer.status < 400, "{path}: {} {}", answer.status, answer.text());
    }
}

#[test]
fn every_endpoint_is_owned_as_its_table_says() {
    for endpoint in endpoints() {
        let owned = Awx.owns(&filled(endpoint));
        let is_fit = if endpoint.is_public() {
            owned == Owned::Public
        } else {
            matches!(owned, Owned::Yes | Owned::Spare)
        };
        assert!(is_fit, "{}: {owned:?}", endpoint.path);
    }
}

/// Follows every address that an administrator is shown. What is in no table is a controller's business, and
/// without a controller there is nothing.
#[test]
fn what_is_shown_is_served_or_a_controllers() {
    let server = Server::start(crate::support::Options::default());
    let organization = server.make("organizations", &json!({"name": "Swept"}));
    server.make("teams", &json!({"name": "Swept", "organization": organization}));
    server.make_token("admin", ADMIN_PASSWORD, "read");
    let (mut seen, mut found) = (BTreeSet::new(), 0);
    let mut queue = VecDeque::from(["/api/v2/".to_owned()]);
    let mut complaints = Vec::new();
    while let Some(path) = queue.pop_front() {
        if seen.len() > 600 || !seen.insert(path.clone()) {
            continue;
        }
        let answer = server.as_admin("GET", &path).send();
        let is_listed = find(TABLES, &path).is_some();
        let wanted = if is_listed { 200 } else { 404 };
        // The system's own user made the first objects, and the contract hides it.
        if answer.status != wanted && !path.starts_with("/api/v2/users/2/") {
            complaints.push(format!("{path} answers {}, listed: {is_listed}", answer.status));
        }
        found += usize::from(answer.status == 200);
        if let Ok(body) = serde_json::from_slice::<Value>(&answer.body) {
            collect_paths(&body, "/api/v2/", &mut queue);
        }
    }
    assert!(found > 40, "only {found} addresses were found");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
