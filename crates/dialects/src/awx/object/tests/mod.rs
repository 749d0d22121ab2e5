//! Objects over the wire.
