//! What dialects may ask about the installation they are part of.

use async_trait::async_trait;
use jiff::SignedDuration;

use crate::fault::Fault;

/// The installation: its services, their health, its public key.
#[async_trait]
pub trait Platform: Send + Sync {
    /// The gateway's version, as contracts show it to those who signed in.
    fn version(&self) -> &str;

    /// The name of the product, as contracts show it.
    fn product(&self) -> &str;

    /// The name of this node.
    fn node(&self) -> &str;

    /// The public key of identity tokens: SPKI in PEM, beginning `-----BEGIN PUBLIC KEY-----`.
    fn public_key_pem(&self) -> &str;

    /// The name of this gateway among services: a UUID that stays the same as long as its key.
    fn service_id(&self) -> &str;

    /// A compact JWS (RFC 7515) of these claims, a JSON object, under RS256 and the key of identity tokens, with
    /// this word for its type. Takes about a millisecond: not for the threads that carry traffic.
    fn sign_jwt(&self, kind: &'static str, claims: &str) -> Result<String, Fault>;

    /// The services by name and path prefix, in the order of the configuration.
    fn services(&self) -> Vec<(String, String)>;

    /// Asks each service how it is, all at once, waiting at most that long. Without `verify`, certificates
    /// are not verified: nothing secret is sent.
    async fn service_status(&self, timeout: SignedDuration, verify: bool) -> Vec<ServiceStatus>;

    /// The service that a signed service token (`X-ANSIBLE-SERVICE-AUTH`, contract section E3) speaks for,
    /// if it is one of ours and alive.
    fn verify_service_token(&self, token: &str) -> Option<String>;
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// All of it works.
    Good,
    /// Some of it works.
    Degraded,
    /// None of it works.
    Failed,
}

/// How one service is.
#[derive(Clone, Debug)]
pub struct ServiceStatus {
    /// Its name.
    pub name: String,
    /// How it is as a whole.
    pub health: Health,
    /// Its upstream nodes.
    pub nodes: Vec<NodeStatus>,
}

/// How one upstream node is.
#[derive(Clone, Debug)]
pub struct NodeStatus {
    /// Its host and port.
    pub node: String,
    /// The address that was asked.
    pub url: String,
    /// How it is.
    pub health: Health,
    /// The status code of its answer.
    pub response_code: Option<u16>,
    /// The body of its answer, if that was a short JSON text.
    pub response: Option<String>,
    /// Why there was no answer, in general words.
    pub exception: Option<String>,
}
