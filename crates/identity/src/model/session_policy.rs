//! How long sessions live, and how many there may be at once: one model, which every contract sets differently.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::object::{SessionId, UserId};
use super::session::SessionKind;

/// The rules for new sessions of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// How long a session lives from sign-in, however it is used; none is without end.
    pub overall_timeout: Option<SignedDuration>,
    /// How long it may rest; none is as long as it lives.
    pub inactivity_timeout: Option<SignedDuration>,
    /// How many there may be at once. All of them hold.
    pub caps: Vec<Cap>,
}

/// A most of sessions at once. A new session beyond it begins all the same, and older ones end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// Among which sessions.
    pub reach: Reach,
    /// How many, the new one included; 0 counts as 1.
    pub sessions_max: u32,
    /// Which ones go.
    pub eviction: Eviction,
}

/// Among which sessions a cap counts; the widest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// All sessions, of whatever kind.
    System,
    /// Those of the new session's kind.
    Platform,
    /// Those of the new session's kind and user.
    User,
}

/// Which sessions go when there are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eviction {
    /// Those that were used the longest time ago.
    LeastRecentlyUsed,
    /// Those that began the longest time ago.
    OldestCreated,
}

/// A live session, as far as its place among the others depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its number.
    pub id: SessionId,
    /// Its contract.
    pub kind: SessionKind,
    /// Whose it is.
    pub user: UserId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was used last.
    pub used_at: Timestamp,
}

impl SessionPolicy {
    /// Sessions of one length: counted from sign-in, or anew from every use.
    pub fn of_length(length: SignedDuration, is_sliding: bool) -> Self {
        let (overall_timeout, inactivity_timeout) =
            if is_sliding { (None, Some(length)) } else { (Some(length), None) };
        Self { overall_timeout, inactivity_timeout, caps: Vec::new() }
    }

    /// The widest reach of its caps: how far a session's place depends on others.
    pub fn widest_reach(&self) -> Option<Reach> {
        self.caps.iter().map(|it| it.reach).min()
    }

    /// The sessions that end because a new one of this kind and user begins, the first to go first. `others` are
    /// the live ones beside it. What one cap takes away does not count for the next.
    ///
    /// This is the rule as a whole. A store that cannot look at all of them at once takes it apart into
    /// [`Cap::surplus`] and [`Eviction::first`], and is held to this by its tests.
    pub fn evicted(&self, kind: SessionKind, user: UserId, others: &[Standing]) -> Vec<SessionId> {
        let mut gone: Vec<SessionId> = Vec::new();
        for cap in &self.caps {
            let counted: Vec<Standing> = others
                .iter()
                .filter(|it| cap.reach.has(it, kind, user) && !gone.contains(&it.id))
                .copied()
                .collect();
            gone.extend(cap.eviction.first(&counted, cap.surplus(counted.len())));
        }
        gone
    }

    /// The places of live sessions in the order in which they go when there are too many: 1 goes next. Where
    /// several caps hold, the smallest place counts.
    pub fn places(&self, standings: &[Standing]) -> HashMap<SessionId, u32> {
        let mut places = HashMap::with_capacity(standings.len());
        for cap in &self.caps {
            let mut sorted: Vec<&Standing> = standings.iter().collect();
            sorted.sort_by_key(|it| cap.eviction.order(it));
            let mut counts: HashMap<(Option<SessionKind>, Option<UserId>), u32> = HashMap::new();
            for it in sorted {
                let group = match cap.reach {
                    Reach::System => (None, None),
                    Reach::Platform => (Some(it.kind), None),
                    Reach::User => (Some(it.kind), Some(it.user)),
                };
                let count = counts.entry(group).or_default();
                *count = count.saturating_add(1);
                let place = places.entry(it.id).or_insert(*count);
                *place = (*place).min(*count);
            }
        }
        places
    }
}

impl Cap {
    /// How many of so many others go when a new one begins, which is one of those that there may be.
    pub fn surplus(&self, others: usize) -> usize {
        let left = usize::try_from(self.sessions_max.max(1) - 1).unwrap_or(usize::MAX);
        others.saturating_sub(left)
    }
}

impl Reach {
    /// Whether a session counts for a new one of this kind and user.
    pub fn has(self, standing: &Standing, kind: SessionKind, user: UserId) -> bool {
        match self {
            Self::System => true,
            Self::Platform => standing.kind == kind,
            Self::User => standing.kind == kind && standing.user == user,
        }
    }
}

impl Eviction {
    /// So many of these that go first, the first to go first.
    pub fn first(self, standings: &[Standing], count: usize) -> Vec<SessionId> {
        let mut sorted: Vec<&Standing> = standings.iter().collect();
        sorted.sort_by_key(|it| self.order(it));
        sorted.iter().take(count).map(|it| it.id).collect()
    }

    /// What sessions are sorted by: the smallest goes first. Of equals, the one that began first.
    pub fn order(self, standing: &Standing) -> (Timestamp, Timestamp, SessionId) {
        let first = match self {
            Self::LeastRecentlyUsed => standing.used_at,
            Self::OldestCreated => standing.created_at,
        };
        (first, standing.created_at, standing.id)
    }
}
