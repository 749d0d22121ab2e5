//! The installation as dialects may ask about it: services and their health, the version, the public key.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use futures_util::future::join_all;
use http_body_util::{BodyExt as _, Empty, Limited};
use identity::port::{Clock, Health, NodeStatus, Platform, ServiceStatus};
use jiff::SignedDuration;

use crate::Keys;
use crate::config::{Config, Service, Target};
use crate::pool::{ConnectFault, Connector, connect};

/// Longest answer of a service about itself that is shown, in bytes.
const STATUS_BODY_MAX: usize = 64 * 1024;

/// The installation.
pub struct Installation {
    pub(crate) keys: Keys,
    pub(crate) clock: Arc<dyn Clock>,
    version: String,
    node: String,
    services: ArcSwap<Vec<Service>>,
}

impl Installation {
    /// The installation that this configuration describes. The gateway of the same configuration keeps its
    /// list of services up to date.
    pub fn new(config: &Config, keys: Keys, clock: Arc<dyn Clock>, version: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            keys,
            clock,
            version: version.into(),
            node: config.node.clone(),
            services: ArcSwap::from_pointee(config.services.clone()),
        })
    }

    pub(crate) fn replace_services(&self, services: Vec<Service>) {
        self.services.store(Arc::new(services));
    }
}

#[async_trait]
impl Platform for Installation {
    fn version(&self) -> &str {
        &self.version
    }

    fn node(&self) -> &str {
        &self.node
    }

    fn public_key_pem(&self) -> &str {
        self.keys.public_pem()
    }

    fn services(&self) -> Vec<(String, String)> {
        self.services.load().iter().map(|it| (it.name.clone(), it.path.clone())).collect()
    }

    async fn service_status(&self, timeout: SignedDuration) -> Vec<ServiceStatus> {
        let timeout = Duration::try_from(timeout).unwrap_or_default();
        let services = self.services.load_full();
        join_all(services.iter().map(|service| service_status(service, timeout))).await
    }

    fn verify_service_token(&self, _token: &str) -> Option<String> {
        // No service has a key of its own yet, so no token can be one of ours.
        None
    }
}

async fn service_status(service: &Service, timeout: Duration) -> ServiceStatus {
    let Target::Upstream { nodes, ca, ping, .. } = &service.target else {
        return ServiceStatus { name: service.name.clone(), health: Health::Good, nodes: Vec::new() };
    };
    let connector = Connector::new(nodes, ca.as_deref(), service.connect_timeout.min(timeout));
    let path = ping.as_deref().unwrap_or("/");
    let nodes: Vec<NodeStatus> = match connector {
        Ok(connector) => {
            join_all(nodes.iter().map(|node| node_status(&connector, node, path, timeout))).await
        }
        Err(_) => nodes.iter().map(|node| failed(node, path, "the certificates cannot be read")).collect(),
    };
    let good = nodes.iter().filter(|node| node.health == Health::Good).count();
    let health = match good {
        0 => Health::Failed,
        some if some == nodes.len() => Health::Good,
        _ => Health::Degraded,
    };
    ServiceStatus { name: service.name.clone(), health, nodes }
}

async fn node_status(connector: &Connector, node: &http::Uri, path: &str, timeout: Duration) -> NodeStatus {
    match tokio::time::timeout(timeout, ask(connector, node, path)).await {
        Ok(Ok(status)) => status,
        Ok(Err(reason)) => failed(node, path, reason),
        Err(_) => failed(node, path, "no answer in time"),
    }
}

async fn ask(connector: &Connector, node: &http::Uri, path: &str) -> Result<NodeStatus, &'static str> {
    let mut sender = connect::<Empty<bytes::Bytes>>(connector, node).await.map_err(ConnectFault::as_str)?;
    let authority = node.authority().map_or("", |it| it.as_str());
    let request = http::Request::get(path)
        .header(http::header::HOST, authority)
        .header(http::header::ACCEPT, "application/json")
        .header(http::header::USER_AGENT, "Portcullis")
        .body(Empty::new())
        .map_err(|_| "the address is no address")?;
    let response = sender.send_request(request).await.map_err(|_| "the connection broke")?;
    let code = response.status();
    let body = Limited::new(response.into_body(), STATUS_BODY_MAX).collect().await;
    let text = body.ok().and_then(|body| String::from_utf8(body.to_bytes().to_vec()).ok());
    Ok(NodeStatus {
        node: authority.to_owned(),
        url: address(node, path),
        health: if code.is_success() { Health::Good } else { Health::Failed },
        response_code: Some(code.as_u16()),
        response: text.filter(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()),
        exception: None,
    })
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
