//! The client half: the form login as a conversation (contract sections B1, B2).

use super::wire::{LOGIN, SESSION_COOKIE};
use crate::drf::form_login::Door;

/// Where the contract's form is.
pub static DOOR: Door = Door { path: LOGIN, session_cookie: SESSION_COOKIE };
