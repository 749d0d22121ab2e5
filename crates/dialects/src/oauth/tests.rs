//! The endpoints for applications, over a real store, in both contracts.
