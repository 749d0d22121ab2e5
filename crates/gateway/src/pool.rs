//! Connections to services: made within a time, kept by the thread that made them, used again last in
//! first out.
//!
//! The pool belongs to one data thread and one node, so its lock is never waited for. A connection goes
//! back only after its answer was read to the end and its request was sent to the end; one that was
//! upgraded never does.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use identity::{Fault, Origin};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::answer_guard::Guarded;

/// Connections that a thread keeps to one node while nobody uses them.
const IDLE_MAX: usize = 64;
/// How long an unused connection is kept. Below the usual 60 and 75 seconds of servers, so that ours is the
/// side that closes.
const IDLE_TIMEOUT: Duration = Duration::from_secs(55);
/// Largest head of an answer in bytes.
const HEAD_MAX: usize = 256 * 1024;

/// How connections to a service are made.
#[derive(Clone)]
pub struct Connector {
    /// None if no node is asked for encryption.
    tls: Option<TlsConnector>,
    timeout: Duration,
}

/// Why no connection was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectFault {
    /// The name has no address.
    Name,
    /// The node cannot be reached or does not listen.
    Refused,
    /// It took too long.
    Timeout,
    /// The node does not speak TLS, or its certificate is not to be trusted.
    Tls,
    /// The address is none.
    Address,
}

impl ConnectFault {
    /// In general words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "the name cannot be resolved",
            Self::Refused => "the node cannot be reached",
            Self::Timeout => "no connection in time",
            Self::Tls => "no trusted encryption",
            Self::Address => "the address is no address",
        }
    }
}

impl Connector {
    /// A connector to these nodes that trusts the certificates in this file, or the system's, and gives up
    /// after that long.
    pub fn new(nodes: &[http::Uri], ca: Option<&Path>, timeout: Duration) -> Result<Self, Fault> {
        if !nodes.iter().any(is_https) {
            return Ok(Self { tls: None, timeout });
        }
        let broken =
            |cause: rustls::Error| Fault::caused(Origin::Internal, "cannot set up TLS upstream", cause);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(broken)?;
        let mut config = match ca {
            Some(path) => builder.with_root_certificates(read_roots(path)?).with_no_client_auth(),
            None => builder.with_platform_verifier().map_err(broken)?.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { tls: Some(TlsConnector::from(Arc::new(config))), timeout })
    }
}

fn is_https(node: &http::Uri) -> bool {
    node.scheme() == Some(&http::uri::Scheme::HTTPS)
}

fn read_roots(path: &Path) -> Result<rustls::RootCertStore, Fault> {
    let fault = |cause| Fault::caused(Origin::Internal, format!("cannot read {}", path.display()), cause);
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(fault)? {
        roots.add(certificate.map_err(fault)?).map_err(|cause| {
            Fault::caused(
                Origin::Internal,
                format!("{} is not a list of certificates", path.display()),
                cause,
            )
        })?;
    }
    if roots.is_empty() {
        return Err(Fault::new(Origin::Internal, format!("no certificate in {}", path.display())));
    }
    Ok(roots)
}

/// A new connection to a node, ready to be used. Its other half runs on the current runtime.
pub async fn connect<B>(connector: &Connector, node: &http::Uri) -> Result<SendRequest<B>, ConnectFault>
where
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    tokio::time::timeout(connector.timeout, open(connector, node)).await.map_err(|_| ConnectFault::Timeout)?
}

async fn open<B>(connector: &Connector, node: &http::Uri) -> Result<SendRequest<B>, ConnectFault>
where
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let authority = node.authority().ok_or(ConnectFault::Address)?;
    let is_tls = is_https(node);
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let stream = reach(host, port).await?;
    let _ = stream.set_nodelay(true);
    if is_tls {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| ConnectFault::Address)?;
        let tls = connector.tls.as_ref().ok_or(ConnectFault::Tls)?;
        let stream = tls.connect(name, stream).await.map_err(|_| ConnectFault::Tls)?;
        handshake(TokioIo::new(Guarded::new(stream))).await
    } else {
        handshake(TokioIo::new(Guarded::new(stream))).await
    }
}

async fn reach(host: &str, port: u16) -> Result<TcpStream, ConnectFault> {
    // Names are resolved on another thread; addresses need none.
    if let Ok(address) = host.parse::<std::net::IpAddr>() {
        return TcpStream::connect((address, port)).await.map_err(|_| ConnectFault::Refused);
    }
    let addresses = tokio::net::lookup_host((host, port)).await.map_err(|_| ConnectFault::Name)?;
    for address in addresses {
        if let Ok(stream) = TcpStream::connect(address).await {
            return Ok(stream);
        }
    }
    Err(ConnectFault::Refused)
}

async fn handshake<I, B>(io: I) -> Result<SendRequest<B>, ConnectFault>
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // At most 100 fields of an answer are read: that many the library keeps without an allocation.
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_MAX)
        .handshake(io)
        .await
        .map_err(|_| ConnectFault::Refused)?;
    tokio::spawn(async move {
        // How it ends shows at the requests on it; there is nothing to add here.
        let _ = connection.with_upgrades().await;
    });
    Ok(sender)
}

/// The unused connections of one thread to one node.
pub struct Pool<B>(Mutex<Vec<Idle<B>>>);

struct Idle<B> {
    sender: SendRequest<B>,
    since: Instant,
}

impl<B> Default for Pool<B> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<B> Pool<B> {
    /// The connection that was used last, if one is alive.
    pub fn take(&self) -> Option<SendRequest<B>> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(it) = idle.pop() {
            if it.since.elapsed() >= IDLE_TIMEOUT {
                // All below are older still.
                idle.clear();
                return None;
            }
            if !it.sender.is_closed() {
                return Some(it.sender);
            }
        }
        None
    }

    /// Keeps a connection whose request and answer are complete.
    pub fn give_back(&self, sender: SendRequest<B>) {
        if sender.is_closed() {
            return;
        }
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() >= IDLE_MAX {
            idle.remove(0);
        }
        idle.push(Idle { sender, since: Instant::now() });
    }
}
