//! `X-Trusted-Proxy` (contract section E4): a signature over the time, by which a service knows that a
//! request came through this gateway a moment ago.
//!
//! One value serves all requests of a moment. It is made in the background while there is traffic, so that
//! no request but the first after a pause waits for a signature.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use http::{HeaderName, HeaderValue};
use identity::port::{Clock, Random};
use identity::{Fault, Origin};
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::Keys;

/// The header.
pub const NAME: HeaderName = HeaderName::from_static("x-trusted-proxy");

/// Longest pause between two signatures while there is traffic.
const PERIOD_MAX: Duration = Duration::from_millis(200);
/// How long a request waits for a signature before it is given up.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// The value of the moment.
pub struct TrustedProxy {
    current: ArcSwapOption<Signed>,
    /// Milliseconds between two signatures.
    period: AtomicU64,
    wanted: Notify,
    made: watch::Sender<()>,
}

struct Signed {
    value: HeaderValue,
    at: Instant,
}

/// What the signer needs.
pub struct Signer {
    /// The key.
    pub keys: Keys,
    /// The time that is signed.
    pub clock: Arc<dyn Clock>,
    /// The salt.
    pub random: Arc<dyn Random>,
}

impl TrustedProxy {
    /// Starts the signer on the control runtime; it ends with the token.
    pub fn start(signer: Signer, control: &Handle, end: CancellationToken) -> Arc<Self> {
        let this = Arc::new(Self {
            current: ArcSwapOption::empty(),
            period: AtomicU64::new(PERIOD_MAX.as_millis().try_into().unwrap_or(200)),
            wanted: Notify::new(),
            made: watch::Sender::new(()),
        });
        let shared = Arc::clone(&this);
        control.spawn(end.run_until_cancelled_owned(async move { shared.run(Arc::new(signer)).await }));
        this
    }

    async fn run(&self, signer: Arc<Signer>) {
        loop {
            self.wanted.notified().await;
            let job = Arc::clone(&signer);
            let made = tokio::task::spawn_blocking(move || {
                let at = Instant::now();
                let value = job.keys.sign_trusted_proxy(job.clock.now().as_nanosecond(), &*job.random)?;
                HeaderValue::from_maybe_shared(bytes::Bytes::from(value))
                    .map(|value| Signed { value, at })
                    .map_err(|cause| Fault::caused(Origin::Internal, "cannot sign the proxy's header", cause))
            })
            .await;
            match made {
                Ok(Ok(fresh)) => {
                    self.current.store(Some(Arc::new(fresh)));
                    self.made.send_replace(());
                }
                Ok(Err(fault)) => tracing::error!(%fault, "no proxy signature"),
                Err(_) => tracing::error!("the proxy's signer panicked"),
            }
            tokio::time::sleep(Duration::from_millis(self.period.load(Ordering::Relaxed))).await;
        }
    }

    /// A value that a service accepts for at least half of its life from now.
    pub async fn value(&self, life: Duration) -> Result<HeaderValue, Fault> {
        let period = PERIOD_MAX.min(life / 5);
        self.period.store(period.as_millis().try_into().unwrap_or(200), Ordering::Relaxed);
        if let Some(value) = self.recent(life / 2, period) {
            return Ok(value);
        }
        Box::pin(self.wait(life)).await
    }

    async fn wait(&self, life: Duration) -> Result<HeaderValue, Fault> {
        let mut made = self.made.subscribe();
        let wait = async {
            loop {
                if let Some(value) = self.recent(life / 2, Duration::ZERO) {
                    return Some(value);
                }
                made.changed().await.ok()?;
            }
        };
        tokio::time::timeout(WAIT_MAX, wait)
            .await
            .ok()
            .flatten()
            .ok_or_else(|| Fault::new(Origin::Internal, "no proxy signature in time"))
    }

    /// The value, if it is young enough; asks for the next one if it is older than a period.
    fn recent(&self, age_max: Duration, period: Duration) -> Option<HeaderValue> {
        let current = self.current.load();
        let age = current.as_ref().map(|it| it.at.elapsed());
        if age.is_none_or(|it| it >= period) {
            self.wanted.notify_one();
        }
        current.as_ref().filter(|_| age.is_some_and(|it| it < age_max)).map(|it| it.value.clone())
    }
}
