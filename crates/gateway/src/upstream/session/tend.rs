//! What a keeper does by itself, every second: it keeps sessions alive while they are used, renews them before their
//! end, and signs out those that nobody needs any more.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use client::{Agent, TalkError, Unwatched};
use dialects::Verdict;
use dialects::client_half::{GLIMPSE, Method, Upkeep};
use futures_util::future::join_all;
use http::Request;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{sleep, timeout};

use super::Keeper;
use super::counts::{End, add};
use super::flight::Errand;
use super::live::Live;
use super::saved;
use super::slot::Slot;

/// How long a session that was replaced is left to those who still use it, at least and at most.
const GRACE: SignedDuration = SignedDuration::from_secs(2);
const GRACE_MAX: SignedDuration = SignedDuration::from_mins(5);
/// How long before its end a session is renewed at most; at least it is a tenth of its life.
const RENEWED_BEFORE_MAX: SignedDuration = SignedDuration::from_mins(5);
/// After this time a failed attempt to keep a session alive is made again.
const UPKEEP_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// How long the signing out of one session may take.
const SIGN_OUT_MAX: Duration = Duration::from_secs(10);
/// How long a closed keeper waits for those who still use its sessions.
const CLOSE_MAX: Duration = Duration::from_secs(60);
/// How long it waits for a login that is under way, even if it waits for nobody else.
const LANDING_MAX: Duration = Duration::from_secs(4);
/// How often it looks.
const CLOSE_STEP: Duration = Duration::from_millis(100);

impl Keeper {
    /// Does what is due now.
    pub(super) async fn tend(self: &Arc<Self>) {
        let now = self.world.clock.now();
        if self.attempts.refused_until(now).is_some()
            && let Ok(secret) = self.account.load_full().secret.read(&*self.world.vault).await
        {
            self.attempts.reconsider(&secret, now);
        }
        self.end_retired(false).await;
        for slot in self.slots() {
            if let Some(live) = slot.current() {
                self.tend_session(&slot, live, now).await;
            }
        }
    }

    async fn tend_session(self: &Arc<Self>, slot: &Arc<Slot>, live: Arc<Live>, now: Timestamp) {
        let upkeep = self.half.upkeep();
        let every = SignedDuration::try_from(upkeep.every).unwrap_or(SignedDuration::MAX);
        if let Some(end) = live.holding.expires_at {
            if now >= end {
                if slot.take(live.generation).is_some() {
                    self.note_end(&live, End::Expired);
                    self.let_go(&live);
                    self.forget(&live).await;
                }
                return;
            }
            let span = end.duration_since(live.since);
            let before = (span / 10).min(RENEWED_BEFORE_MAX);
            let is_used = now.duration_since(live.used_at()) < every.max(before * 2);
            if end.duration_since(now) <= before && is_used {
                // Where no flight may start now, the next look will tell.
                let _ = self.depart(slot, Errand::Renew(live));
                return;
            }
        }
        if live.wants_upkeep(every, now) {
            self.keep_alive(slot, &live, upkeep, now).await;
        }
    }

    /// Shows the server that the session is in use.
    async fn keep_alive(
        self: &Arc<Self>,
        slot: &Arc<Slot>,
        live: &Arc<Live>,
        upkeep: Upkeep,
        now: Timestamp,
    ) {
        let Some(path) = upkeep.path else { return };
        // Should the upstream be asked too fast already, this one small request does not change that.
        let _ = self.budget.take(&self.rates(), identity::model::pace::Load::Ordinary, now);
        add(&self.counts.upkeeps);
        match self.ask(live, path).await {
            Some((_, Verdict::Dead(death))) => {
                if slot.take(live.generation).is_some() {
                    self.note_end(live, End::Died(death.style));
                    self.let_go(live);
                    self.forget(live).await;
                }
            }
            Some((_, Verdict::Stale)) => {
                if let Some(live) = slot.take(live.generation) {
                    self.note_end(&live, End::Stale);
                    self.retire(live);
                }
            }
            Some((_, Verdict::Alive | Verdict::Unsure)) => live.note_upkeep(now),
            None => live.put_off(now.saturating_add(UPKEEP_AGAIN).unwrap_or(Timestamp::MAX)),
        }
    }

    /// Asks for something light with a session: the status, and what the answer says of the session's life. None if
    /// there is no answer.
    async fn ask(&self, live: &Live, path: &str) -> Option<(http::StatusCode, Verdict)> {
        let request = Request::get(format!("{}{path}", live.holding.base)).body(Bytes::new()).ok()?;
        let agent = Agent::new(self.half, &self.transport);
        let (answer, body) = agent.call(&live.holding, request).await.ok()?.into_parts();
        let verdict = match live.judge(&answer, None) {
            Verdict::Unsure => live.judge(&answer, Some(&body[..body.len().min(GLIMPSE)])),
            sure => sure,
        };
        Some((answer.status, verdict))
    }

    /// Whether the server knows a session; none if it cannot be asked.
    pub(super) async fn is_alive(&self, live: &Live) -> Option<bool> {
        if live.holding.method == Method::Basic {
            return None;
        }
        if let Some(path) = self.half.upkeep().path {
            self.own_turn(1).await;
            let (status, verdict) = self.ask(live, path).await?;
            return match verdict {
                Verdict::Dead(_) => Some(false),
                Verdict::Alive if status.is_success() => Some(true),
                // It has no time, or no such path: that says nothing about the session.
                Verdict::Alive | Verdict::Stale | Verdict::Unsure => None,
            };
        }
        let agent = Agent::new(self.half, &self.transport);
        match agent.talk(self.half.who(&live.holding), &mut Unwatched).await {
            Ok(_) => Some(true),
            Err(TalkError::Refused(_) | TalkError::Lost(_)) => Some(false),
            Err(TalkError::Fault(_)) => None,
        }
    }

    /// Signs out those that were replaced and that nobody uses any more; all of them if the places are needed.
    pub(super) async fn end_retired(&self, is_urgent: bool) {
        let now = self.world.clock.now();
        let is_due = |live: &Arc<Live>, since: Timestamp| {
            let age = now.duration_since(since);
            let is_free = Arc::strong_count(live) == 1;
            // Where the clock was set back, the age says nothing.
            is_urgent || age >= GRACE_MAX || (is_free && age.abs() >= GRACE)
        };
        let due: Vec<Arc<Live>> =
            self.retired().extract_if(.., |(live, since)| is_due(live, *since)).map(|it| it.0).collect();
        join_all(due.iter().map(|live| self.end(live))).await;
    }

    /// Signs a session out, so that it takes no place at the server.
    pub(super) async fn end(&self, live: &Live) {
        let agent = Agent::new(self.half, &self.transport);
        let mut watch = Unwatched;
        let talk = agent.talk(self.half.sign_out(&live.holding), &mut watch);
        let outcome = timeout(SIGN_OUT_MAX, talk).await;
        live.note_death();
        match outcome {
            Ok(Ok(())) => add(&self.counts.sign_outs),
            Ok(Err(TalkError::Refused(_) | TalkError::Lost(_))) => {}
            // Its record stays, for the next start.
            Ok(Err(TalkError::Fault(fault))) => {
                tracing::info!(service = self.service, "cannot sign out at the service: {}", fault.message);
                return;
            }
            Err(_) => {
                tracing::info!(service = self.service, "cannot sign out at the service in time");
                return;
            }
        }
        self.forget(live).await;
    }

    /// Forgets the record of a session that is over.
    pub(super) async fn forget(&self, live: &Live) {
        let Some(name) = live.record.as_ref().filter(|_| live.was_recorded()) else { return };
        if let Err(why) = saved::forget(&*self.world.vault, name).await {
            self.world.tell_of_vault(&why);
        }
    }

    /// Lets go of a session that the server knows no more.
    pub(super) fn let_go(self: &Arc<Self>, live: &Arc<Live>) {
        live.note_death();
        let (keeper, live) = (Arc::clone(self), Arc::clone(live));
        self.flights.spawn_on(async move { keeper.forget(&live).await }, &self.world.control);
    }

    /// Starts no more logins, and signs everything out once nobody uses it: at the latest after this time.
    pub(super) async fn close(self: &Arc<Self>, patience: Duration) {
        self.is_closed.store(true, Ordering::Release);
        self.flights.close();
        let began = Instant::now();
        let left = || patience.saturating_sub(began.elapsed());
        let _ = timeout(left().max(LANDING_MAX), self.flights.wait()).await;
        self.is_swept.store(true, Ordering::Release);
        let mut open: Vec<Arc<Live>> = self.slots().iter().filter_map(|it| it.replace(None)).collect();
        open.extend(self.retired().drain(..).map(|it| it.0));
        while !left().is_zero() && open.iter().any(|it| Arc::strong_count(it) > 1) {
            sleep(CLOSE_STEP.min(left())).await;
        }
        join_all(open.iter().filter(|it| !it.is_dead()).map(|live| self.end(live))).await;
    }

    /// As [`Self::close`], for a keeper that a reload has left without a service.
    pub(super) async fn close_at_leisure(self: Arc<Self>) {
        self.close(CLOSE_MAX).await;
    }

    /// Notes that a session came to its end.
    pub(super) fn note_end(&self, live: &Live, end: End) {
        self.counts.note_end(end);
        tracing::info!(
            service = self.service,
            account = self.account.load().username,
            node = self.nodes.get(live.node),
            tenant = live.tenant.as_deref(),
            generation = live.generation,
            "the upstream session came to its end: {}",
            end.as_str(),
        );
    }
}
