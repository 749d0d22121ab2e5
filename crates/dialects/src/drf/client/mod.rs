//! The client half of this family: what the platform gateway and the controller share as servers to sign in to.
//!
//! A CSRF token changes only at a login (AAP contract section B2, AWX contract section B3): what a login won stays
//! right until the session ends, and no later `Set-Cookie` has to be taken up.

use super::proof::Habits;

pub mod ask;
pub mod family;

pub mod device;
pub mod enter;
pub mod environment;
pub mod form_login;
pub mod grant;
pub mod token;

pub mod guard;
pub mod judge;
pub mod page;
pub mod stay;

/// The places and the habits of a server of this family.
#[derive(Debug)]
pub struct Site {
    /// How its proofs travel.
    pub habits: &'static Habits,
    /// The login page and its form.
    pub login: &'static str,
    /// Where a session ends.
    pub logout: &'static str,
    /// Whether that takes a POST with the CSRF token. A GET serves everywhere, but for servers that may not heed it.
    pub logs_out_by_post: bool,
    /// Who asks.
    pub me: &'static str,
    /// Where a session's end is told, and put off by a POST; none where every request puts it off.
    pub session: Option<&'static str>,
    /// The users, each with their tokens below.
    pub users: &'static str,
    /// The tokens.
    pub tokens: &'static str,
    /// The root of the authorization server, without a slash at its end.
    pub oauth: &'static str,
    /// What a 401 says to a name and a password that were not looked at; none where every 401 says the same.
    pub basic_off: Option<&'static str>,
    /// What a 401 at the login page says where users sign in through another system; none where that is unknown.
    pub elsewhere: Option<&'static str>,
}
