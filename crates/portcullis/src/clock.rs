//! The clock of the machine, behind identity's port.

use identity::port::Clock;
use jiff::Timestamp;

/// The machine's own clock, UTC.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port behind which the clock is read")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
