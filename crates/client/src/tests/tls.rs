//! Certificates that are not taken, each for its own reason.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::{Server, answer};
use crate::{Certificate, Options, Transport, Trouble, Trust};

/// A server with a certificate of its own for `localhost`; its base and its certificate.
async fn server(change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    change(&mut params);
    let certificate = params.self_signed(&key).unwrap();
    let pem = certificate.pem();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(answer("200 OK", "", "ok").as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (format!("https://localhost:{port}"), pem)
}

async fn ask(base: &str, trust: Trust) -> Result<(), Trouble> {
    let options = Options { trust, timeout: Duration::from_secs(20), ..Options::default() };
    let request = Request::get(format!("{base}/")).body(Bytes::new()).unwrap();
    match Transport::with(options).unwrap().send(request).await {
        Ok(_) => Ok(()),
        Err(fault) => Err(Trouble::of(&fault).unwrap_or_else(|| panic!("{fault:?}"))),
    }
}

#[tokio::test]
async fn a_stranger_is_not_trusted_and_the_advice_names_the_option() {
    let (base, pem) = server(|_| ()).await;
    let (_, other) = server(|_| ()).await;
    let trouble = ask(&base, Trust::Ca(other.into_bytes())).await.unwrap_err();
    assert_eq!(trouble, Trouble::Certificate(Certificate::Untrusted));
    assert!(trouble.to_string().contains("--ca FILE"));
    assert_eq!(ask(&base, Trust::Ca(pem.into_bytes())).await, Ok(()));
    assert_eq!(ask(&base, Trust::Anybody).await, Ok(()));
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_time_are_told_apart() {
    let (base, pem) = server(|_| ()).await;
    let other = base.replace("localhost", "127.0.0.1");
    let trouble = ask(&other, Trust::Ca(pem.into_bytes())).await.unwrap_err();
    assert_eq!(trouble, Trouble::Certificate(Certificate::Name));
    let (base, pem) = server(|it| it.not_after = date_time_ymd(2001, 1, 1)).await;
    let trouble = ask(&base, Trust::Ca(pem.into_bytes())).await.unwrap_err();
    assert_eq!(trouble, Trouble::Certificate(Certificate::Expired));
    let (base, pem) = server(|it| it.not_before = date_time_ymd(2090, 1, 1)).await;
    let trouble = ask(&base, Trust::Ca(pem.into_bytes())).await.unwrap_err();
    assert_eq!(trouble, Trouble::Certificate(Certificate::NotYetValid));
}

#[tokio::test]
async fn a_port_without_tls_is_told_apart() {
    let server = Server::start(|_| answer("200 OK", "", "")).await;
    // Whoever speaks plain HTTP there answers the handshake with an error page.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(answer("400 Bad Request", "", "").as_bytes()).await;
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
        }
    });
    assert_eq!(ask(&base, Trust::System).await, Err(Trouble::NotTls));
    drop(server);
}
