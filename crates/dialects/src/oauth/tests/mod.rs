//! The endpoints for applications, over a real store, in the words of both contracts.

mod client;
mod code;
mod denial;
mod device;
mod exact;
mod form;
mod metadata;
mod token;

mod authorize;
mod page;
mod verify;
mod visitor;
