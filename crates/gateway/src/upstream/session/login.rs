//! The login of a flight: a place among the sessions, the account's turn, its secret, the nodes in order, and what is
//! to be done with what was won.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use client::{Agent, TalkError, Trouble, Unwatched};
use dialects::client_half::{Credential, Rejection};
use dialects::{Holding, Login};
use identity::Fault;
use identity::model::secret::Secret;
use jiff::{SignedDuration, Timestamp};

use super::Keeper;
use super::counts::add;
use super::live::{Live, Seat, Won};
use super::no_session::NoSession;
use super::saved::{self, Record};
use super::slot::{Outcome, Slot};

/// A session that was used within this time is not ended for another tenant's.
const IDLE: SignedDuration = SignedDuration::from_secs(10);
/// The first pause before nodes that were just gone are tried again within one flight.
const AGAIN_AFTER: Duration = Duration::from_millis(250);
/// How many requests of a login a service counts at most.
const COUNTED: usize = 2;

/// Why there is a login.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// There was no session.
    First,
    /// The session was lost.
    Again,
    /// The session will end: the new one is there before the old one goes.
    Before,
}

impl Keeper {
    /// Signs in at the first node that can be reached.
    pub(super) async fn sign_in(&self, slot: &Slot, purpose: Purpose) -> Outcome {
        let seat = self.seat(purpose).await?;
        let Some(_turn) = self.attempts.turn().await else { return Err(NoSession::Closed) };
        // Meanwhile somebody else may have been refused, or this may have been closed.
        if let Some(why) = self.attempts.obstacle(self.world.clock.now()) {
            return Err(why);
        }
        if self.is_closed.load(Ordering::Acquire) {
            return Err(NoSession::Closed);
        }
        self.own_turn(COUNTED).await;
        let secret = self.secret().await?;
        if let Some(why) = self.attempts.refusal_of(&secret, self.world.clock.now()) {
            return Err(why);
        }
        let (holding, node) = self.try_nodes(slot, &secret).await?;
        self.attempts.accept(&secret, self.world.clock.now());
        add(&self.counts.logins);
        let live = self.settle(slot, Place { holding, node, seat });
        tracing::info!(
            service = self.service,
            account = self.account.load().username,
            node = self.nodes.get(node),
            tenant = slot.tenant.as_deref(),
            generation = live.generation,
            "signed in at the service",
        );
        self.keep_record(&live).await;
        self.clean(&live).await;
        self.compare_version(&live);
        Ok(live)
    }

    /// Tries the nodes in order. While the service was there a moment ago, they are tried again for a while.
    async fn try_nodes(&self, slot: &Slot, secret: &Secret) -> Result<(Holding, usize), NoSession> {
        let (first, failures) = {
            let inner = slot.lock();
            (inner.first_node, inner.failures)
        };
        let (began, mut pause) = (Instant::now(), AGAIN_AFTER);
        loop {
            let mut last = None;
            for offset in 0..self.nodes.len() {
                let node = (first + offset) % self.nodes.len();
                match self.login(slot, node, secret).await {
                    Ok(holding) => {
                        slot.lock().first_node = node;
                        return Ok((holding, node));
                    }
                    Err(TalkError::Refused(rejection)) => return Err(self.refused(&rejection, secret)),
                    Err(TalkError::Lost(why)) => return Err(self.lost(slot, node, &why)),
                    Err(TalkError::Fault(fault)) if is_unanswered(&fault) => {
                        return Err(self.lost(slot, node, &fault.message));
                    }
                    Err(TalkError::Fault(fault)) => last = Some((node, fault)),
                }
            }
            if failures > 0 || began.elapsed() + pause > self.world.patience {
                return Err(unreachable(last.map(|(node, fault)| (self.nodes[node].as_str(), fault))));
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    async fn login(&self, slot: &Slot, node: usize, secret: &Secret) -> Result<Holding, TalkError> {
        let account = self.account.load_full();
        let credential = if account.is_token {
            Credential::Token(secret.clone())
        } else {
            Credential::Password { username: account.username.clone(), password: secret.clone() }
        };
        let login = Login {
            base: self.nodes[node].clone(),
            credential,
            method: account.method,
            tenant: account.tenant.clone().or_else(|| slot.tenant.as_deref().map(str::to_owned)),
            portal: account.portal,
            application: None,
            scope: None,
            description: Some("portcullis".to_owned()),
            now: self.world.clock.now(),
        };
        Agent::new(self.half, &self.transport).login(login).await
    }

    /// The account's secret, read anew.
    async fn secret(&self) -> Result<Secret, NoSession> {
        let account = self.account.load_full();
        account.secret.read(&*self.world.vault).await.map_err(|fault| NoSession::NoSecret {
            retry_after: Duration::from_secs(1),
            fault: Arc::new(fault),
        })
    }

    /// Notes that it may have been a refusal in words that nobody knows, or one that took too long: another node is no
    /// reason to show the password again at once.
    fn lost(&self, slot: &Slot, node: usize, why: &str) -> NoSession {
        slot.lock().first_node = node + 1;
        let why: Arc<str> = format!("{} does not answer as it should: {why}", self.nodes[node]).into();
        self.attempts.doubted(&why, self.world.clock.now());
        NoSession::Lost { retry_after: Duration::from_secs(1), why }
    }

    /// Notes a refusal, so that it is not tried again too soon.
    fn refused(&self, rejection: &Rejection, secret: &Secret) -> NoSession {
        add(&self.counts.refusals);
        let why: Arc<str> = rejection.to_string().into();
        let pause = match rejection {
            // The account is let in, only not there.
            Rejection::Tenant(_) => {
                return NoSession::Refused { retry_after: Duration::from_secs(60), why };
            }
            Rejection::TooMany(pause) => *pause,
            _ => None,
        };
        let now = self.world.clock.now();
        let retry_after = self.attempts.refuse(&why, secret.clone(), pause, now);
        NoSession::Refused { retry_after, why }
    }

    /// Notes that the password has to be changed before anything else.
    pub(super) async fn refuse_change(&self, now: Timestamp) -> NoSession {
        match self.secret().await {
            Ok(secret) => {
                add(&self.counts.refusals);
                let why: Arc<str> = Rejection::PasswordChange.to_string().into();
                let retry_after = self.attempts.refuse(&why, secret, None, now);
                NoSession::Refused { retry_after, why }
            }
            Err(why) => why,
        }
    }

    /// A place among the sessions that there may be; the one that was used least recently makes room.
    async fn seat(&self, purpose: Purpose) -> Result<Arc<Seat>, NoSession> {
        let max = self.account.load().sessions_max.max(1) + usize::from(purpose != Purpose::First);
        if let Some(seat) = self.seats.take(max) {
            return Ok(seat);
        }
        // The old session of a slot that has lost it is of no use to those who still hold it.
        self.end_retired(purpose == Purpose::Again).await;
        if let Some(seat) = self.seats.take(max) {
            return Ok(seat);
        }
        if purpose == Purpose::First
            && let Some(live) = self.take_least_used()
        {
            self.end(&live).await;
            return self.seats.take(max).ok_or(NoSession::Full);
        }
        Err(NoSession::Full)
    }

    fn take_least_used(&self) -> Option<Arc<Live>> {
        let unused_since = self.world.clock.now().checked_sub(IDLE).ok()?;
        let mut slots = self.slots();
        slots.retain(|it| it.current().is_some_and(|live| live.used_at() <= unused_since));
        slots.sort_by_key(|it| it.current().map(|live| live.used_at()));
        slots.iter().find_map(|it| it.take_idle(unused_since))
    }

    /// What was won, as a session.
    fn settle(&self, slot: &Slot, place: Place) -> Arc<Live> {
        let record = saved::record_name(&self.service, &*self.world.random);
        self.settle_as(slot, place, record)
    }

    /// What an earlier process had won, and has written down under this name.
    pub(super) fn settle_again(&self, slot: &Slot, place: Place, record: &str) -> Arc<Live> {
        let live = self.settle_as(slot, place, record.to_owned());
        live.note_record();
        live
    }

    fn settle_as(&self, slot: &Slot, place: Place, record: String) -> Arc<Live> {
        let generation = self.generation.fetch_add(1, Ordering::Relaxed) + 1;
        let (tenant, now) = (slot.tenant.clone(), self.world.clock.now());
        let Place { holding, node, seat } = place;
        Live::new(self.half, Won { holding, node, generation, tenant, record: Some(record), seat }, now)
    }

    /// Writes a session down, so that it is found after a crash.
    pub(super) async fn keep_record(&self, live: &Live) {
        let account = self.account.load_full();
        let (Some(name), Some(record)) = (&live.record, Record::of(&account, live)) else { return };
        match saved::keep(&*self.world.vault, name, &record).await {
            Ok(()) => live.note_record(),
            Err(why) => self.world.tell_of_vault(&why),
        }
    }

    /// Lengthens a session without a login, where the contract has that.
    pub(super) async fn lengthen(&self, live: &Arc<Live>) -> Option<Arc<Live>> {
        let conversation = self.half.renew(&live.holding, self.world.clock.now())?;
        let agent = Agent::new(self.half, &self.transport);
        match agent.talk(conversation, &mut Unwatched).await {
            Ok(holding) => {
                add(&self.counts.renewals);
                let longer = self.settle_longer(live, holding);
                tracing::info!(service = self.service, "lengthened the upstream session");
                self.keep_record(&longer).await;
                Some(longer)
            }
            Err(why) => {
                tracing::info!(service = self.service, "cannot lengthen the upstream session: {why}");
                None
            }
        }
    }

    fn settle_longer(&self, live: &Live, holding: Holding) -> Arc<Live> {
        let won = Won {
            holding,
            node: live.node,
            generation: self.generation.fetch_add(1, Ordering::Relaxed) + 1,
            tenant: live.tenant.clone(),
            record: live.record.clone(),
            seat: Arc::clone(&live.seat),
        };
        let longer = Live::new(self.half, won, self.world.clock.now());
        longer.note_use(live.used_at());
        longer
    }

    /// Ends what the account has left behind at the service, once, while nobody else of ours is signed in.
    async fn clean(&self, live: &Live) {
        let is_exclusive = self.account.load().is_exclusive;
        if !is_exclusive || self.seats.of_account() > 1 || !self.attempts.wants_cleaning() {
            return;
        }
        let Some(conversation) = self.half.clean(&live.holding) else { return };
        let agent = Agent::new(self.half, &self.transport);
        match agent.talk(conversation, &mut Unwatched).await {
            Ok(0) => {}
            Ok(count) => {
                tracing::info!(service = self.service, count, "ended sessions that were left behind");
            }
            Err(why) => {
                tracing::warn!(service = self.service, "cannot end sessions that were left behind: {why}");
            }
        }
    }
}

/// What was won, where, and its place.
pub(super) struct Place {
    pub holding: Holding,
    pub node: usize,
    pub seat: Arc<Seat>,
}

/// Whether something was sent and no answer came in time. A connection that does not come about is another matter.
pub(super) fn is_unanswered(fault: &Fault) -> bool {
    let cause = fault.cause.as_deref().map(|it| it as &(dyn std::error::Error + 'static));
    cause.and_then(|it| it.downcast_ref()) == Some(&Trouble::Timeout)
}

fn unreachable(last: Option<(&str, Fault)>) -> NoSession {
    let why = match last {
        Some((node, fault)) => format!("{node} cannot be reached: {}", fault.message).into(),
        None => "the service has no node".into(),
    };
    NoSession::Unreachable { retry_after: Duration::from_millis(250), why }
}
