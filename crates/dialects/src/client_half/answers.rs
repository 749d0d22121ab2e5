//! What answers say: who serves there, whom it takes us for, whether what is held lives.

use std::time::Duration;

use identity::model::pace::Rate;
use identity::model::secret::Secret;
use jiff::Timestamp;

/// The reason phrase of an answer over HTTP/1.1, in the answer's extensions, if whoever received it kept it: some
/// servers say there what their bodies do not (Apprenda contract section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase(pub String);

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
