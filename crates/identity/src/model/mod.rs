//! The nouns: values, state machines and arithmetic over values passed in. Nothing here waits or asks.

pub mod object;

pub mod application;
pub mod authenticator;
pub mod entry;
pub mod grant;
pub mod import;
pub mod organization;
pub mod role;
pub mod team;
pub mod token;
pub mod user;

pub mod pkce;
pub mod principal;
pub mod proof;
pub mod redirect;
pub mod scope;
pub mod secret;
pub mod session;
pub mod session_policy;

pub mod pace;
pub mod portal;
pub mod refusal_log;
pub mod tenant;

pub mod attempt;
pub mod audit;
pub mod catalog;
pub mod claims;
pub mod csrf;
pub mod password;
pub mod policy;
pub mod query;
pub mod setting;

#[cfg(test)]
mod tests;
