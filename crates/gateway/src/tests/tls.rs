//! Encrypted connections in both versions of HTTP: cases 136, 150, 155, 161, 236.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::rig::{PASSWORD, Rig, config, raw, read_all, service, status};
use super::scratch::Scratch;
use super::upstream::Upstream;
use crate::config::Certificate;
use crate::tls::ensure_self_signed;

const PATH: &str = "/api/controller/open/x";

async fn rig(scratch: &Scratch, upstream: &Upstream) -> Rig {
    let mut config = config(vec![service(&[upstream.address])]);
    config.certificate = ensure_self_signed(scratch.path(), "2026-11-21T12:00:00Z".parse().unwrap()).unwrap();
    config.https = std::mem::take(&mut config.http);
    config.limits.handshake_timeout = Duration::from_millis(300);
    Rig::start(config).await
}

async fn connect(rig: &Rig, certificate: &Certificate, protocol: &[u8]) -> Option<TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&certificate.chain).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(rig.address()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(client)).connect(name, stream).await.ok()
}

pub async fn http2(rig: &Rig) -> http2::SendRequest<Empty<bytes::Bytes>> {
    let stream = connect(rig, &rig.config.certificate, b"h2").await.unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

pub fn request(path: &str) -> http::request::Builder {
    http::Request::get(format!("https://gw.example{path}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn both_versions_are_spoken() {
    let (scratch, upstream) = (Scratch::new("tls-both"), Upstream::ok().await);
    let rig = rig(&scratch, &upstream).await;
    let mut old = connect(&rig, &rig.config.certificate, b"http/1.1").await.unwrap();
    old.write_all(format!("GET {PATH} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let mut answer = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut old, &mut answer).await;
    assert!(answer.ends_with(b"ok"));

    let mut new = http2(&rig).await;
    let asked = request(PATH).header("cookie", "a=1").header("cookie", "b=2").body(Empty::new()).unwrap();
    let answer = new.send_request(asked).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "ok");
    let seen = upstream.seen();
    assert_eq!(seen[1].line(), format!("GET {PATH} HTTP/1.1"));
    assert_eq!((seen[1].one("host"), seen[1].one("cookie")), ("gw.example", "a=1; b=2"));
    assert_eq!(seen[1].one("x-forwarded-proto"), "https");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_136_and_150_http_2_is_judged_by_the_same_page() {
    let (scratch, upstream) = (Scratch::new("tls-h2"), Upstream::ok().await);
    let rig = rig(&scratch, &upstream).await;
    let mut sender = http2(&rig).await;
    for (path, host, wanted) in [
        ("/api/controller/v2/jobs/", None, 401),
        ("/api/controller/open/../v2/", None, 400),
        ("/api/controller/open/%2e%2e/v2/", None, 400),
        (PATH, Some("other.example"), 400),
        (PATH, Some("gw.example"), 200),
        ("/nowhere", None, 404),
    ] {
        let mut asked = request(path);
        if let Some(host) = host {
            asked = asked.header("host", host);
        }
        let answer = sender.send_request(asked.body(Empty::new()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), wanted, "{path} {host:?}");
    }
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_over_tls_needs_a_referer_to_change_something() {
    let (scratch, upstream) = (Scratch::new("tls-csrf"), Upstream::ok().await);
    let rig = rig(&scratch, &upstream).await;
    rig.user("ann", false).await;
    let session = rig.session("ann").await;
    let (secret, token) = (session.secret.expose(), &session.csrf_token);
    let mut sender = http2(&rig).await;
    for (referer, wanted) in
        [(None, 403), (Some("https://evil.example/"), 403), (Some("https://gw.example/x"), 200)]
    {
        let mut asked = http::Request::post("https://gw.example/api/controller/v2/jobs/")
            .header("cookie", format!("gateway_sessionid={secret}; csrftoken={token}"))
            .header("x-csrftoken", token);
        if let Some(referer) = referer {
            asked = asked.header("referer", referer);
        }
        let answer = sender.send_request(asked.body(Empty::new()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), wanted, "{referer:?}");
    }
    assert!(!PASSWORD.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn case_155_and_161_what_is_no_handshake_is_closed() {
    let (scratch, upstream) = (Scratch::new("tls-noise"), Upstream::ok().await);
    let rig = rig(&scratch, &upstream).await;
    for noise in
        [&b"GET / HTTP/1.1\r\nHost: gw\r\n\r\n"[..], b"\0\xff\x16\x03\x01random", b"\x16\x03\x01\xff\xff\x01"]
    {
        let answer = raw(rig.address(), noise).await;
        assert!(!answer.contains("HTTP/"), "{answer}");
    }
    let mut silent = TcpStream::connect(rig.address()).await.unwrap();
    let closed =
        tokio::time::timeout(Duration::from_secs(5), read_all(&mut silent, Duration::from_secs(60))).await;
    assert!(closed.is_ok(), "a handshake that never begins is given up");
    let half = [0; 3].map(|_| TcpStream::connect(rig.address()));
    let _half = futures_util::future::join_all(half).await;
    assert!(connect(&rig, &rig.config.certificate, b"h2").await.is_some(), "others are not kept waiting");
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn case_236_a_new_certificate_is_for_new_handshakes() {
    let (scratch, upstream) = (Scratch::new("tls-old"), Upstream::ok().await);
    let rig = rig(&scratch, &upstream).await;
    let mut before = http2(&rig).await;
    let other = Scratch::new("tls-new");
    let mut changed = rig.config.clone();
    changed.certificate = ensure_self_signed(other.path(), "2026-11-21T12:00:00Z".parse().unwrap()).unwrap();
    rig.gateway.reload(&changed).unwrap();
    assert!(connect(&rig, &rig.config.certificate, b"h2").await.is_none(), "the old one is gone");
    assert!(connect(&rig, &changed.certificate, b"h2").await.is_some());
    let answer = before.send_request(request(PATH).body(Empty::new()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200, "the old connection lives");
    let mut bad = changed.clone();
    bad.certificate.key.clone_from(&rig.config.certificate.key);
    assert!(rig.gateway.reload(&bad).is_err());
    assert!(connect(&rig, &changed.certificate, b"h2").await.is_some(), "and a bad pair changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_161_a_handshake_on_the_plain_port_is_refused() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let answer = raw(rig.address(), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n").await;
    assert!([0, 400].contains(&status(&answer)), "{answer}");
}
