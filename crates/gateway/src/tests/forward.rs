//! A request on its way through: what the service sees, what the client gets.

use super::rig::{Rig, service, status};
use super::upstream::{Reply, Upstream};
use crate::config::Target;

#[tokio::test(flavor = "multi_thread")]
async fn a_public_path_is_forwarded_without_a_proof() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let answer = rig.get("/api/controller/v2/ping/?a=%2F&b", "X-Own: 1\r\n").await;
    assert_eq!(status(&answer), 200);
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
    let seen = upstream.only();
    assert_eq!(seen.line(), "GET /api/controller/v2/ping/?a=%2F&b HTTP/1.1");
    assert_eq!(seen.one("host"), "gw");
    assert_eq!(seen.one("x-own"), "1");
    assert!(seen.all("x-dab-jw-token").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_prefix_is_replaced_by_the_upstream_path() {
    let upstream = Upstream::ok().await;
    let mut service = service(&[upstream.address]);
    if let Target::Upstream { path, .. } = &mut service.target {
        *path = Some("/api/".into());
    }
    let rig = Rig::before(service).await;
    rig.get("/api/controller/v2/ping/?q", "").await;
    rig.get("/api/controller/open/%61//b", "").await;
    let lines: Vec<String> = upstream.seen().iter().map(|it| it.line().to_owned()).collect();
    assert_eq!(lines, ["GET /api/v2/ping/?q HTTP/1.1", "GET /api/open/a/b HTTP/1.1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_flow_both_ways_with_their_framing() {
    let upstream = Upstream::fixed(
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\nlocation: /x\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    )
    .await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let answer = rig.post("/api/controller/open/x", "Content-Type: text/plain\r\n", "hello").await;
    assert_eq!(status(&answer), 201);
    assert!(answer.contains("location: /x\r\n") && answer.contains("3\r\nabc\r\n"), "{answer}");
    let chunked = b"POST /api/controller/open/x HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    assert_eq!(status(&rig.raw(chunked).await), 201);
    let get = b"GET /api/controller/open/x HTTP/1.1\r\nHost: gw\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    assert_eq!(status(&rig.raw(get).await), 201);
    let seen = upstream.seen();
    assert_eq!((seen[0].body.as_slice(), seen[0].one("content-length")), (&b"hello"[..], "5"));
    assert_eq!(seen[1].body, b"3\r\nabc\r\n0\r\n\r\n");
    assert_eq!(
        (seen[2].line(), seen[2].body.as_slice()),
        ("GET /api/controller/open/x HTTP/1.1", &b"{}"[..])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_begins_before_its_end_is_known() {
    let upstream = Upstream::start(|_, _| {
        Reply::Stall(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n"
                .to_vec(),
        )
    })
    .await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let answer = rig.get("/api/controller/open/events", "").await;
    assert!(answer.contains("data: 1\n\n"), "{answer}");
    assert!(!answer.ends_with("0\r\n\r\n"), "the end was never said");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_to_the_service_are_used_again() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let request = "GET /api/controller/open/x HTTP/1.1\r\nHost: gw\r\n\r\n";
    let mut stream = tokio::net::TcpStream::connect(rig.address()).await.unwrap();
    for count in 1..=5 {
        use tokio::io::AsyncWriteExt as _;
        stream.write_all(request.as_bytes()).await.unwrap();
        while upstream.seen().len() < count {
            tokio::task::yield_now().await;
        }
        let mut buffer = [0; 512];
        let read = tokio::io::AsyncReadExt::read(&mut stream, &mut buffer).await.unwrap();
        assert!(buffer[..read].ends_with(b"ok"));
    }
    assert!(upstream.seen().iter().all(|it| it.connection == 0), "{:?}", upstream.seen());
}

#[tokio::test(flavor = "multi_thread")]
async fn case_124_and_140_hop_by_hop_fields_end_here_and_ours_survive() {
    let upstream = Upstream::fixed(
        "HTTP/1.1 200 OK\r\nconnection: keep-alive, x-hop\r\nkeep-alive: timeout=5\r\nx-hop: 1\r\nx-kept: 1\r\nupgrade: h2c\r\ncontent-length: 2\r\n\r\nok",
    )
    .await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let answer = rig
        .raw(
            b"GET /api/controller/open/x HTTP/1.1\r\nHost: gw\r\nConnection: close, X-Trusted-Proxy, X-Forwarded-For, X-Own, host\r\nX-Own: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nProxy-Connection: x\r\nX-Kept: 1\r\n\r\n",
        )
        .await;
    assert_eq!(status(&answer), 200);
    for gone in ["x-hop", "keep-alive", "upgrade"] {
        assert!(!answer.contains(gone), "{answer}");
    }
    assert!(answer.contains("x-kept: 1"));
    let seen = upstream.only();
    for gone in ["x-own", "keep-alive", "te", "proxy-connection", "connection"] {
        assert!(seen.all(gone).is_empty(), "{}", seen.head);
    }
    assert_eq!((seen.one("x-forwarded-for"), seen.one("host"), seen.one("x-kept")), ("127.0.0.1", "gw", "1"));
    assert!(seen.one("x-trusted-proxy").len() > 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_65_a_service_cannot_set_the_session_cookie() {
    let upstream = Upstream::fixed(
        "HTTP/1.1 200 OK\r\nset-cookie: gateway_sessionid=evil; Path=/\r\nset-cookie: own=1; Path=/api/controller\r\nset-cookie:  GATEWAY_SESSIONID =x; Domain=example.com\r\nset-cookie: csrftoken=y\r\nx-dab-jw-token: leaked\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let answer = rig.get("/api/controller/open/x", "").await;
    assert!(answer.contains("set-cookie: own=1; Path=/api/controller\r\n"), "{answer}");
    assert_eq!(answer.matches("set-cookie").count(), 1, "{answer}");
    assert!(!answer.contains("leaked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn head_no_content_and_not_modified_have_no_body() {
    let upstream = Upstream::start(|seen, _| {
        Reply::Bytes(if seen.line().starts_with("HEAD") {
            b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n".to_vec()
        } else if seen.line().contains("204") {
            b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()
        } else {
            b"HTTP/1.1 304 Not Modified\r\netag: \"x\"\r\n\r\n".to_vec()
        })
    })
    .await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let two = b"HEAD /api/controller/open/x HTTP/1.1\r\nHost: gw\r\n\r\nGET /api/controller/open/204 HTTP/1.1\r\nHost: gw\r\n\r\nGET /api/controller/open/304 HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n";
    let answer = rig.raw(two).await;
    assert_eq!(super::rig::answers(&answer), 3, "{answer}");
    assert!(answer.contains("content-length: 5\r\n") && answer.contains(" 204 ") && answer.contains(" 304 "));
}
