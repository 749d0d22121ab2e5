//! Remembers what identity decides.
