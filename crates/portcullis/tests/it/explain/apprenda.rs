//! Apprenda's door, which takes nothing unencrypted and answers a login that fails by a sentence.

use serde_json::json;

use super::{GUESS, NAME, PASSWORD, expect_rule, fact};
use crate::support::{ADMIN_PASSWORD, Response, Server};

const SESSIONS: &str = "/authentication/api/v1/sessions";
const HEADER: &str = "ApprendaSessionToken";

fn log_in(server: &Server, portal: &str, username: &str, password: &str) -> Response {
    let request = server.encrypted("POST", &format!("{SESSIONS}/{portal}"));
    request.json(&json!({"username": username, "password": password})).send_encrypted()
}

#[track_caller]
fn token(server: &Server, username: &str, password: &str) -> String {
    let answer = log_in(server, "soc", username, password).expect(201);
    answer.json()["apprendaSessionToken"].as_str().unwrap().to_owned()
}

#[test]
fn a_login_that_fails_is_explained() {
    let server = Server::demo();
    for (name, rule) in [("admin", "password.wrong"), (NAME, "password.no-such-user")] {
        let answer = log_in(&server, "soc", name, GUESS);
        let told = expect_rule(&server, &answer, rule);
        assert_eq!(
            (told["dialect"].as_str(), told["path"].as_str()),
            (Some("apprenda"), Some(&*format!("{SESSIONS}/soc")))
        );
    }
    server.make_user("plain", PASSWORD);
    server.shell(&["setting", "set", "apprenda.soc_authentication", "true"]);
    expect_rule(&server, &log_in(&server, "soc", "plain", PASSWORD), "portal.not-operator");
    expect_rule(&server, &log_in(&server, "developer", "plain", PASSWORD), "portal.no-tenant");
}

#[test]
fn a_session_that_ended_tells_why_and_its_token_stands_nowhere() {
    let server = Server::demo();
    let token = token(&server, "admin", ADMIN_PASSWORD);
    let own = server.encrypted("GET", "/portcullis/v1/session").header(HEADER, &*token).send_encrypted();
    assert_eq!(own.expect(200).json()["session"]["kind"], "cloud");
    let path = format!("{SESSIONS}/soc/{token}");
    server.encrypted("DELETE", &path).send_encrypted();
    let again = server.encrypted("GET", "/portcullis/v1/session").header(HEADER, &*token).send_encrypted();
    let told = expect_rule(&server, &again.clone().expect(401), "session.signed-out");
    assert!(fact(&told, "ended_at").ends_with('Z'));
    let plain = token.replace("%3D", "=").replace("%3d", "=");
    for answer in [again, server.encrypted("GET", &path).header(HEADER, &*token).send_encrypted()] {
        if matches!(answer.status, 401 | 403) {
            let text = super::explained(&server, &answer).to_string();
            assert!(!text.contains(&token) && !text.contains(&plain), "{text}");
        }
    }
}
