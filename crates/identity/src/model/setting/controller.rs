//! The table of the controller's settings: what only AWX's contract has (AWX contract section A8). What it
//! shares with the platform is one setting under two names.

use super::table::{FOREVER, setting};
use super::{DefaultValue as D, Definition, Section, SettingKind as K};
use Section::Controller;

/// The controller's settings, in the order in which they are listed.
pub(super) static CONTROLLER: &[Definition] = &[
    setting(
        "awx.SESSION_COOKIE_AGE",
        K::Integer(60, FOREVER),
        D::Integer(1800),
        Controller,
        "Inactivity timeout of a session of AWX's contract in seconds.",
    ),
    setting(
        "awx.SESSIONS_PER_USER",
        K::Integer(-1, 1_000_000),
        D::Integer(-1),
        Controller,
        "Most sessions of AWX's contract for each user; -1 is without limit.",
    ),
    setting(
        "oauth2.ACCESS_TOKEN_EXPIRE_SECONDS",
        K::Integer(0, 1_000_000_000_000),
        D::Integer(0),
        Controller,
        "Life of a new access token in seconds; 0 is what the configuration says.",
    ),
    setting(
        "oauth2.AUTHORIZATION_CODE_EXPIRE_SECONDS",
        K::Integer(1, 600),
        D::Integer(60),
        Controller,
        "Life of an authorization code in seconds.",
    ),
    setting(
        "oauth2.REFRESH_TOKEN_EXPIRE_SECONDS",
        K::Integer(1, FOREVER),
        D::Integer(2_628_000),
        Controller,
        "Life of a refresh token in seconds, from its own beginning.",
    ),
    setting(
        "awx.DISABLE_LOCAL_AUTH",
        K::Boolean,
        D::Boolean(false),
        Controller,
        "Whether passwords kept here are refused. Needs another way to sign in.",
    ),
    setting(
        "awx.ALLOW_METRICS_FOR_ANONYMOUS_USERS",
        K::Boolean,
        D::Boolean(false),
        Controller,
        "Stored for clients; a controller behind the gateway has its own.",
    ),
    setting(
        "awx.ACTIVITY_STREAM_ENABLED",
        K::Boolean,
        D::Boolean(true),
        Controller,
        "Stored for clients; this gateway always writes its activity stream.",
    ),
    setting(
        "awx.ACTIVITY_STREAM_ENABLED_FOR_INVENTORY_SYNC",
        K::Boolean,
        D::Boolean(false),
        Controller,
        "Stored for clients; a controller behind the gateway has its own.",
    ),
    setting(
        "awx.TOWER_URL_BASE",
        K::Url,
        D::Text(""),
        Controller,
        "Address under which people reach the controller; empty is what each request calls it.",
    ),
    setting(
        "awx.REMOTE_HOST_HEADERS",
        K::AddressKeys,
        D::List(&["REMOTE_ADDR", "REMOTE_HOST"]),
        Controller,
        "Where a client's address is looked for, in this order.",
    ),
    setting(
        "awx.PROXY_IP_ALLOWED_LIST",
        K::Peers,
        D::List(&[]),
        Controller,
        "Proxies whose headers on a client's address are believed: addresses, networks or host names.",
    ),
    setting(
        "awx.MAX_UI_JOB_EVENTS",
        K::Integer(100, FOREVER),
        D::Integer(4000),
        Controller,
        "Stored for clients; a controller behind the gateway has its own.",
    ),
    setting(
        "awx.UI_LIVE_UPDATES_ENABLED",
        K::Boolean,
        D::Boolean(true),
        Controller,
        "Stored for clients; a controller behind the gateway has its own.",
    ),
];
