//! The settings that the data threads need, ready at hand. They are looked up anew when a setting changes.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::HeaderName;
use identity::model::setting::Settings;

use crate::client_ip::Sources;

/// The settings of one moment.
pub struct Tuning {
    settings: Arc<Settings>,
    /// How long a service may take to begin its answer (`request_timeout`).
    pub request_timeout: Duration,
    /// How long a forwarded body may rest (`idle_timeout`).
    pub idle_timeout: Duration,
    /// The header of identity tokens (`gateway_token_name`).
    pub token_name: HeaderName,
    /// The life of identity tokens in seconds (`gateway_access_token_expiration`).
    pub token_life: i64,
    /// Their last seconds, in which they are not used (`jwt_expiration_buffer_in_seconds`).
    pub token_buffer: i64,
    /// Where else a client's address is looked for (`awx.REMOTE_HOST_HEADERS`, `awx.PROXY_IP_ALLOWED_LIST`).
    pub sources: Sources,
    /// The life of the proxy's signature (`trusted_header_timeout`).
    pub trusted_proxy_life: Duration,
}

impl Tuning {
    fn of(settings: Arc<Settings>) -> Self {
        let number = |name| settings.integer(name).unsigned_abs();
        Self {
            request_timeout: Duration::from_secs(number("request_timeout")),
            idle_timeout: Duration::from_secs(number("idle_timeout")),
            token_name: HeaderName::from_bytes(settings.text("gateway_token_name").as_bytes())
                .unwrap_or(HeaderName::from_static("x-dab-jw-token")),
            token_life: settings.integer("gateway_access_token_expiration"),
            token_buffer: settings.integer("jwt_expiration_buffer_in_seconds"),
            sources: Sources::new(
                settings.texts("awx.REMOTE_HOST_HEADERS"),
                settings.texts("awx.PROXY_IP_ALLOWED_LIST"),
            ),
            trusted_proxy_life: Duration::from_millis(number("trusted_header_timeout")),
            settings,
        }
    }

    /// The origins that may use sessions beside our own.
    pub fn trusted_origins(&self) -> &[String] {
        &self.settings.trusted_origins
    }
}

/// The tuning that belongs to the settings that were last seen.
pub struct LiveTuning(ArcSwap<Tuning>);

impl LiveTuning {
    /// Begins with these settings.
    pub fn new(settings: Arc<Settings>) -> Self {
        Self(ArcSwap::from_pointee(Tuning::of(settings)))
    }

    /// The tuning of these settings.
    pub fn of(&self, settings: Arc<Settings>) -> Arc<Tuning> {
        let current = self.0.load_full();
        if Arc::ptr_eq(&current.settings, &settings) {
            return current;
        }
        let tuning = Arc::new(Tuning::of(settings));
        self.0.store(Arc::clone(&tuning));
        tuning
    }
}
