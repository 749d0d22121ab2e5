//! Tests against a server of a few lines on a loopback port.

use std::time::Duration;

use bytes::Bytes;
use dialects::Login;
use http::Request;
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{Agent, LoginError, Transport};

/// A server that answers each connection with the next of these texts; what it was asked comes back.
async fn server(answers: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            asked.push(request(&mut stream).await);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        asked
    });
    (base, asked)
}

/// One request as text, its body included.
async fn request(stream: &mut tokio::net::TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).await.unwrap();
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
            .unwrap_or(0);
        if body.len() >= length {
            return text;
        }
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
}

fn transport() -> Transport {
    Transport::new(None, true, Duration::from_secs(20)).unwrap()
}

fn login(base: String) -> Login {
    Login { base, username: "ann".to_owned(), password: Secret::new("p&ss wörd") }
}

fn aap() -> &'static dyn dialects::Dialect {
    dialects::named("aap").unwrap()
}

#[tokio::test]
async fn a_login_is_carried_to_its_session_and_the_session_is_used() {
    let token = "t".repeat(32);
    let secret = "s".repeat(32);
    let page =
        answer("200 OK", &format!("Set-Cookie: csrftoken={token}; Path=/\r\n"), "\"csrfToken\": \"Masked\"");
    let cookies =
        format!("Set-Cookie: csrftoken=new\r\nSet-Cookie: gateway_sessionid={secret}; HttpOnly\r\n");
    let found = answer("302 Found", &format!("Location: /api/gateway/v1/\r\n{cookies}"), "");
    let (base, asked) = server(vec![page, found, answer("200 OK", "", "{}")]).await;
    let transport = transport();
    let agent = Agent::new(aap(), &transport);
    let proof = agent.login(login(base.clone())).await.unwrap();
    let Proof::Session { secret: won, .. } = &proof else { panic!("a session was expected") };
    assert_eq!(won.expose(), secret);
    let request = Request::post(format!("{base}/api/gateway/v1/tokens/")).body(Bytes::new()).unwrap();
    assert_eq!(agent.call(&proof, request).await.unwrap().status(), 200);
    let asked = asked.await.unwrap();
    assert!(asked[0].starts_with("GET /api/gateway/v1/login/ HTTP/1.1\r\n"));
    assert!(asked[1].contains(&format!("cookie: csrftoken={token}\r\n")));
    assert!(asked[1].contains("x-csrftoken: Masked\r\n"));
    assert!(asked[1].ends_with("\r\n\r\nusername=ann&password=p%26ss%20w%C3%B6rd"));
    assert!(asked[2].contains(&format!("cookie: csrftoken=new; gateway_sessionid={secret}\r\n")));
    assert!(asked[2].contains(&format!("referer: {base}/\r\n")));
}

#[tokio::test]
async fn a_refused_password_is_told_from_a_foreign_server() {
    let page = answer("200 OK", "Set-Cookie: csrftoken=abc\r\n", "");
    let (base, _) = server(vec![page, answer("401 Unauthorized", "", "")]).await;
    let transport = transport();
    let agent = Agent::new(aap(), &transport);
    assert!(matches!(agent.login(login(base)).await, Err(LoginError::Refused)));
    let (base, _) = server(vec![answer("200 OK", "", "hello")]).await;
    assert!(matches!(agent.login(login(base)).await, Err(LoginError::Lost(_))));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (base, asked) = server(vec![answer("302 Found", "Location: http://127.0.0.1:1/\r\n", "")]).await;
    let request = Request::get(format!("{base}/")).body(Bytes::new()).unwrap();
    assert_eq!(transport().send(request).await.unwrap().status(), 302);
    assert_eq!(asked.await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_a_fault() {
    let (base, _asked) =
        server(vec![answer("200 OK", "", &"x".repeat(super::transport::BODY_MAX + 1))]).await;
    let request = Request::get(format!("{base}/")).body(Bytes::new()).unwrap();
    let fault = transport().send(request).await.unwrap_err();
    assert_eq!(fault.message, "the answer is too long");
}

#[tokio::test]
async fn faults_name_no_address() {
    let request = Request::get("http://127.0.0.1:1/?secret=hunter2").body(Bytes::new()).unwrap();
    let fault = transport().send(request).await.unwrap_err();
    assert_eq!(fault.message, "cannot connect to the server");
    assert!(!format!("{fault:?}").contains("hunter2"));
}

#[test]
fn a_bundle_without_certificates_is_a_fault() {
    assert!(Transport::new(Some(b"nothing"), true, Duration::from_secs(1)).is_err());
}
