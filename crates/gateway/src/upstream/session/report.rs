//! What a keeper tells about itself: for status pages, our own API, metrics and the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use super::Keeper;
use super::counts::add;
use super::live::Live;
use super::no_session::NoSession;
use super::slot::Slot;

/// How things stand with the sessions at one service.
#[derive(Clone, Debug)]
pub struct Report {
    /// The service.
    pub service: String,
    /// The contract that it speaks.
    pub platform: &'static str,
    /// The account.
    pub username: String,
    /// How it signs in.
    pub method: &'static str,
    /// The bases of the nodes.
    pub nodes: Vec<String>,
    /// The worst of what is so.
    pub state: State,
    /// The sessions, and the tenants that want one.
    pub sessions: Vec<SessionReport>,
    /// How many places are taken at the service, those of dying sessions among them.
    pub held: usize,
    /// How many there may be.
    pub sessions_max: usize,
    /// How many requests wait for a session or their turn.
    pub waiting: usize,
    /// How many may.
    pub queue_max: usize,
    /// What was counted since the start: its name and how often.
    pub counts: Vec<(&'static str, u64)>,
    /// How sessions came to their end: the way and how often.
    pub ends: Vec<(&'static str, u64)>,
    /// Why there was no session when there was none last, and when.
    pub last_reason: Option<(Timestamp, Arc<str>)>,
}

/// How things stand for one tenant.
#[derive(Clone, Debug)]
pub struct SessionReport {
    /// The tenant; none is the account's own.
    pub tenant: Option<String>,
    /// How it stands.
    pub state: State,
    /// Since when.
    pub since: Option<Timestamp>,
    /// The base of the node that the session lives at.
    pub node: Option<String>,
    /// When it ends, as far as the service has said so.
    pub expires_at: Option<Timestamp>,
    /// When it was used last.
    pub used_at: Option<Timestamp>,
    /// The release of the service, if it said so.
    pub version: Option<String>,
}

/// How a session stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// There is none, and nobody wants one.
    None,
    /// It is being opened.
    Opening,
    /// It is there.
    Open,
    /// The service says no; nobody tries again before this time.
    Refused(Timestamp, Arc<str>),
    /// The service cannot be reached, or does not answer as it should; nobody tries again before this time.
    Unreachable(Timestamp, Arc<str>),
}

impl State {
    /// Its name.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Opening => "opening",
            Self::Open => "open",
            Self::Refused(..) => "refused",
            Self::Unreachable(..) => "unreachable",
        }
    }

    /// All names.
    pub const NAMES: [&'static str; 5] = ["none", "opening", "open", "refused", "unreachable"];

    /// Why there is none, if something is wrong, and until when nobody tries again.
    pub fn trouble(&self) -> Option<(&Timestamp, &str)> {
        match self {
            Self::None | Self::Opening | Self::Open => None,
            Self::Refused(until, why) | Self::Unreachable(until, why) => Some((until, why)),
        }
    }

    fn weight(&self) -> u8 {
        match self {
            Self::None => 0,
            Self::Open => 1,
            Self::Opening => 2,
            Self::Unreachable(..) => 3,
            Self::Refused(..) => 4,
        }
    }
}

impl Keeper {
    /// The service.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// How things stand.
    pub fn report(&self) -> Report {
        let now = self.world.clock.now();
        let account = self.account.load_full();
        let sessions: Vec<SessionReport> =
            self.slots().iter().map(|slot| self.slot_report(slot, now)).collect();
        let state = sessions.iter().map(|it| &it.state).max_by_key(|it| it.weight());
        let counts = &self.counts;
        let named = |name, count: &AtomicU64| (name, count.load(Ordering::Relaxed));
        Report {
            service: self.service.clone(),
            platform: account.platform.name(),
            username: account.username.clone(),
            method: account.method.as_str(),
            nodes: self.nodes.clone(),
            state: self.refused_state(now).or(state.cloned()).unwrap_or(State::None),
            sessions: sessions
                .into_iter()
                .filter(|it| it.state != State::None || it.tenant.is_none())
                .collect(),
            held: self.seats.taken(),
            sessions_max: account.sessions_max,
            waiting: self.waiting.load(Ordering::Relaxed),
            queue_max: account.queue_max,
            counts: vec![
                named("logins", &counts.logins),
                named("renewals", &counts.renewals),
                named("refusals", &counts.refusals),
                named("failures", &counts.failures),
                named("upkeeps", &counts.upkeeps),
                named("false_deaths", &counts.false_deaths),
                named("sign_outs", &counts.sign_outs),
                named("taken_up", &counts.taken_up),
            ],
            ends: counts.ends().to_vec(),
            last_reason: counts.last_reason(),
        }
    }

    fn refused_state(&self, now: Timestamp) -> Option<State> {
        let until = self.attempts.refused_until(now)?;
        let why = self.attempts.refusal(now)?.to_string();
        Some(State::Refused(until, why.into()))
    }

    fn slot_report(&self, slot: &Slot, now: Timestamp) -> SessionReport {
        let inner = slot.lock();
        let live = slot.current();
        let gate = inner.gate.as_ref();
        let (state, since) = if let Some(live) = &live {
            (State::Open, Some(live.since))
        } else if inner.flight.is_some() {
            (State::Opening, inner.flying_since)
        } else if let Some(gate) = gate {
            let why = gate.why.to_string().into();
            let state = if matches!(gate.why, NoSession::Refused { .. }) {
                State::Refused(gate.until, why)
            } else {
                State::Unreachable(gate.until, why)
            };
            // What nobody has tried again since is still so, as far as anybody knows; a refusal is over with its time.
            let is_over = gate.until <= now || gate.is_lifted(self.attempts.lifted_at());
            if is_over && matches!(state, State::Refused(..)) {
                (State::None, None)
            } else {
                (state, Some(gate.since))
            }
        } else {
            (State::None, None)
        };
        SessionReport {
            tenant: slot.tenant.as_deref().map(str::to_owned),
            state,
            since,
            node: live.as_ref().and_then(|it| self.nodes.get(it.node).cloned()),
            expires_at: live.as_ref().and_then(|it| it.holding.expires_at),
            used_at: live.as_ref().map(|it| it.used_at()),
            version: live.as_ref().and_then(|it| it.holding.version.clone()),
        }
    }

    /// Notes that a flight came back without a session, and tells the log if that is news.
    pub(super) fn note_failure(&self, slot: &Slot, why: &NoSession, is_news: bool) {
        if matches!(why, NoSession::Closed) {
            return;
        }
        if !matches!(why, NoSession::Refused { .. }) {
            add(&self.counts.failures);
        }
        self.counts.note_reason(&why.to_string(), self.world.clock.now());
        if is_news {
            tracing::warn!(
                service = self.service,
                account = self.account.load().username,
                tenant = slot.tenant.as_deref(),
                retry_after = why.retry_after().as_secs(),
                "no session at the service: {why}",
            );
        }
    }

    /// Tells once if the service is of another release than our own contract speaks.
    pub(super) fn compare_version(&self, live: &Live) {
        let Some(theirs) = live.holding.version.as_deref() else { return };
        let ours = &*self.world.manager_version;
        if self.account.load().platform.name() != "catalyst" || release(theirs) == release(ours) {
            return;
        }
        if !self.is_version_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                service = self.service,
                "the Manager is of release {theirs} and clients are told {ours}: set version = \"{theirs}\" in \
                 [catalyst]",
            );
        }
    }
}

/// The first three numbers of a release.
fn release(version: &str) -> Vec<&str> {
    version.split(['.', '-']).take(3).collect()
}
