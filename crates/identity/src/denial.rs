//! Every way to say no, as one closed list.

use jiff::{SignedDuration, Timestamp};

use crate::fault::Fault;
use crate::model::csrf::Forgery;
use crate::model::grant::GrantDenial;
use crate::model::object::{Noun, SessionId};

/// A decision that says no. Dialects spell it, one total match each, in their `denial.rs`.
///
/// An unknown user is not in the list: it is [`Denial::WrongPassword`], and costs the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// Nothing was presented that could show who asks; if a dead session was, why it ended.
    NoProof(Option<Ended>),
    /// Something was presented that is no proof.
    MalformedProof(Malformed),
    /// The claimed name and the password do not belong together.
    WrongPassword,
    /// The user is disabled. Told to nobody who has not shown the right password.
    Disabled,
    /// The account's failures have closed it until then. Answered like a wrong password.
    Locked(Timestamp),
    /// The address has used up its budget of failures; ask again after that long.
    TooManyAttempts(SignedDuration),
    /// The caller has made as many requests as it may for now; ask again after that long.
    TooManyRequests(SignedDuration),
    /// The token is not one of ours, or was revoked.
    TokenRevoked,
    /// The token's life is over.
    TokenExpired,
    /// The token does not reach this far.
    MissingScope,
    /// The principal has no right to do this.
    NotPermitted,
    /// The principal may change the object, but not this part of it.
    NotPermittedField(&'static str),
    /// A user of an external source may not have tokens; the name of the source.
    ExternalUser(String),
    /// The request may come from a foreign page.
    Forged(Forgery),
    /// The method of signing in is switched off.
    MethodOff,
    /// An application gets no token.
    Grant(GrantDenial),
}

/// A session that was shown and is not alive, as far as anything is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Why.
    pub end: SessionEnd,
    /// Its number, if it is known.
    pub session: Option<SessionId>,
    /// When it ended, if that is known.
    pub at: Option<Timestamp>,
    /// The session that took its place, if one did.
    pub by: Option<SessionId>,
}

impl Ended {
    /// A session of which nothing is known any more, or never was.
    pub const UNKNOWN: Self = Self { end: SessionEnd::Unknown, session: None, at: None, by: None };
}

/// Why a session is not alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// No such session: never made, or ended too long ago to be remembered.
    Unknown,
    /// Not used for longer than its inactivity timeout.
    Inactive,
    /// Its overall timeout is over.
    Overall,
    /// Its holder signed out.
    SignedOut,
    /// Its holder signed in anew with it in hand.
    Replaced,
    /// A newer session took its place: there may be only so many.
    Evicted,
    /// Somebody else ended it: an administrator, or a change of the user's password.
    Removed,
    /// Its user is gone or disabled.
    UserGone,
}

impl SessionEnd {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Unknown,
        Self::Inactive,
        Self::Overall,
        Self::SignedOut,
        Self::Replaced,
        Self::Evicted,
        Self::Removed,
        Self::UserGone,
    ];

    /// Its word in the store and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Inactive => "inactive",
            Self::Overall => "overall",
            Self::SignedOut => "signed-out",
            Self::Replaced => "replaced",
            Self::Evicted => "evicted",
            Self::Removed => "removed",
            Self::UserGone => "user-gone",
        }
    }
}

/// What is wrong with a proof that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// `Authorization: Basic` with nothing behind it (RFC 7617).
    BasicEmpty,
    /// `Authorization: Basic` with spaces inside its value.
    BasicSpaces,
    /// The value is not base64, not UTF-8, has no colon or holds a control character.
    BasicEncoding,
    /// `Authorization: Bearer` with spaces or bytes that no token has.
    Bearer,
    /// More than one `Authorization` header field.
    Several,
    /// The proof travels unencrypted in a contract that forbids it (Apprenda contract section 1).
    Unencrypted,
}

/// Why an action did not do what it was asked. Nothing else crosses a floor.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// A decision said no.
    #[error("denied: {0:?}")]
    Denied(Denial),
    /// The object does not exist, or not for this principal.
    #[error("no such {0:?}")]
    Absent(Noun),
    /// The asked-for state is not possible.
    #[error("invalid: {0:?}")]
    Invalid(Invalid),
    /// Too much is going on; ask again after that long.
    #[error("busy")]
    Busy(SignedDuration),
    /// Something broke.
    #[error(transparent)]
    Broken(#[from] Fault),
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

/// Which part of the asked-for state is impossible, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The field, in the contract's spelling; none if it is about several or about the whole.
    pub field: Option<&'static str>,
    /// What is wrong with it.
    pub violation: Violation,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Another object has this value already.
    Duplicate(Noun),
    /// Another object has this combination of fields already.
    DuplicateTogether(&'static [&'static str]),
    /// The object of this number does not exist, or not for this principal.
    NoSuchObject(i64),
    /// The object of this number does not exist or is not a member of its parent.
    NotAssociated(i64),
    /// The value must be given.
    Required,
    /// The value cannot be changed after creation.
    Immutable,
    /// A rule of the password policy is broken; which, and its number.
    PasswordRule(PasswordRule, i64),
    /// A rule that only a sentence can say, in a list like other violations.
    Rule(String),
    /// A rule that the contract says without that list: as the field's plain text or, of the whole, as a
    /// list that is not wrapped in an object (notes to contract section A3, role assignments).
    Plain(String),
}

/// One rule for new passwords (settings `password_min_…`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordRule {
    /// At least so many characters.
    Length,
    /// At least so many digits.
    Digits,
    /// At least so many upper-case letters.
    Upper,
    /// At least so many characters that are neither letters nor digits.
    Special,
    /// Not one of the passwords that everybody tries first.
    Common,
    /// At most so many bytes.
    Longest,
}

impl Invalid {
    /// The refusal that says what is wrong with one field.
    pub fn field(field: &'static str, violation: Violation) -> Refusal {
        Refusal::Invalid(Self { field: Some(field), violation })
    }

    /// The refusal that says what is wrong with the whole.
    pub fn whole(violation: Violation) -> Refusal {
        Refusal::Invalid(Self { field: None, violation })
    }
}
