//! Rows 1 to 6, 39 and 42: signing in and fetching the token.

use dialects::{Conversation, Holding, Login, Next, Rejection};
use http::Request;
use identity::model::secret::Secret;
use jiff::Timestamp;

use super::{LOGIN, Manager, PASSWORD, TOKEN, is_in, is_out, send_form};
use crate::support::ADMIN_PASSWORD;

/// The client's side of a login at this contract.
fn login() -> Login {
    let password = Secret::new("a+b & c%=d");
    Login::new("https://manager.example:8443", "admin", password, Timestamp::UNIX_EPOCH)
}

fn converse() -> Box<dyn Conversation<Holding>> {
    dialects::named("catalyst").unwrap().client().sign_in(login())
}

/// Plays answers of a server to our client half: what it sent, and what it says at the end.
pub(super) fn play(answers: &[(u16, &[(&str, &str)], &str)]) -> (Vec<Request<String>>, Next<Holding>) {
    let mut conversation = converse();
    let mut sent = Vec::new();
    let mut last = None;
    let mut answers = answers.iter();
    loop {
        let request = match conversation.next(last.as_ref()) {
            Next::Send(request) => request,
            end => return (sent, end),
        };
        sent.push(request.map(|body| String::from_utf8(body.to_vec()).unwrap()));
        let Some((status, headers, body)) = answers.next() else {
            return (sent, Next::Lost("no answer is left".to_owned()));
        };
        let mut answer = http::Response::builder().status(*status);
        for (name, value) in *headers {
            answer = answer.header(*name, *value);
        }
        last = Some(answer.body((*body).to_owned().into()).unwrap());
    }
}

/// The answer to a right login.
pub(super) const IN: (u16, &[(&str, &str)], &str) =
    (200, &[("set-cookie", "JSESSIONID=abc.def; path=/; secure; HttpOnly")], "");

#[test]
fn row_01_one_form_with_two_fields_signs_in() {
    let manager = Manager::new();
    let answer = manager
        .server
        .post(LOGIN)
        .header("User-Agent", "catalystwan/0.41.6")
        .form(&[("j_username", "admin"), ("j_password", ADMIN_PASSWORD)])
        .send();
    assert!(is_in(&answer), "{answer:#?}");
    assert_eq!(answer.header_all("set-cookie").len(), 1);
    assert!(answer.header_all("set-cookie")[0].starts_with("JSESSIONID="));
    assert_eq!(answer.header("content-length"), Some("0"), "not a byte");
    assert_eq!(manager.seen().len(), 0, "the Manager is not asked");
    // And so does our own client half ask.
    let (sent, _) = play(&[IN]);
    let first = &sent[0];
    assert_eq!((first.method().as_str(), first.uri().path()), ("POST", LOGIN));
    assert_eq!(first.headers()["content-type"], "application/x-www-form-urlencoded");
    assert!(first.headers().get("cookie").is_none(), "no old cookie goes with a login");
    let fields: Vec<_> = first.body().split('&').map(|it| it.split_once('=').unwrap()).collect();
    let [(username, "admin"), (password, secret)] = fields[..] else { panic!("{fields:?}") };
    assert_eq!((username, password), ("j_username", "j_password"));
    assert!(["a%2Bb+%26+c%25%3Dd", "a%2Bb%20%26%20c%25%3Dd"].contains(&secret), "{secret}");
}

#[test]
fn row_02_39_a_wrong_password_is_a_page_without_a_cookie() {
    let manager = Manager::new();
    for (name, password) in [("admin", "wrong"), ("nobody", ADMIN_PASSWORD), ("admin", ""), ("", "")] {
        let answer = send_form(&manager.server, name, password);
        assert!(is_out(&answer), "{name}: {answer:#?} {}", answer.text());
        let told = answer.header("cache-control").unwrap();
        assert!(told.contains("no-store"), "{told}");
    }
    // Our own client half takes such an answer for a no, and does not ask again.
    for body in ["<html>error</html>", "<html>\n<head></head><body><form action=\"j_security_check\">"] {
        for headers in [&[][..], &[("set-cookie", "JSESSIONID=anonymous; path=/")]] {
            let (sent, end) = play(&[(200, headers, body), IN, IN]);
            assert_eq!(sent.len(), 1, "{body}");
            assert!(matches!(end, Next::Refused(Rejection::Password)), "{end:?}");
        }
    }
}

#[test]
fn row_03_the_body_is_the_token() {
    let manager = Manager::new();
    let login = super::enter(&manager.server, "admin", ADMIN_PASSWORD);
    let asked = || login.without_token(manager.server.get(TOKEN)).header("Content-Type", "application/json");
    let token = asked().send().expect(200).text();
    assert_eq!(token.len(), 100, "{token:?}");
    assert!(token.bytes().all(|it| matches!(it, b'0'..=b'9' | b'A'..=b'F')), "{token:?}");
    assert_eq!(asked().send().expect(200).text(), token, "it is good for the rest of the session");
    let target = format!("{TOKEN}?json=true");
    let json = login.without_token(manager.server.get(&target)).header("X-XSRF-TOKEN", "").send();
    assert_eq!(json.expect(200).json(), serde_json::json!({ "token": token }));
    // Our own client half asks so, with the cookie of its login, and keeps what it is told.
    let (sent, _) = play(&[IN, (200, &[("content-type", "text/plain")], &token)]);
    assert_eq!((sent[1].method().as_str(), sent[1].uri().path()), ("GET", TOKEN));
    assert_eq!(sent[1].headers()["cookie"], "JSESSIONID=abc.def");
}

#[test]
fn row_04_the_text_of_a_failure_is_no_token() {
    let text = "A".repeat(100);
    for status in [503, 500, 403, 401, 302] {
        let (_, end) = play(&[IN, (status, &[("content-type", "text/plain")], &text)]);
        assert!(matches!(end, Next::Lost(_) | Next::Refused(_)), "{status}: {end:?}");
    }
}

#[test]
fn row_05_a_page_is_no_token() {
    let page = "<html><head></head><body>login</body></html>";
    for kind in ["text/html", "text/plain", "application/json"] {
        let (_, end) = play(&[IN, (200, &[("content-type", kind)], page)]);
        assert!(matches!(end, Next::Lost(_) | Next::Refused(_)), "{kind}: {end:?}");
    }
    // Nor does our server ever say one there: without a session the answer is a refusal.
    let manager = Manager::new();
    for request in [
        manager.server.get(TOKEN),
        manager.server.get(&format!("{TOKEN}?json=true")),
        manager.server.get(TOKEN).header("Cookie", "JSESSIONID=unknown.node"),
    ] {
        super::assert_dead(&request.send());
    }
}

#[test]
fn row_06_42_a_login_is_shown_without_its_password() {
    for shown in [format!("{:?}", login()), format!("{:#?}", login())] {
        assert!(shown.contains("admin"), "{shown}");
        assert!(!shown.contains("a+b"), "{shown}");
    }
    let manager = Manager::new();
    let session = manager.admin();
    manager.make_user(&session, "rowena", &["netadmin"]);
    assert!(is_in(&send_form(&manager.server, "rowena", PASSWORD)));
    let audit = std::fs::read_to_string(manager.server.data_dir().join("audit.jsonl")).unwrap();
    for log in [manager.server.output(), audit] {
        assert!(!log.contains(PASSWORD) && !log.contains(ADMIN_PASSWORD), "{log}");
        assert!(!log.contains(&session.cookie) && !log.contains(&session.xsrf), "{log}");
    }
}
