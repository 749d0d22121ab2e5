//! The platform's door.

use std::collections::{BTreeSet, VecDeque};

use dialects::drf::endpoint::{Access, Endpoint, find};
use dialects::platform::TABLES;
use serde_json::{Value, json};

use super::{Way, collect_paths, filled, methods, patient};
use crate::support::{Response, Server};

/// What the contract says to somebody who showed nothing that counts.
const NOT_PROVIDED: &str = "Authentication credentials were not provided.";

fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    TABLES.iter().flat_map(|table| table.iter())
}

/// A way to ask, its name, and what the answer must say.
type Door = (&'static str, Way, &'static str, &'static str);

const DOORS: [Door; 6] = [
    ("nothing", |it| it, NOT_PROVIDED, r#"Bearer realm="api""#),
    (
        "wrong password",
        |it| it.basic("admin", "wrong"),
        "Invalid username/password.",
        r#"Bearer realm="api""#,
    ),
    ("unknown user", |it| it.basic("nobody", "wrong"), "Invalid username/password.", r#"Bearer realm="api""#),
    (
        "no base64",
        |it| it.header("Authorization", "Basic %%%"),
        "Invalid basic header. Credentials not correctly base64 encoded.",
        r#"Bearer realm="api""#,
    ),
    (
        "unknown token",
        |it| it.bearer("abcdefghijklmnopqrstuvwxyz0123"),
        NOT_PROVIDED,
        r#"Bearer realm="api",error="invalid_token",error_description="The access token is invalid.""#,
    ),
    (
        "unknown session",
        |it| it.header("Cookie", "gateway_sessionid=abcdefghijklmnopqrstuvwxyz012345"),
        NOT_PROVIDED,
        r#"Bearer realm="api""#,
    ),
];

#[test]
fn every_endpoint_refuses_who_shows_nothing_or_something_wrong() {
    let server = patient();
    let mut calls = 0;
    let mut complaints = Vec::new();
    for endpoint in endpoints().filter(|it| it.access == Access::Known) {
        let path = filled(endpoint);
        for method in methods(endpoint) {
            for (name, door, detail, challenge) in DOORS {
                let answer = door(server.request(method, &path)).send();
                calls += 1;
                if let Some(complaint) = complaint(&answer, method, detail, challenge) {
                    complaints.push(format!("{method} {path}, {name}: {complaint}"));
                }
            }
        }
    }
    assert!(calls > 500, "only {calls} calls: the table of endpoints is not what it was");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

fn complaint(answer: &Response, method: &str, detail: &str, challenge: &str) -> Option<String> {
    if answer.status != 401 {
        return Some(format!("status {}: {}", answer.status, answer.text()));
    }
    if answer.header("www-authenticate") != Some(challenge) {
        return Some(format!("challenge {:?}", answer.header("www-authenticate")));
    }
    // The text and not its meaning: the contract has no space in it.
    let body = format!(r#"{{"detail":"{detail}"}}"#);
    if method != "HEAD" && answer.text() != body {
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
        // The claims ask for a component's own token, which is no proof of a user.
        let is_for_components = endpoint.path.contains("jwt_claims");
        assert_eq!(answer.status == 401, is_for_components, "{path}: {} {}", answer.status, answer.text());
        assert!(answer.status < 500, "{path}: {}", answer.status);
    }
}

#[test]
fn a_method_that_an_endpoint_does_not_know_is_refused_as_well() {
    let server = Server::demo();
    for endpoint in endpoints().filter(|it| it.access == Access::Known) {
        let path = filled(endpoint);
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if !endpoint.allows(method) {
                server.request(method, &path).send().expect(401);
                server.as_admin(method, &path).send().expect(405);
            }
        }
    }
}

/// What is shown although it is absent, each with its reason.
const SHOWN_BUT_ABSENT: &[&str] = &[
    // Only who came by a session has one.
    "/api/gateway/v1/session/",
    // The system's own user made the first objects, and the contract hides it.
    "/api/gateway/v1/users/2/",
];

/// Follows every address that an administrator is shown, and holds it to the table.
#[test]
fn the_list_of_endpoints_is_complete() {
    let server = Server::demo();
    let organization = server.make("organizations", &json!({"name": "Swept"}));
    server.make("teams", &json!({"name": "Swept", "organization": organization}));
    server.make_token("admin", crate::support::ADMIN_PASSWORD, "read");

    let mut seen = BTreeSet::new();
    let mut queue = VecDeque::from(["/api/".to_owned(), "/api/gateway/v1/".to_owned()]);
    let mut complaints = Vec::new();
    while let Some(path) = queue.pop_front() {
        if seen.len() > 400 || !seen.insert(path.clone()) {
            continue;
        }
        let answer = server.as_admin("GET", &path).send();
        if find(TABLES, &path).is_none() && answer.status != 404 {
            complaints.push(format!("{path} answers {} and is in no table", answer.status));
        }
        let is_excused = SHOWN_BUT_ABSENT.contains(&&*path);
        if (answer.status == 404 && !is_excused) || answer.status >= 500 {
            complaints.push(format!("{path} is shown to administrators and answers {}", answer.status));
        }
        if let Ok(body) = serde_json::from_slice::<Value>(&answer.body) {
            collect_paths(&body, "/api/gateway/", &mut queue);
        }
    }
    assert!(seen.len() > 40, "only {} addresses were found", seen.len());
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_schema_names_the_same_endpoints() {
    let server = Server::demo();
    let schema = server.get("/api/gateway/v1/docs/schema/?format=json").send().expect(200).json();
    let described: BTreeSet<_> = schema["paths"].as_object().unwrap().keys().map(|it| plain(it)).collect();
    let listed: BTreeSet<_> = endpoints().map(|it| plain(it.path)).collect();
    let missing: Vec<_> = listed.difference(&described).collect();
    let surplus: Vec<_> = described.difference(&listed).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "not described: {missing:#?}\nnot listed: {surplus:#?}"
    );
}

/// A path with all variables named alike.
fn plain(path: &str) -> String {
    path.split('/').map(|it| if it.starts_with('{') { "{}" } else { it }).collect::<Vec<_>>().join("/")
}
