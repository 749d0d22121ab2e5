//! The table of the settings of Catalyst Manager's and Apprenda's contracts, and of what holds for all doors.

use super::table::setting;
use super::{DefaultValue as D, Definition, Section, SettingKind as K};
use Section::{Cloud, Manager, Own};

/// Catalyst Manager's settings (its contract section B), Apprenda's (its contract sections 2 to 4), and our own.
pub(super) static DOORS: &[Definition] = &[
    setting(
        "catalyst.sessionLifeTime",
        K::Integer(30, 10_080),
        D::Integer(1440),
        Manager,
        "Overall timeout of a session of Catalyst Manager's contract in minutes.",
    ),
    setting(
        "catalyst.serverSessionTimeout",
        K::Integer(10, 30),
        D::Integer(30),
        Manager,
        "Inactivity timeout of a session of Catalyst Manager's contract in minutes.",
    ),
    setting(
        "catalyst.clientSessionTimeout",
        K::Integer(0, 10_080),
        D::Integer(0),
        Manager,
        "Inactivity timeout of the vendor's pages in minutes; 0 is none. Stored for clients.",
    ),
    setting(
        "catalyst.maxSessionsPerUser",
        K::Integer(0, 1_000_000),
        D::Integer(0),
        Manager,
        "Most sessions of Catalyst Manager's contract for each user; 0 is without limit.",
    ),
    setting(
        "catalyst.maxSessions",
        K::Integer(1, 1_000_000),
        D::Integer(100),
        Manager,
        "Most sessions of Catalyst Manager's contract together; the least recently used goes.",
    ),
    setting(
        "catalyst.passwordPolicy",
        K::Text,
        D::Text("disabled"),
        Manager,
        "Password policy as the vendor's pages name it. Stored for clients; the password rules are settings of their own.",
    ),
    setting(
        "catalyst.passwordExpirationTime",
        K::Integer(0, 90),
        D::Integer(0),
        Manager,
        "Days after which the vendor's pages call a password too old. Stored for clients.",
    ),
    setting(
        "catalyst.requestsPerSecond",
        K::Integer(0, 1_000_000),
        D::Integer(100),
        Manager,
        "Requests that each user may make in a second below /dataservice; 0 is without limit.",
    ),
    setting(
        "catalyst.bulkRequestsPerMinute",
        K::Integer(0, 1_000_000),
        D::Integer(48),
        Manager,
        "Requests for bulk data that each user may make in a minute; 0 is without limit.",
    ),
    setting(
        "apprenda.session_minutes",
        K::Integer(1, 525_600),
        D::Integer(480),
        Cloud,
        "Length of a session of Apprenda's contract in minutes.",
    ),
    setting(
        "apprenda.session_is_sliding",
        K::Boolean,
        D::Boolean(false),
        Cloud,
        "Whether that length counts anew from each use.",
    ),
    setting(
        "apprenda.soc_authentication",
        K::Boolean,
        D::Boolean(true),
        Cloud,
        "Whether only Platform Operators get into the Platform Operations API.",
    ),
    setting(
        "apprenda.platform_operators",
        K::Rules,
        D::List(&["administrators"]),
        Cloud,
        "The Platform Operators: administrators, everybody, user:NAME, team:NAME, team:ORGANIZATION/NAME.",
    ),
    setting(
        "apprenda.refused_login_status",
        K::Integer(400, 401),
        D::Integer(400),
        Cloud,
        "Status of the answer to a wrong password: 400 as the last versions had it, or 401.",
    ),
    setting(
        "portcullis.sessions_max",
        K::Integer(0, 10_000_000),
        D::Integer(0),
        Own,
        "Most sessions of all contracts together; the least recently used goes. 0 is without limit.",
    ),
];
