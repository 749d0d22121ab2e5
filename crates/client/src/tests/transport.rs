//! Limits, faults and bodies.

use std::time::Duration;

use bytes::Bytes;
use http::Request;

use super::{Folder, Server, answer, transport};
use crate::{Options, Payload, Transport, Trouble};

fn get(address: &str) -> Request<Bytes> {
    Request::get(address).body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let server = Server::start(|_| answer("302 Found", "Location: http://127.0.0.1:1/\r\n", "")).await;
    assert_eq!(transport().send(get(&server.base)).await.unwrap().status(), 302);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_a_fault_and_one_in_a_stream_is_not() {
    let server = Server::start(|_| answer("200 OK", "", &"x".repeat(3_000_000))).await;
    let transport = transport();
    let fault = transport.send(get(&server.base)).await.unwrap_err();
    assert_eq!(fault.message, "the answer is too long");
    assert_eq!(Trouble::of(&fault), Some(Trouble::TooLong));
    let mut streamed = transport.open(get(&server.base).map(Payload::from)).await.unwrap();
    assert_eq!(streamed.status(), 200);
    let glimpse = streamed.glimpse(10).await.unwrap();
    assert!(glimpse.len() >= 10);
    let mut length = 0;
    while let Some(chunk) = streamed.chunk().await.unwrap() {
        length += chunk.len();
    }
    assert_eq!(length, 3_000_000);
}

#[tokio::test]
async fn the_limit_of_whole_answers_can_be_another() {
    let server = Server::start(|_| answer("200 OK", "", "four")).await;
    let with = |body_max| Transport::with(Options { body_max, ..Options::default() }).unwrap();
    assert!(with(3).send(get(&server.base)).await.is_err());
    assert_eq!(with(4).send(get(&server.base)).await.unwrap().body(), "four");
}

#[tokio::test]
async fn an_answer_that_is_cut_is_a_fault_and_no_end() {
    let server = Server::start(|_| "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_owned()).await;
    let fault = transport().send(get(&server.base)).await.unwrap_err();
    assert_eq!(Trouble::of(&fault), Some(Trouble::Cut));
    let mut streamed = transport().open(get(&server.base).map(Payload::from)).await.unwrap();
    let mut outcome = streamed.chunk().await;
    while let Ok(Some(_)) = outcome {
        outcome = streamed.chunk().await;
    }
    assert!(outcome.is_err());
}

#[tokio::test]
async fn a_server_that_says_nothing_is_told_apart() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let short = Duration::from_millis(200);
    let transport = Transport::new(None, true, short).unwrap();
    let fault = transport.send(get(&base)).await.unwrap_err();
    assert_eq!(Trouble::of(&fault), Some(Trouble::Timeout));
    let fault = transport.open(get(&base).map(Payload::from)).await.unwrap_err();
    assert_eq!(Trouble::of(&fault), Some(Trouble::Timeout));
}

#[tokio::test]
async fn faults_are_told_apart_and_name_no_address() {
    let fault = transport().send(get("http://127.0.0.1:1/?secret=hunter2")).await.unwrap_err();
    assert_eq!(Trouble::of(&fault), Some(Trouble::Refused));
    assert!(!format!("{fault:?} {}", fault.chain()).contains("hunter2"));
    let fault = transport().send(get("http://nowhere.invalid/?secret=hunter2")).await.unwrap_err();
    assert_eq!(Trouble::of(&fault), Some(Trouble::Name));
    assert!(!format!("{fault:?} {}", fault.chain()).contains("hunter2"));
}

#[tokio::test]
async fn the_gateway_is_given_no_advice_about_the_command_line() {
    let commands = Transport::with(Options::default()).unwrap();
    let request = || get("http://127.0.0.1:1/");
    assert!(commands.send(request()).await.unwrap_err().message.contains("; is it the right one?"));
    let fault = transport().send(request()).await.unwrap_err();
    assert_eq!(fault.message, "connection refused: nothing listens at this port");
    assert_eq!(Trouble::of(&fault), Some(Trouble::Refused));
}

#[tokio::test]
async fn a_file_is_sent_with_its_length_and_a_pipe_in_chunks() {
    let server = Server::start(|_| answer("200 OK", "", "")).await;
    let folder = Folder::new("payload");
    std::fs::create_dir_all(&folder.0).unwrap();
    let file = folder.0.join("body");
    std::fs::write(&file, "y".repeat(200_000)).unwrap();
    let post = |payload| Request::post(format!("{}/up", server.base)).body(payload).unwrap();
    transport().open(post(Payload::File(file.clone()))).await.unwrap();
    let pipe: Box<dyn tokio::io::AsyncRead + Send + Sync + Unpin> =
        Box::new(std::io::Cursor::new(b"abc".to_vec()));
    transport().open(post(Payload::Reader(pipe))).await.unwrap();
    let fault = transport().open(post(Payload::File(folder.0.join("absent")))).await.unwrap_err();
    assert_eq!(Trouble::of(&fault), Some(Trouble::Body));
    let asked = server.asked();
    assert!(asked[0].contains("content-length: 200000\r\n"));
    assert!(asked[0].ends_with(&"y".repeat(1000)));
    assert!(asked[1].contains("transfer-encoding: chunked\r\n"));
    assert!(asked[1].contains("abc"));
}

#[test]
fn a_bundle_without_certificates_is_a_fault() {
    assert!(Transport::new(Some(b"nothing"), true, Duration::from_secs(1)).is_err());
}
