//! The laboratory: a stand-in platform for the tests of clients. In front a door that counts, records and plays
//! faults; behind it an ordinary gateway over a scratch directory with a clock that can be set; behind that a few
//! canned resources. The door knows the contracts only through their dialects.

mod body;
mod clock;
mod control;
mod counters;
mod door;
mod fault;
mod inside;
mod listen;
mod outcome;
mod people;
mod platform;
mod play;
mod release;
mod resource;
mod rotation;
mod scratch;
mod spoil;
mod transcript;
mod wire;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use gateway::Scheme;

pub use counters::Counters;
pub use fault::{Fault, parse_fault};
pub use people::{PASSWORD, PEOPLE};
pub use platform::{Platform, parse_release};

use fault::Arsenal;
use inside::Inside;
use rotation::Rotation;
use scratch::Scratch;
use transcript::Recorder;

/// How a laboratory is to be.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which platform it stands for.
    pub platform: Platform,
    /// Which release of it; only Catalyst Manager has several.
    pub release: String,
    /// Where it listens for https.
    pub https: Vec<SocketAddr>,
    /// Where it listens for plain http.
    pub http: Vec<SocketAddr>,
    /// Where the certificate is written for clients; none is into the scratch folder.
    pub certificate_out: Option<PathBuf>,
    /// Faults that are armed from the start.
    pub faults: Vec<Fault>,
    /// Where transcripts are written, one file for each exchange.
    pub record: Option<PathBuf>,
    /// Most sessions at once, as the platform counts them.
    pub sessions_max: Option<u32>,
    /// How long a session lives, however it is used.
    pub session_life: Option<Duration>,
    /// How long a session may rest.
    pub idle: Option<Duration>,
}

/// What all parts of a running laboratory share.
pub struct Lab {
    /// Which platform it stands for.
    platform: Platform,
    /// Which release of it.
    release: String,
    /// The gateway behind the door.
    inside: Inside,
    /// What was counted.
    counters: Arc<Counters>,
    /// Faults to be played.
    arsenal: Mutex<Arsenal>,
    /// CSRF tokens that are no longer good.
    rotation: Mutex<Rotation>,
    /// What was recorded.
    recorder: Mutex<Recorder>,
    /// What the canned resources hold.
    resources: Arc<resource::Resources>,
}

/// A laboratory that listens. Its scratch folder goes with it.
pub struct Running {
    /// Its addresses, with the ports that were asked for as 0 filled in.
    pub addresses: Vec<(Scheme, SocketAddr)>,
    /// The certificate of its https addresses.
    pub certificate: PathBuf,
    lab: Arc<Lab>,
    listeners: Vec<tokio::task::JoinHandle<()>>,
    scratch: Scratch,
}

/// Starts a laboratory on this runtime.
pub async fn start(options: Options) -> anyhow::Result<Running> {
    let scratch = Scratch::make()?;
    let counters = Arc::new(Counters::default());
    let resources = Arc::new(resource::Resources::new(options.platform, Arc::clone(&counters)));
    let upstream = resource::listen(Arc::clone(&resources)).await.context("cannot start the resources")?;
    let inside = Inside::start(&options, &scratch, upstream, &counters).await?;
    people::make(&inside, &options).await?;
    let certificate = listen::certificate(&options, &scratch, inside.now())?;
    let lab = Arc::new(Lab {
        platform: options.platform,
        release: options.release.clone(),
        inside,
        counters,
        arsenal: Mutex::new(Arsenal::new(options.faults.clone())),
        rotation: Mutex::default(),
        recorder: Mutex::new(Recorder::new(options.platform, options.record.clone())?),
        resources,
    });
    let (addresses, listeners) = listen::listen(&options, &scratch, &lab).await?;
    Ok(Running { addresses, certificate, lab, listeners, scratch })
}

impl Running {
    /// Ends it, and removes its scratch folder.
    pub async fn stop(self) -> anyhow::Result<()> {
        for listener in &self.listeners {
            listener.abort();
        }
        let closed = self.lab.inside.close().await;
        self.scratch.remove();
        closed
    }
}
