//! Sessions: what a sign-in begins and a sign-out ends.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::object::{SessionId, UserId};
use super::secret::{Digest, Secret};
use super::session_policy::Standing;
use crate::denial::SessionEnd;

/// How far the clock may stand before a session's beginning.
const CLOCKS_DIFFER_MAX: SignedDuration = SignedDuration::from_mins(5);

/// What ends on the last day of the calendar has no end.
const LAST_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Which contract a session belongs to. A secret of one kind is never a session of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// `gateway_sessionid` of AAP and Astra.
    Gateway,
    /// `awx_sessionid` of AWX.
    Controller,
    /// `JSESSIONID` of Catalyst Manager.
    Manager,
    /// The access token of a JWT login at Catalyst Manager (its contract section A.10): it takes no place among
    /// the sessions that may be at once.
    ManagerToken,
    /// The refresh token of such a login. It opens nothing by itself.
    ManagerRefresh,
    /// The session token of Apprenda.
    Cloud,
}

impl SessionKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Gateway,
        Self::Controller,
        Self::Manager,
        Self::ManagerToken,
        Self::ManagerRefresh,
        Self::Cloud,
    ];

    /// Its word in the store and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Controller => "controller",
            Self::Manager => "manager",
            Self::ManagerToken => "manager-token",
            Self::ManagerRefresh => "manager-refresh",
            Self::Cloud => "cloud",
        }
    }
}

/// The record of one session. Its secret is nowhere: only the digest is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its number, fit for logs.
    pub id: SessionId,
    /// Its contract.
    pub kind: SessionKind,
    /// The digest of kind and secret.
    pub digest: Digest,
    /// Whose it is.
    pub user: UserId,
    /// When it began.
    pub created_at: Timestamp,
    /// When its overall timeout is over.
    pub expires_at: Timestamp,
    /// How long it may rest; none for a contract that does not mind. What the setting was at sign-in.
    pub inactivity_timeout: Option<SignedDuration>,
    /// When it was used last.
    pub last_use: LastUse,
    /// The address that signed in.
    pub address: String,
}

/// When something was used last, noted by every request that uses it, without a lock. The store writes it
/// down within seconds.
#[derive(Debug)]
pub struct LastUse {
    microseconds: AtomicI64,
    is_noted: AtomicBool,
    was_elsewhere: AtomicBool,
}

impl LastUse {
    /// A last use that is written down already.
    pub fn new(at: Timestamp) -> Self {
        Self {
            microseconds: AtomicI64::new(at.as_microsecond()),
            is_noted: AtomicBool::new(false),
            was_elsewhere: AtomicBool::new(false),
        }
    }

    /// When.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_microsecond(self.microseconds.load(Ordering::Acquire)).unwrap_or(Timestamp::MIN)
    }

    /// Notes a use; whether it is the first since the last was taken to be written down.
    pub fn note(&self, at: Timestamp) -> bool {
        self.microseconds.fetch_max(at.as_microsecond(), Ordering::Relaxed);
        !self.is_noted.load(Ordering::Relaxed) && !self.is_noted.swap(true, Ordering::AcqRel)
    }

    /// Notes a use from another address than the one that signed in; whether it is the first that this
    /// process has seen.
    pub fn note_elsewhere(&self) -> bool {
        !self.was_elsewhere.load(Ordering::Relaxed) && !self.was_elsewhere.swap(true, Ordering::Relaxed)
    }

    /// Takes the last use to be written down. A use after this is noted anew.
    pub fn take(&self) -> Timestamp {
        self.is_noted.store(false, Ordering::Release);
        self.at()
    }
}

/// Whether what has such a life is over at that instant, or comes from too far in the future to be believed.
pub(crate) fn is_over(created_at: Timestamp, expires_at: Timestamp, at: Timestamp) -> bool {
    at >= expires_at || created_at.duration_since(at) > CLOCKS_DIFFER_MAX
}

impl Clone for LastUse {
    fn clone(&self) -> Self {
        Self::new(self.at())
    }
}

impl PartialEq for LastUse {
    fn eq(&self, other: &Self) -> bool {
        self.at() == other.at()
    }
}

impl Session {
    /// Why it is not alive at that instant; none if it is.
    ///
    /// A session from the future comes from before the clock was set back. Its end is as far away as the
    /// clock was wrong, so it ends now; some minutes are left to nodes whose clocks differ.
    pub fn ended(&self, at: Timestamp) -> Option<SessionEnd> {
        if is_over(self.created_at, self.expires_at, at) {
            return Some(SessionEnd::Overall);
        }
        // A last use in the future says as little: it would let the session rest until then.
        let rested = at.duration_since(self.last_use.at());
        let is_over = |most| rested >= most || rested < -CLOCKS_DIFFER_MAX;
        self.inactivity_timeout.is_some_and(is_over).then_some(SessionEnd::Inactive)
    }

    /// Its place among others, as far as that depends on it.
    pub fn standing(&self) -> Standing {
        Standing {
            id: self.id,
            kind: self.kind,
            user: self.user,
            created_at: self.created_at,
            used_at: self.last_use.at(),
        }
    }

    /// How long it still lives if it is not used again.
    pub fn remaining(&self, at: Timestamp) -> SignedDuration {
        let overall = self.expires_at.duration_since(at).max(SignedDuration::ZERO);
        self.inactivity_left(at).map_or(overall, |it| it.min(overall))
    }

    /// What is left of its overall timeout; none if it has none.
    pub fn overall_left(&self, at: Timestamp) -> Option<SignedDuration> {
        let has_end = Timestamp::MAX.duration_since(self.expires_at) > LAST_DAY;
        has_end.then(|| self.expires_at.duration_since(at).max(SignedDuration::ZERO))
    }

    /// What is left of its inactivity timeout until it is used again; none if it has none.
    pub fn inactivity_left(&self, at: Timestamp) -> Option<SignedDuration> {
        let rested = at.duration_since(self.last_use.at()).max(SignedDuration::ZERO);
        self.inactivity_timeout.map(|most| most.saturating_sub(rested).max(SignedDuration::ZERO))
    }
}

/// What is kept for a while of a session that is over, so that whoever shows it can be told why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedSession {
    /// Its number.
    pub id: SessionId,
    /// Whose it was.
    pub user: UserId,
    /// When it ended.
    pub at: Timestamp,
    /// Why.
    pub end: SessionEnd,
    /// The session that took its place, if one did.
    pub by: Option<SessionId>,
}

/// The digest under which a session of this kind and secret is kept.
pub fn digest(kind: SessionKind, secret: &Secret) -> Digest {
    Digest::of_parts(&[b"session", kind.as_str().as_bytes(), secret.expose().as_bytes()])
}

/// When a session that begins then and has this overall timeout ends; the end of time if that is later.
pub fn end_of(begins_at: Timestamp, overall_timeout: SignedDuration) -> Timestamp {
    begins_at.checked_add(overall_timeout).unwrap_or(Timestamp::MAX)
}
