//! The assembly: configuration in, listening gateway out.

use std::net::SocketAddr;
use std::sync::Arc;

use identity::{Authority, Fault, Origin};

use crate::Installation;
use crate::config::Config;

/// How a listener is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain.
    Http,
    /// Over TLS.
    Https,
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
        control: tokio::runtime::Handle,
    ) -> Result<Running, Fault> {
        let _ = (config, authority, installation, control);
        Err(Fault::new(Origin::Internal, "not assembled yet"))
    }
}

/// A gateway that runs.
#[derive(Debug)]
pub struct Running {
    addresses: Vec<(Scheme, SocketAddr)>,
}

impl Running {
    /// The addresses that it listens on, with the ports that were asked for as 0 filled in.
    pub fn addresses(&self) -> Vec<(Scheme, SocketAddr)> {
        self.addresses.clone()
    }

    /// Replaces services, limits, certificate, hosts and trusted proxies. Nothing changes if anything does not
    /// fit; the addresses and the number of threads cannot change.
    pub fn reload(&self, config: &Config) -> Result<(), Fault> {
        let _ = config;
        Ok(())
    }

    /// Stops accepting, lets requests go on for the drain timeout, and ends.
    pub async fn drain(self) {}
}
