//! What the contracts of the Ansible family share: the manners of Django REST framework on the wire.
//!
//! Nothing here decides. It reads requests, spells answers, and hands what is asked to `identity`.

use std::sync::Arc;

use identity::Authority;
use jiff::Timestamp;

use crate::dialect::Dialect;
use crate::door::Door;

pub mod wire;

pub mod endpoint;
pub mod respond;
pub mod stop;

pub mod body;
pub mod strict;
pub mod time;

pub mod field;
pub mod validate;

pub mod filter;
pub mod page;

pub mod openapi;
pub mod options;
pub mod yaml;

pub mod caller;
pub mod headers;
pub mod manner;
pub mod negotiate;
mod translate;

pub mod cookie;
pub mod csrf;
pub mod proof;

pub mod setting_value;

pub mod client;
pub mod redirect;
pub mod root;

pub mod form;
pub mod language;

pub mod html;

#[cfg(test)]
mod tests;

/// What the own endpoints of a dialect of this family share. Cheap to clone.
#[derive(Clone)]
pub struct State {
    /// Decides.
    pub authority: Arc<Authority>,
    /// Reads proofs and spells refusals.
    pub dialect: &'static dyn Dialect,
    /// The words in which this dialect differs from its relatives.
    pub brand: &'static Brand,
}

impl State {
    /// What it shares with the own endpoints of every contract.
    pub fn door(&self) -> Door {
        Door { authority: Arc::clone(&self.authority), dialect: self.dialect }
    }
}

/// The words in which dialects of this family differ.
#[derive(Debug)]
pub struct Brand {
    /// The name of the session's cookie, for its deletion (contract section B4).
    pub session_cookie: &'static str,
    /// The field of a form that carries a CSRF token (contract section B3).
    pub csrf_field: &'static str,
    /// The header that carries a CSRF token, as pages tell it to scripts.
    pub csrf_header: &'static str,
    /// The `Set-Cookie` of a CSRF token made now; whether the connection is encrypted.
    pub csrf_cookie: fn(token: &str, now: Timestamp, is_secure: bool) -> String,
    /// The path of the login page.
    pub login_page: &'static str,
    /// How answers are dressed.
    pub manner: &'static manner::Manner,
}
