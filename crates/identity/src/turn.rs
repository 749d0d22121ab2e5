//! Turns: how many passwords of one account are looked at side by side, so that parallel guesses gain
//! nothing over guesses in a row.
//!
//! A request first becomes the account's one checker. The checker reads how many turns are taken, then
//! how many failures the account has; when both leave room it takes a turn and the next request checks.
//! An attempt counts its failure before it gives its turn back, so the checker sees it in one of the two
//! numbers, never in neither.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::model::secret::Digest;

/// Most requests that wait to check one account.
const WAITERS_MAX: usize = 256;

/// The passwords being looked at, by account.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<Digest, Gate>>);

#[derive(Debug, Default)]
struct Gate {
    /// Turns that are taken.
    taken: u32,
    /// Whether somebody is the checker.
    has_checker: bool,
    /// Wakes the checker when a turn is given back.
    checker: Option<Waker>,
    /// Wakes those who want to be the checker.
    waiters: VecDeque<Waker>,
}

impl Turns {
    /// Resolves to the account's checker; to none if too many wait already.
    pub(crate) fn enter(&self, account: Digest) -> Enter<'_> {
        Enter { turns: self, account, is_waiting: false }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Gate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes an account's gate, and forgets it when nobody is at it any more.
    fn change(&self, account: Digest, change: impl FnOnce(&mut Gate) -> Option<Waker>) {
        let mut gates = self.lock();
        let Some(gate) = gates.get_mut(&account) else { return };
        let waker = change(gate);
        if gate.taken == 0 && !gate.has_checker && gate.waiters.is_empty() {
            gates.remove(&account);
        }
        drop(gates);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// See [`Turns::enter`].
pub(crate) struct Enter<'a> {
    turns: &'a Turns,
    account: Digest,
    is_waiting: bool,
}

impl<'a> Future for Enter<'a> {
    type Output = Option<Checker<'a>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (turns, account) = (self.turns, self.account);
        let mut gates = turns.lock();
        let gate = gates.entry(account).or_default();
        if !gate.has_checker {
            gate.has_checker = true;
            self.is_waiting = false;
            return Poll::Ready(Some(Checker { turns, account }));
        }
        if gate.waiters.len() >= WAITERS_MAX {
            self.is_waiting = false;
            return Poll::Ready(None);
        }
        gate.waiters.push_back(context.waker().clone());
        self.is_waiting = true;
        Poll::Pending
    }
}

impl Drop for Enter<'_> {
    fn drop(&mut self) {
        // It may have been woken and will not come: the next one shall.
        if self.is_waiting {
            self.turns.change(
                self.account,
                |gate| {
                    if gate.has_checker { None } else { gate.waiters.pop_front() }
                },
            );
        }
    }
}

/// The one request that may check an account now.
#[derive(Debug)]
pub(crate) struct Checker<'a> {
    turns: &'a Turns,
    account: Digest,
}

impl<'a> Checker<'a> {
    /// How many turns are taken. To be read before the account's failures are.
    pub(crate) fn taken(&self) -> u32 {
        self.turns.lock().get(&self.account).map_or(0, |gate| gate.taken)
    }

    /// Resolves when fewer than that many turns are taken.
    pub(crate) fn given_back(&self, taken: u32) -> GivenBack<'_> {
        GivenBack { turns: self.turns, account: self.account, taken }
    }

    /// Takes a turn and lets the next one check.
    pub(crate) fn take(self) -> Turn<'a> {
        let (turns, account) = (self.turns, self.account);
        turns.change(account, |gate| {
            gate.taken += 1;
            None
        });
        Turn { turns, account }
    }
}

impl Drop for Checker<'_> {
    fn drop(&mut self) {
        self.turns.change(self.account, |gate| {
            gate.has_checker = false;
            gate.checker = None;
            gate.waiters.pop_front()
        });
    }
}

/// See [`Checker::given_back`].
pub(crate) struct GivenBack<'a> {
    turns: &'a Turns,
    account: Digest,
    taken: u32,
}

impl Future for GivenBack<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.turns.lock().get_mut(&self.account) {
            Some(gate) if gate.taken >= self.taken => {
                gate.checker = Some(context.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }
}

/// One password of an account being looked at. Given back when dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    account: Digest,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.change(self.account, |gate| {
            gate.taken = gate.taken.saturating_sub(1);
            gate.checker.take()
        });
    }
}

#[cfg(test)]
mod tests;
