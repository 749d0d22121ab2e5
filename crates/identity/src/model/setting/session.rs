//! What the settings say about sessions.

use jiff::SignedDuration;

use super::Settings;
use crate::model::session::SessionKind;
use crate::model::session_policy::{Cap, Eviction, Reach, SessionPolicy};

/// How many times longer than its access token a refresh token of Catalyst Manager lives: a day for each second
/// (its contract section A.10).
const REFRESH_FACTOR: i32 = 86_400;
/// Most access tokens, and most refresh tokens, of one user. The contract knows no logout for them and lets refresh
/// tokens live for years, so that a program that signs in for each of its runs would fill the store.
const TOKENS_MAX: u32 = 1000;

impl Settings {
    /// The rules for a new session of this kind. `asked` is the length that the client asks for, where its
    /// contract lets it.
    pub fn session_policy(&self, kind: SessionKind, asked: Option<SignedDuration>) -> SessionPolicy {
        let mut policy = match kind {
            SessionKind::Gateway => SessionPolicy::of_length(self.session_overall_timeout, false),
            SessionKind::Controller => {
                let mut policy = SessionPolicy::of_length(self.session_inactivity_timeout, true);
                policy.caps.extend(self.sessions_max.map(|sessions_max| Cap {
                    reach: Reach::User,
                    sessions_max,
                    eviction: Eviction::OldestCreated,
                }));
                policy
            }
            SessionKind::Manager => self.manager_policy(),
            SessionKind::ManagerToken => token_policy(asked, 1),
            SessionKind::ManagerRefresh => token_policy(asked, REFRESH_FACTOR),
            SessionKind::Cloud => SessionPolicy::of_length(
                self.minutes("apprenda.session_minutes"),
                self.boolean("apprenda.session_is_sliding"),
            ),
        };
        let most = self.integer("portcullis.sessions_max");
        policy.caps.extend(cap(Reach::System, most));
        policy
    }

    fn manager_policy(&self) -> SessionPolicy {
        let per_user = cap(Reach::User, self.integer("catalyst.maxSessionsPerUser"));
        let all = cap(Reach::Platform, self.integer("catalyst.maxSessions"));
        SessionPolicy {
            overall_timeout: Some(self.minutes("catalyst.sessionLifeTime")),
            inactivity_timeout: Some(self.minutes("catalyst.serverSessionTimeout")),
            caps: per_user.into_iter().chain(all).collect(),
        }
    }

    fn minutes(&self, name: &str) -> SignedDuration {
        SignedDuration::from_mins(self.integer(name))
    }
}

/// The rules for a token of the JWT login, so many times as long as was asked for an access token.
fn token_policy(asked: Option<SignedDuration>, factor: i32) -> SessionPolicy {
    let access = asked.unwrap_or(SignedDuration::from_mins(30));
    let mut policy = SessionPolicy::of_length(access.saturating_mul(factor), false);
    policy.caps.extend(cap(Reach::User, TOKENS_MAX.into()));
    policy
}

/// A cap by which the least recently used goes; none if the number is 0.
fn cap(reach: Reach, most: i64) -> Option<Cap> {
    let sessions_max = u32::try_from(most).ok().filter(|it| *it > 0)?;
    Some(Cap { reach, sessions_max, eviction: Eviction::LeastRecentlyUsed })
}
