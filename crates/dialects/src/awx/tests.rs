//! Plays every transcript against the server half, and the logins against the client half.
