//! AWX's roles and sublists: nobody gives himself or others what he does not hold, by whatever number or list.

use std::sync::Arc;

use serde_json::{Value, json};

use super::grants::awx_login;
use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Options, Response, Server};

const PASSWORD: &str = "a wall of old stones 5";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| Server::start(Options::default()))
}

/// An organization and the user of the same name who administers it.
fn administered(server: &Server, name: &str) -> (i64, i64) {
    let organization = server.make("organizations", &json!({"name": name}));
    let user = server.make_user(name, PASSWORD);
    let path = format!("/api/v2/organizations/{organization}/admins/");
    server.as_admin("POST", &path).json(&json!({"id": user})).send().expect(204);
    (organization, user)
}

fn send(server: &Server, name: &str, method: &str, path: &str, body: &Value) -> Response {
    server.request(method, path).basic(name, PASSWORD).json(body).send()
}

/// Whether somebody has a right over everything.
fn is_mighty(server: &Server, user: i64) -> bool {
    let shown = server.as_admin("GET", &format!("/api/v2/users/{user}/")).send().expect(200).json();
    shown["is_superuser"] == true || shown["is_system_auditor"] == true
}

#[test]
fn case_181_no_number_of_a_role_makes_anybody_an_administrator() {
    let server = gateway();
    let (own, user) = administered(&server, "c181-role");
    let (other, _) = administered(&server, "c181-role-other");
    let numbers = [
        json!(1),
        json!(2),
        json!(0),
        json!(-1),
        json!(3),
        json!(15),
        json!(16 * other),
        json!(16 * other + 1),
        json!(16 * other + 3),
        json!(16 * own + 12),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(1_u64 << 63),
        json!(1e300),
        json!(1.5),
        json!("1"),
        json!(" 1"),
        json!([1]),
        json!({"id": 1}),
        json!(true),
        json!(null),
    ];
    for number in &numbers {
        for more in [json!({}), json!({"disassociate": true}), json!({"associate": true})] {
            let mut body = json!({"id": number});
            for (name, value) in more.as_object().unwrap() {
                body[name] = value.clone();
            }
            let path = format!("/api/v2/users/{user}/roles/");
            let answer = send(&server, "c181-role", "POST", &path, &body);
            assert!(
                answer.status >= 400 && answer.status < 500,
                "{body}: {} {}",
                answer.status,
                answer.text()
            );
        }
        assert!(!is_mighty(&server, user), "{number}");
    }
    for role in [1, 2, 16 * other, 16 * other + 1] {
        let answer =
            send(&server, "c181-role", "POST", &format!("/api/v2/roles/{role}/users/"), &json!({"id": user}));
        assert!(matches!(answer.status, 403..=405), "{role}: {}", answer.status);
    }
    for path in
        ["/api/v2/roles/9223372036854775807/users/", "/api/v2/roles/-16/users/", "/api/v2/roles/x/users/"]
    {
        let answer = server.as_admin("POST", path).json(&json!({"id": user})).send();
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
    }
    assert!(!is_mighty(&server, user));
    let list = server.get("/api/v2/organizations/").basic("c181-role", PASSWORD).send().expect(200).json();
    let found = list["results"].as_array().unwrap().iter().filter(|it| it["id"] == other);
    for organization in found {
        assert_eq!(organization["summary_fields"]["user_capabilities"]["edit"], false, "{organization}");
    }
}

#[test]
fn case_181_a_list_below_an_organization_makes_no_stronger_user() {
    let server = gateway();
    let (organization, _) = administered(&server, "c181-list");
    let lists = [
        format!("/api/v2/organizations/{organization}/users/"),
        format!("/api/v2/organizations/{organization}/admins/"),
        "/api/v2/users/".to_owned(),
        "/api/v2/organizations/c181-list/users/".to_owned(),
    ];
    for (number, list) in lists.iter().enumerate() {
        for flag in ["is_superuser", "is_system_auditor"] {
            for value in [json!(true), json!(1), json!("true"), json!("True")] {
                let name = format!("c181-made-{number}-{flag}");
                let body = json!({"username": name, "password": PASSWORD, flag: value});
                let answer = send(&server, "c181-list", "POST", list, &body);
                if answer.status == 201 {
                    let made = answer.json()["id"].as_i64().unwrap();
                    assert!(!is_mighty(&server, made), "{list} {body}");
                    server.as_admin("DELETE", &format!("/api/v2/users/{made}/")).send().expect(204);
                } else {
                    assert!(matches!(answer.status, 400 | 403 | 404), "{list} {body}: {}", answer.status);
                }
            }
        }
    }
    // One made without flags is not lifted afterwards, by whatever method.
    let body = json!({"username": "c181-plain", "password": PASSWORD});
    let made = send(&server, "c181-list", "POST", &lists[0], &body);
    if made.status == 201 {
        let id = made.json()["id"].as_i64().unwrap();
        for path in [format!("/api/v2/users/{id}/"), "/api/v2/users/c181-plain/".to_owned()] {
            for method in ["PATCH", "PUT"] {
                let body = json!({"username": "c181-plain", "is_superuser": true, "is_system_auditor": true});
                let answer = send(&server, "c181-list", method, &path, &body);
                assert!(answer.status == 200 || answer.status >= 400, "{method} {path}");
                assert!(!is_mighty(&server, id), "{method} {path}");
            }
        }
    }
}

#[test]
fn case_183_taking_a_stronger_user_in_gives_no_power_over_it_at_awx_s_door() {
    let server = gateway();
    let (organization, own) = administered(&server, "c183-take");
    let victim = server.make_user("c183-victim", PASSWORD);
    for id in [1, victim] {
        for list in ["users", "admins"] {
            let path = format!("/api/v2/organizations/{organization}/{list}/");
            send(&server, "c183-take", "POST", &path, &json!({"id": id}));
        }
        for role in [16 * organization, 16 * organization + 1] {
            send(&server, "c183-take", "POST", &format!("/api/v2/users/{id}/roles/"), &json!({"id": role}));
        }
        let name = if id == 1 { "admin" } else { "c183-victim" };
        for path in [format!("/api/v2/users/{id}/"), format!("/api/v2/users/{name}/")] {
            for method in ["PATCH", "PUT"] {
                let body = json!({"username": name, "password": "taken over 12 x"});
                let answer = send(&server, "c183-take", method, &path, &body);
                assert!(matches!(answer.status, 403 | 404), "{method} {path}: {}", answer.status);
            }
            let answer = send(&server, "c183-take", "DELETE", &path, &json!({}));
            assert!(matches!(answer.status, 403 | 404), "{path}: {}", answer.status);
        }
        // Nor do its tokens come along.
        for list in ["tokens", "personal_tokens", "authorized_tokens"] {
            let path = format!("/api/v2/users/{id}/{list}/");
            let made = send(&server, "c183-take", "POST", &path, &json!({"scope": "write"}));
            if made.status == 201 {
                assert_eq!(made.json()["user"], own, "{path}");
            }
        }
    }
    awx_login(&server, "admin", ADMIN_PASSWORD).expect(302);
    awx_login(&server, "c183-victim", PASSWORD).expect(302);
}
