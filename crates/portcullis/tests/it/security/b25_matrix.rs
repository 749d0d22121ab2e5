//! The matrix: every endpoint, every method, by everybody who may not change anything; and afterwards
//! everything is as it was.

use std::collections::BTreeMap;

use dialects::drf::endpoint::Endpoint;
use dialects::platform::TABLES;
use serde_json::{Value, json};

use crate::support::{ADMIN_PASSWORD, Options, Request, Server};

const PASSWORD: &str = "a wall of old stones 5";
const V1: &str = "/api/gateway/v1/";
const METHODS: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

/// What an ordinary user may do to what is its own; nothing of it is in [`LISTS`] afterwards.
const OWN: [(&str, &str); 2] = [("POST", "/api/gateway/v1/tokens/"), ("POST", "/api/gateway/v1/logout/")];

/// Everything that could have changed. Tokens are compared without those of the actors.
const LISTS: [&str; 9] = [
    "users",
    "organizations",
    "teams",
    "applications",
    "authenticators",
    "role_definitions",
    "role_user_assignments",
    "role_team_assignments",
    "settings/all",
];

/// One object of each kind, none of them the actors'.
fn objects(server: &Server) -> BTreeMap<&'static str, i64> {
    let organization = server.make("organizations", &json!({"name": "matrix"}));
    let team = server.make("teams", &json!({"name": "matrix", "organization": organization}));
    let other = server.make("teams", &json!({"name": "matrix-other", "organization": organization}));
    let user = server.make_user("matrix-object", PASSWORD);
    let application = json!({
        "name": "matrix", "organization": organization,
        "client_type": "confidential", "authorization_grant_type": "password"
    });
    let object = team.to_string();
    let for_user = json!({"role_definition": 2, "user": user, "object_id": object});
    let for_team = json!({"role_definition": 2, "team": other, "object_id": object});
    BTreeMap::from([
        ("organizations", organization),
        ("teams", team),
        ("users", user),
        ("applications", server.make("applications", &application)),
        ("tokens", server.make_token("matrix-object", PASSWORD, "write").0),
        ("authenticators", 1),
        ("role_definitions", 1),
        ("role_user_assignments", server.make("role_user_assignments", &for_user)),
        ("role_team_assignments", server.make("role_team_assignments", &for_team)),
        ("activitystream", 1),
    ])
}

/// An endpoint's path, with the objects in the places of its variables.
fn filled(endpoint: &Endpoint, objects: &BTreeMap<&str, i64>) -> String {
    let list = endpoint.path.trim_start_matches(V1).split('/').next().unwrap_or_default();
    let segment = |it: &str| match it {
        "{section}" => "all".to_owned(),
        "{name}" => "SESSION_COOKIE_AGE".to_owned(),
        it if it.starts_with('{') => objects.get(list).copied().unwrap_or(1).to_string(),
        it => it.to_owned(),
    };
    endpoint.path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// Everything that an administrator sees, without what using it changes.
fn snapshot(server: &Server) -> BTreeMap<&'static str, Value> {
    LISTS
        .into_iter()
        .map(|list| {
            let answer = server.as_admin("GET", &format!("{V1}{list}/?page_size=200")).send().expect(200);
            let mut seen = answer.json();
            for object in seen["results"].as_array_mut().into_iter().flatten() {
                let object = object.as_object_mut().unwrap();
                for volatile in ["last_login", "last_login_from", "summary_fields", "related"] {
                    object.remove(volatile);
                }
            }
            (list, seen)
        })
        .collect()
}

/// Whether the object's own token is as it was.
fn token_scope(server: &Server, objects: &BTreeMap<&str, i64>) -> Value {
    server.as_admin("GET", &format!("{V1}tokens/{}/", objects["tokens"])).send().expect(200).json()["scope"]
        .clone()
}

#[test]
fn case_182_nobody_without_the_right_changes_anything_at_any_endpoint() {
    let config = "[limits]\nfailures_per_address_minute = 1000000\n".to_owned();
    let server = Server::start(Options { config, ..Options::default() });
    let objects = objects(&server);
    server.make_user("matrix-user", PASSWORD);
    let auditor = server.make_user("matrix-auditor", PASSWORD);
    server.make("role_user_assignments", &json!({"role_definition": 1, "user": auditor, "object_id": null}));
    let (_, reader) = server.make_token("admin", ADMIN_PASSWORD, "read");
    let (_, narrow) = server.make_token("admin", ADMIN_PASSWORD, "openid roles");
    let (_, user) = server.make_token("matrix-user", PASSWORD, "write");
    let (_, auditor) = server.make_token("matrix-auditor", PASSWORD, "write");
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let actors: [(&str, &dyn Fn(Request) -> Request); 6] = [
        ("nobody", &|it| it),
        ("a user", &|it| it.bearer(&user)),
        ("an auditor", &|it| it.bearer(&auditor)),
        ("an administrator's read token", &|it| it.bearer(&reader)),
        ("an administrator's token for identity", &|it| it.bearer(&narrow)),
        ("an administrator's session from a foreign page", &|it| session.without_token(it)),
    ];
    let full = json!({
        "name": "stolen", "username": "stolen", "password": "taken over 99", "organization": objects["organizations"],
        "description": "stolen", "scope": "write", "is_superuser": true, "instances": [objects["users"]],
        "role_definition": 2, "user": objects["users"], "team": objects["teams"], "object_id": "1",
        "client_type": "public", "authorization_grant_type": "password", "SESSION_COOKIE_AGE": 60,
        "type": "x", "configuration": {}, "enabled": false
    });
    let before = snapshot(&server);
    let scope = token_scope(&server, &objects);
    let mut complaints = Vec::new();
    for endpoint in TABLES.iter().flat_map(|table| table.iter()) {
        let path = filled(endpoint, &objects);
        for method in METHODS {
            for (name, actor) in &actors {
                for body in [&json!({}), &full] {
                    let code = actor(server.request(method, &path)).json(body).send().status;
                    let is_own = matches!(*name, "a user" | "an auditor") && OWN.contains(&(method, &path));
                    let is_refused = matches!(code, 400 | 401 | 403 | 404 | 405);
                    if !is_refused && !is_own && endpoint.path != "/api/gateway/v1/logout/" {
                        complaints.push(format!("{name}: {method} {path}: {code}"));
                    }
                }
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    for (list, seen) in snapshot(&server) {
        assert_eq!(seen, before[list], "{list} has changed");
    }
    assert_eq!(token_scope(&server, &objects), scope);
    assert_eq!(server.me(|it| it.basic("matrix-object", PASSWORD)), 200);
}

#[test]
fn case_182_what_a_user_reads_is_never_more_than_what_an_administrator_reads() {
    let server = Server::with_config("");
    let objects = objects(&server);
    server.make_user("matrix-user", PASSWORD);
    let mut complaints = Vec::new();
    for endpoint in TABLES.iter().flat_map(|table| table.iter()).filter(|it| !it.is_public()) {
        let path = filled(endpoint, &objects);
        let user = server.get(&path).basic("matrix-user", PASSWORD).send();
        if user.status != 200 {
            assert!(matches!(user.status, 403..=405), "{path}: {}", user.status);
            continue;
        }
        let text = user.text();
        // Neither the objects of others nor their numbers.
        for word in ["matrix-object", "matrix-other", "\"matrix\"", "client_id"] {
            let is_allowed = path.ends_with("app_urls/") && word == "\"matrix\"";
            if text.contains(word) && !is_allowed {
                complaints.push(format!("{path} shows {word}"));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
