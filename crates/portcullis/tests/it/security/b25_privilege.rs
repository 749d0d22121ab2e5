//! Rights: what users, auditors and administrators of one organization try to take beyond what they have.

use std::sync::Arc;

use serde_json::{Value, json};

use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Server};

const PASSWORD: &str = "a wall of old stones 5";
const V1: &str = "/api/gateway/v1/";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(Server::demo)
}

fn user_path(id: i64) -> String {
    format!("{V1}users/{id}/")
}

fn status(server: &Server, username: &str, method: &str, target: &str, body: &Value) -> u16 {
    server.request(method, target).basic(username, PASSWORD).json(body).send().status
}

fn give(server: &Server, role: i64, user: i64, object: Option<i64>) {
    let object = object.map(|it| it.to_string());
    server
        .make("role_user_assignments", &json!({"role_definition": role, "user": user, "object_id": object}));
}

const AUDITOR: i64 = 1;
const TEAM_ADMIN: i64 = 3;
const ORGANIZATION_ADMIN: i64 = 4;
const ORGANIZATION_MEMBER: i64 = 5;

#[test]
fn case_181_a_user_gives_itself_no_right() {
    let server = gateway();
    let id = server.make_user("c181", PASSWORD);
    let target = user_path(id);
    for method in ["PATCH", "PUT"] {
        let send = |fields: &Value| {
            let mut all = json!({"username": "c181"});
            all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            status(&server, "c181", method, &target, &all)
        };
        assert_eq!(send(&json!({"is_superuser": true})), 403, "{method}");
        assert_eq!(send(&json!({"is_superuser": "true"})), 403, "{method}");
        assert_eq!(send(&json!({"is_superuser": 1})), 403, "{method}");
        assert_eq!(send(&json!({"username": "admin"})), 403, "{method}: another name");
        assert_eq!(send(&json!({"email": "root@example.com"})), 403, "{method}");
        // What is not for anybody to write is passed over, or refused; it never takes effect.
        let smuggled = json!({
            "is_staff": true, "is_active": true, "is_enabled": true, "is_platform_auditor": true, "managed": true,
            "id": 1, "stable_id": "x", "roles": [AUDITOR], "organizations": [1], "groups": [1],
            "credential_version": 99, "created_by": 1, "resource": {"ansible_id": "x"},
            "associated_authenticators": {"1": {"uid": "admin", "email": "a@example.com"}},
            "authenticators": [1], "authenticator_uid": "admin", "first_name": "c181"
        });
        assert!(matches!(send(&smuggled), 200 | 400 | 403), "{method}");
    }
    let user = server.as_admin("GET", &target).send().expect(200).json();
    assert_eq!(user["id"], id);
    for field in ["is_superuser", "is_platform_auditor", "managed"] {
        assert_eq!(user[field], false, "{field}");
    }
    assert_eq!(user["username"], "c181");
    assert_eq!(user["email"], "");
    assert_eq!(status(&server, "c181", "GET", &format!("{V1}settings/all/"), &json!({})), 403);
    let roles = server.as_admin("GET", &format!("{V1}role_user_assignments/?user={id}")).send().expect(200);
    assert_eq!(roles.json()["count"], 0);
}

#[test]
fn case_181_a_form_or_a_query_smuggles_no_field_either() {
    let server = gateway();
    let id = server.make_user("c181-form", PASSWORD);
    let target = user_path(id);
    let form = server.request("PATCH", &target).basic("c181-form", PASSWORD);
    let answer = form.form(&[("first_name", "x"), ("is_superuser", "on")]).send();
    assert_eq!(answer.status, 403);
    let query = format!("{target}?is_superuser=true");
    status(&server, "c181-form", "PATCH", &query, &json!({"first_name": "x"}));
    let twice = server.request("PATCH", &target).basic("c181-form", PASSWORD);
    let twice = twice.body("application/json", r#"{"is_superuser": false, "is_superuser": true}"#).send();
    assert!(matches!(twice.status, 400 | 403), "{}", twice.status);
    assert_eq!(server.as_admin("GET", &target).send().json()["is_superuser"], false);
}

#[test]
fn case_182_an_ordinary_user_makes_nothing_but_own_tokens() {
    let server = gateway();
    let id = server.make_user("c182", PASSWORD);
    let team = {
        let organization = server.make("organizations", &json!({"name": "c182"}));
        server.make("teams", &json!({"name": "c182", "organization": organization}))
    };
    let bodies = [
        ("users/", json!({"username": "c182-new", "password": PASSWORD})),
        ("users/", json!({"username": "c182-root", "password": PASSWORD, "is_superuser": true})),
        ("organizations/", json!({"name": "c182-new"})),
        (
            "applications/",
            json!({"name": "x", "organization": 1, "client_type": "public", "authorization_grant_type": "password"}),
        ),
        (
            "authenticators/",
            json!({"name": "x", "type": "ansible_base.authentication.authenticator_plugins.local", "configuration": {}}),
        ),
        ("role_user_assignments/", json!({"role_definition": AUDITOR, "user": id})),
        ("role_definitions/", json!({"name": "x", "permissions": [], "content_type": null})),
    ];
    for (path, body) in bodies {
        for query in ["", "?validate=true"] {
            let code = status(&server, "c182", "POST", &format!("{V1}{path}{query}"), &body);
            assert!(matches!(code, 400 | 403 | 404 | 405), "POST {path}{query}: {code}");
            let is_role = path.starts_with("role_");
            assert!(is_role || matches!(code, 403..=405), "POST {path}{query}: {code}");
        }
    }
    for method in ["PUT", "PATCH", "DELETE"] {
        for path in [
            "settings/all/",
            "settings/all/SESSION_COOKIE_AGE/",
            "authenticators/1/",
            "organizations/1/",
            "role_definitions/1/",
        ] {
            let code =
                status(&server, "c182", method, &format!("{V1}{path}"), &json!({"SESSION_COOKIE_AGE": 60}));
            assert!(matches!(code, 403..=405), "{method} {path}: {code}");
        }
    }
    for path in [
        format!("teams/{team}/users/associate/"),
        format!("teams/{team}/admins/associate/"),
        "organizations/1/admins/associate/".to_owned(),
    ] {
        let code = status(&server, "c182", "POST", &format!("{V1}{path}"), &json!({"instances": [id]}));
        assert!(matches!(code, 403 | 404), "{path}: {code}");
    }
    for path in ["settings/", "settings/all/", "applications/", "authenticators/"] {
        assert_eq!(status(&server, "c182", "GET", &format!("{V1}{path}"), &json!({})), 403, "{path}");
    }
    for name in ["c182-new", "c182-root"] {
        let found = server.as_admin("GET", &format!("{V1}users/?username={name}")).send().expect(200).json();
        assert_eq!(found["count"], 0, "{name}");
    }
    assert_eq!(status(&server, "c182", "POST", &format!("{V1}tokens/"), &json!({})), 201);
}

#[test]
fn case_183_an_auditor_reads_everything_and_writes_nothing() {
    let server = gateway();
    let id = server.make_user("c183-auditor", PASSWORD);
    give(&server, AUDITOR, id, None);
    let organization = server.make("organizations", &json!({"name": "c183-audit"}));
    let team = server.make("teams", &json!({"name": "c183-audit", "organization": organization}));
    let (token, _) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let application = server.make(
        "applications",
        &json!({"name": "c183-audit", "organization": organization, "client_type": "confidential", "authorization_grant_type": "password"}),
    );
    let lists = [
        "users/",
        "organizations/",
        "teams/",
        "tokens/",
        "applications/",
        "authenticators/",
        "settings/",
        "settings/all/",
        "activitystream/",
    ];
    for path in lists {
        assert_eq!(status(&server, "c183-auditor", "GET", &format!("{V1}{path}"), &json!({})), 200, "{path}");
    }
    let objects = [
        format!("organizations/{organization}/"),
        format!("teams/{team}/"),
        format!("tokens/{token}/"),
        format!("applications/{application}/"),
        "settings/all/".to_owned(),
        "authenticators/1/".to_owned(),
        format!("users/{}/", id - 1),
    ];
    for path in objects {
        for method in ["PUT", "PATCH", "DELETE"] {
            let body =
                json!({"name": "stolen", "scope": "read", "SESSION_COOKIE_AGE": 60, "first_name": "x"});
            let code = status(&server, "c183-auditor", method, &format!("{V1}{path}"), &body);
            assert!(matches!(code, 403..=405), "{method} {path}: {code}");
        }
    }
    for (path, body) in [
        ("organizations/", json!({"name": "c183-new"})),
        ("users/", json!({"username": "c183-new", "password": PASSWORD})),
        (
            "role_user_assignments/",
            json!({"role_definition": ORGANIZATION_ADMIN, "user": id, "object_id": organization.to_string()}),
        ),
    ] {
        let code = status(&server, "c183-auditor", "POST", &format!("{V1}{path}"), &body);
        assert_eq!(code, 403, "POST {path}");
    }
    let text = server.get(&format!("{V1}settings/all/")).basic("c183-auditor", PASSWORD).send().text();
    assert!(!text.contains("PRIVATE KEY"), "secrets are masked for readers too");
}

#[test]
fn case_183_an_administrator_of_one_organization_stays_in_it() {
    let server = gateway();
    let id = server.make_user("c183-admin", PASSWORD);
    let member = server.make_user("c183-member", PASSWORD);
    let outsider = server.make_user("c183-outsider", PASSWORD);
    let own = server.make("organizations", &json!({"name": "c183-own"}));
    let other = server.make("organizations", &json!({"name": "c183-other"}));
    let other_team = server.make("teams", &json!({"name": "c183-other", "organization": other}));
    give(&server, ORGANIZATION_ADMIN, id, Some(own));
    give(&server, ORGANIZATION_MEMBER, member, Some(own));
    give(&server, ORGANIZATION_MEMBER, outsider, Some(other));
    let send = |method: &str, path: &str, body: Value| {
        status(&server, "c183-admin", method, &format!("{V1}{path}"), &body)
    };
    // Its own is its own.
    assert_eq!(send("PATCH", &format!("organizations/{own}/"), json!({"description": "x"})), 200);
    assert_eq!(send("POST", "teams/", json!({"name": "c183-mine", "organization": own})), 201);
    // Nothing of the other.
    for (method, path, body) in [
        ("PATCH", format!("organizations/{other}/"), json!({"description": "x"})),
        ("DELETE", format!("organizations/{other}/"), json!({})),
        ("GET", format!("organizations/{other}/users/"), json!({})),
        ("POST", "teams/".to_owned(), json!({"name": "c183-theirs", "organization": other})),
        ("PATCH", format!("teams/{other_team}/"), json!({"organization": own})),
        ("DELETE", format!("teams/{other_team}/"), json!({})),
        ("POST", format!("organizations/{other}/admins/associate/"), json!({"instances": [id]})),
        ("POST", format!("teams/{other_team}/admins/associate/"), json!({"instances": [id]})),
        (
            "POST",
            "role_user_assignments/".to_owned(),
            json!({"role_definition": ORGANIZATION_ADMIN, "user": id, "object_id": other.to_string()}),
        ),
        (
            "POST",
            "role_user_assignments/".to_owned(),
            json!({"role_definition": TEAM_ADMIN, "user": id, "object_id": other_team.to_string()}),
        ),
        ("POST", "role_user_assignments/".to_owned(), json!({"role_definition": AUDITOR, "user": id})),
        ("POST", "organizations/".to_owned(), json!({"name": "c183-third"})),
        ("PATCH", user_path(outsider).replace(V1, ""), json!({"password": "taken over 99"})),
        ("PATCH", user_path(outsider).replace(V1, ""), json!({"first_name": "x"})),
        ("DELETE", user_path(outsider).replace(V1, ""), json!({})),
        ("DELETE", user_path(member).replace(V1, ""), json!({})),
        ("PATCH", user_path(member).replace(V1, ""), json!({"is_superuser": true})),
        (
            "POST",
            "users/".to_owned(),
            json!({"username": "c183-root", "password": PASSWORD, "is_superuser": true}),
        ),
    ] {
        let code = send(method, &path, body.clone());
        assert!(matches!(code, 400 | 403 | 404), "{method} {path} {body}: {code}");
    }
    assert_eq!(server.me(|it| it.basic("c183-outsider", PASSWORD)), 200);
    assert_eq!(server.as_admin("GET", &user_path(id)).send().json()["is_superuser"], false);
}

#[test]
fn case_183_who_takes_a_stronger_user_into_the_organization_does_not_get_its_password() {
    let server = gateway();
    let id = server.make_user("c183-hunter", PASSWORD);
    let own = server.make("organizations", &json!({"name": "c183-hunt"}));
    give(&server, ORGANIZATION_ADMIN, id, Some(own));
    let strong =
        server.make("users", &json!({"username": "c183-strong", "password": PASSWORD, "is_superuser": true}));
    let auditor = server.make_user("c183-seer", PASSWORD);
    give(&server, AUDITOR, auditor, None);
    let elsewhere = server.make("organizations", &json!({"name": "c183-elsewhere"}));
    let foreign = server.make_user("c183-foreign", PASSWORD);
    give(&server, ORGANIZATION_MEMBER, foreign, Some(elsewhere));
    // Nobody's user yet: anybody's prey, were membership enough to manage it.
    let loner = server.make_user("c183-loner", PASSWORD);
    for prey in [strong, auditor, foreign, loner] {
        let associate = format!("{V1}organizations/{own}/users/associate/");
        let taken = status(&server, "c183-hunter", "POST", &associate, &json!({"instances": [prey]}));
        assert!(matches!(taken, 204 | 400 | 403), "{taken}");
        for stolen in [json!({"password": "taken over 99"}), json!({"email": "hunter@example.com"})] {
            let code = status(&server, "c183-hunter", "PATCH", &user_path(prey), &stolen);
            assert!(matches!(code, 403 | 404), "{prey}: {code}");
        }
    }
    for name in ["c183-strong", "c183-seer", "c183-foreign", "c183-loner"] {
        assert_eq!(server.me(|it| it.basic(name, PASSWORD)), 200, "{name}");
    }
    // What it made itself it manages, as long as nobody has taken that further.
    let fields = json!({"username": "c183-made", "password": PASSWORD});
    assert_eq!(status(&server, "c183-hunter", "POST", &format!("{V1}users/"), &fields), 201);
    let made = server.as_admin("GET", &format!("{V1}users/?username=c183-made")).send().json();
    let made = made["results"][0]["id"].as_i64().expect("the user is there");
    give(&server, ORGANIZATION_MEMBER, made, Some(own));
    let renewed = json!({"password": "given anew 99"});
    assert_eq!(status(&server, "c183-hunter", "PATCH", &user_path(made), &renewed), 200);
    assert_eq!(server.me(|it| it.basic("c183-made", "given anew 99")), 200);
    give(&server, ORGANIZATION_MEMBER, made, Some(elsewhere));
    assert_eq!(status(&server, "c183-hunter", "PATCH", &user_path(made), &renewed), 403);
}
