//! A small pooled client with limits. It follows no redirect and keeps no cookie.

use std::error::Error;
use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use identity::{Fault, Origin};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio::sync::Semaphore;

/// Largest body of an answer, in bytes.
pub const BODY_MAX: usize = 1024 * 1024;
/// Requests at once; more wait for their turn, within their own timeout.
const CONCURRENCY_MAX: usize = 64;
/// Idle connections kept for each server.
const IDLE_MAX: usize = 8;
/// How long an idle connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest wait for a connection, however long the whole may take.
const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(10);

/// Sends requests. One for many requests: it keeps connections open.
#[derive(Debug)]
pub struct Transport {
    client: Client,
    timeout: Duration,
    turns: Semaphore,
}

impl Transport {
    /// A transport that trusts the certificates in `ca` (PEM, one or many) or, without them, what the system
    /// trusts; with `verify` false it trusts everybody. Every request must be over within the timeout.
    pub fn new(ca: Option<&[u8]>, verify: bool, timeout: Duration) -> Result<Self, Fault> {
        // The program has one provider of cryptography; a second caller finds it installed.
        if CryptoProvider::get_default().is_none() {
            let _ = aws_lc_rs::default_provider().install_default();
        }
        let client = match ca {
            Some(pem) => {
                let roots = Certificate::from_pem_bundle(pem)
                    .map_err(|cause| broken("cannot read the trusted certificates", cause))?;
                if roots.is_empty() {
                    let text = "there is no certificate among the trusted certificates";
                    return Err(Fault::new(Origin::Internal, text));
                }
                builder(verify, timeout).tls_certs_only(roots).build()
            }
            // A system without any trusted certificate can still speak plain http.
            None => builder(verify, timeout)
                .build()
                .or_else(|_| builder(verify, timeout).tls_certs_only([]).build()),
        };
        let client = client.map_err(|cause| broken("cannot make a client", cause))?;
        Ok(Self { client, timeout, turns: Semaphore::new(CONCURRENCY_MAX) })
    }

    /// Sends a request with an absolute address and reads the whole answer, at most 1 MiB.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Fault> {
        let exchange = async {
            let _turn = self.turns.acquire().await.map_err(|cause| broken("the client is closed", cause))?;
            self.exchange(request).await
        };
        match tokio::time::timeout(self.timeout, exchange).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Fault::new(Origin::Upstream, "the server did not answer in time")),
        }
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Fault> {
        let request = reqwest::Request::try_from(request).map_err(|cause| upstream(cause.without_url()))?;
        let answer = self.client.execute(request).await.map_err(|cause| upstream(cause.without_url()))?;
        let (status, version) = (answer.status(), answer.version());
        let mut answer = answer;
        let headers = std::mem::take(answer.headers_mut());
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|cause| upstream(cause.without_url()))? {
            if body.len() + chunk.len() > BODY_MAX {
                return Err(Fault::new(Origin::Upstream, "the answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body.freeze());
        *response.status_mut() = status;
        *response.version_mut() = version;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

fn builder(verify: bool, timeout: Duration) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("portcullis/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .referer(false)
        .no_proxy()
        .timeout(timeout)
        .connect_timeout(timeout.min(CONNECT_TIMEOUT_MAX))
        .pool_max_idle_per_host(IDLE_MAX)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .tls_danger_accept_invalid_certs(!verify)
}

/// What went wrong in general words; the cause goes to the log, without the address.
fn upstream(cause: reqwest::Error) -> Fault {
    let message = if cause.is_timeout() {
        "the server did not answer in time"
    } else if is_untrusted(&cause) {
        "the server's certificate is not trusted"
    } else if cause.is_connect() {
        "cannot connect to the server"
    } else if cause.is_builder() || cause.is_request() {
        "the request could not be sent"
    } else {
        "the answer broke off"
    };
    Fault::caused(Origin::Upstream, message, cause)
}

/// Whether a certificate was refused somewhere down the chain of causes.
fn is_untrusted(cause: &(dyn Error + 'static)) -> bool {
    let mut next = Some(cause);
    while let Some(cause) = next {
        if let Some(inner) = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            // An input or output error names the causes of its inner error, but not that error itself.
            return is_untrusted(inner);
        }
        if let Some(rustls::Error::InvalidCertificate(_)) = cause.downcast_ref() {
            return true;
        }
        next = cause.source();
    }
    false
}

fn broken(message: &'static str, cause: impl Error + Send + Sync + 'static) -> Fault {
    Fault::caused(Origin::Internal, message, cause)
}
