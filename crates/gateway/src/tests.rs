//! Tests of the gateway as a whole, over sockets, and what unit tests share.

pub mod rig;
pub mod scratch;
pub mod upstream;

mod decide;
mod faults;
mod forward;
mod identity;
mod limits;
mod smuggling;
mod socket;
mod tls;
mod trust;
