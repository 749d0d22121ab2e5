//! The same guards at every door: the encrypted listener, and the second spelling of our own path.

use std::io::{BufReader, Write};
use std::sync::Arc;

use serde_json::json;

use super::shared::Shared;
use crate::support::tls::connect_tls;
use crate::support::{ADMIN_PASSWORD, Request, Response, Server, Session};

const LOGIN: &str = "/api/gateway/v1/login/";
const ALIAS: &str = "/api/geteway/v1/";
const ORGANIZATIONS: &str = "/api/gateway/v1/organizations/";
const PASSWORD: &str = "a wall of old stones 5";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(Server::demo)
}

/// Sends one request over an encrypted connection.
fn over_tls(server: &Server, request: Request) -> Response {
    let mut stream = connect_tls(server.https, "http/1.1").unwrap();
    stream.write_all(&request.host(&server.https.to_string()).bytes()).unwrap();
    Response::read(&mut BufReader::new(stream), "GET").unwrap()
}

fn sign_in_over_tls(server: &Server) -> Session {
    let page = over_tls(server, server.get(LOGIN)).expect(200);
    let csrf = page.cookie("csrftoken").unwrap();
    let request = server
        .post(LOGIN)
        .header("Cookie", format!("csrftoken={csrf}"))
        .header("X-CSRFToken", csrf)
        .header("Referer", format!("https://{}{LOGIN}", server.https))
        .form(&[("username", "admin"), ("password", ADMIN_PASSWORD)]);
    let answer = over_tls(server, request).expect(302);
    for cookie in ["gateway_sessionid", "csrftoken"] {
        assert!(answer.set_cookie(cookie).unwrap().ends_with("; Secure"), "{cookie}");
    }
    Session {
        secret: answer.cookie("gateway_sessionid").unwrap().to_owned(),
        csrf: answer.cookie("csrftoken").unwrap().to_owned(),
    }
}

#[test]
fn case_051_the_encrypted_door_asks_for_our_own_origin_or_referer() {
    let server = gateway();
    let session = sign_in_over_tls(&server);
    let send = |name: &str, value: &str| {
        let request = session.on(server.post(ORGANIZATIONS)).header(name, value);
        let body = json!({"name": format!("c51-tls-{}", value.len())});
        over_tls(&server, request.json(&body)).status
    };
    let host = server.https;
    assert_eq!(send("X-Nothing", "x"), 403, "neither of them");
    assert_eq!(send("Origin", &format!("http://{host}")), 403, "the plain door is another origin");
    assert_eq!(send("Origin", &format!("https://{}", server.http)), 403, "so is another port");
    assert_eq!(send("Referer", &format!("http://{host}/")), 403);
    assert_eq!(send("Referer", &format!("https://{}/", server.http)), 403);
    assert_eq!(send("Origin", &format!("https://{host}")), 201);
    assert_eq!(send("Referer", &format!("https://{host}/anything")), 201);
    // A foreign origin is not mended by a good referer.
    let request = session.on(server.post(ORGANIZATIONS)).header("Origin", "https://evil.example");
    let request = request.header("Referer", format!("https://{host}/")).json(&json!({"name": "c51-tls"}));
    assert_eq!(over_tls(&server, request).status, 403);
}

#[test]
fn case_059_nobody_talks_the_encrypted_door_out_of_secure_cookies() {
    let server = gateway();
    for (name, value) in
        [("X-Forwarded-Proto", "http"), ("Forwarded", "proto=http"), ("X-Forwarded-Ssl", "off")]
    {
        let page = over_tls(&server, server.get(LOGIN).header(name, value)).expect(200);
        assert!(page.set_cookie("csrftoken").unwrap().ends_with("; Secure"), "{name}");
    }
}

#[test]
fn case_049_the_second_spelling_of_our_path_is_guarded_like_the_first() {
    let server = gateway();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let (_, reader) = server.make_token("admin", ADMIN_PASSWORD, "read");
    server.make_user("c49-alias", PASSWORD);
    let at = |path: &str| format!("{ALIAS}{path}");
    for path in ["me/", "users/", "tokens/", "settings/all/", "session/", "activitystream/", "status/"] {
        assert_eq!(server.get(&at(path)).send().status, 401, "{path}");
        assert_eq!(server.get(&at(path)).header("X-DAB-JW-TOKEN", "x").send().status, 401, "{path}");
    }
    let body = json!({"name": "c49-alias", "scope": "write"});
    for path in ["organizations/", "tokens/", "session/"] {
        let forged = session.without_token(server.post(&at(path))).json(&body).send();
        assert_eq!(forged.status, 403, "{path}");
        assert!(forged.text().contains("CSRF"), "{path}: {}", forged.text());
        assert_eq!(server.post(&at(path)).bearer(&reader).json(&body).send().status, 403, "{path}");
    }
    assert_eq!(server.get(&at("settings/all/")).basic("c49-alias", PASSWORD).send().status, 403);
    let no_token =
        server.post(&at("login/")).form(&[("username", "admin"), ("password", ADMIN_PASSWORD)]).send();
    assert_eq!(no_token.status, 403);
    assert_eq!(no_token.set_cookie("gateway_sessionid"), None);
    // Its neighbours are nothing.
    for path in [
        "/api/getewayx/v1/me/",
        "/api/Geteway/v1/me/",
        "/api/geteway/v2/me/",
        "/api/geteway/../gateway/v1/me/",
    ] {
        let answer = server.as_admin("GET", path).send();
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
    }
}

#[test]
fn case_049_two_tokens_in_one_request_are_none() {
    let server = gateway();
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let wrong = "a".repeat(32);
    for (first, second) in [(&session.csrf, &wrong), (&wrong, &session.csrf), (&session.csrf, &session.csrf)]
    {
        let request = session.without_token(server.post(ORGANIZATIONS)).json(&json!({"name": "c49-two"}));
        let request = request.header("X-CSRFToken", &**first).header("X-CSRFToken", &**second);
        assert!(matches!(request.send().status, 400 | 403), "{first} {second}");
    }
    // Spelled with an underscore it is another header.
    let request = session.without_token(server.post(ORGANIZATIONS)).json(&json!({"name": "c49-underscore"}));
    assert!(matches!(request.header("X_CSRFToken", &*session.csrf).send().status, 400 | 403));
}

#[test]
fn every_answer_over_tls_asks_browsers_to_stay_there() {
    let server = gateway();
    let admin = |target: &str| server.get(target).basic("admin", ADMIN_PASSWORD);
    for (request, status) in [
        (admin("/api/gateway/v1/me/"), 200),
        (server.get("/api/gateway/v1/me/"), 401),
        (server.get(LOGIN), 200),
        (admin("/api/controller/v2/hosts/"), 200),
        (server.get("/api/controller/v2/hosts/"), 401),
        (server.get("/nowhere/"), 404),
    ] {
        let answer = over_tls(&server, request).expect(status);
        assert_eq!(answer.header_all("strict-transport-security"), ["max-age=63072000"], "{status}");
    }
    let plain = server.get("/api/controller/v2/ping/").send().expect(200);
    assert_eq!(plain.header("strict-transport-security"), None, "over plain http it would mean nothing");
}
