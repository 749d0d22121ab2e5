//! How this contract's proofs travel: which cookie, which words.

use identity::model::principal::Charter;
use identity::model::session::SessionKind;

use super::wire::SESSION_COOKIE;
use crate::drf::proof::Habits;

/// The contract's habits.
pub static HABITS: Habits = Habits {
    session_cookie: SESSION_COOKIE,
    session_kind: SessionKind::Gateway,
    charter: Charter::Platform,
    token_words: &["bearer", "token"],
    reads_latin1: false,
    quiet_header: "",
};
