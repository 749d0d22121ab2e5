//! Where a laboratory listens: its addresses, its certificate, its connections.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use gateway::Scheme;
use gateway::config::Certificate;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::door::{self, Arrival};
use super::scratch::Scratch;
use super::{Lab, Options};

/// Most connections at once.
const CONNECTIONS_MAX: usize = 2000;
/// How long a handshake and the head of a request may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Makes the certificate, and writes it where clients find it.
pub fn certificate(options: &Options, scratch: &Scratch, now: Timestamp) -> anyhow::Result<PathBuf> {
    let made = gateway::tls::ensure_self_signed(scratch.path(), now)?;
    let Some(out) = &options.certificate_out else { return Ok(made.chain) };
    fs::copy(&made.chain, out)
        .with_context(|| format!("cannot write the certificate to {}", out.display()))?;
    Ok(out.clone())
}

/// Begins to listen.
pub async fn listen(
    options: &Options,
    scratch: &Scratch,
    lab: &Arc<Lab>,
) -> anyhow::Result<(Vec<(Scheme, SocketAddr)>, Vec<JoinHandle<()>>)> {
    let acceptor = acceptor(scratch)?;
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let (mut addresses, mut listeners) = (Vec::new(), Vec::new());
    let asked = options.https.iter().map(|it| (Scheme::Https, *it));
    for (scheme, address) in asked.chain(options.http.iter().map(|it| (Scheme::Http, *it))) {
        let listener =
            TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
        addresses.push((scheme, listener.local_addr()?));
        let tls = (scheme == Scheme::Https).then(|| acceptor.clone());
        listeners.push(tokio::spawn(accept(listener, tls, Arc::clone(lab), Arc::clone(&permits))));
    }
    Ok((addresses, listeners))
}

fn acceptor(scratch: &Scratch) -> anyhow::Result<TlsAcceptor> {
    let (chain, key) = (scratch.path().join("certificate.pem"), scratch.path().join("certificate.key"));
    let live = gateway::tls::Live::default();
    live.load(&Certificate { chain, key })?;
    let mut config = (*live.current().context("there is no certificate")?).clone();
    // One protocol, so that a broken connection is one broken answer.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, lab: Arc<Lab>, permits: Arc<Semaphore>) {
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let (tls, lab) = (tls.clone(), Arc::clone(&lab));
        tokio::spawn(async move {
            let _permit = permit;
            connection(stream, tls, Arrival { peer, is_secure: false }, lab).await;
        });
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, mut arrival: Arrival, lab: Arc<Lab>) {
    let _ = stream.set_nodelay(true);
    match tls {
        None => serve(stream, arrival, lab).await,
        Some(tls) => {
            arrival.is_secure = true;
            if let Ok(Ok(stream)) = tokio::time::timeout(HEAD_TIMEOUT, tls.accept(stream)).await {
                serve(stream, arrival, lab).await;
            }
        }
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    arrival: Arrival,
    lab: Arc<Lab>,
) {
    let service = service_fn(move |request| door::answer(Arc::clone(&lab), arrival, request));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .preserve_header_case(true)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection has ended");
    }
}
