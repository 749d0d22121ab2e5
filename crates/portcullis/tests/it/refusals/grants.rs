//! The authorization server: no endpoint for applications answers one that does not show itself, and no page
//! for users answers one who is not signed in.

use crate::support::{ADMIN_PASSWORD, Request, Server};

use super::Way;

const WAYS: [(&str, Way); 6] = [
    ("nothing", |it| it),
    ("an unknown application", |it| it.basic("unknown", "secret")),
    ("a user's password", |it| it.basic("admin", ADMIN_PASSWORD)),
    ("no base64", |it| it.header("Authorization", "Basic %%%")),
    ("a token", |it| it.bearer("abcdefghijklmnopqrstuvwxyz0123")),
    ("a session", |it| it.header("Cookie", "gateway_sessionid=abcdefghijklmnopqrstuvwxyz012345")),
];

pub(super) const FORMS: [(&str, &str); 7] = [
    ("token/", "grant_type=password&username=admin&password=x"),
    ("token/", "grant_type=authorization_code&code=x"),
    ("token/", "grant_type=refresh_token&refresh_token=x"),
    ("token/", "grant_type=client_credentials"),
    ("revoke_token/", "token=x"),
    ("introspect/", "token=x"),
    ("device_authorization/", "scope=read"),
];

fn form(request: Request, body: &str) -> Request {
    request.body("application/x-www-form-urlencoded", body)
}

#[test]
fn no_endpoint_answers_an_application_that_does_not_show_itself() {
    let server = super::patient();
    for root in ["/o/", "/api/o/"] {
        for (path, body) in FORMS {
            for (name, way) in WAYS {
                let answer = form(way(server.post(&format!("{root}{path}"))), body).send();
                assert_eq!(answer.status, 401, "{root}{path} {body}, {name}: {}", answer.text());
                assert_eq!(answer.text(), r#"{"error": "invalid_client"}"#, "{root}{path}, {name}");
                assert_eq!(answer.header("cache-control"), Some("no-store"), "{root}{path}, {name}");
            }
        }
    }
}

#[test]
fn no_page_answers_who_is_not_signed_in() {
    let server = Server::demo();
    let question = "authorize/?response_type=code&client_id=x";
    for (root, login) in [("/o/", "/api/gateway/v1/login/?next="), ("/api/o/", "/api/login/?next=")] {
        for path in [question, "device/", "device/?user_code=BCDF-GHJK"] {
            for (name, way) in WAYS {
                let answer = way(server.get(&format!("{root}{path}"))).send();
                assert_eq!(answer.status, 302, "{root}{path}, {name}: {}", answer.text());
                let location = answer.header("location").unwrap();
                assert!(location.starts_with(login), "{root}{path}, {name}: {location}");
            }
        }
    }
}
