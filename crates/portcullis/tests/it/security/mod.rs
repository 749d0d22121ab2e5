//! What an attacker tries, one file per kind of attack; each test is named by the situation.

mod clock;
mod jwt;
mod shared;

mod b04_accounts;
mod b04_sessions;
mod b04_timeouts;
