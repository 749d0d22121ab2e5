//! Says the same few things in five languages, as server and as client, without opening a socket.
//!
//! A dialect spells; `identity` decides. Every dialect has the same shape: see [`dialect`] for the trait
//! and the checklist "to add a dialect". What dialects share moves down: to [`drf`], what every member of
//! the Ansible family has from its framework; to [`platform`], the contract of the platform gateway; to
//! [`oauth`], the authorization server that two contracts carry.

pub mod client_half;
pub mod dialect;

mod bare_path;
mod set_cookie;
mod shown;
mod steps;

pub mod door;
pub mod explain;

pub mod drf;
pub mod oauth;
pub mod platform;

pub mod aap;
pub mod astra;
pub mod awx;

pub mod apprenda;
pub mod catalyst;

#[cfg(test)]
mod bed;

pub use client_half::{
    Application, ClientHalf, Conversation, Credential, Holding, Login, Method, Next, Rejection, Verdict,
};
pub use dialect::{Broken, Dialect, Doorway, ExpiredSession, Help, Owned, Reason, Refused, Wire, shown_path};

/// The dialects, one line each.
pub static ALL: [&dyn Dialect; 5] =
    [&aap::Aap, &astra::Astra, &awx::Awx, &catalyst::Catalyst, &apprenda::Apprenda];

/// The dialect of this name.
pub fn named(name: &str) -> Option<&'static dyn Dialect> {
    ALL.iter().copied().find(|dialect| dialect.name() == name)
}
