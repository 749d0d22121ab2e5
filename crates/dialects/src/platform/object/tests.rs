//! Objects on the wire.
