//! Tokens in the `Authorization` header, and the places where a token is none.

use std::sync::Arc;

use super::shared::Shared;
use crate::support::http::exchange;
use crate::support::{ADMIN_PASSWORD, Server};

const ME: &str = "/api/gateway/v1/me/";
const HOSTS: &str = "/api/controller/v2/hosts/";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(Server::demo)
}

fn token(server: &Server) -> String {
    server.make_token("admin", ADMIN_PASSWORD, "write").1
}

#[test]
fn case_073_a_token_in_an_address_a_body_or_a_cookie_is_none() {
    let server = gateway();
    let token = token(&server);
    for path in [ME, HOSTS] {
        for name in ["access_token", "token", "bearer", "Authorization", "oauth_token"] {
            assert_eq!(server.get(&format!("{path}?{name}={token}")).send().status, 401, "{path} {name}");
            let form = server.get(path).form(&[(name, &token)]);
            assert_eq!(form.send().status, 401, "{path} {name}");
            let form = server.post(path).form(&[(name, &token)]);
            assert_eq!(form.send().status, 401, "{path} {name}");
            let cookie = server.get(path).header("Cookie", format!("{name}={token}"));
            assert_eq!(cookie.send().status, 401, "{path} {name}");
            let own =
                server.get(path).header(if name == "Authorization" { "X-Token" } else { name }, &*token);
            assert!(matches!(own.send().status, 400 | 401), "{path} {name}");
        }
    }
    // Neither is it told to a log.
    server.get(&format!("{ME}?access_token={token}")).send().expect(401);
    assert!(!server.output().contains(&token));
    let audit = std::fs::read_to_string(server.data_dir().join("audit.jsonl")).unwrap_or_default();
    assert!(!audit.contains(&token));
}

#[test]
fn case_074_what_is_nearly_a_token_is_refused_with_the_reason() {
    let server = gateway();
    let token = token(&server);
    assert_eq!(server.me(|it| it.bearer(&token)), 200);
    let swapped: String = token
        .chars()
        .map(|it| if it.is_ascii_lowercase() { it.to_ascii_uppercase() } else { it.to_ascii_lowercase() })
        .collect();
    assert_ne!(swapped, token);
    let mut nearly = token.clone().into_bytes();
    nearly[29] = if nearly[29] == b'x' { b'y' } else { b'x' };
    for wrong in [
        token[..29].to_owned(),
        token[1..].to_owned(),
        format!("{token}x"),
        format!("{token}="),
        format!("{token},"),
        format!("{token};"),
        format!("{token} {token}"),
        format!("x {token}"),
        format!("\"{token}\""),
        format!("token={token}"),
        format!("{token}\t"),
        format!("Bearer {token}"),
        swapped,
        String::from_utf8(nearly).unwrap(),
        "a".repeat(30),
        "a".repeat(5000),
        "$encrypted$".to_owned(),
        "é".to_owned(),
        "' OR '1'='1".to_owned(),
        "%00".to_owned(),
    ] {
        for path in [ME, HOSTS] {
            let answer = server.get(path).bearer(&wrong).send();
            // A tab at the end is white space that belongs to no value.
            if answer.status == 200 && wrong.ends_with('\t') {
                continue;
            }
            assert_eq!(answer.status, 401, "{path} {wrong:?}");
            let challenge = answer.header("www-authenticate").unwrap_or_default();
            assert!(challenge.contains("error=\"invalid_token\""), "{path} {wrong:?}: {challenge}");
            assert_eq!(answer.json()["detail"], "Authentication credentials were not provided.");
        }
    }
}

#[test]
fn case_074_an_empty_scheme_is_no_proof_and_other_words_are_no_bearer() {
    let server = gateway();
    let token = token(&server);
    for nothing in ["Bearer", "Bearer ", "bearer", "Token"] {
        let answer = server.get(ME).header("Authorization", nothing).send().expect(401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"api\""), "{nothing}");
    }
    for scheme in ["Bearer", "bearer", "BEARER", "Token", "token"] {
        let value = format!("{scheme} {token}");
        assert_eq!(server.me(|it| it.header("Authorization", value)), 200, "{scheme}");
    }
    for scheme in ["OAuth", "Bearer:", "BearerToken", "MAC", "DPoP", "JWT", "ApprendaSessionToken", ""] {
        let value = format!("{scheme} {token}");
        let status = server.get(ME).header("Authorization", value).send().status;
        assert_eq!(status, 401, "{scheme}");
    }
    for value in
        [format!("Bearer{token}"), format!("Bearer\t{token}"), format!("Bearer\u{a0}{token}"), token.clone()]
    {
        let status = server.get(ME).header("Authorization", value.clone()).send().status;
        assert!(matches!(status, 400 | 401), "{value:?}: {status}");
    }
}

#[test]
fn case_074_a_token_with_bytes_beyond_ascii_ends_in_a_refusal() {
    let server = gateway();
    let token = token(&server);
    for bad in [&b"\xff"[..], b"\x00", b"\x0b", b"\xc3\xa9", b"\x7f", b"\r", b"\r\n "] {
        for value in [[token.as_bytes(), bad].concat(), [bad, token.as_bytes()].concat()] {
            let head = format!(
                "GET {ME} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer ",
                server.http
            );
            let bytes = [head.as_bytes(), &value, b"\r\n\r\n"].concat();
            let answer = String::from_utf8_lossy(&exchange(server.http, &bytes)).into_owned();
            let status = answer.split(' ').nth(1).unwrap_or("400");
            assert!(matches!(status, "400" | "401"), "{value:?}: {status}");
        }
    }
}

#[test]
fn case_077_a_secret_of_one_kind_is_no_token() {
    let server = gateway();
    let token = token(&server);
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let organization = server.make("organizations", &serde_json::json!({"name": "c77"}));
    let application = server
        .as_admin("POST", "/api/gateway/v1/applications/")
        .json(&serde_json::json!({
            "name": "c77", "organization": organization,
            "client_type": "confidential", "authorization_grant_type": "password"
        }))
        .send()
        .expect(201)
        .json();
    let bound = server
        .as_admin("POST", "/api/gateway/v1/tokens/")
        .json(&serde_json::json!({"application": application["id"]}))
        .send()
        .expect(201)
        .json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    assert_eq!(server.me(|it| it.bearer(&text(&bound["token"]))), 200);
    let assertion = {
        let echoed = server.get(HOSTS).bearer(&token).send().expect(200).text();
        let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
        echoed.split(|it| !is_part(it)).find(|it| it.starts_with("eyJ")).unwrap().to_owned()
    };
    for wrong in [
        session.secret,
        session.csrf,
        text(&bound["refresh_token"]),
        text(&application["client_id"]),
        text(&application["client_secret"]),
        ADMIN_PASSWORD.replace(' ', ""),
        assertion.clone(),
    ] {
        for path in [ME, HOSTS] {
            assert_eq!(server.get(path).bearer(&wrong).send().status, 401, "{path} {wrong}");
        }
    }
    // What we sign for services does not open our own doors.
    assert_eq!(server.me(|it| it.header("X-DAB-JW-TOKEN", &*assertion)), 401);
    assert_eq!(server.me(|it| it.header("X-ANSIBLE-SERVICE-AUTH", &*assertion)), 401);
}

#[test]
fn case_077_a_stored_digest_is_no_token() {
    let server = gateway();
    let token = token(&server);
    let digest = sha256(&token);
    for wrong in [digest.clone(), format!("$sha256${digest}"), format!("sha256:{digest}")] {
        assert_eq!(server.me(|it| it.bearer(&wrong)), 401, "{wrong}");
    }
}

/// SHA-256 in hex, as the store keeps a token.
fn sha256(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
