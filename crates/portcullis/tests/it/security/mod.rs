//! What an attacker tries, one file per kind of attack; each test is named by the situation.

mod clock;
mod jwt;
mod shared;

mod b04_accounts;
mod b04_sessions;
mod b04_timeouts;
mod b05_csrf;
mod b05_pages;
mod b06_cookies;
mod b07_basic;
mod b08_bearer;
