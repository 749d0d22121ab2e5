//! What our own API owns, and which proofs it reads.
