//! The user agent: drives a conversation over a transport, and calls with the proof it won.

use bytes::Bytes;
use dialects::{Dialect, Login, Next};
use http::header::REFERER;
use http::{HeaderValue, Request, Response};
use identity::Fault;
use identity::model::proof::Proof;

use crate::transport::Transport;

/// Most requests of one login.
const STEPS_MAX: usize = 8;

/// Speaks one dialect over one transport.
#[derive(Clone, Copy)]
pub struct Agent<'a> {
    dialect: &'a dyn Dialect,
    transport: &'a Transport,
}

/// Why a login did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The server does not accept this name and password.
    #[error("the server refuses this name and password")]
    Refused,
    /// The server does not speak this contract; why.
    #[error("this is no server of this contract: {0}")]
    Lost(String),
    /// Something broke on the way.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl<'a> Agent<'a> {
    /// An agent.
    pub fn new(dialect: &'a dyn Dialect, transport: &'a Transport) -> Self {
        Self { dialect, transport }
    }

    /// Carries a login out, to the proof that it wins.
    pub async fn login(&self, login: Login) -> Result<Proof, LoginError> {
        let mut conversation = self.dialect.converse(login);
        let mut response = None;
        for _ in 0..STEPS_MAX {
            match conversation.next(response.as_ref()) {
                Next::Send(request) => response = Some(self.transport.send(request).await?),
                Next::Done(proof) => return Ok(proof),
                Next::Refused => return Err(LoginError::Refused),
                Next::Lost(why) => return Err(LoginError::Lost(why)),
            }
        }
        Err(LoginError::Lost("the login does not come to an end".to_owned()))
    }

    /// Sends a request with a proof. A session's request that changes something also says where it comes
    /// from, as servers ask of it (contract section B3).
    pub async fn call(&self, proof: &Proof, mut request: Request<Bytes>) -> Result<Response<Bytes>, Fault> {
        self.dialect.write_proof(proof, request.headers_mut());
        let is_session = matches!(proof, Proof::Session { .. });
        if is_session && !request.method().is_safe() && !request.headers().contains_key(REFERER) {
            let uri = request.uri();
            let origin = uri.scheme_str().zip(uri.authority());
            let referer = origin.map(|(scheme, authority)| format!("{scheme}://{authority}/"));
            if let Some(referer) = referer.and_then(|text| HeaderValue::from_str(&text).ok()) {
                request.headers_mut().insert(REFERER, referer);
            }
        }
        self.transport.send(request).await
    }
}

impl std::fmt::Debug for Agent<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agent").field("dialect", &self.dialect.name()).finish_non_exhaustive()
    }
}
