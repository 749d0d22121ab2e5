//! Rows 31 to 33, 35, 37 and 38: the steps of go-sdwan, on which the provider for Terraform stands.

use dialects::Next;
use identity::model::proof::Proof;
use serde_json::json;

use super::r01_login::{IN, play};
use super::{DEVICES, LOGIN, Manager, TOKEN, assert_dead, is_in, send_form};
use crate::support::ADMIN_PASSWORD;

#[test]
fn row_31_login_token_about_and_calls_that_all_carry_the_token() {
    let manager = Manager::new();
    let answer = send_form(&manager.server, "admin", ADMIN_PASSWORD);
    assert!(is_in(&answer));
    let login = manager.admin();
    login.on(manager.server.get("/dataservice/client/about")).send().expect(200);
    for method in ["GET", "POST", "PUT", "DELETE"] {
        login.on(manager.server.request(method, DEVICES)).send().expect(200);
    }
    // A token that is stale, foreign or empty harms no reading.
    for token in ["", "STALE", &"A".repeat(100)] {
        let request = login.without_token(manager.server.get(DEVICES)).header("X-XSRF-TOKEN", token);
        request.send().expect(200);
    }
    // And our own client half keeps the token that it is told.
    let token = "ABCD".repeat(25);
    let told =
        json!({"data": {"user": "admin", "platformVersion": "20.12.3", "CSRFToken": token}}).to_string();
    let (sent, end) = play(&[IN, (200, &[], &token), (200, &[], &told)]);
    assert_eq!(sent.len(), 3);
    let Next::Done(holding) = end else { panic!("{end:?}") };
    let Proof::Session { secret, csrf: Some(csrf) } = &holding.proof else { panic!("{holding:?}") };
    assert_eq!((secret.expose(), csrf.expose()), ("abc.def", &*token));
    assert_eq!(holding.version.as_deref(), Some("20.12.3"));
    // What it wins at our server half is good there.
    let server = &manager.server;
    let holding = server.converse("catalyst", "admin", ADMIN_PASSWORD).unwrap();
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let request =
            crate::support::conversation::show("catalyst", &holding, server.encrypted(method, DEVICES));
        request.send_encrypted().expect(200);
    }
    assert!(server.converse("catalyst", "admin", "wrong").is_none());
}

#[test]
fn row_32_an_empty_token_is_none() {
    for body in ["", "\n", "  "] {
        let (_, end) = play(&[IN, (200, &[("content-type", "text/plain")], body)]);
        assert!(matches!(end, Next::Lost(_) | Next::Refused(_)), "{body:?}: {end:?}");
    }
    let manager = Manager::new();
    assert_eq!(manager.admin().xsrf.len(), 100);
    assert_ne!(manager.admin().xsrf, manager.admin().xsrf, "each session has its own");
}

#[test]
fn row_33_another_status_is_no_login() {
    for status in [405, 404, 500, 503, 201, 302] {
        let cookie = [("set-cookie", "JSESSIONID=abc.def; path=/")];
        let (sent, end) = play(&[(status, &cookie, ""), IN, IN]);
        assert_eq!(sent.len(), 1, "{status}: it is not tried again by itself");
        assert!(matches!(end, Next::Lost(_) | Next::Refused(_)), "{status}: {end:?}");
    }
    // A login that is no form of ours begins no session here either.
    let manager = Manager::new();
    let fields = json!({"j_username": "admin", "j_password": ADMIN_PASSWORD});
    for request in [
        manager.server.get(LOGIN),
        manager.server.get(&format!("{LOGIN}?j_username=admin")),
        manager.server.request("PUT", LOGIN).form(&[("j_username", "admin"), ("j_password", ADMIN_PASSWORD)]),
        manager.server.post(LOGIN).json(&fields),
        manager.server.post(LOGIN),
    ] {
        let answer = request.send();
        assert!(answer.cookie("JSESSIONID").is_none(), "{answer:#?}");
        assert!(!answer.body.is_empty() || answer.status != 200, "{answer:#?}");
    }
}

#[test]
fn row_35_who_holds_a_session_needs_no_login() {
    let manager = Manager::new();
    let login = manager.admin();
    for _ in 0..3 {
        let answer = login.on(manager.server.get(DEVICES)).send().expect(200);
        assert_eq!(answer.header("set-cookie"), None, "nothing is renewed on the way");
    }
    let token = login.without_token(manager.server.get(TOKEN)).send().expect(200).text();
    assert_eq!(token, login.xsrf);
}

#[test]
fn row_37_without_login_and_token_nothing_is_reached() {
    let manager = Manager::new();
    for method in ["GET", "POST", "PUT", "DELETE"] {
        assert_dead(&manager.server.request(method, DEVICES).send());
        let request = manager.server.request(method, DEVICES).header("X-XSRF-TOKEN", "A".repeat(100));
        assert_dead(&request.send());
    }
    assert_eq!(manager.seen().len(), 0);
}

#[test]
fn row_38_a_key_first_asks_for_the_token_and_then_shows_both() {
    let manager = Manager::new();
    let (_, key) = manager.server.make_token("admin", ADMIN_PASSWORD, "write");
    let asked = manager.server.get(TOKEN).bearer(&key).header("Content-Type", "application/json").send();
    let token = asked.expect(200).text();
    assert!(!token.is_empty() && !token.contains("<html>"), "{token}");
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let request = manager.server.request(method, DEVICES).bearer(&key);
        request.header("X-XSRF-TOKEN", &*token).send().expect(200);
    }
    let told = manager.server.get(super::SERVER).bearer(&key).send().expect(200).json();
    assert_eq!(told["data"]["CSRFToken"], token, "Sastre takes it from there");
    assert_eq!(told["data"]["user"], "admin");
    // A wrong one is 401 with an object, at every place; and no session beside it helps.
    let login = manager.admin();
    for target in [TOKEN, super::SERVER, DEVICES] {
        for wrong in ["no-such-key", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"] {
            for request in [manager.server.get(target), login.on(manager.server.get(target))] {
                let refused = request.bearer(wrong).send().expect(401);
                super::error(&refused);
            }
        }
    }
    let out = manager.server.post("/logout").bearer(&key).send().expect(302);
    assert!(out.header("location").unwrap().starts_with("/welcome.html"));
    manager.server.get(DEVICES).bearer(&key).send().expect(200);
}
