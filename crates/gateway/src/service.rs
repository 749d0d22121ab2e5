//! The table of services: host and path lead to a service, its nodes, its policy.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::HeaderValue;
use identity::Fault;

use crate::body::Upload;
use crate::config::{PublicPath, Service, Target};
use crate::health::Health;
use crate::pool::{Connector, Pool};
use crate::upstream::session::Keeper;

#[cfg(test)]
mod tests;

/// The services, the most specific first.
pub struct Table(Vec<Arc<Entry>>);

/// One service with what lives beside its configuration.
pub struct Entry {
    /// What it was configured as.
    pub service: Service,
    /// Its nodes; empty for the echo component.
    pub nodes: Vec<Node>,
    /// How its nodes are reached.
    pub connector: Connector,
    /// Who keeps the sessions at it, if that is how the gateway proves itself there.
    pub keeper: Option<Arc<Keeper>>,
    next_node: AtomicUsize,
    in_flight: Arc<AtomicUsize>,
}

/// One node of a service.
pub struct Node {
    /// Scheme, host and port.
    pub address: http::Uri,
    /// Host and port, as a client of the node names them.
    pub host: HeaderValue,
    /// How it fares.
    pub health: Health,
    /// A pool for each data thread.
    pools: Vec<OnceLock<Arc<Pool<Upload>>>>,
}

impl Node {
    /// The connections that this thread keeps to this node.
    pub fn pool(&self, thread: usize) -> Arc<Pool<Upload>> {
        match self.pools.get(thread) {
            Some(slot) => Arc::clone(slot.get_or_init(Arc::default)),
            None => Arc::default(),
        }
    }
}

/// One of the requests that a service has at once.
pub struct Permit(Arc<AtomicUsize>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Table {
    /// The table of these services for so many data threads; `keeper` knows the keeper of a service by its name.
    /// Fails if a file that one names cannot be read.
    pub fn new(
        services: &[Service],
        threads: usize,
        keeper: impl Fn(&str) -> Option<Arc<Keeper>>,
    ) -> Result<Self, Fault> {
        let mut entries = services
            .iter()
            .map(|service| Entry::new(service.clone(), threads, keeper(&service.name)).map(Arc::new))
            .collect::<Result<Vec<_>, Fault>>()?;
        // A host is more specific than none, a longer path than a shorter one.
        entries.sort_by_key(|it| std::cmp::Reverse((it.service.host.is_some(), it.service.path.len())));
        Ok(Self(entries))
    }

    /// The service of a canonical path at a host (in lower case, without port).
    pub fn find(&self, host: &str, path: &str) -> Option<&Arc<Entry>> {
        self.0.iter().find(|entry| {
            let service = &entry.service;
            service.host.as_deref().is_none_or(|it| it.eq_ignore_ascii_case(host))
                && is_below(path, &service.path)
        })
    }

    /// All services, the most specific first.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.0
    }

    /// The service of this name.
    pub fn named(&self, name: &str) -> Option<&Arc<Entry>> {
        self.0.iter().find(|entry| entry.service.name == name)
    }
}

impl Entry {
    fn new(service: Service, threads: usize, keeper: Option<Arc<Keeper>>) -> Result<Self, Fault> {
        let (addresses, ca) = match &service.target {
            Target::Upstream { nodes, ca, .. } => (nodes.as_slice(), ca.as_deref()),
            Target::Echo => (&[][..], None),
        };
        let connector = Connector::new(addresses, ca, service.connect_timeout)?;
        let nodes = addresses
            .iter()
            .map(|address| Node {
                address: address.clone(),
                host: address
                    .authority()
                    .and_then(|it| HeaderValue::from_str(it.as_str()).ok())
                    .unwrap_or(HeaderValue::from_static("")),
                health: Health::default(),
                pools: (0..threads).map(|_| OnceLock::new()).collect(),
            })
            .collect();
        let (next_node, in_flight) = (AtomicUsize::new(0), Arc::default());
        Ok(Self { service, nodes, connector, keeper, next_node, in_flight })
    }

    /// How many requests it has at the moment.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Counts one more request, if there may be one more.
    pub fn enter(&self) -> Option<Permit> {
        let permit = Permit(Arc::clone(&self.in_flight));
        let before = self.in_flight.fetch_add(1, Ordering::Relaxed);
        (before < self.service.concurrency_max).then_some(permit)
    }

    /// Whether a canonical path is open without a proof.
    pub fn is_public(&self, path: &str) -> bool {
        self.service.public.iter().any(|public| match public {
            PublicPath::Exact(it) => it == path,
            PublicPath::Below(it) => path.starts_with(it.as_str()) && path.len() > it.len(),
        })
    }

    /// The path by which the service knows a canonical path of ours.
    pub fn upstream_path(&self, path: &str) -> Option<String> {
        let Target::Upstream { path: Some(prefix), .. } = &self.service.target else { return None };
        let rest = path.get(self.service.path.len()..).unwrap_or_default();
        Some(format!("{prefix}{rest}"))
    }

    /// The path by which our callers know a path of the service; one that has no place below ours stays as it is.
    pub fn shown_path<'a>(&self, path: &'a str) -> Cow<'a, str> {
        let Target::Upstream { path: Some(prefix), .. } = &self.service.target else { return path.into() };
        match path.strip_prefix(prefix.as_str()) {
            Some(rest) => format!("{}{rest}", self.service.path).into(),
            None => path.into(),
        }
    }

    /// Where a canonical path of ours begins at the service, if that is elsewhere: the prefix that stands for the
    /// service's path, or what follows that if the prefix names nothing.
    pub fn moved_path<'a>(&'a self, path: &'a str) -> Option<&'a str> {
        let Target::Upstream { path: Some(prefix), .. } = &self.service.target else { return None };
        let rest = path.get(self.service.path.len()..).unwrap_or_default();
        Some(if prefix.trim_matches('/').is_empty() { rest } else { prefix })
    }

    /// The nodes in the order in which they are to be tried: in turn, without those that are down.
    pub fn order(&self) -> impl Iterator<Item = &Node> {
        let count = self.nodes.len();
        let first = if count > 1 { self.next_node.fetch_add(1, Ordering::Relaxed) % count } else { 0 };
        (0..count)
            .filter_map(move |offset| self.nodes.get((first + offset) % count))
            .filter(|it| it.health.is_up())
    }
}

/// Whether a path lies at or below a prefix that ends with a slash: whole segments only.
fn is_below(path: &str, prefix: &str) -> bool {
    path.starts_with(prefix) || prefix.strip_suffix('/').is_some_and(|it| !it.is_empty() && it == path)
}
