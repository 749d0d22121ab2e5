//! The scene of many tests: a gateway, and behind it a service that keeps every byte it is sent.

use std::sync::Arc;

use crate::support::upstream::{Answer, Received};
use crate::support::{ADMIN_PASSWORD, Options, Request, Server, Upstream};

use super::shared::Shared;

/// A gateway with one upstream behind two services: `/api/controller/`, of which two paths are open, and
/// `/api/vault/`, of which none is.
pub struct Stage {
    /// The gateway.
    pub server: Arc<Server>,
    /// What is behind it.
    pub upstream: Upstream,
}

/// The open paths of the stage.
pub const OPEN: [&str; 2] = ["/api/controller/v2/ping/", "/api/controller/static/"];

impl Stage {
    /// A stage with an upstream that answers 200 to everything.
    pub fn new() -> Self {
        Self::with("", |_| Answer::status(200, "upstream"))
    }

    /// A stage with more configuration and a scripted upstream.
    pub fn with(more: &str, script: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        let upstream = Upstream::scripted(script);
        let config = format!("{more}\n{}", services(&upstream, "signed-jwt", ""));
        let server = Arc::new(Server::start(Options { config, ..Options::default() }));
        Self { server, upstream }
    }

    /// A request that the administrator's token goes with, so that no password is looked at.
    pub fn known(&self, method: &str, target: &str) -> Request {
        self.server.as_admin(method, target)
    }

    /// Whether the upstream has been asked for a path that holds this text.
    pub fn has_seen(&self, text: &str) -> bool {
        self.upstream.received().iter().any(|it| it.target.contains(text))
    }

    /// What the upstream was sent under a path that holds this text.
    pub fn seen(&self, text: &str) -> Vec<Received> {
        self.upstream.received().into_iter().filter(|it| it.target.contains(text)).collect()
    }
}

/// The stage that tests share which only look at what passes; it keeps its upstream.
pub fn shared(shared: &Shared, upstream: &'static std::sync::OnceLock<Upstream>) -> Stage {
    let upstream = upstream.get_or_init(Upstream::start).clone();
    let server = shared.get(|| {
        Server::start(Options { config: services(&upstream, "signed-jwt", ""), ..Options::default() })
    });
    Stage { server, upstream }
}

/// The machine's time, since 1970.
#[expect(clippy::disallowed_methods, reason = "a test compares what the gateway says with the real time")]
pub fn now() -> std::time::Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap()
}

/// The entries of the two services.
pub fn services(upstream: &Upstream, identity: &str, more: &str) -> String {
    let url = upstream.url();
    format!(
        r#"
[[service]]
name = "controller"
path = "/api/controller/"
upstream = ["{url}"]
dialect = "aap"
identity = "{identity}"
public = ["/api/controller/v2/ping/", "/api/controller/static/**"]
{more}

[[service]]
name = "vault"
path = "/api/vault/"
upstream = ["{url}"]
dialect = "aap"
identity = "{identity}"
{more}
"#
    )
}

/// The header line of the administrator's name and password, for requests written by hand.
pub fn admin_line() -> String {
    format!("Authorization: {}\r\n", crate::support::http::basic("admin", ADMIN_PASSWORD))
}
