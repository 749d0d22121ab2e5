//! `[token]`: the life of access tokens (contract section C1).

use std::time::Duration;

use super::reader::Section;

/// The keys of this section.
pub const KEYS: &[&str] = &["access_token_expire_seconds", "life_days"];

const DAY: u64 = 24 * 60 * 60;
/// A thousand years: longer lives are slips of the pen.
const LIFE_MAX: u64 = 365_000 * DAY;

/// The life of access tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// How long a new access token lives. Zero makes tokens that have expired already.
    pub life: Duration,
}

impl Default for Token {
    fn default() -> Self {
        Self { life: Duration::from_secs(365 * DAY) }
    }
}

/// Reads the section.
pub fn read(section: &Section<'_, '_>) -> Token {
    let seconds = section.integer("access_token_expire_seconds", 0..=LIFE_MAX);
    let days = section.integer("life_days", 0..=LIFE_MAX / DAY);
    if let (Some(_), Some(days)) = (&seconds, &days) {
        section.problem_at(
            days.line,
            "life_days",
            "give either this or `access_token_expire_seconds`, not both",
        );
    }
    let life = seconds.map(|found| found.value).or(days.map(|found| found.value * DAY));
    Token { life: life.map_or(Token::default().life, Duration::from_secs) }
}
