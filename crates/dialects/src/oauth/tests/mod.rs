//! The endpoints for applications, over a real store, in the words of both contracts.

mod client;
mod denial;
mod device;
mod exact;
mod form;
mod metadata;
mod token;
