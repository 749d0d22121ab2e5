//! Grants: what users let applications do, and the codes and refresh tokens that carry it (RFC 6749).
//!
//! A grant is the family of everything that one authorization gave: when it ends, all of it ends.

use jiff::{SignedDuration, Timestamp};

use super::object::{ApplicationId, GrantId, RefreshTokenId, TokenId, UserId};
use super::pkce::Challenge;
use super::scope::Scope;
use super::secret::Digest;
use super::session::is_over;

/// How tokens are granted, as the configuration says.
#[derive(Clone, Debug)]
pub struct GrantPolicy {
    /// Where clients reach the gateway, such as `https://gate.example`, without a slash at its end. It is the
    /// base of issuer names; none is what each client calls it.
    pub public_url: Option<String>,
    /// How long a grant may be refreshed, whatever its refresh tokens say.
    pub grant_life: SignedDuration,
    /// Whether the password grant is answered at all (RFC 9700 section 2.4 advises against it).
    pub allows_password: bool,
    /// Life of a device code (RFC 8628 section 3.2).
    pub device_life: SignedDuration,
    /// How long a device waits between two questions, at first.
    pub device_interval: SignedDuration,
}

impl Default for GrantPolicy {
    fn default() -> Self {
        Self {
            public_url: None,
            grant_life: SignedDuration::from_hours(365 * 24),
            allows_password: true,
            device_life: SignedDuration::from_mins(10),
            device_interval: SignedDuration::from_secs(5),
        }
    }
}

/// An authorization code as it is kept (RFC 6749 section 4.1.2). Its value is nowhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// The digest of its value.
    pub digest: Digest,
    /// For whom it was made.
    pub application: ApplicationId,
    /// Who consented.
    pub user: UserId,
    /// Where it was sent. An exchange that names an address must name this one (AWX contract section D4).
    pub redirect_uri: String,
    /// What was consented to.
    pub scope: Scope,
    /// What the exchange must prove to know.
    pub challenge: Option<Challenge>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its life ends.
    pub expires_at: Timestamp,
    /// Whether it was used already.
    pub is_used: bool,
}

impl Code {
    /// Whether its life is over at that instant. One from the future comes from before the clock was set back,
    /// and would live for as long as the clock was wrong.
    pub fn is_over(&self, at: Timestamp) -> bool {
        is_over(self.created_at, self.expires_at, at)
    }
}

/// A refresh token as it is kept (RFC 6749 section 1.5). Its value is nowhere.
#[derive(Clone, Debug, PartialEq)]
pub struct RefreshToken {
    /// Its number.
    pub id: RefreshTokenId,
    /// The grant it carries on.
    pub grant: GrantId,
    /// When that grant began.
    pub granted_at: Timestamp,
    /// For whom it is.
    pub application: ApplicationId,
    /// Whom its tokens speak for.
    pub user: UserId,
    /// What its tokens may reach at most.
    pub scope: Scope,
    /// The access token it came with, if that is still there.
    pub token: Option<TokenId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was used or revoked; showing it after that ends the grant (RFC 9700 section 4.14).
    pub ended_at: Option<Timestamp>,
}

/// A device's question for a token as it is kept (RFC 8628). Its codes are nowhere.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceGrant {
    /// The digest of the device code.
    pub device_digest: Digest,
    /// The digest of the user code, without its hyphen and in capitals.
    pub user_digest: Digest,
    /// For whom it was made.
    pub application: ApplicationId,
    /// What is asked for.
    pub scope: Scope,
    /// The address that asked: shown to the user, who may know it.
    pub address: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its life ends.
    pub expires_at: Timestamp,
    /// How long the device must wait between two questions.
    pub interval: SignedDuration,
    /// When it asked last.
    pub polled_at: Option<Timestamp>,
    /// What the user has said.
    pub decision: Decision,
}

impl DeviceGrant {
    /// Whether its life is over at that instant, or it comes from the future like [`Code::is_over`].
    pub fn is_over(&self, at: Timestamp) -> bool {
        is_over(self.created_at, self.expires_at, at)
    }
}

/// What a user has said to a device's question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing yet.
    Open,
    /// No.
    Denied,
    /// This user: yes.
    Allowed(UserId),
    /// Yes, and the token has been fetched.
    Used,
}

/// Why no token is granted, as RFC 6749 section 5.2 and RFC 8628 section 3.5 list it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantDenial {
    /// The request lacks something, or says it twice; what to tell.
    InvalidRequest(&'static str),
    /// The application is unknown, or did not show its secret.
    InvalidClient,
    /// The code, refresh token or password is not good; what to tell, if anything.
    InvalidGrant(Option<&'static str>),
    /// This is not one of the application's grants.
    UnauthorizedClient,
    /// There is no such grant.
    UnsupportedGrantType,
    /// The scope is unknown or wider than what was granted.
    InvalidScope,
    /// The user said no.
    AccessDenied,
    /// The user has not answered yet.
    AuthorizationPending,
    /// As before, and the device asks too often; it now waits five seconds longer.
    SlowDown,
    /// The device code's life is over.
    ExpiredToken,
    /// The refresh token's life is over.
    RefreshExpired,
}
