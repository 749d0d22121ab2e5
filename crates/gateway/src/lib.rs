//! Receives a request, lets identity decide, forwards it or refuses it in the caller's own dialect.

pub mod config;
