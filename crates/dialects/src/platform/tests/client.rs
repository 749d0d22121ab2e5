//! The client half where the server is not ours.

use bytes::Bytes;
use http::{Response, StatusCode};
use identity::model::proof::Proof;
use identity::model::secret::Secret;

use crate::dialect::{Conversation, Login, Next};
use crate::platform::converse;

fn login(base: &str) -> Box<dyn Conversation> {
    let password = Secret::new("päss word&=");
    converse(Login { base: base.to_owned(), username: "ann+1".to_owned(), password })
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let mut builder = Response::builder().status(StatusCode::from_u16(status).unwrap());
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

/// A conversation whose form has just been sent.
fn at_form() -> Box<dyn Conversation> {
    let mut conversation = login("https://gw.example/");
    assert!(matches!(conversation.next(None), Next::Send(_)));
    let page = answer(200, &[("set-cookie", "csrftoken=abc; Path=/")], "");
    assert!(matches!(conversation.next(Some(&page)), Next::Send(_)));
    conversation
}

#[test]
fn the_pages_own_token_is_sent_beside_the_cookies() {
    let mut conversation = login("https://gw.example/");
    let Next::Send(request) = conversation.next(None) else { panic!("a request was expected") };
    assert_eq!(request.uri(), "https://gw.example/api/gateway/v1/login/");
    let page = "x {\n  \"csrfToken\":   \"Masked64\"\n}";
    let page = answer(200, &[("set-cookie", "other=1"), ("set-cookie", "csrftoken=bare; Secure")], page);
    let Next::Send(request) = conversation.next(Some(&page)) else { panic!("a form was expected") };
    assert_eq!(request.headers()["cookie"], "csrftoken=bare");
    assert_eq!(request.headers()["x-csrftoken"], "Masked64");
    assert_eq!(request.headers()["referer"], "https://gw.example/api/gateway/v1/login/");
    assert_eq!(request.body(), "username=ann%2B1&password=p%C3%A4ss%20word%26%3D");
}

#[test]
fn a_page_without_a_token_is_satisfied_with_the_cookies() {
    let mut conversation = login("https://gw.example");
    conversation.next(None);
    let page = answer(200, &[("set-cookie", "csrftoken=n97Hk5Mj")], "<html>");
    let Next::Send(request) = conversation.next(Some(&page)) else { panic!("a form was expected") };
    assert_eq!(request.headers()["x-csrftoken"], "n97Hk5Mj");
}

#[test]
fn a_session_ends_the_conversation() {
    let found = answer(
        302,
        &[
            ("location", "/"),
            ("set-cookie", "csrftoken=new"),
            ("set-cookie", "gateway_sessionid=s3cret; HttpOnly"),
        ],
        "",
    );
    let mut conversation = at_form();
    let Next::Done(Proof::Session { secret, csrf }) = conversation.next(Some(&found)) else {
        panic!("a session was expected")
    };
    assert_eq!((secret.expose(), csrf.unwrap().expose()), ("s3cret", "new"));
    assert!(matches!(conversation.next(Some(&found)), Next::Lost(_)));
}

#[test]
fn a_refusal_is_told_from_a_strange_server() {
    assert!(matches!(at_form().next(Some(&answer(401, &[], ""))), Next::Refused));
    assert!(matches!(at_form().next(Some(&answer(200, &[], "page again"))), Next::Refused));
    let deleted = answer(302, &[("location", "/"), ("set-cookie", "gateway_sessionid=\"\"")], "");
    assert!(matches!(at_form().next(Some(&deleted)), Next::Lost(_)));
    assert!(matches!(at_form().next(Some(&answer(403, &[], ""))), Next::Lost(_)));
    assert!(matches!(at_form().next(None), Next::Lost(_)));
    let mut conversation = login("https://gw.example");
    conversation.next(None);
    assert!(matches!(conversation.next(Some(&answer(200, &[], ""))), Next::Lost(_)));
    assert!(matches!(login("no address at all").next(None), Next::Lost(_)));
}
