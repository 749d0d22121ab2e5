//! Why there is no upstream session at the moment, and when asking again makes sense.

use std::sync::Arc;
use std::time::Duration;

use identity::Fault;

/// Why there is no upstream session. The words are for logs and status pages; nothing secret is in them.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NoSession {
    /// The service does not let the account in. Nobody tries again before that time has passed.
    #[error("{why}")]
    Refused {
        /// When the next try is due.
        retry_after: Duration,
        /// What the service said.
        why: Arc<str>,
    },
    /// No node of the service can be reached.
    #[error("{why}")]
    Unreachable {
        /// When the next try is due.
        retry_after: Duration,
        /// What went wrong at the last node.
        why: Arc<str>,
    },
    /// What answers is not what the configuration says, or not as it should be.
    #[error("{why}")]
    Lost {
        /// When the next try is due.
        retry_after: Duration,
        /// What was odd.
        why: Arc<str>,
    },
    /// The account's secret cannot be read.
    #[error("the secret of the account cannot be read: {fault}")]
    NoSecret {
        /// When the next try is due.
        retry_after: Duration,
        /// What went wrong.
        fault: Arc<Fault>,
    },
    /// As many wait as may.
    #[error("too many requests wait for the upstream session")]
    Busy(Duration),
    /// Every session that there may be is in use for another tenant.
    #[error("all upstream sessions that there may be are in use")]
    Full,
    /// It took too long.
    #[error("there was no upstream session in time")]
    Timeout,
    /// The gateway stops, or the service was taken out of its configuration.
    #[error("the upstream sessions are closed")]
    Closed,
}

/// What a client is told to wait where nothing better is known.
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl NoSession {
    /// The same with this time to the next try.
    pub(super) fn with_retry_after(&self, retry_after: Duration) -> Self {
        match self {
            Self::Refused { why, .. } => Self::Refused { retry_after, why: Arc::clone(why) },
            Self::Unreachable { why, .. } => Self::Unreachable { retry_after, why: Arc::clone(why) },
            Self::Lost { why, .. } => Self::Lost { retry_after, why: Arc::clone(why) },
            Self::NoSecret { fault, .. } => Self::NoSecret { retry_after, fault: Arc::clone(fault) },
            Self::Busy(_) => Self::Busy(retry_after),
            Self::Full | Self::Timeout | Self::Closed => self.clone(),
        }
    }

    /// When asking again makes sense: at least a second.
    pub fn retry_after(&self) -> Duration {
        let after = match self {
            Self::Refused { retry_after, .. }
            | Self::Unreachable { retry_after, .. }
            | Self::Lost { retry_after, .. }
            | Self::NoSecret { retry_after, .. }
            | Self::Busy(retry_after) => *retry_after,
            Self::Full | Self::Timeout | Self::Closed => RETRY_AFTER,
        };
        after.max(Duration::from_secs(1))
    }
}
