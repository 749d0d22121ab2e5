//! Cases 133 and 141 to 143: `WebSocket` and other upgrades.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::rig::{Rig, read_all, service, status};
use super::upstream::{Reply, Upstream};

const ACCEPTED: &str = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: x\r\n\r\n";

async fn upstream() -> Upstream {
    Upstream::start(|_, _| Reply::Loop(ACCEPTED.as_bytes().to_vec())).await
}

fn handshake(path: &str, lines: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: gw\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n{lines}\r\n"
    )
}

async fn open(rig: &Rig, path: &str, lines: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(rig.address()).await.unwrap();
    stream.write_all(handshake(path, lines).as_bytes()).await.unwrap();
    let answer = read_all(&mut stream, Duration::from_millis(500)).await;
    (stream, answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_carries_bytes_both_ways() {
    let upstream = upstream().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let (mut stream, answer) = open(&rig, "/api/controller/open/ws", "").await;
    assert_eq!(status(&answer), 101, "{answer}");
    assert!(answer.contains("upgrade: websocket\r\n") && answer.contains("sec-websocket-accept: x\r\n"));
    let seen = upstream.only();
    assert_eq!(
        (seen.one("upgrade"), seen.one("connection"), seen.one("sec-websocket-key")),
        ("websocket", "upgrade", "k")
    );
    stream.write_all(b"hello\n\nthere").await.unwrap();
    assert_eq!(read_all(&mut stream, Duration::from_millis(500)).await, "hello\n\nthere");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_133_bytes_sent_too_early_wait_for_the_switch() {
    let upstream = upstream().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let early = format!("{}early", handshake("/api/controller/open/ws", ""));
    let answer = rig.raw(early.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 101") && answer.ends_with("\r\n\r\nearly"), "{answer}");
    let refused = Upstream::fixed("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno").await;
    let rig = Rig::before(service(&[refused.address])).await;
    let smuggled = format!(
        "{}GET /api/controller/open/smuggled HTTP/1.1\r\nHost: gw\r\n\r\n",
        handshake("/api/controller/open/ws", "")
    );
    rig.raw(smuggled.as_bytes()).await;
    assert!(refused.seen().iter().all(|it| it.line().contains("/ws")), "{:?}", refused.seen());
}

#[tokio::test(flavor = "multi_thread")]
async fn case_141_a_foreign_page_cannot_open_a_socket_with_a_session() {
    let upstream = upstream().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    rig.user("ann", false).await;
    let session = rig.session("ann").await;
    let cookie = format!("Cookie: gateway_sessionid={}\r\n", session.secret.expose());
    let path = "/api/controller/v2/ws/";
    let (_, answer) = open(&rig, path, &format!("{cookie}Origin: https://evil.example\r\n")).await;
    assert_eq!(status(&answer), 403, "{answer}");
    let (_, answer) = open(&rig, path, &format!("{cookie}Sec-Fetch-Site: cross-site\r\n")).await;
    assert_eq!(status(&answer), 403, "{answer}");
    assert!(upstream.seen().is_empty());
    let (_own, answer) = open(&rig, path, &format!("{cookie}Origin: http://gw\r\n")).await;
    assert_eq!(status(&answer), 101, "{answer}");
    assert_eq!(upstream.only().all("cookie").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_142_a_socket_ends_with_its_session() {
    let upstream = upstream().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    rig.user("ann", false).await;
    let session = rig.session("ann").await;
    let path = "/api/controller/v2/ws/";
    let (_, answer) = open(&rig, path, "").await;
    assert_eq!(status(&answer), 401);
    let cookie = format!("Cookie: gateway_sessionid={}\r\nOrigin: http://gw\r\n", session.secret.expose());
    let (mut stream, answer) = open(&rig, path, &cookie).await;
    assert_eq!(status(&answer), 101, "{answer}");
    rig.authority
        .store
        .end_session(session.session.id, identity::SessionEnd::Removed, session.session.created_at)
        .await
        .unwrap();
    let closed =
        tokio::time::timeout(Duration::from_secs(10), read_all(&mut stream, Duration::from_secs(60))).await;
    assert!(closed.is_ok(), "still open");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_143_other_upgrades_are_refused() {
    let upstream = upstream().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    for upgrade in ["h2c", "websocket, h2c", "TLS/1.3", "x"] {
        let request = format!(
            "GET /api/controller/open/ws HTTP/1.1\r\nHost: gw\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x\r\nUpgrade: {upgrade}\r\n\r\n"
        );
        assert_eq!(status(&rig.raw(request.as_bytes()).await), 400, "{upgrade}");
    }
    let post = "POST /api/controller/open/ws HTTP/1.1\r\nHost: gw\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(status(&rig.raw(post.as_bytes()).await), 400);
    assert!(upstream.seen().is_empty());
}
