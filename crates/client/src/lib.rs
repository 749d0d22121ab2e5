//! Carries a dialect's conversation over a real connection, keeps what it wins, and uses it.
//!
//! * [`Base`] is the one place that a proof is shown to; [`base()`] reads it from what somebody typed.
//! * [`Transport`] sends one request within limits: time, size, number at once. Its answer is whole or a stream.
//! * [`recognise()`] tells which platform a server is.
//! * [`Agent`] drives a login over it and sends requests with the proof.
//! * [`Caller`] does so for long: it notices that a session died, renews it once, and repeats what may be repeated.
//! * [`Profiles`] are logins saved in files that only their user can read.
//! * [`doctor`] walks a sign-in step by step and says where it fails.

mod base;

mod payload;
mod stream;
mod transport;
mod trouble;

mod agent;
mod caller;
mod page;
mod recognise;

pub mod doctor;
pub mod saved;

#[cfg(test)]
mod tests;

pub use agent::{Agent, TalkError, Unwatched, Watch};
pub use base::{Base, Malformed, base};
pub use caller::{CallError, Caller, Keeper, Kept, Turn, Unkept};
pub use page::{PAGES_MAX, Page, Pages};
pub use payload::Payload;
pub use recognise::{Foreign, Found, Recognition, recognise};
pub use saved::{Name, Place, Profile, ProfileKeeper, Profiles, SavedError};
pub use stream::Streamed;
pub use transport::{Options, Proxies, Transport, Trust};
pub use trouble::{Certificate, Trouble};
