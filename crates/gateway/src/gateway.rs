//! The assembly: configuration in, listening gateway out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use dialects::Dialect;
use identity::{Authority, Fault, Origin};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::headers::Reserved;
use crate::keys::PublicKey;
use crate::listener::{accept, bind, check_free};
use crate::server::{Live, Shared, Thread};
use crate::service::Table;
use crate::tuning::LiveTuning;
use crate::upstream::proxy_keys::ProxyKeys;
use crate::upstream::session::{Keepers, Plan};
use crate::upstream::signed_jwt::SignedJwt;
use crate::upstream::trusted_proxy::{Signer, TrustedProxy};
use crate::{Installation, Keys, tls};

/// How often the end of the certificate is looked at.
const EXPIRY_PERIOD: Duration = Duration::from_secs(24 * 3600);

/// How a listener is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// As it is written in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// Starts gateways.
#[derive(Debug)]
pub struct Gateway;

impl Gateway {
    /// Binds the addresses, starts the data threads and serves until [`Running::drain`]. What may wait runs on
    /// the control runtime.
    pub fn start(
        config: &Config,
        authority: Arc<Authority>,
        installation: Arc<Installation>,
        control: Handle,
    ) -> Result<Running, Fault> {
        Self::start_with(config, &dialects::ALL, authority, installation, control)
    }

    /// The same with these contracts alone: the paths of others are nobody's.
    pub fn start_with(
        config: &Config,
        dialects: &[&'static dyn Dialect],
        authority: Arc<Authority>,
        installation: Arc<Installation>,
        control: Handle,
    ) -> Result<Running, Fault> {
        let threads = match config.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let (addresses, sockets) = listen(config, threads)?;
        let https_port = addresses.iter().find(|it| it.0 == Scheme::Https).map(|it| it.1.port());
        let front = Front { threads, https_port };
        let shared = assemble(config, dialects, authority, installation, control, front)?;
        let ended = sockets
            .into_iter()
            .enumerate()
            .map(|(index, sockets)| start_thread(Thread::new(index, Arc::clone(&shared)), sockets))
            .collect::<Result<Vec<_>, Fault>>()?;
        watch_certificate(&shared);
        let keepers = Arc::clone(&shared.keepers);
        shared.control.spawn(async move { keepers.take_up().await });
        Ok(Running { shared, addresses, asked: asked(config), threads, ended })
    }
}

/// The front: how many threads carry it, and where it is encrypted.
#[derive(Clone, Copy)]
struct Front {
    threads: usize,
    https_port: Option<u16>,
}

/// The sockets of one thread.
type Sockets = Vec<(Scheme, std::net::TcpListener)>;

/// Binds every address once for each thread.
fn listen(config: &Config, threads: usize) -> Result<(Vec<(Scheme, SocketAddr)>, Vec<Sockets>), Fault> {
    let mut addresses = Vec::new();
    let mut sockets: Vec<Sockets> = (0..threads).map(|_| Vec::new()).collect();
    for (scheme, address) in asked(config) {
        let mut address = address;
        if address.port() != 0 {
            check_free(address)?;
        }
        for (index, own) in sockets.iter_mut().enumerate() {
            let socket = bind(address)?;
            if index == 0 {
                // Port 0 becomes a real one here, and the other threads take the same.
                address = socket
                    .local_addr()
                    .map_err(|cause| Fault::caused(Origin::Internal, "a listener has no address", cause))?;
                addresses.push((scheme, address));
            }
            own.push((scheme, socket));
        }
    }
    Ok((addresses, sockets))
}

fn asked(config: &Config) -> Vec<(Scheme, SocketAddr)> {
    let https = config.https.iter().map(|it| (Scheme::Https, *it));
    https.chain(config.http.iter().map(|it| (Scheme::Http, *it))).collect()
}

fn assemble(
    config: &Config,
    dialects: &[&'static dyn Dialect],
    authority: Arc<Authority>,
    installation: Arc<Installation>,
    control: Handle,
    front: Front,
) -> Result<Arc<Shared>, Fault> {
    let stop = CancellationToken::new();
    let tls = tls::Live::default();
    if !config.https.is_empty() {
        tls.load(&config.certificate)?;
    }
    let signer = Signer {
        keys: installation.keys.clone(),
        clock: Arc::clone(&installation.clock),
        random: Arc::clone(&authority.world.random),
    };
    let own = dialects.iter().map(|it| (*it, it.routes(Arc::clone(&authority)))).collect();
    // Leaked once for each start: they go with every request.
    let prefix: Option<&'static str> =
        config.awx_prefix.as_ref().map(|it| &*Box::leak(format!("/api/{it}").into_boxed_str()));
    let resource_metadata: Option<&'static str> =
        config.resource_metadata.as_ref().map(|it| &*Box::leak(it.clone().into_boxed_str()));
    let keepers = Arc::new(Keepers::new(&authority, control.clone()));
    let plan = keepers.plan(&config.services)?;
    let live = live(config, &installation.keys, front.threads, &plan)?;
    keepers.enact(plan, &config.services);
    installation.watch_sessions(&keepers);
    installation.replace_services(config.services.clone());
    Ok(Arc::new(Shared {
        live: ArcSwap::from_pointee(live),
        keepers,
        tls,
        own,
        prefix,
        resource_metadata,
        https_port: front.https_port,
        reserved: Reserved::of(dialects.iter().map(|it| it.wire())),
        connections: Arc::default(),
        body_memory: Arc::default(),
        trusted_proxy: TrustedProxy::start(signer, &control, stop.clone()),
        signed_jwt: SignedJwt::new(installation.keys.clone(), control.clone()),
        tuning: LiveTuning::new(authority.settings()),
        authority,
        installation,
        control,
        stop,
    }))
}

fn live(config: &Config, keys: &Keys, threads: usize, plan: &Plan) -> Result<Live, Fault> {
    let mut proxy_keys = vec![PublicKey::from_pem(keys.public_pem())?];
    if let Some(file) = &config.trusted_proxy_key {
        let text = std::fs::read_to_string(file).map_err(|cause| {
            Fault::caused(Origin::Internal, format!("cannot read {}", file.display()), cause)
        })?;
        proxy_keys.push(PublicKey::from_pem(&text)?);
    }
    Ok(Live {
        proxy_keys: ProxyKeys::new(proxy_keys),
        table: Table::new(&config.services, threads, |service| plan.keeper(service))?,
        limits: config.limits.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        hosts: config.hosts.iter().map(|it| it.trim_end_matches('.').to_ascii_lowercase()).collect(),
    })
}

fn watch_certificate(shared: &Arc<Shared>) {
    let stop = shared.stop.clone();
    let shared = Arc::clone(shared);
    let control = shared.control.clone();
    control.spawn(stop.run_until_cancelled_owned(async move {
        loop {
            shared.tls.warn_of_expiry(shared.installation.clock.now());
            tokio::time::sleep(EXPIRY_PERIOD).await;
        }
    }));
}

fn start_thread(thread: Arc<Thread>, sockets: Sockets) -> Result<oneshot::Receiver<()>, Fault> {
    let fault = |cause| Fault::caused(Origin::Internal, "cannot start a data thread", cause);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(fault)?;
    let (ended, wait) = oneshot::channel();
    let name = format!("data-{}", thread.index);
    std::thread::Builder::new()
        .name(name)
        .spawn(move || {
            runtime.block_on(run(thread, sockets));
            // Whatever is left is cut here.
            drop(runtime);
            let _ = ended.send(());
        })
        .map_err(fault)?;
    Ok(wait)
}

async fn run(thread: Arc<Thread>, sockets: Sockets) {
    for (scheme, socket) in sockets {
        match tokio::net::TcpListener::from_std(socket) {
            Ok(listener) => {
                tokio::spawn(accept(listener, scheme, Arc::clone(&thread)));
            }
            Err(cause) => tracing::error!("a listener cannot be used: {cause}"),
        }
    }
    thread.shared.stop.cancelled().await;
    let timeout = thread.shared.live.load().limits.drain_timeout;
    thread.tasks.close();
    let _ = tokio::time::timeout(timeout, thread.tasks.wait()).await;
}

/// A gateway that runs.
pub struct Running {
    shared: Arc<Shared>,
    addresses: Vec<(Scheme, SocketAddr)>,
    asked: Vec<(Scheme, SocketAddr)>,
    threads: usize,
    ended: Vec<oneshot::Receiver<()>>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

impl Running {
    /// The addresses that it listens on, with the ports that were asked for as 0 filled in.
    pub fn addresses(&self) -> Vec<(Scheme, SocketAddr)> {
        self.addresses.clone()
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.shared.connections.count()
    }

    /// Replaces services, limits, certificate, hosts and trusted proxies. Nothing changes if anything does not
    /// fit; the addresses, the number of threads and the prefix of AWX cannot change.
    pub fn reload(&self, config: &Config) -> Result<(), Fault> {
        if asked(config) != self.asked {
            return Err(Fault::new(Origin::Internal, "the addresses can change only at a start"));
        }
        let prefix = self.shared.prefix.and_then(|it| it.strip_prefix("/api/"));
        if config.awx_prefix.as_deref() != prefix {
            return Err(Fault::new(Origin::Internal, "the prefix of AWX can change only at a start"));
        }
        let plan = self.shared.keepers.plan(&config.services)?;
        let live = live(config, &self.shared.installation.keys, self.threads, &plan)?;
        if !config.https.is_empty() {
            // The last step that can fail.
            self.shared.tls.load(&config.certificate)?;
            self.shared.tls.warn_of_expiry(self.shared.installation.clock.now());
        }
        self.shared.installation.replace_services(config.services.clone());
        self.shared.live.store(Arc::new(live));
        // Requests that have the old table at hand go on with its keepers while those sign out.
        self.shared.keepers.enact(plan, &config.services);
        Ok(())
    }

    /// Stops accepting, lets requests go on for the drain timeout, signs out of all upstream sessions, and ends.
    pub async fn drain(self) {
        self.shared.stop.cancel();
        for ended in self.ended {
            let _ = ended.await;
        }
        // After the last request: then nobody needs a session any more.
        self.shared.keepers.drain().await;
    }
}
