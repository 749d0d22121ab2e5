//! What a gateway is told: addresses, services, limits. The program reads it from a file; nothing here
//! knows how it was spelled there.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use dialects::client_half::Rates;
use dialects::{Dialect, ExpiredSession, Method};
use identity::model::policy::Policy;
use identity::model::portal::Portal;

/// Everything that a gateway is told. All but the addresses and threads can be replaced while it runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// Addresses for https.
    pub https: Vec<SocketAddr>,
    /// Addresses for plain http, for loopback or behind a proxy.
    pub http: Vec<SocketAddr>,
    /// The certificate chain and its key, PEM files. Both are read again at each reload.
    pub certificate: Certificate,
    /// Data threads; 0 is one per core.
    pub threads: usize,
    /// The services, in the order of the file.
    pub services: Vec<Service>,
    /// Limits.
    pub limits: Limits,
    /// Peers whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<Network>,
    /// A further public key, SPKI in PEM, whose signature in `X-Trusted-Proxy` makes a peer one of those that
    /// the setting `awx.PROXY_IP_ALLOWED_LIST` names (AWX contract section E2). Read again at each reload.
    pub trusted_proxy_key: Option<PathBuf>,
    /// The segment under which AWX's contract is also answered, such as `controller` for `/api/controller/`
    /// (AWX contract section 1.1), where no service has the path. It can change only at a start.
    pub awx_prefix: Option<String>,
    /// Where a client that was refused finds out how to get a token (RFC 9728): an absolute URL that the
    /// platform's challenge then names. It can change only at a start.
    pub resource_metadata: Option<String>,
    /// The hosts that requests may name; empty is any. Without port, compared without case.
    pub hosts: Vec<String>,
    /// The name of this node in headers.
    pub node: String,
    /// The name of the product in headers (`X-API-Product-Name`).
    pub product: String,
}

/// Where the certificate lies.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The chain, the server's own first.
    pub chain: PathBuf,
    /// Its private key (PKCS#8, SEC1 or PKCS#1).
    pub key: PathBuf,
}

/// One entry of the routing table.
#[derive(Clone)]
pub struct Service {
    /// Its name, unique.
    pub name: String,
    /// The path prefix that it answers, ending with a slash.
    pub path: String,
    /// The host that it answers; none is any.
    pub host: Option<String>,
    /// Where it is.
    pub target: Target,
    /// The contract in which its callers show themselves and are refused.
    pub dialect: &'static dyn Dialect,
    /// The paths that are open without a proof.
    pub public: Vec<PublicPath>,
    /// Who may call it.
    pub allow: Policy,
    /// How the gateway proves itself to it.
    pub identity: IdentityProof,
    /// How a dead session is answered there; only the contract of Catalyst knows more than one way.
    pub expired_session: ExpiredSession,
    /// How long a connection to it may take to be made.
    pub connect_timeout: Duration,
    /// How long it may take to begin its answer; none is the setting `request_timeout`.
    pub request_timeout: Option<Duration>,
    /// How long a body may rest; none is the setting `idle_timeout`.
    pub idle_timeout: Option<Duration>,
    /// Largest request body in bytes.
    pub body_max: u64,
    /// Most requests to it at once; more get 503 with `Retry-After`.
    pub concurrency_max: usize,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").field("name", &self.name).field("path", &self.path).finish_non_exhaustive()
    }
}

/// Where a service is.
#[derive(Clone, Debug)]
pub enum Target {
    /// Behind these addresses, used in turn; a node that cannot be reached is left out for a while.
    Upstream {
        /// Scheme, host and port of each, such as `http://127.0.0.1:8052`.
        nodes: Vec<http::Uri>,
        /// The prefix that takes the place of the service's path; ends with a slash. None keeps the path.
        path: Option<String>,
        /// Certificates that https nodes must chain to, PEM; none is the system's.
        ca: Option<PathBuf>,
        /// The path below the node at which it says how it is, for the status page.
        ping: Option<String>,
    },
    /// The built-in component that answers with what it received (`--demo`).
    Echo,
}

/// A path that is open without a proof. Literal: no patterns, never matched against the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicPath {
    /// Exactly this path.
    Exact(String),
    /// Everything below this path, which ends with a slash (spelled `/static/**` in the file).
    Below(String),
}

/// How the gateway proves to a service who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityProof {
    /// A signed JWT and the signature `X-Trusted-Proxy` (contract sections E3, E4).
    SignedJwt,
    /// `X-Forwarded-User`, `X-Forwarded-Email`, `X-Forwarded-Groups` and, of who acts for a tenant,
    /// `X-Forwarded-Tenant`, percent-encoded.
    Headers,
    /// A session at the service that the gateway opens itself, for all who call (decision 18).
    Session(Arc<Account>),
    /// Nothing.
    None,
}

/// The account with which the gateway signs in at a service, and how much it may ask of it.
#[derive(Clone)]
pub struct Account {
    /// The contract that the service speaks, whatever its callers speak.
    pub platform: &'static dyn Dialect,
    /// How to sign in.
    pub method: Method,
    /// Through which portal, where the contract has portals.
    pub portal: Option<Portal>,
    /// The account's name; empty for a token that was made elsewhere.
    pub username: String,
    /// Where its password, or the token, is to be found. It is read at each login.
    pub secret: SecretSource,
    /// Whether that is a token instead of a password.
    pub is_token: bool,
    /// The tenant that all requests are for; none is the account's own, or that of whoever asks.
    pub tenant: Option<String>,
    /// Most sessions at once, one for each tenant.
    pub sessions_max: usize,
    /// Most requests that wait for a session or for their turn.
    pub queue_max: usize,
    /// How long one waits at most.
    pub queue_timeout: Duration,
    /// How fast the service may be asked; none is what its contract says.
    pub rates: Option<Rates>,
    /// Whether nobody else uses the account, so that its other sessions are ended at a start.
    pub is_exclusive: bool,
}

/// Two accounts are the same if a session of one serves the other.
impl PartialEq for Account {
    fn eq(&self, other: &Self) -> bool {
        let key = |it: &Self| (it.platform.name(), it.method, it.portal, it.is_token, it.tenant.clone());
        key(self) == key(other) && self.username == other.username && self.secret == other.secret
    }
}

impl Eq for Account {}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("platform", &self.platform.name()).finish_non_exhaustive()
    }
}

/// Where a secret is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In a file, which only its owner can read.
    File(PathBuf),
    /// In a variable of the environment.
    Environment(String),
    /// Among the credentials that the service manager hands over.
    Credential(String),
    /// In the store, sealed, under this name.
    Stored(String),
}

/// Limits of the front door.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at once.
    pub connections_max: usize,
    /// Connections at once from one address.
    pub connections_per_address_max: usize,
    /// How long a TLS handshake may take.
    pub handshake_timeout: Duration,
    /// How long the head of a request may take.
    pub head_timeout: Duration,
    /// Largest head of a request in bytes.
    pub head_max: usize,
    /// Most header fields of a request.
    pub headers_max: usize,
    /// How long the body of a request to our own endpoints may take.
    pub body_timeout: Duration,
    /// Largest body of a request to our own endpoints in bytes.
    pub own_body_max: usize,
    /// How long a client may leave a part of an answer unread.
    pub write_timeout: Duration,
    /// How long a connection may stay without a request.
    pub keep_alive_timeout: Duration,
    /// How long requests may go on after SIGTERM.
    pub drain_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 20_000,
            connections_per_address_max: 5_000,
            handshake_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(10),
            head_max: 64 * 1024,
            headers_max: 100,
            body_timeout: Duration::from_secs(30),
            own_body_max: 1024 * 1024,
            write_timeout: Duration::from_secs(60),
            keep_alive_timeout: Duration::from_secs(75),
            drain_timeout: Duration::from_secs(30),
        }
    }
}

/// A block of addresses, such as `10.0.0.0/8` or `::1/128`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// An address in it.
    pub address: IpAddr,
    /// How many leading bits all its addresses share.
    pub bits: u8,
}
