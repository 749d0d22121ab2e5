//! The program's own log: to standard error, as text or JSON. The audit log is another thing.

use std::io;
use std::sync::OnceLock;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry, fmt};

use crate::config::{Format, Level, Log};

/// Our own crates; everybody else's lines are shown from `warn` on, whatever the level: they would print
/// headers, and with them secrets.
const OWN: [&str; 6] = ["portcullis", "gateway", "client", "dialects", "store", "identity"];

/// The targets of access lines, which have a switch of their own.
const ACCESS: [&str; 2] = ["access", "gateway::access_log"];

static FILTER: OnceLock<reload::Handle<Targets, Registry>> = OnceLock::new();

/// Begins to log. Panics are logged too, and end only the task in which they happen.
pub fn start(log: &Log) {
    let (filter, handle) = reload::Layer::new(targets(log));
    let layer = match log.format {
        Format::Json => fmt::layer().json().flatten_event(true).with_writer(io::stderr).boxed(),
        Format::Text => fmt::layer().with_ansi(false).with_writer(io::stderr).boxed(),
    };
    // A second start in one process keeps the first log.
    if tracing_subscriber::registry().with(layer.with_filter(filter)).try_init().is_ok() {
        let _ = FILTER.set(handle);
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let message = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("a panic without message");
        tracing::error!(place, message, "a task has panicked");
    }));
}

/// Changes the level of a log that has begun. Its form stays.
pub fn change(log: &Log) {
    if let Some(filter) = FILTER.get() {
        let _ = filter.modify(|filter| *filter = targets(log));
    }
}

fn targets(log: &Log) -> Targets {
    let level = match log.level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    let access = if log.access { LevelFilter::INFO } else { LevelFilter::OFF };
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_targets(OWN.map(|target| (target, level)))
        .with_targets(ACCESS.map(|target| (target, access)))
}
