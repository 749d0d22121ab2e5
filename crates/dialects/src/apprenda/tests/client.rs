//! The client half: the recorded logins, and servers that are not ours.

use std::collections::HashMap;

use bytes::Bytes;
use http::Response;
use identity::model::proof::Proof;
use identity::model::secret::Secret;

use super::super::Apprenda;
use crate::bed::transcript::{self, Transcript};
use crate::bed::{HOST, PASSWORD};
use crate::dialect::{Conversation, Dialect, Login, Next};

fn login(base: &str, password: &str) -> Box<dyn Conversation> {
    Apprenda.converse(Login {
        base: base.to_owned(),
        username: "admin".to_owned(),
        password: Secret::new(password),
    })
}

fn answer(status: u16, location: &str, body: &str) -> Response<Bytes> {
    let builder = Response::builder().status(status).header("location", location);
    builder.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

/// What a conversation makes of an answer to its login.
fn judged(answer: &Response<Bytes>) -> Next {
    let mut conversation = login("https://gw.example", PASSWORD);
    assert!(matches!(conversation.next(None), Next::Send(_)));
    conversation.next(Some(answer))
}

#[test]
fn the_client_half_asks_as_recorded() {
    let transcripts: HashMap<String, Transcript> = transcript::all(&Apprenda).into_iter().collect();
    for (name, password) in [("login-ok", PASSWORD), ("login-wrong-password", "wrong")] {
        let mut conversation = login(&format!("https://{HOST}/"), password);
        let Next::Send(request) = conversation.next(None) else { panic!("a request was expected") };
        transcript::assert_asked(&transcripts[name], &request);
        match conversation.next(Some(&transcripts[name].answer())) {
            Next::Done(Proof::Session { secret, csrf: None }) => {
                assert!(secret.expose().ends_with("%3D%3D"), "kept as it was issued");
                assert_eq!(name, "login-ok");
            }
            Next::Refused => assert_eq!(name, "login-wrong-password"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn either_key_and_either_status_are_taken() {
    for key in ["apprendaSessionToken", "ApprendaSessionToken"] {
        for status in [200, 201] {
            let next = judged(&answer(status, "", &format!("{{\"href\":\"x\",\"{key}\":\"t%3D\"}}")));
            assert!(matches!(next, Next::Done(Proof::Session { secret, .. }) if secret.expose() == "t%3D"));
        }
    }
    for body in ["", "[]", "{}", "{\"apprendaSessionToken\":\"\"}", "{\"apprendaSessionToken\":1}"] {
        assert!(matches!(judged(&answer(201, "", body)), Next::Lost(_)), "{body}");
    }
}

#[test]
fn a_password_never_goes_unencrypted() {
    for (base, wanted) in [
        ("http://apps.example", "https://apps.example/authentication/api/v1/sessions/soc"),
        ("HTTP://apps.example:81/", "https://apps.example:81/authentication/api/v1/sessions/soc"),
    ] {
        let Next::Send(request) = login(base, "p").next(None) else { panic!("a request was expected") };
        assert_eq!(request.uri(), wanted);
        assert_eq!(request.body(), "{\"username\":\"admin\",\"password\":\"p\"}");
    }
    let elsewhere = ["http://gw.example/x", "https://other.example/x", "/x", ""];
    for location in elsewhere {
        assert!(matches!(judged(&answer(307, location, "")), Next::Lost(_)), "{location}");
    }
}

#[test]
fn one_redirect_to_the_same_host_is_followed_with_the_body() {
    let mut conversation = login("https://gw.example", PASSWORD);
    conversation.next(None);
    let moved = answer(308, "https://GW.example:8443/authentication/api/v1/sessions/soc/", "");
    let Next::Send(request) = conversation.next(Some(&moved)) else { panic!("a request was expected") };
    assert_eq!((request.method().as_str(), request.uri().port_u16()), ("POST", Some(8443)));
    assert!(request.body().starts_with(b"{\"username\""));
    assert!(matches!(conversation.next(Some(&moved)), Next::Lost(_)), "not in circles");
}

#[test]
fn a_refusal_is_told_from_a_strange_server() {
    assert!(matches!(judged(&answer(400, "", "{\"message\":\"no\"}")), Next::Refused));
    assert!(matches!(judged(&answer(401, "", "")), Next::Refused));
    for status in [204, 302, 403, 404, 500] {
        assert!(matches!(judged(&answer(status, "https://gw.example/", "")), Next::Lost(_)), "{status}");
    }
    assert!(matches!(login("no address at all", "p").next(None), Next::Lost(_)));
    let mut conversation = login("https://gw.example", "p");
    conversation.next(None);
    assert!(matches!(conversation.next(None), Next::Lost(_)));
    assert!(matches!(conversation.next(None), Next::Lost(_)));
}
