//! What a sign-in sends and gets, without its secrets.
