//! What a keeper has done since the start, counted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use dialects::client_half::Style;
use jiff::Timestamp;

/// What ended sessions, as reports and metrics name it.
pub(super) const ENDS: [&str; 9] = [
    "unauthorized",
    "login_page",
    "redirect",
    "expiring_cookie",
    "forbidden",
    "password_change",
    "stale",
    "expired",
    "node_down",
];

/// How a session came to its end.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// The server no longer knew it, and said so in this style.
    Died(Style),
    /// Its CSRF or XSRF token was no longer the right one.
    Stale,
    /// Its time was over.
    Expired,
    /// Its node could not be reached.
    NodeDown,
}

impl End {
    fn index(self) -> usize {
        match self {
            Self::Died(Style::Unauthorized) => 0,
            Self::Died(Style::LoginPage) => 1,
            Self::Died(Style::Redirect) => 2,
            Self::Died(Style::ExpiringCookie) => 3,
            Self::Died(Style::Forbidden) => 4,
            Self::Died(Style::PasswordChange) => 5,
            Self::Stale => 6,
            Self::Expired => 7,
            Self::NodeDown => 8,
        }
    }

    /// Its name in the log, in reports and in metrics.
    pub(super) fn as_str(self) -> &'static str {
        ENDS[self.index()]
    }
}

/// The counters of one keeper.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Logins that won a session.
    pub logins: AtomicU64,
    /// Sessions that were lengthened without a login.
    pub renewals: AtomicU64,
    /// Logins that the service refused.
    pub refusals: AtomicU64,
    /// Logins that failed in any other way.
    pub failures: AtomicU64,
    /// Requests that kept a session alive.
    pub upkeeps: AtomicU64,
    /// Sessions that were said to be dead and were not.
    pub false_deaths: AtomicU64,
    /// Sessions that were signed out.
    pub sign_outs: AtomicU64,
    /// Sessions of an earlier process that were taken up again.
    pub taken_up: AtomicU64,
    ends: [AtomicU64; ENDS.len()],
    last: Mutex<Option<(Timestamp, Arc<str>)>>,
}

impl Counts {
    pub(super) fn note_end(&self, end: End) {
        add(&self.ends[end.index()]);
    }

    /// How many sessions ended in each way.
    pub(super) fn ends(&self) -> [(&'static str, u64); ENDS.len()] {
        std::array::from_fn(|index| (ENDS[index], self.ends[index].load(Ordering::Relaxed)))
    }

    /// Notes why there was no session.
    pub(super) fn note_reason(&self, why: &str, now: Timestamp) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, why.into()));
    }

    /// Why there was no session when there was none last.
    pub(super) fn last_reason(&self) -> Option<(Timestamp, Arc<str>)> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One more.
pub(super) fn add(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}
