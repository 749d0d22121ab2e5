//! One gateway for several tests: the first that asks starts it, the last that lets go ends it.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::support::Server;

/// A gateway that the tests of one file share.
pub struct Shared(Mutex<Weak<Server>>);

impl Shared {
    /// None is running yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Weak::new()))
    }

    /// The running one, or a new one.
    pub fn get(&self, start: impl FnOnce() -> Server) -> Arc<Server> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.upgrade().unwrap_or_else(|| {
            let server = Arc::new(start());
            *running = Arc::downgrade(&server);
            server
        })
    }
}
