//! Carries a dialect's conversation over a real connection.
