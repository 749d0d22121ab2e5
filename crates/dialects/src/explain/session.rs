//! Sessions that are dead: which clock ran out, which session took the place, who ended it.

use identity::model::refusal_log::Cause;
use identity::{Ended, SessionEnd};

use super::{Door, Explanation, instant, said, span};

impl Door<'_> {
    pub(super) fn session_ended(&self, ended: &Ended) -> Explanation {
        let (rule, what) = match ended.end {
            SessionEnd::Unknown => (
                "session.unknown",
                "There is no such session: it was never made here, or ended longer ago than is remembered.",
            ),
            SessionEnd::Inactive => {
                ("session.inactive", "The session was not used for longer than its inactivity timeout.")
            }
            SessionEnd::Overall => {
                ("session.overall", "The session's overall timeout is over, however it was used.")
            }
            SessionEnd::SignedOut => {
                ("session.signed-out", "The session ended because its holder signed out.")
            }
            SessionEnd::Replaced => {
                ("session.replaced", "The session ended because its holder signed in anew with it in hand.")
            }
            SessionEnd::Evicted => (
                "session.evicted",
                "A newer session took this one's place: there may be only so many at once.",
            ),
            SessionEnd::Removed => (
                "session.removed",
                "The session was ended by somebody else: an administrator, or a change of the user's password.",
            ),
            SessionEnd::UserGone => ("session.user-gone", "The session's user is gone or disabled."),
        };
        let mut explanation = said(rule, what, self.session_advice(ended.end));
        if let Some(session) = ended.session {
            explanation = explanation.with("session", session.to_string());
        }
        if let Some(at) = ended.at {
            explanation = explanation.with("ended_at", instant(at));
        }
        if let Some(by) = ended.by {
            explanation = explanation.with("session_in_its_place", by.to_string());
        }
        match self.cause() {
            Some(Cause::Rested { used_at, timeout }) => {
                explanation.with("last_used_at", instant(*used_at)).with("inactivity_timeout", span(*timeout))
            }
            Some(Cause::Lived { created_at, expires_at }) => {
                let timeout = expires_at.duration_since(*created_at);
                explanation.with("signed_in_at", instant(*created_at)).with("overall_timeout", span(timeout))
            }
            _ => explanation,
        }
    }

    fn session_advice(&self, end: SessionEnd) -> String {
        let anew = self.anew();
        match end {
            SessionEnd::Evicted => {
                format!(
                    "{anew}; sign out when done, and share one session instead of signing in for each request"
                )
            }
            SessionEnd::Inactive => {
                format!("{anew}; or use the session more often than its inactivity timeout")
            }
            SessionEnd::UserGone => {
                "use a user that is enabled, or let an administrator enable this one".to_owned()
            }
            SessionEnd::Unknown
            | SessionEnd::Overall
            | SessionEnd::SignedOut
            | SessionEnd::Replaced
            | SessionEnd::Removed => anew,
        }
    }
}
