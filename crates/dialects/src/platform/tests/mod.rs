//! Tests of the contract's names, proofs, refusals, claims and of the client's login.

mod claims;
mod client;
mod denial;
mod form;
mod language;
mod proof;
