//! The paths that the published page calls open are open, and no others are.

use crate::support::{Request, Server};

/// Open according to the published page.
const OPEN: &[&str] = &[
    "/api/",
    "/api/gateway/v1/login/",
    "/api/gateway/v1/ui_auth/",
    "/api/gateway/v1/ping/",
    "/api/controller/v2/",
    "/api/controller/v2/ping/",
    "/api/galaxy/",
];

/// Neighbours of the open ones, and what lies below and above them.
const CLOSED: &[&str] = &[
    "/api/controller/",
    "/api/controller/v2/hosts/",
    "/api/controller/v2/ping/x/",
    "/api/controller/v2/pings/",
    "/api/controller/v2/ping/../hosts/",
    "/api/galaxy/v3/",
    "/api/galaxy/pulp/api/v3/status/",
    "/api/eda/",
    "/api/eda/v1/",
    "/api/gateway/v1/me/",
    "/api/gateway/v1/session/",
    "/api/gateway/v1/status/",
    "/api/gateway/v1/users/",
    "/api/gateway/v1/tokens/",
    "/api/gateway/v1/settings/",
    "/api/gateway/v1/activitystream/",
];

#[test]
fn open_paths_need_no_proof() {
    let server = Server::demo();
    for path in OPEN {
        let answer = server.get(path).send();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
}

#[test]
fn all_others_do() {
    let server = Server::demo();
    for path in CLOSED {
        let answer = server.get(path).send();
        let is_refused = answer.status == 401 || (path.contains("..") && answer.status == 400);
        assert!(is_refused, "{path}: {} {}", answer.status, answer.text());
    }
    // A query does not make a path open, and neither does another method.
    for (method, target) in [
        ("GET", "/api/controller/v2/hosts/?x=/api/controller/v2/ping/"),
        ("GET", "/api/controller/v2/hosts/?/api/controller/v2/ping/"),
        ("POST", "/api/controller/v2/hosts/"),
        ("HEAD", "/api/controller/v2/hosts/"),
        ("OPTIONS", "/api/controller/v2/hosts/"),
    ] {
        let answer = Request::new(server.http, method, target).send();
        assert_eq!(answer.status, 401, "{method} {target}");
    }
}

#[test]
fn an_open_path_gets_no_identity_but_a_proof_that_is_there_counts() {
    let server = Server::demo();
    let answer = server.get("/api/controller/v2/ping/").header("X-DAB-JW-TOKEN", "forged").send().expect(200);
    assert!(!answer.text().contains("forged"), "{}", answer.text());
    let answer = server.as_admin("GET", "/api/controller/v2/ping/").send().expect(200);
    assert!(answer.text().to_lowercase().contains("x-dab-jw-token"), "{}", answer.text());
}
