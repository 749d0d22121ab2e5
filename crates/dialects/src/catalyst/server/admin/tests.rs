//! The administrators' endpoints over a real store.
