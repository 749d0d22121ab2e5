//! Turns: how many passwords of one account are looked at side by side, so that parallel guesses gain
//! nothing over guesses in a row.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::model::secret::Digest;

/// Most requests that wait for a turn of one account.
const WAITERS_MAX: usize = 256;

/// The passwords being looked at, by account.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<Digest, Gate>>);

#[derive(Debug, Default)]
struct Gate {
    taken: u32,
    waiters: Vec<Waker>,
}

impl Turns {
    /// Takes a turn of an account, before it is known whether there is one: [`Turn::rank`] tells how many
    /// are taken with this one.
    ///
    /// The rank is read before the account's failures are. An attempt that ends meanwhile has counted its
    /// failure before it gives its turn back, so it is seen in one of the two numbers, never in neither.
    pub(crate) fn take(&self, account: Digest) -> Turn<'_> {
        let mut gates = self.lock();
        let gate = gates.entry(account).or_default();
        gate.taken += 1;
        Turn { turns: self, account, rank: gate.taken }
    }

    /// Resolves when a turn of the account has been given back: true, or false at once if none is taken or
    /// too many wait already.
    pub(crate) fn given_back(&self, account: Digest) -> GivenBack<'_> {
        GivenBack { turns: self, account, is_registered: false }
    }

    /// Whether so many wait for the account that one more is refused.
    pub(crate) fn is_crowded(&self, account: Digest) -> bool {
        self.lock().get(&account).is_some_and(|gate| gate.waiters.len() >= WAITERS_MAX)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Gate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One password of an account being looked at. Given back when dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    account: Digest,
    /// How many turns of the account were taken with this one.
    pub(crate) rank: u32,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut gates = self.turns.lock();
        if let Some(gate) = gates.get_mut(&self.account) {
            gate.taken -= 1;
            for waiter in gate.waiters.drain(..) {
                waiter.wake();
            }
            if gate.taken == 0 {
                gates.remove(&self.account);
            }
        }
    }
}

/// See [`Turns::given_back`].
pub(crate) struct GivenBack<'a> {
    turns: &'a Turns,
    account: Digest,
    is_registered: bool,
}

impl Future for GivenBack<'_> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        if self.is_registered {
            return Poll::Ready(true);
        }
        let mut gates = self.turns.lock();
        match gates.get_mut(&self.account) {
            Some(gate) if gate.waiters.len() < WAITERS_MAX => {
                gate.waiters.push(context.waker().clone());
                drop(gates);
                self.is_registered = true;
                Poll::Pending
            }
            _ => Poll::Ready(false),
        }
    }
}
