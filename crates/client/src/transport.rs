//! A small pooled client with limits. It follows no redirect and keeps no cookie.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use identity::{Fault, Origin};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio::sync::Semaphore;

use crate::payload::Payload;
use crate::stream::Streamed;
use crate::trouble::{NoAddress, Trouble};

/// Largest body of a whole answer unless the options say otherwise, in bytes.
pub const BODY_MAX: usize = 1024 * 1024;
/// Requests at once; more wait for their turn, within their own timeout.
const CONCURRENCY_MAX: usize = 64;
/// Idle connections kept for each server.
const IDLE_MAX: usize = 8;
/// How long an idle connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest wait for a connection, however long the whole may take.
const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(10);

/// Whose certificates are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Those that the system trusts.
    System,
    /// Those that these certificates (PEM, one or many) have signed, and no others.
    Ca(Vec<u8>),
    /// Anybody's: whoever sits on the way can read and change everything. Whoever offers this warns each time.
    Anybody,
}

/// Which proxies are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proxies {
    /// None, whatever the environment says.
    #[default]
    None,
    /// Those of `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`, except for hosts in `NO_PROXY` (in small letters too).
    /// The proxy sees an https address's host and port, never what is said there.
    Environment,
}

/// How a transport behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whose certificates are taken.
    pub trust: Trust,
    /// How long a whole exchange of [`Transport::send`] may take.
    pub timeout: Duration,
    /// How long an exchange of [`Transport::open`] may stand still, in either direction.
    pub idle_timeout: Duration,
    /// Largest body of a whole answer, in bytes.
    pub body_max: usize,
    /// Which proxies are used.
    pub proxies: Proxies,
    /// Whether faults tell a user of the command line what to do, after a semicolon.
    pub advises: bool,
}

impl Default for Options {
    fn default() -> Self {
        let (timeout, idle_timeout) = (Duration::from_secs(30), Duration::from_secs(60));
        let (trust, proxies) = (Trust::System, Proxies::None);
        Self { trust, timeout, idle_timeout, body_max: BODY_MAX, proxies, advises: true }
    }
}

/// Sends requests. One for many requests: it keeps connections open.
#[derive(Debug)]
pub struct Transport {
    client: Client,
    options: Options,
    turns: Arc<Semaphore>,
}

impl Transport {
    /// A transport that trusts the certificates in `ca` (PEM, one or many) or, without them, what the system
    /// trusts; with `verify` false it trusts everybody. Every request must be over within the timeout. This is the
    /// gateway's: its faults give no advice about options of the command line.
    pub fn new(ca: Option<&[u8]>, verify: bool, timeout: Duration) -> Result<Self, Fault> {
        let trust = match ca {
            _ if !verify => Trust::Anybody,
            Some(pem) => Trust::Ca(pem.to_vec()),
            None => Trust::System,
        };
        Self::with(Options { trust, timeout, idle_timeout: timeout, advises: false, ..Options::default() })
    }

    /// A transport with these options.
    pub fn with(options: Options) -> Result<Self, Fault> {
        // The program has one provider of cryptography; a second caller finds it installed.
        if CryptoProvider::get_default().is_none() {
            let _ = aws_lc_rs::default_provider().install_default();
        }
        let client = match &options.trust {
            Trust::Ca(pem) => builder(&options).tls_certs_only(roots(pem)?).build(),
            // A system without any trusted certificate can still speak plain http.
            Trust::System => {
                builder(&options).build().or_else(|_| builder(&options).tls_certs_only([]).build())
            }
            Trust::Anybody => builder(&options)
                .tls_danger_accept_invalid_certs(true)
                .tls_danger_accept_invalid_hostnames(true)
                .build(),
        };
        let client =
            client.map_err(|cause| Fault::caused(Origin::Internal, "cannot make a client", cause))?;
        Ok(Self { client, options, turns: Arc::new(Semaphore::new(CONCURRENCY_MAX)) })
    }

    /// How it behaves.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Sends a request with an absolute address and reads the whole answer, within the timeout and the largest
    /// body of the options.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Fault> {
        let exchange =
            async { self.open(request.map(Payload::from)).await?.whole(self.options.body_max).await };
        let outcome = tokio::time::timeout(self.options.timeout, exchange).await;
        outcome.unwrap_or_else(|_| Err(Trouble::Timeout.fault())).map_err(|fault| self.worded(fault))
    }

    /// Sends a request with an absolute address; the answer may be of any size, and so may the body. As long as
    /// something moves, it may take as long as it takes.
    pub async fn open(&self, request: Request<Payload>) -> Result<Streamed, Fault> {
        self.begin(request).await.map_err(|fault| self.worded(fault))
    }

    async fn begin(&self, request: Request<Payload>) -> Result<Streamed, Fault> {
        let idle_timeout = self.options.idle_timeout;
        let turn = tokio::time::timeout(idle_timeout, Arc::clone(&self.turns).acquire_owned());
        let turn = turn.await.map_err(|_| Trouble::Timeout.fault())?;
        let turn = turn.map_err(|it| Fault::caused(Origin::Internal, "the client is closed", it))?;
        let sent = Arc::new(AtomicU64::new(0));
        let (parts, payload) = request.into_parts();
        let request = Request::from_parts(parts, payload.open(&sent).await?);
        let request = reqwest::Request::try_from(request).map_err(fault)?;
        let answer = self.client.execute(request);
        tokio::pin!(answer);
        let mut before = 0;
        loop {
            match tokio::time::timeout(idle_timeout, &mut answer).await {
                Ok(answer) => return Ok(Streamed::new(answer.map_err(fault)?, idle_timeout, turn)),
                // A long body is still on its way.
                Err(_) if sent.load(Ordering::Relaxed) > before => before = sent.load(Ordering::Relaxed),
                Err(_) => return Err(Trouble::Timeout.fault()),
            }
        }
    }

    /// A fault with its advice or without it.
    fn worded(&self, mut fault: Fault) -> Fault {
        if !self.options.advises
            && let Some(end) = fault.message.find("; ")
        {
            fault.message.truncate(end);
        }
        fault
    }
}

fn builder(options: &Options) -> ClientBuilder {
    let builder = Client::builder()
        .user_agent(concat!("portcullis/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(options.timeout.min(CONNECT_TIMEOUT_MAX))
        .pool_max_idle_per_host(IDLE_MAX)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .dns_resolver(Resolver);
    match options.proxies {
        Proxies::None => builder.no_proxy(),
        Proxies::Environment => builder,
    }
}

fn roots(pem: &[u8]) -> Result<Vec<Certificate>, Fault> {
    let unreadable = "cannot read the trusted certificates; they must be in PEM form";
    let roots =
        Certificate::from_pem_bundle(pem).map_err(|it| Fault::caused(Origin::Internal, unreadable, it))?;
    if roots.is_empty() {
        let text = "there is no certificate among the trusted certificates";
        return Err(Fault::new(Origin::Internal, text));
    }
    Ok(roots)
}

/// What went wrong, in words that help; the cause goes to the log, without the address.
fn fault(cause: reqwest::Error) -> Fault {
    let cause = cause.without_url();
    Trouble::read(&cause).caused(cause)
}

/// Asks the system for addresses, and says of a failure that it was one of names.
#[derive(Debug)]
struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found: Vec<SocketAddr> = found.map_err(|it| NoAddress(Some(it)))?.collect();
            if found.is_empty() {
                return Err(NoAddress(None).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
