//! Cases 138, 139 and 213 to 216: what a service can do wrong.

use std::time::Duration;

use super::rig::{Rig, service, status};
use super::upstream::{Reply, Upstream};

const PATH: &str = "/api/controller/open/x";

async fn closed_port() -> std::net::SocketAddr {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn case_213_a_node_that_does_not_listen_is_a_bad_gateway_then_unavailable() {
    let rig = Rig::before(service(&[closed_port().await])).await;
    let answer = rig.get(PATH, "").await;
    assert_eq!(status(&answer), 502);
    assert!(answer.contains(r#"{"detail":"The service cannot be reached."}"#), "{answer}");
    let answer = rig.get(PATH, "").await;
    assert_eq!(status(&answer), 503, "left out for a while");
    assert!(answer.contains("retry-after: 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_213_another_node_takes_its_place() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[closed_port().await, upstream.address])).await;
    for _ in 0..6 {
        assert_eq!(status(&rig.post(PATH, "", "body").await), 200);
    }
    assert!(upstream.seen().iter().all(|it| it.body == b"body"));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_213_a_node_without_encryption_is_a_bad_gateway() {
    let upstream = Upstream::ok().await;
    let mut encrypted = service(&[]);
    if let crate::config::Target::Upstream { nodes, .. } = &mut encrypted.target {
        nodes.push(format!("https://{}", upstream.address).parse().unwrap());
        nodes.push("http://name.invalid:1".parse().unwrap());
    }
    let rig = Rig::before(encrypted).await;
    assert_eq!(status(&rig.get(PATH, "").await), 502);
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn case_214_silence_before_the_head_is_a_timeout() {
    let upstream = Upstream::start(|_, _| Reply::Hang).await;
    let mut hasty = service(&[upstream.address]);
    hasty.request_timeout = Some(Duration::from_millis(200));
    let rig = Rig::before(hasty).await;
    let answer = rig.get(PATH, "").await;
    assert_eq!(status(&answer), 504, "{answer}");
    assert!(answer.contains("did not answer in time"));
    assert_eq!(upstream.seen().len(), 1, "and is not tried again");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_214_an_answer_that_breaks_off_does_not_look_complete() {
    for bytes in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"[..],
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let upstream = Upstream::start(move |_, _| Reply::Last(bytes.to_vec())).await;
        let rig = Rig::before(service(&[upstream.address])).await;
        let answer = rig.get(PATH, "").await;
        assert!(!answer.ends_with("0\r\n\r\n") && !answer.ends_with("halfhalf"), "{answer}");
        assert_eq!(status(&rig.get(PATH, "").await), 200, "the next one has a connection of its own");
        assert_eq!(upstream.seen()[1].connection, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_215_a_dead_pooled_connection_is_tried_again_only_if_that_does_no_harm() {
    // Every first request of a connection is answered; the second finds the connection closed on it.
    let script = |seen: &super::upstream::Seen, _| {
        if seen.line().contains("first") {
            Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec())
        } else if seen.connection == 0 {
            Reply::Close
        } else {
            Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nagain".to_vec())
        }
    };
    for (method, wanted, count) in [("GET", 200, 3), ("POST", 502, 2)] {
        let upstream = Upstream::start(script).await;
        let mut config = super::rig::config(vec![service(&[upstream.address])]);
        config.threads = 1;
        let rig = Rig::start(config).await;
        assert_eq!(status(&rig.get("/api/controller/open/first", "").await), 200);
        let answer = rig
            .raw(
                format!(
                    "{method} {PATH} HTTP/1.1\r\nHost: gw\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
                .as_bytes(),
            )
            .await;
        assert_eq!((status(&answer), upstream.seen().len()), (wanted, count), "{method}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_138_an_answer_that_is_no_http_is_a_bad_gateway() {
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(100_000));
    let large = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(1024 * 1024));
    for bytes in [
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nx: a\rb\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        &many,
        &large,
    ] {
        let bytes = bytes.as_bytes().to_vec();
        let upstream = Upstream::start(move |_, _| Reply::Last(bytes.clone())).await;
        let rig = Rig::before(service(&[upstream.address])).await;
        assert_eq!(status(&rig.get(PATH, "").await), 502);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_138_surplus_bytes_reach_nobody() {
    let upstream = Upstream::start(|seen, _| {
        Reply::Bytes(if seen.line().contains("evil") {
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison".to_vec()
        } else {
            b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine".to_vec()
        })
    })
    .await;
    let mut config = super::rig::config(vec![service(&[upstream.address])]);
    config.threads = 1;
    let rig = Rig::start(config).await;
    assert!(rig.get("/api/controller/open/evil", "").await.ends_with("\r\n\r\nok"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    for _ in 0..3 {
        let answer = rig.get(PATH, "").await;
        assert!(answer.ends_with("\r\n\r\nfine"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_139_interim_answers_are_passed_over() {
    let upstream = Upstream::fixed(
        "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    )
    .await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let answer = rig.get(PATH, "").await;
    assert_eq!(status(&answer), 200);
    assert!(answer.ends_with("ok") && !answer.contains("link"));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_216_a_slow_service_has_its_own_bulkhead() {
    let slow = Upstream::start(|_, _| Reply::Hang).await;
    let fast = Upstream::ok().await;
    let mut narrow = service(&[slow.address]);
    narrow.concurrency_max = 2;
    let mut other = service(&[fast.address]);
    other.name = "galaxy".into();
    other.path = "/api/galaxy/".into();
    other.public = vec![crate::config::PublicPath::Below("/api/galaxy/".into())];
    let rig = Rig::start(super::rig::config(vec![narrow, other])).await;
    let address = rig.address();
    for _ in 0..2 {
        let request = format!("GET {PATH} HTTP/1.1\r\nHost: gw\r\n\r\n");
        tokio::spawn(async move { super::rig::raw(address, request.as_bytes()).await });
    }
    while slow.seen().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let answer = rig.get(PATH, "").await;
    assert_eq!(status(&answer), 503, "{answer}");
    assert!(answer.contains("retry-after: 1"));
    assert_eq!(status(&rig.get("/api/galaxy/x", "").await), 200);
    assert_eq!(status(&rig.get("/api/gateway/v1/ping/", "").await), 200);
}
