//! A bed for tests: the contract's endpoints over a real store, with a clock that stands still.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response};
use identity::action::{Claim, Fields, SignedIn, TokenFields, UserFields};
use identity::model::attempt::AttemptPolicy;
use identity::model::audit::Event;
use identity::model::csrf;
use identity::model::grant::GrantPolicy;
use identity::model::proof::Presented;
use identity::model::scope::Scope;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;
use identity::model::setting::SettingValue;
use identity::port::{
    AuditLog, Clock, Health, NodeStatus, Platform, Random, ServiceStatus, SettingWrite, Store, Vault, World,
};
use identity::{Authority, AuthoritySettings, Context, Fault};
use jiff::{SignedDuration, Timestamp};
use store::{Hasher, PasswordPolicy, SqliteStore, StoreOptions};
use tower::ServiceExt as _;

use crate::dialect::{Dialect, Doorway};

pub mod talk;
pub mod transcript;

/// The password of every user of the bed.
pub const PASSWORD: &str = "correct horse";
/// The host that requests name.
pub const HOST: &str = "gateway.example.com";
/// The token by which the bed knows a component.
pub const SERVICE_TOKEN: &str = "a.service.token";

/// One installation: `admin`, `alice` and `bob`, who is disabled.
pub struct Bed {
    /// Decides.
    pub authority: Arc<Authority>,
    /// Now.
    pub clock: Arc<StandingClock>,
    /// Whether clients come encrypted.
    pub is_secure: bool,
    directory: PathBuf,
}

impl Bed {
    /// A new one.
    pub async fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("dialects-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        let clock = Arc::new(StandingClock(AtomicI64::new(1_795_300_000_193_728)));
        let random = Arc::new(Stirred(AtomicU64::new(1)));
        let store = SqliteStore::open(StoreOptions::new(directory.join("db")), clock.now(), &*random);
        let store = store.await.unwrap();
        let policy = PasswordPolicy { memory_kib: 64, iterations: 1, ..PasswordPolicy::default() };
        let world = World {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            verifier: Arc::new(Hasher::new(&policy, Arc::clone(&random) as Arc<dyn Random>).unwrap()),
            random,
            audit: Arc::new(Silence),
            platform: Arc::new(Place),
            vault: Arc::clone(&store) as Arc<dyn Vault>,
        };
        let settings = AuthoritySettings {
            csrf_key: csrf::Key([7; 32]),
            attempt_policy: AttemptPolicy::default(),
            token_life: SignedDuration::from_hours(24 * 365),
            grant_policy: GrantPolicy::default(),
            tenants: Vec::new(),
            manager_version: "20.12.1".to_owned(),
        };
        let authority = Arc::new(Authority::new(store as Arc<dyn Store>, world, settings));
        let bed = Self { authority, clock, is_secure: true, directory };
        for (name, is_superuser, is_enabled) in
            [("admin", true, true), ("alice", false, true), ("bob", false, false)]
        {
            bed.add_user(name, is_superuser, is_enabled).await;
        }
        bed
    }

    async fn add_user(&self, name: &str, is_superuser: bool, is_enabled: bool) {
        let operator = self.authority.operator().await.unwrap();
        let fields = Fields::User(UserFields {
            username: Some(name.to_owned()),
            password: Some(Secret::new(PASSWORD)),
            is_superuser: Some(is_superuser),
            is_enabled: Some(is_enabled),
            ..UserFields::default()
        });
        self.authority.create(&self.context(), &operator, fields, false).await.unwrap();
    }

    /// A further user, with a password of their own.
    pub async fn add_user_with(&self, name: &str, password: &str) {
        let operator = self.authority.operator().await.unwrap();
        let fields = Fields::User(UserFields {
            username: Some(name.to_owned()),
            password: Some(Secret::new(password)),
            ..UserFields::default()
        });
        self.authority.create(&self.context(), &operator, fields, false).await.unwrap();
    }

    /// What is known of a request now.
    pub fn context(&self) -> Context {
        Context {
            request_id: "5a3c1d7e-0000-4000-8000-0000000000ff".to_owned(),
            address: "192.0.2.1".to_owned(),
            door: "aap",
            now: self.clock.now(),
        }
    }

    /// A session of a user, of the platform's kind.
    pub async fn sign_in(&self, name: &str) -> SignedIn {
        self.sign_in_as(name, SessionKind::Gateway).await
    }

    /// A session of a user.
    pub async fn sign_in_as(&self, name: &str, kind: SessionKind) -> SignedIn {
        let password = Secret::new(PASSWORD);
        let claim = Claim::new(name, &password, kind);
        self.authority.sign_in(&self.context(), claim).await.unwrap()
    }

    /// A token of a user.
    pub async fn token(&self, name: &str, scope: &str) -> String {
        let presented =
            Presented { basic: Some((name.to_owned(), Secret::new(PASSWORD))), ..Presented::default() };
        let found = self.authority.authenticate(&presented, &self.context()).await.unwrap();
        let principal = found.known().unwrap();
        let fields = Fields::Token(TokenFields {
            scope: Some(Scope::parse(scope).unwrap()),
            ..TokenFields::default()
        });
        let written = self.authority.create(&self.context(), &principal, fields, false).await.unwrap();
        written.unwrap().token.unwrap().expose().to_owned()
    }

    /// Sets a setting.
    pub async fn set(&self, name: &'static str, value: SettingValue) {
        let operator = self.authority.operator().await.unwrap();
        let write = SettingWrite { name, value: Some(value) };
        self.authority.write_settings(&self.context(), &operator, vec![write], false).await.unwrap();
    }

    /// The answer to a request.
    pub async fn send(&self, dialect: &'static dyn Dialect, request: Request<Bytes>) -> Response<Bytes> {
        let doorway = Doorway { is_secure: self.is_secure, host: HOST.to_owned(), ..Doorway::default() };
        self.send_through(dialect, request, doorway).await
    }

    /// The answer to a request that came in so.
    pub async fn send_through(
        &self,
        dialect: &'static dyn Dialect,
        mut request: Request<Bytes>,
        doorway: Doorway,
    ) -> Response<Bytes> {
        request.extensions_mut().insert(doorway);
        request.extensions_mut().insert(self.context());
        let routes = dialect.routes(Arc::clone(&self.authority));
        let response = routes.oneshot(request.map(Body::from)).await.unwrap();
        let (parts, body) = response.into_parts();
        Response::from_parts(parts, to_bytes(body, 1024 * 1024).await.unwrap())
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        // A test must not fail because its rubbish stays.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A clock that stands still until it is set; in microseconds since 1970.
pub struct StandingClock(AtomicI64);

impl StandingClock {
    /// Lets time pass.
    pub fn pass(&self, time: SignedDuration) {
        self.0.fetch_add(i64::try_from(time.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// Bytes that are different each time; good enough where nobody guesses.
struct Stirred(AtomicU64);

impl Random for Stirred {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            let step = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            let stirred = (step ^ (step >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (stirred >> 40).to_le_bytes()[0];
        }
    }
}

struct Silence;

impl AuditLog for Silence {
    fn record(&self, _: &Event) {}
}

struct Place;

#[async_trait]
impl Platform for Place {
    fn version(&self) -> &'static str {
        "1.2.3"
    }

    fn product(&self) -> &'static str {
        "Portcullis"
    }

    fn node(&self) -> &'static str {
        "node-1"
    }

    fn public_key_pem(&self) -> &'static str {
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
    }

    fn service_id(&self) -> &'static str {
        "5a3c1d7e-0000-4000-8000-000000000001"
    }

    fn sign_jwt(&self, kind: &'static str, claims: &str) -> Result<String, Fault> {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        Ok(format!("{}.{}.c2lnbmVk", part(&format!("{{\"typ\":\"{kind}\"}}")), part(claims)))
    }

    fn services(&self) -> Vec<(String, String)> {
        [("controller", "/api/controller/"), ("events", "/eda-event-streams/"), ("hub", "/api/galaxy/")]
            .map(|(name, path)| (name.to_owned(), path.to_owned()))
            .to_vec()
    }

    async fn service_status(&self, _: SignedDuration, _: bool) -> Vec<ServiceStatus> {
        let good = NodeStatus {
            node: "10.0.0.1:8052".to_owned(),
            url: "http://10.0.0.1:8052/api/v2/ping/".to_owned(),
            health: Health::Good,
            response_code: Some(200),
            response: Some("{\"version\":\"4.5\"}".to_owned()),
            exception: None,
        };
        let failed = NodeStatus {
            node: "10.0.0.2:8052".to_owned(),
            health: Health::Failed,
            response_code: None,
            response: None,
            exception: Some("cannot connect to the server".to_owned()),
            ..good.clone()
        };
        let nodes = vec![good, failed];
        vec![ServiceStatus { name: "controller".to_owned(), health: Health::Degraded, nodes }]
    }

    fn verify_service_token(&self, token: &str) -> Option<String> {
        (token == SERVICE_TOKEN).then(|| "controller".to_owned())
    }
}
