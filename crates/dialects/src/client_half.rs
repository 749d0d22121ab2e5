//! The client half of a dialect: signing in at a server of its contract, showing what that won, noticing that it
//! died, and signing out again. It opens no socket: whoever holds a [`Conversation`] does the sending.

use std::time::Duration;

use bytes::Bytes;
use http::{Method as Verb, Request, Response, Uri, request, response};
use identity::model::pace::{Load, Rate};
use identity::model::portal::Portal;
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::Timestamp;
use serde_json::Value;

/// What a dialect says as a client. All of it is spelling: nothing here decides, waits or sends.
pub trait ClientHalf: Send + Sync {
    /// The ways to sign in that servers of this contract have, the usual one first.
    fn methods(&self) -> &'static [Method];

    /// Public paths whose answers tell whether a server speaks this contract; at most three.
    fn probes(&self) -> &'static [&'static str];

    /// What the answer to one of [`Self::probes`] says; none if it says nothing.
    fn recognise(&self, path: &str, answer: &Response<Bytes>) -> Option<Recognised>;

    /// Begins a login.
    fn sign_in(&self, login: Login) -> Box<dyn Conversation<Holding>>;

    /// Begins to lengthen what is held, without a password: none where that is not possible, and a new login is
    /// needed before the end.
    fn renew(&self, holding: &Holding, now: Timestamp) -> Option<Box<dyn Conversation<Holding>>> {
        let _ = (holding, now);
        None
    }

    /// Begins to end what is held at the server: the session, or the token if this login made it.
    fn sign_out(&self, holding: &Holding) -> Box<dyn Conversation<()>>;

    /// Begins to ask whom the server takes us for.
    fn who(&self, holding: &Holding) -> Box<dyn Conversation<Who>>;

    /// Begins to ask how what is held stands: its end, its place among the sessions that there may be. None where
    /// the contract has no answer to that.
    fn standing(&self, holding: &Holding, now: Timestamp) -> Option<Box<dyn Conversation<Standing>>> {
        let _ = (holding, now);
        None
    }

    /// Writes the proof onto a request to the server that it was won at, with the CSRF or XSRF token and whatever
    /// else the contract wants beside it. The caller has made sure that the request goes there and nowhere else.
    fn write_proof(&self, holding: &Holding, request: &mut request::Parts);

    /// What an answer says of the life of what is held. First asked without a body; if the answer is
    /// [`Verdict::Unsure`], asked again with the beginning of the body (at least [`GLIMPSE`] bytes, if there are so
    /// many). Never `Unsure` with a body.
    fn judge(&self, holding: &Holding, answer: &response::Parts, body: Option<&[u8]>) -> Verdict;

    /// Where the next page of a list is, as the answer to `asked` has it: a path with its query. None after the last.
    fn next_page(&self, asked: &Uri, answer: &Value) -> Option<String> {
        let _ = (asked, answer);
        None
    }

    /// The rows of a list in an answer, if it is one.
    fn rows<'a>(&self, answer: &'a Value) -> Option<&'a Vec<Value>> {
        answer.as_array()
    }

    /// The tokens that a user of such a server can make; none where it has no tokens.
    fn tokens(&self) -> Option<&'static dyn Tokens> {
        None
    }

    /// What keeps a session alive while others use it.
    fn upkeep(&self) -> Upkeep;

    /// How fast the server may be asked, for ordinary requests and for those that ask for much at once.
    fn rates(&self) -> Rates {
        Rates::default()
    }

    /// How heavy a request is for the server.
    fn load(&self, verb: &Verb, path: &str) -> Load {
        let _ = (verb, path);
        Load::Uncounted
    }

    /// Whether a path at the server hands out, shows, changes or ends the proofs of whoever asks. Through a session
    /// that many share nobody gets there.
    fn is_guarded(&self, verb: &Verb, path: &str) -> bool;

    /// Whether the answer at this path holds something of the session itself, which [`Self::mask`] replaces.
    fn is_masked(&self, path: &str) -> bool {
        let _ = path;
        false
    }

    /// The body of such an answer as whoever asked may see it: with their own CSRF token, if they have one.
    fn mask(&self, body: &[u8], csrf: Option<&str>) -> Option<Bytes> {
        let _ = (body, csrf);
        None
    }

    /// Headers of answers that speak of the session, beside `Set-Cookie`, in lower case.
    fn session_headers(&self) -> &'static [&'static str] {
        &[]
    }

    /// Begins to end all other sessions of the account; the number of those that were ended. None where the server
    /// cannot do that.
    fn clean(&self, holding: &Holding) -> Option<Box<dyn Conversation<usize>>> {
        let _ = holding;
        None
    }

    /// What other tools of this platform want to find in their environment.
    fn environment(&self, holding: &Holding) -> Vec<(&'static str, Secret)>;
}

/// The reason phrase of an answer over HTTP/1.1, in the answer's extensions, if whoever received it kept it: some
/// servers say there what their bodies do not (Apprenda contract section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase(pub String);

/// How many bytes of a body tell a page from data.
pub const GLIMPSE: usize = 4096;

/// A conversation without sockets: it says what to send and is told what came back. The one who holds it does the
/// sending, follows no redirect and keeps no cookie.
pub trait Conversation<T>: Send {
    /// What next, given the last response (none at the start, and after [`Next::Wait`]).
    fn next(&mut self, response: Option<&Response<Bytes>>) -> Next<T>;
}

/// What a conversation wants.
#[derive(Debug)]
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

/// A login to be carried out at a server.
#[derive(Clone, Debug)]
pub struct Login {
    /// Where the server is, such as `https://gateway.example`; without a path and without a slash at its end.
    pub base: String,
    /// Who signs in.
    pub credential: Credential,
    /// How.
    pub method: Method,
    /// For which tenant, where the contract has tenants.
    pub tenant: Option<String>,
    /// Through which portal, where the contract has portals.
    pub portal: Option<Portal>,
    /// As which application, for tokens.
    pub application: Option<Application>,
    /// How far a token is to reach: `read` or `write`.
    pub scope: Option<String>,
    /// What a token is for, as the server's lists show it.
    pub description: Option<String>,
    /// Now.
    pub now: Timestamp,
}

impl Login {
    /// A login with a name and a password, for a session.
    pub fn new(
        base: impl Into<String>,
        username: impl Into<String>,
        password: Secret,
        now: Timestamp,
    ) -> Self {
        Self {
            base: base.into(),
            credential: Credential::Password { username: username.into(), password },
            method: Method::Session,
            tenant: None,
            portal: None,
            application: None,
            scope: None,
            description: None,
            now,
        }
    }
}

impl Credential {
    /// The name and the password; none for another credential.
    pub fn pair(&self) -> Option<(&str, &str)> {
        match self {
            Self::Password { username, password } => Some((username, password.expose())),
            Self::Token(_) | Self::None => None,
        }
    }
}

/// What somebody signs in with.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A name and its password.
    Password {
        /// The name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// A token that was made elsewhere.
    Token(Secret),
    /// Nothing: the user lets this device in elsewhere (RFC 8628).
    None,
}

/// An application that gets tokens for users.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its `client_id`.
    pub id: String,
    /// Its secret, if it is confidential.
    pub secret: Option<Secret>,
}

/// A way to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// A session of the server.
    Session,
    /// The name and the password with every request (RFC 7617).
    Basic,
    /// A token: made at the server by a name and a password, or given.
    Token,
    /// A token for which the user lets this device in, in a browser (RFC 8628).
    Device,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Session, Self::Basic, Self::Token, Self::Device];

    /// Its name in commands and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Basic => "basic",
            Self::Token => "token",
            Self::Device => "device",
        }
    }

    /// The method of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}

/// What a login won: one unit, replaced as a whole.
#[derive(Clone, Debug)]
pub struct Holding {
    /// Where it was won, and the only place that it is shown to; as in [`Login::base`].
    pub base: String,
    /// How it was won.
    pub method: Method,
    /// Whose it is; empty if nobody said so.
    pub username: String,
    /// The proof. A session's CSRF or XSRF token is in it.
    pub proof: Proof,
    /// The CSRF or XSRF token that goes with a token, where a contract wants one beside it too (Catalyst contract
    /// section A.10).
    pub csrf: Option<Secret>,
    /// When it ends, as far as the server said so.
    pub expires_at: Option<Timestamp>,
    /// What [`ClientHalf::renew`] shows: a refresh token.
    pub renewal: Option<Secret>,
    /// The tenant that it acts for: its name, and what is shown for it.
    pub tenant: Option<(String, Secret)>,
    /// The portal that it was won at.
    pub portal: Option<Portal>,
    /// The application that a token belongs to.
    pub application: Option<Application>,
    /// The release of the server, if it said so.
    pub version: Option<String>,
    /// The number of the token at the server, if this login made it: then signing out revokes it.
    pub token_id: Option<String>,
}

impl Holding {
    /// What these have won: the rest is not known.
    pub fn new(login: &Login, proof: Proof) -> Self {
        let username = match &login.credential {
            Credential::Password { username, .. } => username.clone(),
            Credential::Token(_) | Credential::None => String::new(),
        };
        Self {
            base: login.base.clone(),
            method: login.method,
            username,
            proof,
            csrf: None,
            expires_at: None,
            renewal: None,
            tenant: None,
            portal: login.portal,
            application: login.application.clone(),
            version: None,
            token_id: None,
        }
    }
}

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// The platform in words, such as `AWX`.
    pub product: String,
    /// Its release, if it says so.
    pub version: Option<String>,
    /// How sure this is: of several dialects that recognise a server the surest is taken.
    pub certainty: u8,
}

/// Whom a server takes us for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The name.
    pub username: String,
    /// The number at the server, if it has one.
    pub id: Option<String>,
    /// The address for mail.
    pub email: Option<String>,
    /// Whether everything is allowed.
    pub is_superuser: Option<bool>,
    /// Groups or roles, as the server names them.
    pub roles: Vec<String>,
    /// The tenant.
    pub tenant: Option<String>,
}

/// How what is held stands at the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// How many sessions there are, ours among them.
    pub sessions: Option<usize>,
    /// How many there may be.
    pub sessions_max: Option<usize>,
    /// How many sessions would go before ours, if room were needed.
    pub before_ours: Option<usize>,
}

/// What an answer says of the life of what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It lives: the answer is an answer.
    Alive,
    /// The session lives and its CSRF or XSRF token is no longer the right one. The request did not run.
    Stale,
    /// It is dead.
    Dead(Death),
    /// The beginning of the body decides.
    Unsure,
}

/// How a server said that a session is dead, or a token no longer good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// In which style.
    pub style: Style,
    /// Whether this proves that the request did not run.
    pub is_unrun: bool,
}

/// The styles in which servers say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// 401.
    Unauthorized,
    /// The login page where data was due.
    LoginPage,
    /// A redirect to the login or the welcome page.
    Redirect,
    /// A cookie that ends the session, beside an answer.
    ExpiringCookie,
    /// 403 in words that mean nobody is signed in.
    Forbidden,
    /// A redirect to the page that changes a password: no login helps.
    PasswordChange,
}

/// What keeps a session alive while others use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upkeep {
    /// A light request by which the server sees that the session is in use; none where that does not help.
    pub path: Option<&'static str>,
    /// How long a session may be left without a request.
    pub every: Duration,
}

/// How fast a server may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Of all requests together.
    pub ordinary: Rate,
    /// Of those that ask for much at once.
    pub bulk: Rate,
}

impl Default for Rates {
    /// Without limit.
    fn default() -> Self {
        let none = Rate { requests: 0, period: jiff::SignedDuration::ZERO };
        Self { ordinary: none, bulk: none }
    }
}

/// The tokens of a user at a server.
pub trait Tokens: Send + Sync {
    /// Begins to make one.
    fn create(&self, holding: &Holding, wanted: WantedToken) -> Box<dyn Conversation<MadeToken>>;

    /// Begins to list them.
    fn list(&self, holding: &Holding) -> Box<dyn Conversation<Vec<ListedToken>>>;

    /// Begins to revoke the one of this number.
    fn revoke(&self, holding: &Holding, id: &str) -> Box<dyn Conversation<()>>;
}

/// A token to be made.
#[derive(Clone, Debug, Default)]
pub struct WantedToken {
    /// How far it reaches: `read` or `write`; none is what the server takes for usual.
    pub scope: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

/// A token that was made.
#[derive(Clone, Debug)]
pub struct MadeToken {
    /// As lists will show it.
    pub listed: ListedToken,
    /// Its value, which is shown only now.
    pub value: Secret,
}

/// A token as a list shows it; what the server does not say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedToken {
    /// Its number.
    pub id: String,
    /// What it is for.
    pub description: String,
    /// How far it reaches.
    pub scope: String,
    /// When it ends, as the server writes it.
    pub expires: String,
    /// When it was used last, as the server writes it.
    pub last_used: String,
}

/// What a contract has no words for.
pub struct Unspoken;

impl<T> Conversation<T> for Unspoken {
    fn next(&mut self, _: Option<&Response<Bytes>>) -> Next<T> {
        Next::Lost("the contract has no words for that".to_owned())
    }
}
