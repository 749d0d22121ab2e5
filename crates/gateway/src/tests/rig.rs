//! A running gateway over a real memory, for tests that speak to it through sockets.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use identity::action::{Claim, Fields, SignedIn, TokenFields, UserFields};
use identity::model::audit::Event;
use identity::model::csrf;
use identity::model::grant::GrantPolicy;
use identity::model::policy::Policy;
use identity::model::principal::{Charter, Evidence, Principal};
use identity::model::scope::Scope;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;
use identity::model::tenant::Tenant;
use identity::port::{AuditLog, Clock, Random, Vault, World};
use identity::{Authority, AuthoritySettings, Context};
use jiff::{SignedDuration, Timestamp};
use store::{Hasher, PasswordPolicy, SqliteStore, StoreOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::scratch::Scratch;
use crate::config::{Certificate, Config, IdentityProof, Limits, PublicPath, Service, Target};
use crate::{Gateway, Installation, Keys, Running};

pub const PASSWORD: &str = "correct horse battery";

pub struct TestClock {
    began: Instant,
    offset: AtomicI64,
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let elapsed = SignedDuration::try_from(self.began.elapsed()).unwrap();
        start + elapsed + SignedDuration::from_secs(self.offset.load(Ordering::Relaxed))
    }
}

pub struct TestRandom;

impl Random for TestRandom {
    fn fill(&self, buffer: &mut [u8]) {
        aws_lc_rs::rand::fill(buffer).unwrap();
    }
}

#[derive(Default)]
pub struct TestAudit(Mutex<Vec<Event>>);

impl AuditLog for TestAudit {
    fn record(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

pub struct Rig {
    pub gateway: Running,
    pub authority: Arc<Authority>,
    pub clock: Arc<TestClock>,
    pub config: Config,
    audit: Arc<TestAudit>,
    _scratch: Scratch,
}

/// A service at `/api/controller/` with everything as usual, behind these nodes.
pub fn service(nodes: &[SocketAddr]) -> Service {
    Service {
        name: "controller".into(),
        path: "/api/controller/".into(),
        host: None,
        target: Target::Upstream {
            nodes: nodes.iter().map(|it| format!("http://{it}").parse().unwrap()).collect(),
            path: None,
            ca: None,
            ping: None,
        },
        dialect: dialects::named("aap").unwrap(),
        public: vec![
            PublicPath::Exact("/api/controller/v2/ping/".into()),
            PublicPath::Below("/api/controller/open/".into()),
        ],
        allow: Policy { everybody: true, ..Policy::default() },
        identity: IdentityProof::SignedJwt,
        expired_session: dialects::ExpiredSession::default(),
        connect_timeout: Duration::from_secs(2),
        request_timeout: None,
        idle_timeout: None,
        body_max: 1024 * 1024,
        concurrency_max: 100,
    }
}

pub fn config(services: Vec<Service>) -> Config {
    Config {
        https: Vec::new(),
        http: vec!["127.0.0.1:0".parse().unwrap()],
        certificate: Certificate { chain: "none".into(), key: "none".into() },
        threads: 2,
        services,
        limits: Limits::default(),
        trusted_proxies: Vec::new(),
        trusted_proxy_key: None,
        awx_prefix: None,
        resource_metadata: None,
        hosts: Vec::new(),
        node: "node".into(),
        product: "product".into(),
    }
}

impl Rig {
    /// A gateway in front of this service.
    pub async fn before(service: Service) -> Self {
        Self::start(config(vec![service])).await
    }

    pub async fn start(config: Config) -> Self {
        Self::start_with(config, &dialects::ALL).await
    }

    /// A gateway that speaks these dialects.
    pub async fn start_with(config: Config, dialects: &[&'static dyn dialects::Dialect]) -> Self {
        Self::start_of(config, dialects, Vec::new()).await
    }

    /// A gateway that speaks these dialects, of an installation with these tenants.
    pub async fn start_of(
        config: Config,
        dialects: &[&'static dyn dialects::Dialect],
        tenants: Vec<Tenant>,
    ) -> Self {
        static COUNT: AtomicI64 = AtomicI64::new(0);
        let scratch = Scratch::new(&format!("rig-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        let clock = Arc::new(TestClock { began: Instant::now(), offset: AtomicI64::new(0) });
        let store = SqliteStore::open(StoreOptions::new(scratch.path().join("db")), clock.now(), &TestRandom)
            .await
            .unwrap();
        let installation =
            Installation::new(&config, crate::keys::tests::keys(), Arc::<TestClock>::clone(&clock), "1.2.3");
        let audit = Arc::new(TestAudit::default());
        let cheap = PasswordPolicy { memory_kib: 16, iterations: 1, ..PasswordPolicy::default() };
        let world = World {
            clock: Arc::<TestClock>::clone(&clock),
            random: Arc::new(TestRandom),
            verifier: Arc::new(Hasher::new(&cheap, Arc::new(TestRandom)).unwrap()),
            audit: Arc::<TestAudit>::clone(&audit),
            platform: Arc::<Installation>::clone(&installation),
            vault: Arc::clone(&store) as Arc<dyn Vault>,
        };
        let settings = AuthoritySettings {
            csrf_key: csrf::Key([7; 32]),
            attempt_policy: identity::model::attempt::AttemptPolicy::default(),
            token_life: SignedDuration::from_hours(24),
            grant_policy: GrantPolicy::default(),
            tenants,
            manager_version: "20.12.1".to_owned(),
        };
        let authority = Arc::new(Authority::new(store, world, settings));
        let control = tokio::runtime::Handle::current();
        let gateway =
            Gateway::start_with(&config, dialects, Arc::clone(&authority), installation, control).unwrap();
        Self { gateway, authority, clock, config, audit, _scratch: scratch }
    }

    pub fn address(&self) -> SocketAddr {
        self.gateway.addresses()[0].1
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.offset.fetch_add(seconds, Ordering::Relaxed);
    }

    pub fn audited(&self) -> Vec<Event> {
        self.audit.0.lock().unwrap().clone()
    }

    pub fn context(&self) -> Context {
        Context {
            request_id: "5cfe1f44-27a6-4b4a-8d8e-1a3d5d1b0001".into(),
            address: "127.0.0.1".into(),
            door: "shell",
            now: self.clock.now(),
        }
    }

    /// A new user with the usual password.
    pub async fn user(&self, username: &str, is_superuser: bool) -> Principal {
        let fields = UserFields {
            username: Some(username.into()),
            password: Some(Secret::new(PASSWORD)),
            email: Some(format!("{username}@example.com")),
            is_superuser: Some(is_superuser),
            ..UserFields::default()
        };
        let operator = self.authority.operator().await.unwrap();
        self.authority
            .create(&self.context(), &operator, Fields::User(fields), false)
            .await
            .unwrap()
            .unwrap();
        let subject = self.authority.user_named(username).await.unwrap().unwrap();
        Principal {
            subject,
            scope: Scope::write(),
            evidence: Evidence::Operator,
            charter: Charter::Platform,
            tenant: None,
        }
    }

    /// A new token of a user.
    pub async fn token(&self, principal: &Principal, scope: &str) -> String {
        let fields = TokenFields {
            application: Some(None),
            description: None,
            scope: Some(Scope::parse(scope).unwrap()),
        };
        let made = self.authority.create(&self.context(), principal, Fields::Token(fields), false).await;
        made.unwrap().unwrap().token.unwrap().expose().to_owned()
    }

    /// A new session of a user.
    pub async fn session(&self, username: &str) -> SignedIn {
        let password = Secret::new(PASSWORD);
        let claim = Claim::new(username, &password, SessionKind::Gateway);
        self.authority.sign_in(&self.context(), claim).await.unwrap()
    }

    /// Sends bytes and reads until the gateway closes or says nothing for a while.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        raw(self.address(), bytes).await
    }

    /// Sends one request with these further header lines.
    pub async fn get(&self, path: &str, lines: &str) -> String {
        self.raw(format!("GET {path} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n{lines}\r\n").as_bytes())
            .await
    }

    pub async fn post(&self, path: &str, lines: &str, body: &str) -> String {
        let length = body.len();
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\nContent-Length: {length}\r\n");
        self.raw(format!("{head}{lines}\r\n{body}").as_bytes()).await
    }
}

pub async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The gateway may have closed already; what it said before counts.
    let _ = stream.write_all(bytes).await;
    read_all(&mut stream, Duration::from_secs(3)).await
}

/// Reads until the other side closes, or says nothing for that long.
pub async fn read_all(stream: &mut TcpStream, silence: Duration) -> String {
    let mut all = Vec::new();
    while let Ok(Ok(count)) = tokio::time::timeout(silence, stream.read_buf(&mut all)).await {
        if count == 0 {
            break;
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// The status of the first answer in a text.
pub fn status(text: &str) -> u16 {
    text.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0)
}

/// How many answers are in a text.
pub fn answers(text: &str) -> usize {
    text.matches("HTTP/1.1 ").count()
}

/// The keys of the rig.
pub fn keys() -> Keys {
    crate::keys::tests::keys()
}
