//! The whole program on one page: memory, world, authority and gateway, and who is given what.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use gateway::config::{Certificate, Config as GatewayConfig};
use gateway::{Gateway, Installation, Keys, Running};
use identity::model::csrf;
use identity::model::grant::GrantPolicy;
use identity::port::{Clock, Random, World};
use identity::{Authority, AuthoritySettings, Fault};
use jiff::SignedDuration;
use store::{Hasher, PasswordPolicy, SqliteStore, StoreOptions, VaultKey};

use crate::audit_log::{AuditWriter, Target};
use crate::clock::SystemClock;
use crate::config::{Audit, Config, DEFAULT_HTTPS, Vault};
use crate::data_dir::DataDir;
use crate::random::OsRandom;

/// The database in the data directory.
pub const DATABASE: &str = "portcullis.db";
/// The signing key in the data directory: PKCS#8 DER.
const IDENTITY_KEY: &str = "identity.key";
/// The key of sealed secrets in the data directory, where the configuration names no other.
const VAULT_KEY: &str = "vault.key";
/// The audit log in the data directory, where the configuration names no other.
pub const AUDIT_LOG: &str = "audit.jsonl";
/// The fact under which the key of CSRF tokens is kept.
const CSRF_KEY: &str = "csrf_key";
/// The product that headers name.
const PRODUCT: &str = "Portcullis";

/// All that decides, without anything that listens.
pub struct Installed {
    /// What decides.
    pub authority: Arc<Authority>,
    /// What the gateway is told.
    pub gateway_config: GatewayConfig,
    /// The audit log.
    pub audit: Arc<AuditWriter>,
    store: Arc<SqliteStore>,
    installation: Arc<Installation>,
    /// Why what lies sealed cannot be opened, if so: nothing is served then.
    closed_vault: Option<Fault>,
}

/// Opens a data directory that this process holds. What a first start has to make and does not find is made
/// here, each thing whole or not at all, so that an interrupted start is mended by the next.
pub async fn open(data_dir: &DataDir, config: &Config) -> anyhow::Result<Installed> {
    let (clock, random) = (Arc::new(SystemClock), Arc::new(OsRandom));
    let mut options = StoreOptions::new(data_dir.file(DATABASE));
    options.verdict_life = signed(config.limits.password_verdict);
    options.vault_key = vault_key(data_dir, config);
    let store =
        SqliteStore::open(options, clock.now(), random.as_ref()).await.context("cannot open the database")?;
    let audit = AuditWriter::start(audit_target(data_dir, config))?;
    let gateway_config = gateway_config(data_dir, config);
    let keys = keys(data_dir)?;
    let installation = Installation::new(&gateway_config, keys, clock.clone(), env!("CARGO_PKG_VERSION"));
    let world = World {
        clock,
        random: random.clone(),
        verifier: Arc::new(Hasher::new(&password_policy(config), random.clone())?),
        audit: audit.clone(),
        platform: installation.clone(),
        vault: store.clone(),
    };
    let (csrf_key, closed_vault) = csrf_key(&store, random.as_ref()).await?;
    let settings = AuthoritySettings {
        csrf_key,
        attempt_policy: config.limits.attempts.clone(),
        token_life: signed(config.token.life),
        grant_policy: grant_policy(config),
        tenants: config.catalyst.tenants.clone(),
        manager_version: config.catalyst.version.clone(),
    };
    let authority = Arc::new(Authority::new(store.clone(), world, settings));
    Ok(Installed { authority, gateway_config, audit, store, installation, closed_vault })
}

impl Installed {
    /// Begins to listen. The control runtime is the one that this is called on.
    pub fn listen(&self) -> anyhow::Result<Running> {
        if let Some(fault) = &self.closed_vault {
            // Secret settings would silently have their defaults.
            anyhow::bail!(
                "what lies sealed in the database cannot be opened: {}; if the key is gone for good, `portcullis secret \
                 rekey --forget` removes what it sealed",
                fault.chain()
            );
        }
        let control = tokio::runtime::Handle::current();
        let (authority, installation) = (self.authority.clone(), self.installation.clone());
        for address in self.gateway_config.https.iter().chain(&self.gateway_config.http) {
            // The data threads share their ports, and the system would let another gateway of the same user
            // join them and take a part of the connections. A socket that shares nothing finds that out.
            TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
        }
        Ok(Gateway::start(&self.gateway_config, authority, installation, control)?)
    }

    /// Writes what is still in memory and lets go of the data directory.
    pub async fn close(self) -> anyhow::Result<()> {
        let closed = self.store.close().await;
        self.audit.stop();
        closed.context("cannot close the database")
    }
}

/// What the gateway is told, as the configuration has it.
pub fn gateway_config(data_dir: &DataDir, config: &Config) -> GatewayConfig {
    let listen = &config.listen;
    let own =
        || Certificate { chain: data_dir.file("certificate.pem"), key: data_dir.file("certificate.key") };
    GatewayConfig {
        https: listen.https.clone().unwrap_or_else(|| vec![DEFAULT_HTTPS]),
        http: listen.http.clone().unwrap_or_default(),
        certificate: config.tls.clone().unwrap_or_else(own),
        threads: listen.threads,
        services: config.services.clone(),
        limits: config.limits.door.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        hosts: listen.hosts.clone(),
        node: listen.node.clone().unwrap_or_else(machine_name),
        product: listen.product.clone().unwrap_or_else(|| PRODUCT.to_owned()),
        trusted_proxy_key: config.awx.trusted_proxy_key.clone(),
        awx_prefix: config.awx.prefix.clone(),
        resource_metadata: config.oauth.resource_metadata(),
    }
}

/// Makes the certificate that the gateway signs itself, where the configuration names no other.
pub fn ensure_certificate(data_dir: &DataDir, config: &Config, clock: &dyn Clock) -> anyhow::Result<()> {
    if config.tls.is_none() {
        gateway::tls::ensure_self_signed(data_dir.path(), clock.now())?;
        // Refused if others can read it, as every secret here is.
        data_dir.read_secret("certificate.key")?;
    }
    Ok(())
}

/// Where audit events go.
pub fn audit_target(data_dir: &DataDir, config: &Config) -> Target {
    match &config.log.audit {
        Audit::DataDirectory => Target::File(data_dir.file(AUDIT_LOG)),
        Audit::File(path) => Target::File(path.clone()),
        Audit::Stdout => Target::Stdout,
    }
}

fn keys(data_dir: &DataDir) -> anyhow::Result<Keys> {
    let der = if let Some(der) = data_dir.read_secret(IDENTITY_KEY)? {
        der
    } else {
        let der = Keys::generate()?;
        data_dir.write_secret(IDENTITY_KEY, &der)?;
        der
    };
    Keys::load(&der).with_context(|| format!("cannot use {}", data_dir.file(IDENTITY_KEY).display()))
}

/// Where the key of sealed secrets lies.
fn vault_key(data_dir: &DataDir, config: &Config) -> VaultKey {
    match &config.vault {
        Vault::Own => VaultKey::Own(data_dir.file(VAULT_KEY)),
        Vault::File(path) => VaultKey::Given(path.clone()),
        Vault::Credential(name) => {
            // Without a service manager there is no such file, and the vault says so when it is needed.
            let folder = std::env::var_os("CREDENTIALS_DIRECTORY").map_or_else(PathBuf::new, PathBuf::from);
            VaultKey::Credential(folder.join(name))
        }
    }
}

/// The key of CSRF tokens, the one sealed thing that every installation has. Where it cannot be opened there is one for
/// this run, so that the shell can mend that, and why.
async fn csrf_key(store: &SqliteStore, random: &dyn Random) -> anyhow::Result<(csrf::Key, Option<Fault>)> {
    let mut fresh = [0; 32];
    random.fill(&mut fresh);
    let kept = match store.sealed_fact(CSRF_KEY).await {
        Ok(Some(kept)) => Ok(kept),
        Ok(None) => store.put_sealed_fact_if_absent(CSRF_KEY, &fresh).await,
        Err(fault) => Err(fault),
    };
    match kept {
        Ok(kept) => {
            let key = kept.try_into();
            let key = key.map_err(|_| anyhow::anyhow!("the key of CSRF tokens in the database is no key"))?;
            Ok((csrf::Key(key), None))
        }
        Err(fault) => Ok((csrf::Key(fresh), Some(fault))),
    }
}

fn password_policy(config: &Config) -> PasswordPolicy {
    PasswordPolicy {
        memory_kib: config.passwords.memory_kib,
        iterations: config.passwords.iterations,
        concurrency: config.limits.password_checks_max,
        queue_max: config.limits.password_queue_max,
        ..PasswordPolicy::default()
    }
}

fn grant_policy(config: &Config) -> GrantPolicy {
    let oauth = &config.oauth;
    GrantPolicy {
        public_url: oauth.public_url.clone(),
        grant_life: signed(oauth.grant_life),
        allows_password: oauth.allows_password,
        device_life: signed(oauth.device_life),
        device_interval: signed(oauth.device_interval),
    }
}

fn signed(span: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX)
}

fn machine_name() -> String {
    let name = fs::read_to_string(Path::new("/proc/sys/kernel/hostname")).unwrap_or_default();
    let name = name.trim();
    let is_plain = name.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.' | b'_'));
    if name.is_empty() || name.len() > 128 || !is_plain { "localhost".to_owned() } else { name.to_owned() }
}
