//! Passwords: what a new one must be.

use super::setting::Settings;
use crate::denial::PasswordRule;

/// The longest password that is looked at, in bytes. A longer one is refused before any work is done.
pub const BYTES_MAX: usize = 4096;

/// The passwords that everybody tries first; refused once a minimum length is set.
const COMMON: [&str; 20] = [
    "123456",
    "12345678",
    "123456789",
    "1234567890",
    "password",
    "password1",
    "qwerty",
    "qwerty123",
    "qwertyuiop",
    "111111",
    "000000",
    "abc123",
    "iloveyou",
    "letmein",
    "welcome",
    "welcome1",
    "monkey",
    "dragon",
    "sunshine",
    "passw0rd",
];

/// Judges a new password by the settings. All broken rules come back, in the settings' order.
pub fn check(password: &str, settings: &Settings) -> Vec<(PasswordRule, i64)> {
    let count = |wanted: fn(char) -> bool| {
        i64::try_from(password.chars().filter(|it| wanted(*it)).count()).unwrap_or(i64::MAX)
    };
    let mut broken = Vec::new();
    if password.len() > BYTES_MAX {
        broken.push((PasswordRule::Longest, i64::try_from(BYTES_MAX).unwrap_or(i64::MAX)));
    }
    for (rule, wanted, found) in [
        (PasswordRule::Length, settings.password_min_length, count(|_| true)),
        (PasswordRule::Digits, settings.password_min_digits, count(char::is_numeric)),
        (PasswordRule::Upper, settings.password_min_upper, count(char::is_uppercase)),
        (PasswordRule::Special, settings.password_min_special, count(|it| !it.is_alphanumeric())),
    ] {
        if found < wanted {
            broken.push((rule, wanted));
        }
    }
    if settings.password_min_length > 0 && COMMON.contains(&password.to_lowercase().as_str()) {
        broken.push((PasswordRule::Common, 0));
    }
    broken
}
