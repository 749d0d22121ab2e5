//! The page on the three methods of authorization of Astra Automation, with its misspelt path as printed.

use serde_json::Value;

use super::{PASSWORD, USER, bash, gateway};
use crate::support::{Server, need};

const TOOLS: &[&str] = &["bash", "curl", "jq"];

/// The keys of a new token, in the page's order.
const TOKEN_KEYS: &[&str] = &[
    "id",
    "url",
    "related",
    "summary_fields",
    "created",
    "created_by",
    "modified",
    "modified_by",
    "expires",
    "user",
    "application",
    "description",
    "last_used",
    "scope",
    "token",
    "refresh_token",
];

#[test]
fn session() {
    if !need("session", TOOLS) {
        return;
    }
    let server = gateway();

    let jar = bash(&server, "curl -s -k -c - https://$ADDRESS/api/geteway/v1/login/");
    let cookie = jar.lines().find(|line| line.contains("\tcsrftoken\t")).expect("a csrftoken in the jar");
    let token = cookie.rsplit('\t').next().unwrap();
    assert!(matches!(token.len(), 32 | 64), "{cookie}");

    let head = sign_in(&server, token);
    assert!(head.lines().any(|line| line.to_lowercase().starts_with("location: /api/gateway/v1/")), "{head}");
    let secret =
        head.split("gateway_sessionid=").nth(1).expect("a session cookie").split(';').next().unwrap();

    for endpoint in
        ["gateway/v1/users/", "controller/v2/hosts/", "galaxy/v3/collections/", "eda/v1/projects/"]
    {
        let answer = bash(
            &server,
            &format!(
                "curl -s -X GET --cookie \"gateway_sessionid={secret}\" https://$ADDRESS/api/{endpoint} -k -L | jq ."
            ),
        );
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer.get("detail").is_none(), "{endpoint}: {answer}");
    }
}

#[test]
fn session_with_a_cookie_of_an_older_length() {
    if !need("session_with_a_cookie_of_an_older_length", TOOLS) {
        return;
    }
    let server = gateway();
    // The page prints a token of 64 characters: the masked form, which the form itself also holds.
    let page = bash(&server, "curl -s -k https://$ADDRESS/api/geteway/v1/login/");
    let token = page.split("\"csrfToken\": \"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(token.len(), 64);
    assert!(sign_in(&server, token).contains("gateway_sessionid="));
}

fn sign_in(server: &Server, token: &str) -> String {
    bash(
        server,
        &format!(
            "curl -s -X POST -H 'Content-Type: application/x-www-form-urlencoded' \\
               --referer https://$ADDRESS/api/geteway/v1/login/ \\
               -H 'X-CSRFToken: {token}' \\
               --data 'username={USER}&password={PASSWORD}' \\
               --cookie 'csrftoken={token}' \\
               https://$ADDRESS/api/geteway/v1/login/ -k -D - -o /dev/null"
        ),
    )
}

#[test]
fn basic() {
    if !need("basic", TOOLS) {
        return;
    }
    let server = gateway();
    let command = format!(
        "curl -s -X GET --user '{USER}:{PASSWORD}' https://$ADDRESS/api/gateway/v1/users/ -k -L | jq ."
    );
    let users: Value = serde_json::from_str(&bash(&server, &command)).unwrap();
    let names: Vec<_> = users["results"].as_array().unwrap().iter().map(|user| &user["username"]).collect();
    assert!(names.contains(&&Value::from(USER)), "{users}");
}

#[test]
fn token() {
    if !need("token", TOOLS) {
        return;
    }
    let server = gateway();
    let answer = bash(
        &server,
        &format!("curl -s -u {USER}:{PASSWORD} -k -X POST https://$ADDRESS/api/gateway/v1/tokens/ | jq ."),
    );
    let token: Value = serde_json::from_str(&answer).unwrap();
    let keys: Vec<_> = token.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, TOKEN_KEYS);
    assert_eq!((&token["scope"], &token["application"]), (&Value::from("write"), &Value::Null));
    let value = token["token"].as_str().unwrap();
    assert!(value.len() == 30 && value.bytes().all(|it| it.is_ascii_alphanumeric()), "{value}");

    let answer = bash(
        &server,
        &format!(
            "curl -s -k -X GET \\
               -H \"Content-Type: application/json\" \\
               -H \"Authorization: Bearer {value}\" \\
               https://$ADDRESS/api/controller/v2/hosts/ | jq ."
        ),
    );
    assert!(answer.contains("/api/controller/v2/hosts/"), "the component says what it was asked: {answer}");
    assert!(!answer.contains(value), "the component must not see the token");
}
