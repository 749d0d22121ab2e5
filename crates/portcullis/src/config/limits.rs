//! `[limits]`: how much of everything. Times are whole seconds, sizes are bytes.

use std::time::Duration;

use gateway::config::Limits as DoorLimits;
use identity::model::attempt::AttemptPolicy;
use jiff::SignedDuration;

use super::reader::Section;

/// The keys of this section.
pub const KEYS: &[&str] = &[
    "connections_max",
    "connections_per_address_max",
    "handshake_timeout",
    "head_timeout",
    "head_max",
    "headers_max",
    "body_timeout",
    "own_body_max",
    "write_timeout",
    "keep_alive_timeout",
    "drain_timeout",
    "failures_free",
    "failure_waits",
    "failures_per_day",
    "failures_per_address_minute",
    "password_checks_max",
    "password_queue_max",
    "password_verdict_seconds",
];

/// How much of everything.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The front door's own limits.
    pub door: DoorLimits,
    /// How failures to sign in are counted.
    pub attempts: AttemptPolicy,
    /// Passwords checked at once; 0 is one per core.
    pub password_checks_max: usize,
    /// Passwords waiting to be checked; more are answered with 503.
    pub password_queue_max: usize,
    /// How long a right name and password is remembered; zero remembers none.
    pub password_verdict: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            door: DoorLimits::default(),
            attempts: AttemptPolicy::default(),
            password_checks_max: 0,
            password_queue_max: 64,
            password_verdict: Duration::from_secs(30),
        }
    }
}

const HOUR: u64 = 3600;
const COUNT_MAX: u64 = 10_000_000;
const WAITS_MAX: usize = 32;

/// Reads the section.
pub fn read(section: &Section<'_, '_>) -> Limits {
    let default = Limits::default();
    let limits = Limits {
        door: door(section),
        attempts: attempts(section),
        password_checks_max: section.size("password_checks_max", 0..=1024).unwrap_or(0),
        password_queue_max: section
            .size("password_queue_max", 0..=100_000)
            .unwrap_or(default.password_queue_max),
        // Beyond some minutes a changed directory password would be accepted for too long.
        password_verdict: section
            .seconds("password_verdict_seconds", 0..=600)
            .unwrap_or(default.password_verdict),
    };
    if limits.door.connections_per_address_max > limits.door.connections_max {
        section.problem("connections_per_address_max", "must not be above `connections_max`");
    }
    limits
}

fn door(section: &Section<'_, '_>) -> DoorLimits {
    let default = DoorLimits::default();
    let time = |key, otherwise: Duration| section.seconds(key, 1..=HOUR).unwrap_or(otherwise);
    let connections_max = section.size("connections_max", 1..=COUNT_MAX).unwrap_or(default.connections_max);
    DoorLimits {
        connections_max,
        // Whoever lowers the whole and says nothing of one address gets what still makes sense.
        connections_per_address_max: section
            .size("connections_per_address_max", 1..=COUNT_MAX)
            .unwrap_or(default.connections_per_address_max.min(connections_max)),
        handshake_timeout: time("handshake_timeout", default.handshake_timeout),
        head_timeout: time("head_timeout", default.head_timeout),
        head_max: section.size("head_max", 8192..=1_048_576).unwrap_or(default.head_max),
        headers_max: section.size("headers_max", 16..=1000).unwrap_or(default.headers_max),
        body_timeout: time("body_timeout", default.body_timeout),
        own_body_max: section.size("own_body_max", 1024..=67_108_864).unwrap_or(default.own_body_max),
        write_timeout: time("write_timeout", default.write_timeout),
        keep_alive_timeout: time("keep_alive_timeout", default.keep_alive_timeout),
        drain_timeout: section.seconds("drain_timeout", 0..=HOUR).unwrap_or(default.drain_timeout),
    }
}

fn attempts(section: &Section<'_, '_>) -> AttemptPolicy {
    let default = AttemptPolicy::default();
    let count = |key, otherwise: u32| {
        section
            .integer(key, 1..=COUNT_MAX)
            .map_or(otherwise, |found| u32::try_from(found.value).unwrap_or(u32::MAX))
    };
    let policy = AttemptPolicy {
        free_max: count("failures_free", default.free_max),
        steps: waits(section).unwrap_or(default.steps),
        day_max: count("failures_per_day", default.day_max),
        address_minute_max: count("failures_per_address_minute", default.address_minute_max),
    };
    if policy.day_max < policy.free_max {
        section.problem("failures_per_day", "must not be below `failures_free`");
    }
    policy
}

fn waits(section: &Section<'_, '_>) -> Option<Vec<SignedDuration>> {
    let waits = section.integers("failure_waits", &(1..=HOUR))?;
    if waits.is_empty() || waits.len() > WAITS_MAX {
        section.problem("failure_waits", format!("must list 1 to {WAITS_MAX} waits in seconds"));
    }
    if waits.windows(2).any(|pair| pair[0] > pair[1]) {
        section.problem("failure_waits", "each wait must be at least as long as the one before");
    }
    Some(
        waits
            .into_iter()
            .map(|wait| SignedDuration::from_secs(i64::try_from(wait).unwrap_or(i64::MAX)))
            .collect(),
    )
}
