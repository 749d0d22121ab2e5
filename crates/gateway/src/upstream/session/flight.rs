//! A flight: what brings a slot its next session. It runs on the control runtime, whoever waits for it, and lands
//! once: with a session, or with the reason why there is none.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use dialects::client_half::{Death, Method, Style};
use tokio::sync::watch;

use super::Keeper;
use super::counts::{End, add};
use super::live::Live;
use super::login::Purpose;
use super::no_session::NoSession;
use super::slot::{Arrival, Outcome, Slot};

/// The longest flight. What it has not won by then it leaves behind.
const FLIGHT_MAX: Duration = Duration::from_secs(90);
/// How long what an earlier process left behind is looked through before logins begin.
const READY_MAX: Duration = Duration::from_secs(15);

/// What a flight is for.
pub(super) enum Errand {
    /// There is no session.
    Open,
    /// An answer says that this one is dead.
    Bury(Arc<Live>, Death),
    /// An answer says that the CSRF or XSRF token of this one is no longer the right one.
    Refresh(Arc<Live>),
    /// The node of this one cannot be reached.
    Leave(Arc<Live>),
    /// This one comes to its end.
    Renew(Arc<Live>),
}

/// What a start leads to.
pub(super) enum Departure {
    /// There is a session already.
    Landed(Arc<Live>),
    /// A flight was started.
    Started(Arrival),
    /// One was in the air.
    Flying(Arrival),
}

/// One flight in the air.
struct Flight {
    keeper: Arc<Keeper>,
    slot: Arc<Slot>,
    landing: Option<watch::Sender<Option<Outcome>>>,
}

impl Errand {
    /// The session that is to be replaced.
    fn replaces(&self) -> Option<&Arc<Live>> {
        match self {
            Self::Open => None,
            Self::Bury(live, _) | Self::Refresh(live) | Self::Leave(live) | Self::Renew(live) => Some(live),
        }
    }
}

impl Keeper {
    /// Starts a flight if one is needed, none is in the air and one may start.
    pub(super) fn depart(self: &Arc<Self>, slot: &Arc<Slot>, errand: Errand) -> Result<Departure, NoSession> {
        let now = self.world.clock.now();
        let mut inner = slot.lock();
        if let Some(live) = slot.current() {
            let replaced = errand.replaces().map(|it| it.generation);
            let is_spared = matches!(errand, Errand::Bury(..)) && inner.is_spared(live.generation, now);
            if replaced != Some(live.generation) || is_spared {
                return Ok(Departure::Landed(live));
            }
        }
        if let Some(arrival) = &inner.flight {
            return Ok(Departure::Flying(arrival.clone()));
        }
        if self.is_closed.load(Ordering::Acquire) {
            return Err(NoSession::Closed);
        }
        if inner.is_gone {
            return Err(NoSession::Busy(Duration::from_secs(1)));
        }
        if let Some(why) = self.attempts.obstacle(now).or_else(|| inner.gate(now, self.attempts.lifted_at()))
        {
            return Err(why);
        }
        let (landing, arrival) = watch::channel(None);
        inner.flight = Some(arrival.clone());
        inner.flying_since = Some(now);
        drop(inner);
        let (keeper, slot) = (Arc::clone(self), Arc::clone(slot));
        let flight = Flight { keeper, slot, landing: Some(landing) };
        self.flights.spawn_on(flight.run(errand), &self.world.control);
        Ok(Departure::Started(arrival))
    }
}

impl Flight {
    async fn run(mut self, errand: Errand) {
        let outcome = match tokio::time::timeout(FLIGHT_MAX, self.fly(errand)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(NoSession::Unreachable {
                retry_after: Duration::ZERO,
                why: "the login took too long".into(),
            }),
        };
        let landed = outcome.as_ref().ok().map(Arc::clone);
        self.land(outcome);
        if let Some(live) = landed
            && self.keeper.is_swept.load(Ordering::Acquire)
            && self.slot.take(live.generation).is_some()
        {
            // Whoever closed the keeper had not waited for this one.
            self.keeper.end(&live).await;
        }
    }

    async fn fly(&self, errand: Errand) -> Outcome {
        let (keeper, slot) = (&self.keeper, &self.slot);
        let mut ready = keeper.ready.clone();
        let _ = tokio::time::timeout(READY_MAX, ready.wait_for(|it| *it)).await;
        let purpose = match errand {
            Errand::Open => match slot.current() {
                // An earlier process had left it behind.
                Some(live) => return Ok(live),
                None => Purpose::First,
            },
            Errand::Bury(dead, death) => {
                if let Some(live) = self.bury(dead, death).await? {
                    return Ok(live);
                }
                Purpose::Again
            }
            Errand::Refresh(stale) => {
                // Nothing tells whether that is so; meanwhile it serves those who only read.
                self.pause(&stale).await;
                self.drop_live(&stale, End::Stale);
                Purpose::Again
            }
            Errand::Leave(live) => {
                self.pause(&live).await;
                self.drop_live(&live, End::NodeDown);
                slot.lock().first_node = (live.node + 1) % keeper.nodes.len().max(1);
                Purpose::Again
            }
            Errand::Renew(live) => match keeper.lengthen(&live).await {
                Some(longer) => return Ok(longer),
                None => Purpose::Before,
            },
        };
        keeper.sign_in(slot, purpose).await
    }

    /// Looks whether a session is really dead. If it is not, it comes back.
    async fn bury(&self, dead: Arc<Live>, death: Death) -> Result<Option<Arc<Live>>, NoSession> {
        let (keeper, slot) = (&self.keeper, &self.slot);
        let now = keeper.world.clock.now();
        let end = End::Died(death.style);
        // With the password in each request, asking again is one more attempt with it.
        let is_basic = dead.holding.method == Method::Basic;
        let is_alive = if is_basic { Some(false) } else { keeper.is_alive(&dead).await };
        if is_alive == Some(true) {
            add(&keeper.counts.false_deaths);
            slot.lock().spare(dead.generation, now);
            tracing::info!(
                service = keeper.service,
                "an answer looked as if the upstream session were dead ({}); it lives",
                end.as_str(),
            );
            return Ok(Some(dead));
        }
        if is_alive.is_some() {
            self.drop_live(&dead, end);
        } else if slot.take(dead.generation).is_some() {
            // It may still have its place there.
            keeper.note_end(&dead, end);
            keeper.retire(Arc::clone(&dead));
        }
        if death.style == Style::PasswordChange && is_alive.is_some() {
            return Err(keeper.refuse_change(now).await);
        }
        self.pause(&dead).await;
        Ok(None)
    }

    /// Waits before the next login if sessions come to their end as soon as they are born.
    async fn pause(&self, ended: &Live) {
        let now = self.keeper.world.clock.now();
        let pause = self.slot.lock().note_death(ended.since, now);
        tokio::time::sleep(pause.unsigned_abs()).await;
    }

    /// Takes a session out of use.
    fn drop_live(&self, live: &Arc<Live>, end: End) {
        let keeper = &self.keeper;
        if self.slot.take(live.generation).is_none() {
            return;
        }
        keeper.note_end(live, end);
        match end {
            // The server knows it no more.
            End::Died(_) | End::Expired => keeper.let_go(live),
            // It still has a place there.
            End::Stale | End::NodeDown => keeper.retire(Arc::clone(live)),
        }
    }

    /// Puts the outcome where everybody sees it.
    fn land(&mut self, outcome: Outcome) {
        let keeper = Arc::clone(&self.keeper);
        let now = keeper.world.clock.now();
        let mut inner = self.slot.lock();
        let replaced = match &outcome {
            Ok(live) => self.slot.replace(Some(Arc::clone(live))),
            Err(_) => None,
        };
        inner.flight = None;
        inner.flying_since = None;
        let is_news = inner.note(&outcome, now);
        drop(inner);
        if let Err(why) = &outcome {
            keeper.note_failure(&self.slot, why, is_news);
        }
        if let Some(replaced) = replaced
            && let Ok(live) = &outcome
            && replaced.generation != live.generation
            // What was lengthened is still the same session at the server.
            && !Arc::ptr_eq(&replaced.seat, &live.seat)
        {
            keeper.retire(replaced);
        }
        if let Some(landing) = self.landing.take() {
            landing.send_replace(Some(outcome));
        }
    }
}

impl Drop for Flight {
    /// Whatever breaks in a flight, the slot is free for the next one.
    fn drop(&mut self) {
        if self.landing.is_some() {
            let why = "the login broke".into();
            self.land(Err(NoSession::Lost { retry_after: Duration::ZERO, why }));
        }
    }
}
