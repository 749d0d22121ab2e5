//! Audit: what the security team reads afterwards. One event, one line; never a secret.

use jiff::Timestamp;

use super::object::{SessionId, TokenId, UserId};

/// One thing that happened, for the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// The user that it is about or that did it, once verified.
    pub user: Option<(UserId, String)>,
    /// The door: the dialect's name, `shell` or `proxy`.
    pub door: &'static str,
    /// The client's address.
    pub address: String,
    /// The request's id.
    pub request_id: String,
    /// What else there is to say, in words without secrets.
    pub detail: String,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A user signed in and a session began.
    SignIn,
    /// A session ended because its owner asked.
    SignOut,
    /// A sign-in or a password was refused.
    SignInFailure,
    /// An account or an address was closed for a while.
    Lock,
    /// An account that failures had closed was opened.
    Unlock,
    /// A token was made.
    TokenCreate(TokenId),
    /// A token was used for the first time, or for the first time since the start.
    TokenUse(TokenId),
    /// A token was changed.
    TokenUpdate(TokenId),
    /// A token was revoked.
    TokenRevoke(TokenId),
    /// A session is used from another address than the one that signed in. Told once.
    SessionElsewhere(SessionId),
    /// A session took the place of others, because there may be only so many.
    SessionEvict(SessionId),
    /// A session was ended by somebody else.
    SessionExpire(SessionId),
    /// A user's password was changed.
    PasswordChange,
    /// A setting was changed.
    SettingChange,
    /// An object was made, changed or removed.
    ObjectChange,
    /// A user let an application act for it, or an application was granted a token.
    Grant,
    /// A code or a refresh token was shown again: its grant has ended.
    Replay,
    /// A request was refused.
    Refusal,
    /// A user changed something at a service through an account of the gateway's there.
    UpstreamChange,
}

impl EventKind {
    /// Its word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::SignInFailure => "sign_in_failure",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::TokenCreate(_) => "token_create",
            Self::TokenUse(_) => "token_use",
            Self::TokenUpdate(_) => "token_update",
            Self::TokenRevoke(_) => "token_revoke",
            Self::SessionElsewhere(_) => "session_elsewhere",
            Self::SessionEvict(_) => "session_evict",
            Self::SessionExpire(_) => "session_expire",
            Self::PasswordChange => "password_change",
            Self::SettingChange => "setting_change",
            Self::ObjectChange => "object_change",
            Self::Grant => "grant",
            Self::Replay => "replay",
            Self::Refusal => "refusal",
            Self::UpstreamChange => "upstream_change",
        }
    }
}
