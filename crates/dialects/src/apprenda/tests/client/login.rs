//! Signing in: as recorded, through each portal, and at servers that are not ours.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use identity::model::portal::Portal;
use identity::model::proof::Proof;

use super::super::super::Apprenda;
use super::super::cloud;
use super::{answer, asked, carry, half, held, login, through};
use crate::bed::transcript::{self, Transcript};
use crate::bed::{HOST, PASSWORD};
use crate::client_half::{Credential, Holding, Login, Method, Next, Rejection};

/// What a login makes of an answer.
fn judged(answer: &Response<Bytes>) -> Next<Holding> {
    asked(half().sign_in(login("https://gw.example", "admin", PASSWORD)), answer).1
}

fn moved(status: u16, location: &str) -> Response<Bytes> {
    answer(status, &[("location", location)], "")
}

#[test]
fn the_client_half_asks_as_recorded() {
    let transcripts: HashMap<String, Transcript> = transcript::all(&Apprenda).into_iter().collect();
    for (name, password) in [("login-ok", PASSWORD), ("login-wrong-password", "wrong")] {
        let login = login(&format!("https://{HOST}/"), "admin", password);
        let (request, end) = asked(half().sign_in(login), &transcripts[name].answer());
        transcript::assert_asked(&transcripts[name], &request);
        match end {
            Next::Done(holding) => {
                let Proof::Session { secret, csrf: None } = &holding.proof else { panic!("{holding:?}") };
                assert!(secret.expose().ends_with("%3D%3D"), "kept as it was issued");
                assert_eq!((name, &*holding.username), ("login-ok", "admin"));
                assert_eq!(holding.base, format!("https://{HOST}"));
            }
            Next::Refused(Rejection::Password) => assert_eq!(name, "login-wrong-password"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn every_portal_lets_in_whom_it_knows() {
    let bed = cloud().await;
    for (portal, name, tenant, word) in [
        (Portal::Operations, "admin", None, "soc"),
        (Portal::Developer, "alice", None, "developer"),
        (Portal::Developer, "carol", Some("Globex"), "developer"),
        (Portal::Account, "carol", Some("Acme"), "account"),
    ] {
        let (last, end) = carry(&bed, half().sign_in(through(portal, name, tenant))).await;
        let Next::Done(holding) = end else { panic!("{word} {name}: {end:?}") };
        assert_eq!(last.unwrap(), format!("POST /authentication/api/v1/sessions/{word}"));
        assert_eq!((holding.portal, &*holding.username), (Some(portal), name));
    }
    let usual = held(&bed, login(&format!("https://{HOST}"), "admin", PASSWORD)).await;
    assert_eq!(usual.portal, Some(Portal::Operations));
    for (portal, name, tenant, says) in [
        (Portal::Operations, "alice", None, "portal soc"),
        (Portal::Developer, "alice", Some("Globex"), "tenant Globex"),
        (Portal::Developer, "dave", None, "portal developer"),
    ] {
        let (_, end) = carry(&bed, half().sign_in(through(portal, name, tenant))).await;
        let Next::Refused(Rejection::NotPermitted(said)) = &end else { panic!("{name}: {end:?}") };
        assert!(said.starts_with("You are not authorized") && said.contains(says), "{said}");
    }
    for name in ["admin", "nobody", "bob"] {
        let mut login = through(Portal::Operations, name, None);
        if name == "admin" {
            login.credential = Credential::Password {
                username: name.to_owned(),
                password: identity::model::secret::Secret::new("x"),
            };
        }
        let (_, end) = carry(&bed, half().sign_in(login)).await;
        assert!(matches!(end, Next::Refused(Rejection::Password)), "{name}: {end:?}");
    }
}

#[test]
fn either_key_and_either_status_are_taken() {
    for key in ["apprendaSessionToken", "ApprendaSessionToken"] {
        for status in [200, 201] {
            let next = judged(&answer(status, &[], &format!("{{\"href\":\"x\",\"{key}\":\"t%3D\"}}")));
            let Next::Done(holding) = next else { panic!("{next:?}") };
            assert!(matches!(&holding.proof, Proof::Session { secret, .. } if secret.expose() == "t%3D"));
        }
    }
    for body in [
        "",
        "[]",
        "{}",
        "{\"apprendaSessionToken\":\"\"}",
        "{\"apprendaSessionToken\":1}",
        "{\"apprendaSessionToken\":\"a b\"}",
        "<html></html>",
    ] {
        assert!(matches!(judged(&answer(201, &[], body)), Next::Lost(_)), "{body}");
    }
}

#[test]
fn a_password_never_goes_unencrypted() {
    let yes = answer(201, &[], "{\"apprendaSessionToken\":\"t\"}");
    for (base, wanted) in [
        ("http://apps.example", "https://apps.example"),
        ("HTTP://apps.example:81/", "https://apps.example:81"),
        ("https://apps.example:8443/", "https://apps.example:8443"),
    ] {
        let (request, end) = asked(half().sign_in(login(base, "admin", "p")), &yes);
        assert_eq!(request.uri().to_string(), format!("{wanted}/authentication/api/v1/sessions/soc"));
        assert_eq!(request.body(), "{\"username\":\"admin\",\"password\":\"p\"}");
        let Next::Done(holding) = end else { panic!("{end:?}") };
        assert_eq!(holding.base, wanted, "and neither does what it wins");
    }
    for location in
        ["http://gw.example/x", "https://other.example/x", "https://gw.example@other.example/", "/x", ""]
    {
        assert!(matches!(judged(&moved(307, location)), Next::Lost(_)), "{location}");
    }
    assert!(matches!(judged(&moved(307, "https://me@gw.example/x")), Next::Lost(_)));
}

#[test]
fn one_redirect_to_the_same_host_is_followed_with_the_body() {
    let mut conversation = half().sign_in(login("https://gw.example", "admin", PASSWORD));
    assert!(matches!(conversation.next(None), Next::Send(_)));
    let moved = moved(308, "https://GW.example:8443/authentication/api/v1/sessions/soc/");
    let Next::Send(request) = conversation.next(Some(&moved)) else { panic!("a request was expected") };
    assert_eq!((request.method().as_str(), request.uri().port_u16()), ("POST", Some(8443)));
    assert_eq!(request.body(), "{\"username\":\"admin\",\"password\":\"correct horse\"}");
    let yes = answer(201, &[], "{\"apprendaSessionToken\":\"t\"}");
    let Next::Done(holding) = conversation.next(Some(&yes)) else { panic!("a session was expected") };
    assert_eq!(holding.base, "https://GW.example:8443", "it is shown where it was won");
    let mut conversation = half().sign_in(login("https://gw.example", "admin", PASSWORD));
    conversation.next(None);
    conversation.next(Some(&moved));
    assert!(matches!(conversation.next(Some(&moved)), Next::Lost(_)), "not in circles");
}

#[test]
fn a_refusal_is_told_from_a_strange_server() {
    assert!(matches!(judged(&answer(400, &[], "{\"message\":\"no\"}")), Next::Refused(Rejection::Password)));
    let disabled = "{\"message\":\"not let in because the user is disabled.\"}";
    assert!(matches!(judged(&answer(401, &[], disabled)), Next::Refused(Rejection::Password)));
    for (body, said) in [
        ("{\"Message\":\"the portal\\nis closed\"}", "the portal is closed"),
        ("{\"title\":\"t\",\"messages\":[{\"severity\":\"Error\",\"message\":\"no\"}]}", "no"),
        ("", "it answers 403"),
    ] {
        let end = judged(&answer(403, &[], body));
        assert!(matches!(&end, Next::Refused(Rejection::NotPermitted(it)) if it == said), "{end:?}");
    }
    let wait = Duration::from_secs(9);
    for status in [429, 503] {
        let end = judged(&answer(status, &[("retry-after", "9")], ""));
        assert!(matches!(end, Next::Refused(Rejection::TooMany(Some(it))) if it == wait), "{end:?}");
    }
    for status in [204, 302, 404, 405, 500] {
        assert!(matches!(judged(&moved(status, "https://gw.example/")), Next::Lost(_)), "{status}");
    }
    assert!(matches!(half().sign_in(login("no address at all", "admin", "p")).next(None), Next::Lost(_)));
    for method in [Method::Basic, Method::Token, Method::Device] {
        let login = Login { method, ..login("https://gw.example", "admin", "p") };
        assert!(matches!(half().sign_in(login).next(None), Next::Lost(_)));
    }
    let nothing = Login { credential: Credential::None, ..login("https://gw.example", "admin", "p") };
    assert!(matches!(half().sign_in(nothing).next(None), Next::Lost(_)));
    let mut conversation = half().sign_in(login("https://gw.example", "admin", "p"));
    conversation.next(None);
    assert!(matches!(conversation.next(None), Next::Lost(_)));
    assert!(matches!(conversation.next(None), Next::Lost(_)));
}

/// A platform that says back what it was sent does not bring it onto a screen.
#[test]
fn nothing_that_was_shown_is_said_again() {
    let said = format!("{{\"message\":\"The password {PASSWORD} of admin is not for this portal\"}}");
    let Next::Refused(rejection) = judged(&answer(403, &[], &said)) else { panic!("a refusal was expected") };
    let text = rejection.to_string();
    assert!(text.contains("of admin") && text.contains("[hidden]") && !text.contains(PASSWORD), "{text}");
}
