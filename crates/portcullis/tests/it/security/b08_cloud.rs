//! Apprenda's token in its places, and proofs that are none at the two doors (cases 66, 69, 75 to 77).

use serde_json::{Value, json};

use crate::apprenda::{CLOUDS, Platform, message, plain};
use crate::support::ADMIN_PASSWORD;
use crate::support::http::basic;

/// What was sent on, as JSON.
fn sent(platform: &Platform) -> Value {
    serde_json::from_slice(&platform.upstream.last().body).unwrap()
}

#[test]
fn case_075_the_token_counts_in_its_header_or_in_the_body_of_post_and_put() {
    let platform = Platform::new();
    let token = plain(&platform.admin());
    for method in ["POST", "PUT"] {
        for key in ["ApprendaSessionToken", "apprendaSessionToken", "APPRENDASESSIONTOKEN"] {
            let body = json!({key: token, "name": "x"});
            platform.request(method, CLOUDS).json(&body).send_encrypted().expect(200);
            assert_eq!(sent(&platform), json!({"name": "x"}));
        }
        for body in [
            json!({"deep": {"ApprendaSessionToken": token}}),
            json!([{"ApprendaSessionToken": token}]),
            json!({"ApprendaSessionToken": [token]}),
            json!({"ApprendaSessionToken": {"x": token}}),
            json!({"ApprendaSessionToken": null}),
            json!({"ApprendaSessionToken": ""}),
            json!({"ApprendaSessionToken2": token}),
            json!(token),
        ] {
            let answer = platform.request(method, CLOUDS).json(&body).send_encrypted();
            assert_eq!(answer.status, 401, "{method} {body}");
        }
        // A body of another type is no place for it.
        for kind in ["text/plain", "application/octet-stream", "application/x-www-form-urlencoded"] {
            let body = json!({"ApprendaSessionToken": token}).to_string();
            let answer = platform.request(method, CLOUDS).body(kind, body).send_encrypted();
            assert_eq!(answer.status, 401, "{method} {kind}");
        }
    }
    let before = platform.seen().len();
    for method in ["GET", "DELETE", "PATCH", "OPTIONS"] {
        let body = json!({"ApprendaSessionToken": token});
        let answer = platform.request(method, CLOUDS).json(&body).send_encrypted();
        assert!(matches!(answer.status, 400 | 401), "{method}: {}", answer.status);
    }
    assert_eq!(platform.seen().len(), before);
}

#[test]
fn case_075_two_tokens_that_differ_are_none() {
    let platform = Platform::new();
    let (token, other) = (plain(&platform.admin()), plain(&platform.admin()));
    let before = platform.seen().len();
    let dead = token.replace('M', "N");
    let send = |header: &[&str], body: &str| {
        let mut request = platform.request("POST", CLOUDS);
        for value in header {
            request = request.header("ApprendaSessionToken", *value);
        }
        request.body("application/json", body).send_encrypted()
    };
    let holding = |token: &str| format!("{{\"ApprendaSessionToken\": \"{token}\"}}");
    for answer in [
        send(&[&token], &holding(&other)),
        send(&[&token], &holding(&dead)),
        send(&[&dead], &holding(&token)),
        send(&[&token, &other], "{}"),
        send(&[&token, &token], "{}"),
        send(&[&format!("{token}, {other}")], "{}"),
        send(
            &[],
            &format!("{{\"ApprendaSessionToken\": \"{token}\", \"ApprendaSessionToken\": \"{other}\"}}"),
        ),
        send(
            &[],
            &format!("{{\"ApprendaSessionToken\": \"{token}\", \"apprendaSessionToken\": \"{token}\"}}"),
        ),
        send(
            &[],
            &format!("{{\"ApprendaSessionToken\": \"{dead}\", \"\\u0041pprendaSessionToken\": \"{token}\"}}"),
        ),
    ] {
        assert!(matches!(answer.status, 400 | 401), "{answer:#?}");
        message(&answer);
    }
    assert_eq!(platform.seen().len(), before);
    // The same in both places is one, and none of it goes on.
    send(&[&token], &holding(&token)).expect(200);
    send(&[&token], &holding(&token.replace('=', "%3D"))).expect(200);
    assert_eq!(sent(&platform), json!({}));
}

#[test]
fn case_076_a_forwarded_body_has_no_trace_of_the_token_and_is_else_as_it_was() {
    let platform = Platform::new();
    let token = plain(&platform.admin());
    for (before, after) in [
        (r#"{"ApprendaSessionToken":"@","a":1.0,"b":"\u00e9"}"#, r#"{"a":1.0,"b":"\u00e9"}"#),
        (r#"{"a":1e2,"ApprendaSessionToken":"@"}"#, r#"{"a":1e2}"#),
        (r#"{ "a" : [ ] , "ApprendaSessionToken" : "@" , "b" : {} }"#, r#"{"a":[],"b":{}}"#),
        (
            r#"{"\u0041pprendaSessionToken":"@","a":"ApprendaSessionToken"}"#,
            r#"{"a":"ApprendaSessionToken"}"#,
        ),
        (r#"{"ApprendaSessionToken":"@"}"#, "{}"),
        (
            r#"{"a":"{\"ApprendaSessionToken\":1}","apprendasessiontoken":"@"}"#,
            r#"{"a":"{\"ApprendaSessionToken\":1}"}"#,
        ),
    ] {
        let body = before.replace('@', &token);
        for method in ["POST", "PUT"] {
            let request = platform.request(method, CLOUDS).body("application/json; charset=utf-8", &*body);
            request.send_encrypted().expect(200);
            let seen = platform.upstream.last();
            let text = String::from_utf8(seen.body.clone()).unwrap();
            assert!(!text.contains(&token), "{text}");
            let wanted: Value = serde_json::from_str(after).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), wanted, "{text}");
            // Numbers keep their digits, and texts their escapes.
            let squeezed: String = text.chars().filter(|it| !it.is_whitespace()).collect();
            assert_eq!(squeezed, after);
            assert_eq!(seen.header_all("content-length"), [text.len().to_string()]);
            assert!(seen.header_all("transfer-encoding").is_empty());
        }
    }
    let audit = std::fs::read_to_string(platform.server.data_dir().join("audit.jsonl")).unwrap();
    for log in [platform.server.output(), audit] {
        assert!(!log.contains(&token[..60]), "{log}");
    }
}

#[test]
fn case_077_a_token_of_another_kind_is_none_in_apprenda_s_places() {
    let platform = Platform::new();
    let server = &platform.server;
    let token = plain(&platform.admin());
    let (_, key) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let manager = crate::catalyst::sign_in(server, "admin", ADMIN_PASSWORD);
    let jwt =
        server.post("/jwt/login").json(&json!({"username": "admin", "password": ADMIN_PASSWORD})).send();
    let jwt = jwt.expect(200).json()["token"].as_str().unwrap().to_owned();
    for wrong in [&key, &manager.cookie, &jwt] {
        platform.get(wrong, CLOUDS).expect(401);
        let body = json!({"ApprendaSessionToken": wrong});
        platform.request("POST", CLOUDS).json(&body).send_encrypted().expect(401);
    }
    for wrong in [&token, &jwt, &manager.cookie] {
        platform.request("GET", CLOUDS).bearer(wrong).send_encrypted().expect(401);
    }
    server.get(crate::catalyst::SERVER).bearer(&token).send().expect(401);
    let cookie = format!("JSESSIONID={}", token.replace('=', ""));
    server.get(crate::catalyst::SERVER).header("Cookie", cookie).send().expect(401);
}

#[test]
fn case_066_069_a_name_and_a_password_in_a_header_are_no_proof_at_the_two_doors() {
    let platform = Platform::new();
    let server = &platform.server;
    let (_, key) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let right = basic("admin", ADMIN_PASSWORD);
    let values =
        ["Basic", "Basic ", "Basic !!!", &*right, "Digest x", "Bearer", "Bearer a b", "Bearer \u{e9}"];
    for value in values {
        let answer = platform.request("GET", CLOUDS).header("Authorization", value).send_encrypted();
        assert!(matches!(answer.status, 400 | 401), "{value}: {}", answer.status);
        let answer = server.get(crate::catalyst::SERVER).header("Authorization", value).send();
        assert!(matches!(answer.status, 400 | 401), "{value}: {}", answer.status);
        crate::catalyst::error(&answer);
    }
    // Two of them are none, whichever comes first.
    for (first, second) in [(&*right, &*format!("Bearer {key}")), (&*format!("Bearer {key}"), &*right)] {
        let two = |request: crate::support::Request| {
            request.header("Authorization", first).header("Authorization", second)
        };
        let answer = two(platform.request("GET", CLOUDS)).send_encrypted();
        assert!(matches!(answer.status, 400 | 401), "{}", answer.status);
        let answer = two(server.get(crate::catalyst::SERVER)).send();
        assert!(matches!(answer.status, 400 | 401), "{}", answer.status);
    }
    assert_eq!(platform.seen().len(), 0);
}
