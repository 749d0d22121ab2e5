//! Cases 151, 153, 154, 231 and 245: what a client may cost.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::rig::{Rig, config, raw, read_all, service, status};
use super::upstream::{Reply, Upstream};

const PATH: &str = "/api/controller/open/x";

async fn with(change: impl FnOnce(&mut crate::config::Limits)) -> (Rig, Upstream) {
    let upstream = Upstream::ok().await;
    let mut config = config(vec![service(&[upstream.address])]);
    change(&mut config.limits);
    (Rig::start(config).await, upstream)
}

#[tokio::test(flavor = "multi_thread")]
async fn case_151_a_slow_head_is_cut() {
    let (rig, upstream) = with(|it| it.head_timeout = Duration::from_millis(300)).await;
    for beginning in ["", "G", "GET / HTTP/1.1\r\nHost: gw\r\nX: "] {
        let mut stream = TcpStream::connect(rig.address()).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let cut =
            tokio::time::timeout(Duration::from_secs(5), read_all(&mut stream, Duration::from_secs(60)))
                .await;
        assert!(cut.is_ok(), "still open: {beginning:?}");
    }
    let mut stream = TcpStream::connect(rig.address()).await.unwrap();
    stream
        .write_all(format!("GET {PATH} HTTP/1.1\r\nHost: gw\r\n\r\nGET {PATH} HT").as_bytes())
        .await
        .unwrap();
    let answer =
        tokio::time::timeout(Duration::from_secs(5), read_all(&mut stream, Duration::from_secs(60))).await;
    assert_eq!(super::rig::answers(&answer.unwrap_or_default()), 1);
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_is_closed_in_good_order() {
    let (rig, _upstream) = with(|it| it.keep_alive_timeout = Duration::from_millis(300)).await;
    let answer = tokio::time::timeout(
        Duration::from_secs(5),
        raw(rig.address(), format!("GET {PATH} HTTP/1.1\r\nHost: gw\r\n\r\n").as_bytes()),
    )
    .await;
    assert_eq!(status(&answer.unwrap()), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_151_a_body_that_rests_is_cut() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    rig.authority
        .store
        .write_settings(
            vec![identity::port::SettingWrite {
                name: "idle_timeout",
                value: Some(identity::model::setting::SettingValue::Integer(1)),
            }],
            identity::port::Trail { at: rig.context().now, by: None, entries: Vec::new() },
        )
        .await
        .unwrap();
    let mut stream = TcpStream::connect(rig.address()).await.unwrap();
    let head = format!("POST {PATH} HTTP/1.1\r\nHost: gw\r\nContent-Length: 10\r\n\r\nhalf");
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer =
        tokio::time::timeout(Duration::from_secs(8), read_all(&mut stream, Duration::from_secs(60))).await;
    assert_eq!(status(&answer.unwrap()), 408);
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn case_153_heads_have_a_size_and_a_count() {
    let (rig, upstream) = with(|_| {}).await;
    let long_target = format!("GET /{} HTTP/1.1\r\nHost: gw\r\n\r\n", "a".repeat(20_000));
    assert_eq!(status(&rig.raw(long_target.as_bytes()).await), 414);
    let huge_target = format!("GET /{} HTTP/1.1\r\nHost: gw\r\n\r\n", "a".repeat(1024 * 1024));
    let answer = rig.raw(huge_target.as_bytes()).await;
    assert!([0, 400, 414, 431].contains(&status(&answer)), "{answer}");
    let huge = format!("GET {PATH} HTTP/1.1\r\nHost: gw\r\nX: {}\r\n\r\n", "a".repeat(1024 * 1024));
    let answer = rig.raw(huge.as_bytes()).await;
    assert!([0, 431].contains(&status(&answer)), "{answer}");
    let many = format!("GET {PATH} HTTP/1.1\r\nHost: gw\r\n{}\r\n", "X: a\r\n".repeat(150));
    assert_eq!(status(&rig.raw(many.as_bytes()).await), 431);
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn case_154_a_declared_length_over_the_cap_is_refused_unread() {
    let (rig, upstream) = with(|_| {}).await;
    for path in [PATH, "/api/gateway/v1/tokens/"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: gw\r\nContent-Length: 10737418240\r\nExpect: 100-continue\r\n\r\n"
        );
        let answer = rig.raw(head.as_bytes()).await;
        assert_eq!(status(&answer), 413, "{answer}");
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn case_154_an_endless_body_is_cut_at_the_cap() {
    let (rig, upstream) = with(|_| {}).await;
    for path in [PATH, "/api/gateway/v1/tokens/"] {
        let mut stream = TcpStream::connect(rig.address()).await.unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let (mut read, mut write) = stream.into_split();
        let chunk = [&b"10000\r\n"[..], &vec![b'x'; 0x10000], b"\r\n"].concat();
        let writer = tokio::spawn(async move { while write.write_all(&chunk).await.is_ok() {} });
        let mut answer = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_buf(&mut read, &mut answer).await;
        assert_eq!(status(&String::from_utf8_lossy(&answer)), 413);
        drop(read);
        writer.abort();
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_capped_in_all_and_by_address() {
    let (rig, _upstream) = with(|it| it.connections_per_address_max = 2).await;
    let first = TcpStream::connect(rig.address()).await.unwrap();
    let _other = TcpStream::connect(rig.address()).await.unwrap();
    while rig.gateway.connections() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let answer = rig.get(PATH, "").await;
    assert_eq!(answer, "", "closed at once");
    drop(first);
    while rig.gateway.connections() > 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(status(&rig.get(PATH, "").await), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_231_a_stop_lets_requests_end_and_accepts_no_more() {
    let upstream = Upstream::start(|_, _| {
        std::thread::sleep(Duration::from_millis(300));
        Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec())
    })
    .await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let address = rig.address();
    let request = format!("GET {PATH} HTTP/1.1\r\nHost: gw\r\n\r\n");
    let pending = tokio::spawn(async move { raw(address, request.as_bytes()).await });
    let _idle = TcpStream::connect(address).await.unwrap();
    while upstream.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::timeout(Duration::from_secs(10), rig.gateway.drain()).await.unwrap();
    let answer = pending.await.unwrap();
    assert!(answer.ends_with("ok"), "{answer}");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_changes_services_and_keeps_connections() {
    let (first, second) = (Upstream::ok().await, Upstream::ok().await);
    let rig = Rig::before(service(&[first.address])).await;
    let mut stream = TcpStream::connect(rig.address()).await.unwrap();
    let request = format!("GET {PATH} HTTP/1.1\r\nHost: gw\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    assert_eq!(status(&read_all(&mut stream, Duration::from_millis(500)).await), 200);
    let mut changed = rig.config.clone();
    changed.services = vec![service(&[second.address])];
    rig.gateway.reload(&changed).unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    assert_eq!(status(&read_all(&mut stream, Duration::from_millis(500)).await), 200);
    assert_eq!((first.seen().len(), second.seen().len()), (1, 1));
    changed.http.clear();
    assert!(rig.gateway.reload(&changed).is_err());
    changed.http.clone_from(&rig.config.http);
    if let crate::config::Target::Upstream { nodes, ca, .. } = &mut changed.services[0].target {
        nodes[0] = "https://localhost".parse().unwrap();
        *ca = Some("absent.pem".into());
    }
    assert!(rig.gateway.reload(&changed).is_err());
    assert_eq!(status(&rig.get(PATH, "").await), 200, "what does not fit changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_a_fault_at_the_start() {
    let (rig, _upstream) = with(|_| {}).await;
    let mut second = rig.config.clone();
    second.http = vec![rig.address()];
    let installation = crate::Installation::new(
        &second,
        super::rig::keys(),
        std::sync::Arc::<super::rig::TestClock>::clone(&rig.clock),
        "1",
    );
    let control = tokio::runtime::Handle::current();
    let started =
        crate::Gateway::start(&second, std::sync::Arc::clone(&rig.authority), installation, control);
    assert!(started.unwrap_err().message.contains("cannot listen on 127.0.0.1"));
}
