//! Plays every transcript against the server half, and the recorded logins against the client half.
