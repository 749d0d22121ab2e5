//! Tests of the gateway as a whole, over sockets, and what unit tests share.

pub mod scratch;
