//! The installation as dialects may ask about it: services and their health, the version, the public key.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use async_trait::async_trait;
use bytes::Bytes;
use client::Transport;
use futures_util::future::join_all;
use identity::port::{Clock, Health, NodeStatus, Platform, ServiceStatus};
use identity::{Fault, Origin};
use jiff::SignedDuration;

use crate::Keys;
use crate::config::{Config, Service, Target};
use crate::upstream::session::{Keeper, Keepers, State};

/// Longest answer of a service about itself that is shown, in bytes.
const STATUS_BODY_MAX: usize = 64 * 1024;

/// The installation.
pub struct Installation {
    pub(crate) keys: Keys,
    pub(crate) clock: Arc<dyn Clock>,
    version: String,
    product: String,
    node: String,
    services: ArcSwap<Vec<Service>>,
    sessions: ArcSwapOption<Keepers>,
}

impl Installation {
    /// The installation that this configuration describes. The gateway of the same configuration keeps its
    /// list of services up to date.
    pub fn new(config: &Config, keys: Keys, clock: Arc<dyn Clock>, version: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            keys,
            clock,
            version: version.into(),
            product: config.product.clone(),
            node: config.node.clone(),
            services: ArcSwap::from_pointee(config.services.clone()),
            sessions: ArcSwapOption::empty(),
        })
    }

    pub(crate) fn replace_services(&self, services: Vec<Service>) {
        self.services.store(Arc::new(services));
    }

    pub(crate) fn watch_sessions(&self, keepers: &Arc<Keepers>) {
        self.sessions.store(Some(Arc::clone(keepers)));
    }
}

#[async_trait]
impl Platform for Installation {
    fn version(&self) -> &str {
        &self.version
    }

    fn product(&self) -> &str {
        &self.product
    }

    fn node(&self) -> &str {
        &self.node
    }

    fn public_key_pem(&self) -> &str {
        self.keys.public_pem()
    }

    fn service_id(&self) -> &str {
        self.keys.service_id()
    }

    fn sign_jwt(&self, kind: &'static str, claims: &str) -> Result<String, Fault> {
        self.keys.sign_typed(kind, claims)
    }

    fn services(&self) -> Vec<(String, String)> {
        self.services.load().iter().map(|it| (it.name.clone(), it.path.clone())).collect()
    }

    async fn service_status(&self, timeout: SignedDuration, verify: bool) -> Vec<ServiceStatus> {
        let timeout = Duration::try_from(timeout).unwrap_or_default();
        let services = self.services.load_full();
        let mut told =
            join_all(services.iter().map(|service| service_status(service, timeout, verify))).await;
        if let Some(keepers) = self.sessions.load_full() {
            for status in &mut told {
                if let Some(keeper) = keepers.find(&status.name) {
                    add_session(status, &keeper);
                }
            }
        }
        told
    }

    fn verify_service_token(&self, _token: &str) -> Option<String> {
        // No service has a key of its own yet, so no token can be one of ours.
        None
    }
}

/// What keeps the gateway from signing in is the service's trouble, as whoever looks at the status sees it.
fn add_session(status: &mut ServiceStatus, keeper: &Keeper) {
    let report = keeper.report();
    let Some((_, why)) = report.state.trouble() else { return };
    let is_usable = report.sessions.iter().any(|it| it.state == State::Open);
    let health = if is_usable { Health::Degraded } else { Health::Failed };
    if status.health == Health::Good || health == Health::Failed {
        status.health = health;
    }
    for node in &mut status.nodes {
        node.exception.get_or_insert_with(|| format!("no session of the gateway there: {why}"));
        if node.health == Health::Good {
            node.health = health;
        }
    }
}

async fn service_status(service: &Service, timeout: Duration, verify: bool) -> ServiceStatus {
    let Target::Upstream { nodes, ca, ping, .. } = &service.target else {
        return ServiceStatus { name: service.name.clone(), health: Health::Good, nodes: Vec::new() };
    };
    let path = ping.as_deref().unwrap_or("/");
    let nodes: Vec<NodeStatus> = match transport(ca.as_deref(), timeout, verify).await {
        Ok(transport) => join_all(nodes.iter().map(|node| node_status(&transport, node, path))).await,
        Err(fault) => nodes.iter().map(|node| failed(node, path, &fault.message)).collect(),
    };
    let good = nodes.iter().filter(|node| node.health == Health::Good).count();
    let health = match good {
        0 => Health::Failed,
        some if some == nodes.len() => Health::Good,
        _ => Health::Degraded,
    };
    ServiceStatus { name: service.name.clone(), health, nodes }
}

async fn transport(ca: Option<&Path>, timeout: Duration, verify: bool) -> Result<Transport, Fault> {
    let unreadable = |cause| Fault::caused(Origin::Internal, "the certificates cannot be read", cause);
    let ca = match ca {
        Some(file) => Some(tokio::fs::read(file).await.map_err(unreadable)?),
        None => None,
    };
    Transport::new(ca.as_deref(), verify, timeout)
}

async fn node_status(transport: &Transport, node: &http::Uri, path: &str) -> NodeStatus {
    let url = address(node, path);
    let request =
        http::Request::get(&url).header(http::header::ACCEPT, "application/json").body(Bytes::new());
    let Ok(request) = request else { return failed(node, path, "the address is no address") };
    match transport.send(request).await {
        Ok(response) => {
            let code = response.status();
            let text = String::from_utf8(response.into_body().to_vec()).ok();
            let is_shown = |text: &String| {
                text.len() <= STATUS_BODY_MAX && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
            };
            NodeStatus {
                node: node.authority().map_or_else(String::new, ToString::to_string),
                url,
                health: if code.is_success() { Health::Good } else { Health::Failed },
                response_code: Some(code.as_u16()),
                response: text.filter(is_shown),
                exception: None,
            }
        }
        Err(fault) => failed(node, path, &fault.message),
    }
}

fn address(node: &http::Uri, path: &str) -> String {
    let scheme = node.scheme_str().unwrap_or("http");
    let authority = node.authority().map_or("", |it| it.as_str());
    format!("{scheme}://{authority}{path}")
}

fn failed(node: &http::Uri, path: &str, reason: &str) -> NodeStatus {
    NodeStatus {
        node: node.authority().map_or_else(String::new, ToString::to_string),
        url: address(node, path),
        health: Health::Failed,
        response_code: None,
        response: None,
        exception: Some(reason.to_owned()),
    }
}
