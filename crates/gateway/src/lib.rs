//! Receives a request, lets identity decide, forwards it or refuses it in the caller's own dialect.

pub mod admin;
pub mod config;

mod gateway;
mod installation;
mod keys;
mod metrics;
pub mod tls;

mod listener;
mod server;

mod answer_guard;
mod head_guard;
mod limits;

mod pipeline;

mod canonical;
mod client_ip;
mod service;
mod tuning;

mod body;
mod body_memory;
mod echo;
mod forward;
mod headers;
mod health;
mod pool;
mod upgrade;
mod upstream;

mod access_log;
mod der;

pub use gateway::{Gateway, Running, Scheme};
pub use installation::Installation;
pub use keys::Keys;

#[cfg(test)]
mod tests;
