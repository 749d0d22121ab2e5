//! Tests of the contract's names, proofs and answers.
