//! Sweeping: what is over goes, in slices, so that writers in between do not wait for a whole cleaning.
//!
//! What no index finds is looked for by a reader; the writer then looks only at what was found, and looks
//! again whether it is still so.

use identity::Fault;
use jiff::{SignedDuration, Timestamp};

use crate::sessions::ENDED_MAX;
use crate::sqlite::{SqliteStore, flush};
use crate::{attempts, codes, devices, entries, grants, refresh_tokens, sessions, tokens};

/// How long codes and questions of devices stay after their end: as long as a late one is worth noticing.
const AFTERMATH: SignedDuration = SignedDuration::from_hours(1);

impl SqliteStore {
    /// Removes all that is over; how many sessions it were.
    pub(crate) async fn sweep_all(&self, now: Timestamp) -> Result<u64, Fault> {
        let total = self.sweep_sessions(now).await?;
        while self.engine.write(move |it| Box::pin(sessions::forget(it, now, ENDED_MAX))).await? > 0 {}
        let over_at = now.checked_sub(AFTERMATH).unwrap_or(Timestamp::MIN);
        while self.engine.write(move |it| Box::pin(codes::sweep(it, over_at))).await? > 0 {}
        while self.engine.write(move |it| Box::pin(devices::sweep(it, over_at))).await? > 0 {}
        self.sweep_grants(now).await?;
        self.engine.write(move |it| Box::pin(attempts::sweep(it, now))).await?;
        while self.engine.write(|it| Box::pin(entries::sweep(it))).await? > 0 {}
        Ok(total)
    }

    async fn sweep_sessions(&self, now: Timestamp) -> Result<u64, Fault> {
        let mut total = 0;
        loop {
            let some = self.engine.write(move |it| Box::pin(sessions::sweep(it, now))).await?;
            total += some;
            if some == 0 {
                break;
            }
        }
        // The disk hears of uses a little later than memory: one that is not written must not be missed.
        flush(&self.engine, &self.caches).await?;
        loop {
            let resting = self.engine.read(move |it| Box::pin(sessions::resting(it, now))).await?;
            let resting: Vec<_> = resting
                .into_iter()
                .filter(|(_, digest)| self.caches.is_rested(digest, now))
                .map(|(id, _)| id)
                .collect();
            if resting.is_empty() {
                return Ok(total);
            }
            let job = self
                .engine
                .write(move |it| Box::pin(async move { sessions::sweep_rested(it, &resting, now).await }));
            let some = job.await?;
            total += some;
            if some == 0 {
                return Ok(total);
            }
        }
    }

    async fn sweep_grants(&self, now: Timestamp) -> Result<(), Fault> {
        loop {
            let empty = self.engine.read(move |it| Box::pin(grants::empty(it, now))).await?;
            if empty.is_empty()
                || self.engine.write(move |it| Box::pin(grants::sweep(it, empty, now))).await? == 0
            {
                return Ok(());
            }
        }
    }

    /// Removes the access tokens whose life is over and the refresh tokens made before an instant, and the
    /// grants that have nothing left; how many of each token.
    pub(crate) async fn clean(&self, now: Timestamp, refresh_before: Timestamp) -> Result<(u64, u64), Fault> {
        let (mut access, mut refresh) = (0, 0);
        loop {
            let expired = self.engine.read(move |it| Box::pin(tokens::expired(it, now))).await?;
            if expired.is_empty() {
                break;
            }
            let some = self.engine.write(move |it| Box::pin(tokens::clean(it, expired, now))).await?;
            access += some;
            if some == 0 {
                break;
            }
        }
        loop {
            let old = self.engine.read(move |it| Box::pin(refresh_tokens::old(it, refresh_before))).await?;
            if old.is_empty() {
                break;
            }
            let job = self.engine.write(move |it| Box::pin(refresh_tokens::clean(it, old, refresh_before)));
            let some = job.await?;
            refresh += some;
            if some == 0 {
                break;
            }
        }
        self.sweep_grants(now).await?;
        Ok((access, refresh))
    }
}
