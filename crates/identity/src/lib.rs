//! Who you are, how you showed it, what you may do: the nouns, the rules, and the few things that the
//! rules ask of the world.
//!
//! Nothing here performs input or output, reads the clock or makes a random number: the world stands
//! behind the traits of [`port`]. Nothing here can be serialized: wire shapes live in the dialects.
//!
//! * [`model`] holds the nouns: values, state machines and arithmetic, all pure.
//! * [`action`] holds the verbs. There is exactly one `sign_in`, and every door calls it.
//! * [`Denial`] is the closed list of ways to say no; [`Fault`] says what broke.

pub mod model;

pub mod port;

pub mod action;

mod authority;
mod denial;
mod fault;
mod turn;

pub use authority::{Authority, AuthoritySettings, Context};
pub use denial::{Denial, Ended, Invalid, Malformed, PasswordRule, Refusal, SessionEnd, Violation};
pub use fault::{Fault, Origin};
