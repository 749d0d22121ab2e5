//! Tests of the contract's names, proofs, refusals and claims.

mod claims;
mod denial;
mod form;
mod language;
mod proof;
