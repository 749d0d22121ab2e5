//! The user agent: drives a conversation over a transport, and calls with what it won.

use std::time::Duration;

use bytes::Bytes;
use dialects::client_half::Wait;
use dialects::{ClientHalf, Conversation, Holding, Login, Next, Rejection};
use http::{Request, Response};
use identity::{Fault, Origin};

use crate::base::{Base, base};
use crate::transport::Transport;

/// Most steps of one conversation. One that waits for a user waits and asks, at most once a second for half an hour.
const STEPS_MAX: usize = 4000;

/// Longest pause of a conversation.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// Speaks one dialect over one transport.
#[derive(Clone, Copy)]
pub struct Agent<'a> {
    half: &'a dyn ClientHalf,
    transport: &'a Transport,
}

/// Why a conversation did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum TalkError {
    /// The server says no.
    #[error("{0}")]
    Refused(Rejection),
    /// The server does not speak this contract; why.
    #[error("this is no server of this contract: {0}")]
    Lost(String),
    /// Something broke on the way.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Who looks on while a conversation goes its way.
pub trait Watch: Send {
    /// This is being sent. It holds secrets.
    fn sends(&mut self, request: &Request<Bytes>) {
        let _ = request;
    }

    /// This came back. It may hold secrets.
    fn received(&mut self, answer: &Response<Bytes>) {
        let _ = answer;
    }

    /// The conversation waits.
    fn waits(&mut self, wait: &Wait) {
        let _ = wait;
    }
}

/// Nobody looks on.
#[derive(Debug)]
pub struct Unwatched;

impl Watch for Unwatched {}

impl<'a> Agent<'a> {
    /// An agent.
    pub fn new(half: &'a dyn ClientHalf, transport: &'a Transport) -> Self {
        Self { half, transport }
    }

    /// Carries a login out, to what it wins.
    pub async fn login(&self, login: Login) -> Result<Holding, TalkError> {
        self.talk(self.half.sign_in(login), &mut Unwatched).await
    }

    /// Carries a conversation to its end.
    pub async fn talk<T>(
        &self,
        mut conversation: Box<dyn Conversation<T>>,
        watch: &mut dyn Watch,
    ) -> Result<T, TalkError> {
        let mut response = None;
        let mut pinned: Option<Base> = None;
        for _ in 0..STEPS_MAX {
            match conversation.next(response.as_ref()) {
                Next::Send(request) => {
                    // A conversation goes to one server, whatever that server says.
                    let there = Base::of(request.uri()).map_err(|it| TalkError::Lost(it.to_string()))?;
                    if *pinned.get_or_insert_with(|| there.clone()) != there {
                        return Err(TalkError::Fault(elsewhere()));
                    }
                    watch.sends(&request);
                    let answer = self.transport.send(request).await?;
                    watch.received(&answer);
                    response = Some(answer);
                }
                Next::Wait(wait) => {
                    watch.waits(&wait);
                    tokio::time::sleep(wait.time.min(WAIT_MAX)).await;
                    response = None;
                }
                Next::Done(won) => return Ok(won),
                Next::Refused(rejection) => return Err(TalkError::Refused(rejection)),
                Next::Lost(why) => return Err(TalkError::Lost(why)),
            }
        }
        Err(TalkError::Lost("the conversation does not come to an end".to_owned()))
    }

    /// Sends a request with what is held. It goes to the server that it was won at and nowhere else.
    pub async fn call(&self, holding: &Holding, request: Request<Bytes>) -> Result<Response<Bytes>, Fault> {
        let (mut parts, body) = request.into_parts();
        if !base(&holding.base).is_ok_and(|(it, _)| it.holds(&parts.uri)) {
            return Err(elsewhere());
        }
        self.half.write_proof(holding, &mut parts);
        self.transport.send(Request::from_parts(parts, body)).await
    }
}

fn elsewhere() -> Fault {
    Fault::new(Origin::Internal, "a proof was about to be shown to another server")
}

impl std::fmt::Debug for Agent<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agent").finish_non_exhaustive()
    }
}
