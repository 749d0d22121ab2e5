//! How this contract's proofs travel, and what keeps a session alive at its client.

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use identity::model::principal::{Charter, Evidence, Principal};
use identity::model::proof::Presented;
use identity::model::session::SessionKind;

use super::wire;
use crate::dialect::Doorway;
use crate::drf::proof::Habits;

/// The contract's habits.
pub static HABITS: Habits = Habits {
    session_cookie: wire::SESSION_COOKIE,
    session_kind: SessionKind::Controller,
    charter: Charter::Controller,
    token_words: &["bearer"],
    reads_latin1: true,
    quiet_header: wire::QUIET_HEADER,
};

/// The session's cookie anew and its timeout (contract section B4). A quiet request gets neither.
pub fn keep_alive(presented: &Presented, principal: &Principal, doorway: &Doorway, headers: &mut HeaderMap) {
    let (Evidence::Session(session), Some((SessionKind::Controller, secret)), false) =
        (&principal.evidence, &presented.session, presented.is_quiet)
    else {
        return;
    };
    let Some(timeout) = session.inactivity_timeout else { return };
    headers.insert(HeaderName::from_static(wire::TIMEOUT_HEADER), HeaderValue::from(timeout.as_secs()));
    // This very request is its last use.
    let cookie = wire::session_cookie(secret, timeout, session.last_use.at(), doorway.is_secure);
    if let Ok(mut cookie) = HeaderValue::from_str(&cookie) {
        cookie.set_sensitive(true);
        headers.append(SET_COOKIE, cookie);
    }
}
