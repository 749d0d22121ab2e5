//! What an attacker tries, one file per kind of attack; each test is named by the situation.

pub mod clock;
mod jwt;
mod shared;

mod doors;
pub mod grants;

mod b01_doors;
mod b01_password_login;
mod b02_enumeration;
mod b03_guessing;
mod b29_doors;
mod b29_logs;
mod b30_at_rest;
mod b30_sealed;
mod b30_upstream;
mod b33_clock;

mod b04_accounts;
mod b04_cloud;
mod b04_manager;
mod b04_races;
mod b04_resting;
mod b04_sessions;
mod b04_sockets;
mod b04_timeouts;
mod b05_awx;
mod b05_csrf;
mod b05_doors;
mod b05_manager;
mod b05_pages;
mod b06_cookies;
mod b06_manager;
mod b07_basic;
mod b08_bearer;
mod b08_cloud;
mod b08_doors;
mod b09_applications;
mod b09_awx;
mod b09_revocation;
mod b09_tokens;
mod b10_refresh;
mod b11_codes;
mod b11_consent;
mod b11_tossing;
mod b12_awx;
mod b12_redirects;
mod b25_consent;
mod b25_matrix;
mod b25_operation;
mod b25_privilege;
mod b25_roles;
mod b25_teams;
mod b26_others;

mod stage;

mod b13_awx;
mod b13_doors;
mod b13_paths;
mod b13_proxy;
mod b14_identity;
mod b14_services;
mod b15_http2;
mod b15_smuggling;
mod b15_steps;
mod b16_responses;
mod b19_sizes;
mod b20_bodies;
mod b20_doors;
mod b24_awx;
mod b24_proxies;
mod b28_caching;
mod b31_filters;
mod b31_limits;
mod review_apprenda;
