//! The client half: the login as a conversation, against recorded answers and against what servers get wrong.

use std::collections::HashMap;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use identity::model::proof::Proof;
use identity::model::secret::Secret;

use crate::bed::transcript::{self, Transcript, assert_asked};
use crate::bed::{Bed, HOST, PASSWORD};
use crate::catalyst::Catalyst;
use crate::dialect::{Conversation, Dialect as _, Login, Next};

fn login(password: &str) -> Box<dyn Conversation> {
    Catalyst.converse(Login {
        base: format!("https://{HOST}/"),
        username: "alice".to_owned(),
        password: Secret::new(password),
    })
}

fn recorded() -> HashMap<String, Transcript> {
    transcript::all(&Catalyst).into_iter().collect()
}

fn answer(status: StatusCode, cookie: Option<&str>, body: &'static str) -> Response<Bytes> {
    let mut response = Response::builder().status(status);
    if let Some(cookie) = cookie {
        response = response.header("set-cookie", cookie);
    }
    response.body(Bytes::from_static(body.as_bytes())).unwrap()
}

/// What a login makes of the answer to its form.
fn after_form(response: &Response<Bytes>) -> Next {
    let mut conversation = login(PASSWORD);
    assert!(matches!(conversation.next(None), Next::Send(_)));
    conversation.next(Some(response))
}

/// What it makes of the answer to its question for the token.
fn after_token(response: &Response<Bytes>) -> Next {
    let mut conversation = login(PASSWORD);
    conversation.next(None);
    let signed_in = answer(StatusCode::OK, Some("JSESSIONID=a.b; Path=/; Secure"), "");
    assert!(matches!(conversation.next(Some(&signed_in)), Next::Send(_)));
    conversation.next(Some(response))
}

#[test]
fn the_login_asks_as_recorded() {
    let recorded = recorded();
    let mut conversation = login(PASSWORD);
    let Next::Send(form) = conversation.next(None) else { panic!("a form was expected") };
    assert_eq!((form.method(), form.uri().path()), (&Method::POST, "/j_security_check"));
    assert_eq!(form.uri().host(), Some(HOST));
    assert_eq!(form.headers()["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(form.body(), "j_username=alice&j_password=correct%20horse");
    assert!(!form.headers().contains_key("cookie"));
    assert_asked(&recorded["login-ok-escapes"], &form);
    let Next::Send(asked) = conversation.next(Some(&recorded["login-ok"].answer())) else {
        panic!("a question for the token was expected")
    };
    assert_eq!((asked.method(), asked.uri().path()), (&Method::GET, "/dataservice/client/token"));
    let Next::Done(Proof::Session { secret, csrf }) = conversation.next(Some(&recorded["token"].answer()))
    else {
        panic!("a session was expected")
    };
    assert!(secret.expose().starts_with(&"k".repeat(40)));
    assert_eq!(asked.headers()["cookie"], format!("JSESSIONID={}", secret.expose()));
    assert_eq!(csrf.unwrap().expose(), "A".repeat(100));
}

#[test]
fn a_page_is_a_refusal() {
    assert!(matches!(after_form(&recorded()["login-wrong-password"].answer()), Next::Refused));
    let page = answer(StatusCode::OK, Some("JSESSIONID=a.b; Path=/"), "<!DOCTYPE html>\n<html lang=\"en\">");
    assert!(matches!(after_form(&page), Next::Refused));
    assert!(matches!(after_form(&answer(StatusCode::UNAUTHORIZED, None, "{}")), Next::Refused));
}

#[test]
fn another_answer_to_the_form_is_no_login() {
    for response in [
        answer(StatusCode::OK, None, ""),
        answer(StatusCode::OK, Some("JSESSIONID=; Path=/"), ""),
        answer(StatusCode::OK, Some("OTHER=a; Path=/"), ""),
        answer(StatusCode::OK, Some("JSESSIONID=a.b"), "{}"),
        answer(StatusCode::FOUND, Some("JSESSIONID=a.b"), ""),
        answer(StatusCode::SERVICE_UNAVAILABLE, None, ""),
    ] {
        assert!(matches!(after_form(&response), Next::Lost(_)), "{response:?}");
    }
}

#[test]
fn the_token_may_be_missing_in_old_releases_and_is_no_page() {
    let old = after_token(&answer(StatusCode::NOT_FOUND, None, ""));
    assert!(matches!(old, Next::Done(Proof::Session { csrf: None, .. })), "{old:?}");
    for response in [
        answer(StatusCode::OK, None, "<html></html><html></html><html></html>"),
        answer(StatusCode::OK, None, "short"),
        answer(StatusCode::OK, None, "AAAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAAAAAAAAA"),
        answer(StatusCode::SERVICE_UNAVAILABLE, None, ""),
        answer(StatusCode::FOUND, None, ""),
    ] {
        assert!(matches!(after_token(&response), Next::Lost(_)), "{response:?}");
    }
}

#[tokio::test]
async fn our_client_signs_in_at_our_server() {
    let bed = Bed::new().await;
    for (password, is_right) in [(PASSWORD, true), ("wrong", false)] {
        let mut conversation = login(password);
        let mut last = None;
        let end = loop {
            match conversation.next(last.as_ref()) {
                Next::Send(request) => last = Some(bed.send(&Catalyst, request).await),
                end => break end,
            }
        };
        match end {
            Next::Done(Proof::Session { secret, csrf }) => {
                assert!(is_right);
                let mut request =
                    http::Request::post("/dataservice/client/server/x").body(Bytes::new()).unwrap();
                Catalyst.write_proof(&Proof::Session { secret, csrf }, request.headers_mut());
                assert_eq!(bed.send(&Catalyst, request).await.status(), StatusCode::NOT_FOUND);
            }
            Next::Refused => assert!(!is_right),
            other => panic!("{other:?}"),
        }
    }
}
