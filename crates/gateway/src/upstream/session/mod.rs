//! Sessions at services that the gateway opens itself and keeps for all who call: one keeper for each service.

mod live;
mod no_session;

use std::sync::Arc;
use std::time::Duration;

use dialects::Verdict;
use identity::model::pace::Load;
use jiff::Timestamp;

pub use live::Live;
pub use no_session::NoSession;

use crate::config::Account;

/// Keeps the upstream sessions of one service: one for each tenant.
pub struct Keeper {
    account: Arc<Account>,
}

/// One of those that wait for a session or for their turn. As many wait as `queue_max` says.
pub struct Waiting(());

impl Keeper {
    /// The account with which it signs in, and its limits.
    pub fn account(&self) -> Arc<Account> {
        Arc::clone(&self.account)
    }

    /// The session for this tenant, if there is one; notes that it is used. Takes no lock and no memory. Where the
    /// account is bound to a tenant, that one counts.
    pub fn live(&self, tenant: Option<&str>) -> Option<Arc<Live>> {
        let _ = tenant;
        None
    }

    /// The session for this tenant, opened if there is none. Whoever comes while it is being opened waits for it,
    /// within the limits of the queue.
    pub async fn open(self: &Arc<Self>, tenant: Option<&str>) -> Result<Arc<Live>, NoSession> {
        let _ = tenant;
        Err(NoSession::Closed)
    }

    /// Another session in the place of one that an answer showed to be dead or stale. The first who says so of a
    /// generation causes one login, all others wait for it; who says it of an earlier generation gets the new one.
    ///
    /// Where the service has a path that tells, the dead one is asked about first: if it lives after all, the same
    /// one comes back, since otherwise anybody who finds a path with such an answer could have us sign in at will.
    pub async fn replace(
        self: &Arc<Self>,
        dead: &Arc<Live>,
        verdict: Verdict,
    ) -> Result<Arc<Live>, NoSession> {
        let _ = (dead, verdict);
        Err(NoSession::Closed)
    }

    /// A session at another node in the place of one whose node cannot be reached. With one node there is none.
    pub async fn relocate(self: &Arc<Self>, from: &Arc<Live>) -> Result<Arc<Live>, NoSession> {
        let _ = from;
        Err(NoSession::Closed)
    }

    /// Takes the turn of one request, or tells how long to wait for it.
    pub fn turn(&self, load: Load, now: Timestamp) -> Result<(), Duration> {
        let _ = (load, now);
        Ok(())
    }

    /// Waits for the turn of one request, within the limits of the queue; tells how long it would have to wait if
    /// that is longer than it may.
    pub async fn wait_turn(&self, load: Load) -> Result<(), NoSession> {
        let _ = load;
        Ok(())
    }
}
