//! Conversations: what is to be sent, what came back, and how it ended.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

/// A conversation without sockets: it says what to send and is told what came back. The one who holds it does the
/// sending, follows no redirect and keeps no cookie.
pub trait Conversation<T>: Send {
    /// What next, given the last response (none at the start, and after [`Next::Wait`]).
    fn next(&mut self, response: Option<&Response<Bytes>>) -> Next<T>;
}

/// What a conversation wants.
pub enum Next<T> {
    /// Send this and come back with the answer. The address is absolute.
    Send(Request<Bytes>),
    /// Tell the user, wait, and come back without an answer.
    Wait(Wait),
    /// Done: here is what it was for.
    Done(T),
    /// The server says no.
    Refused(Rejection),
    /// This is no server of this contract, or not as it should be; why, in lower case.
    Lost(String),
}

/// Without what a request shows: it holds secrets.
impl<T: std::fmt::Debug> std::fmt::Debug for Next<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Send(request) => write!(f, "Send({} {:?})", request.method(), request.uri().host()),
            Self::Wait(wait) => f.debug_tuple("Wait").field(wait).finish(),
            Self::Done(won) => f.debug_tuple("Done").field(won).finish(),
            Self::Refused(rejection) => f.debug_tuple("Refused").field(rejection).finish(),
            Self::Lost(why) => f.debug_tuple("Lost").field(why).finish(),
        }
    }
}

/// A pause in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How long.
    pub time: Duration,
    /// What the user is to do meanwhile; said once.
    pub prompt: Option<Prompt>,
}

/// What a user does elsewhere to let a device in (RFC 8628 section 3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// Where to go.
    pub address: String,
    /// The same with the code in it, if the server offers that.
    pub complete: Option<String>,
    /// What to enter there.
    pub code: String,
}

/// Why a server said no. The words are for people; each says what can be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The name or the password is wrong; or the account is locked, which most servers do not tell.
    #[error(
        "the server does not accept this name and password (a locked or disabled account looks the same)"
    )]
    Password,
    /// The token is none, or over, or revoked.
    #[error("the server does not accept this token; it may be over or revoked")]
    Token,
    /// What is held is no longer accepted.
    #[error("the server no longer accepts what is held; sign in again")]
    Over,
    /// The account is right, and not allowed in; what the server says.
    #[error("the server knows this account and does not let it in: {0}")]
    NotPermitted(String),
    /// The server does not take passwords with each request.
    #[error("basic authentication is switched off at this server; sign in with --method session or token")]
    BasicOff,
    /// The server has no tokens.
    #[error("this server has no tokens; sign in with --method session or basic")]
    NoTokens,
    /// The server lets this user have no tokens.
    #[error("this server makes no tokens for this user: {0}")]
    TokensNotAllowed(String),
    /// The server took the login for a forgery.
    #[error("the server takes the login for a forged request: {0}")]
    Forgery(String),
    /// The password must be changed first.
    #[error("the password has to be changed first, in the platform's own pages")]
    PasswordChange,
    /// There is no tenant of this name.
    #[error("the server knows no tenant {0:?}, or this account is not in it")]
    Tenant(String),
    /// Too many attempts; how long to wait, if the server says it.
    #[error("the server has had too many attempts; wait before the next one")]
    TooMany(Option<Duration>),
    /// The server takes logins only over https.
    #[error("the server takes logins only over https; use an address that begins with https://")]
    Unencrypted,
    /// Users of this server sign in elsewhere.
    #[error("local passwords are not accepted here, users sign in through another system: {0}")]
    Elsewhere(String),
    /// The application is unknown, or its secret is wrong, or it may not do this.
    #[error("the server does not accept this application: {0}")]
    Application(String),
    /// The user said no to the device, or let the time pass.
    #[error("nobody let this device in: {0}")]
    Device(String),
    /// There is no such thing.
    #[error("there is no such thing at the server")]
    Absent,
    /// What was asked for does not fit; what the server says.
    #[error("the server does not take this: {0}")]
    Invalid(String),
}

/// What a contract has no words for.
pub struct Unspoken;

impl<T> Conversation<T> for Unspoken {
    fn next(&mut self, _: Option<&Response<Bytes>>) -> Next<T> {
        Next::Lost("the contract has no words for that".to_owned())
    }
}
