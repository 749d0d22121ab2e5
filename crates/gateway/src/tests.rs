//! Tests of the gateway as a whole, over sockets, and what unit tests share.

pub mod rig;
pub mod scratch;
pub mod upstream;

mod body_memory;
mod body_proof;
mod contracts;
mod controller;
mod decide;
mod faults;
mod forward;
mod identity;
mod keep_alive;
mod limits;
mod logs;
mod manager;
mod proxies;
mod routes;
mod session;
mod session_cases;
mod session_doubts;
mod session_leaks;
mod session_manager;
mod session_report;
mod session_ways;
mod smuggling;
mod socket;
mod tls;
mod trust;
