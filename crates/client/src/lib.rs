//! Carries a dialect's conversation over a real connection and uses the proof it wins.
//!
//! * [`Transport`] sends one request within limits: time, size, number at once.
//! * [`Agent`] drives a login over it and sends requests with the proof.

mod agent;
mod transport;

#[cfg(test)]
mod tests;

pub use agent::{Agent, TalkError, Unwatched, Watch};
pub use transport::Transport;
