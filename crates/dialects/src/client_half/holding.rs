//! Logins, and what they win.

use identity::model::portal::Portal;
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::Timestamp;

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
    /// The name of the cookie that carries a session, where it is not the contract's usual one.
    pub cookie: Option<String>,
    /// The CSRF or XSRF token that goes with a token, where a contract wants one beside it too (Catalyst contract
    /// section A.10).
    pub csrf: Option<Secret>,
    /// When it ends, as far as the server said so.
    pub expires_at: Option<Timestamp>,
    /// What [`ClientHalf::renew`](crate::ClientHalf::renew) shows: a refresh token.
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
            cookie: None,
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
