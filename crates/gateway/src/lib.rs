//! Receives a request, lets identity decide, forwards it or refuses it in the caller's own dialect.

pub mod config;

mod der;
mod gateway;
mod installation;
mod keys;
mod pool;
pub mod tls;

pub use gateway::{Gateway, Running, Scheme};
pub use installation::Installation;
pub use keys::Keys;

#[cfg(test)]
mod tests;
