//! The audit log: one JSON line for each event, written by a thread of its own. Requests never wait for
//! it; what finds the queue full is counted, and the count is logged.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use identity::model::audit::{Event, EventKind};
use identity::port::AuditLog;
use serde_json::{Map, Value};

/// Events that may wait for the disk.
const QUEUE_MAX: usize = 16_384;
/// Longest text of one field, in characters. Clients choose some of them.
const FIELD_MAX: usize = 1024;
/// How long the end of the program waits for the last lines.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To this file, made with mode 0600.
    File(PathBuf),
    /// To standard output.
    Stdout,
}

/// The queue in front of the writing thread.
pub struct AuditWriter {
    queue: SyncSender<Order>,
    dropped: Arc<AtomicU64>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Order {
    Write(Box<Event>),
    Reopen(Target),
    Stop,
}

impl AuditWriter {
    /// Opens the target and starts the thread.
    pub fn start(target: Target) -> anyhow::Result<Arc<Self>> {
        let sink = open(&target)?;
        let (queue, orders) = sync_channel(QUEUE_MAX);
        let dropped = Arc::new(AtomicU64::new(0));
        let worker = Worker { sink, target, dropped: Arc::clone(&dropped), is_broken: false };
        let thread = thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || worker.run(&orders))
            .context("cannot start the audit log's thread")?;
        Ok(Arc::new(Self { queue, dropped, thread: Mutex::new(Some(thread)) }))
    }

    /// Opens the target anew: after the file was moved away, or when the configuration names another.
    pub fn reopen(&self, target: Target) {
        if self.queue.try_send(Order::Reopen(target)).is_err() {
            tracing::warn!("the audit log is too busy to be reopened; try again");
        }
    }

    /// Events that were lost since the start.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Writes what still waits, for some seconds at most.
    pub fn stop(&self) {
        let deadline = Instant::now() + STOP_TIMEOUT;
        let mut order = Order::Stop;
        while let Err(TrySendError::Full(back)) = self.queue.try_send(order) {
            if Instant::now() > deadline {
                return;
            }
            order = back;
            thread::sleep(Duration::from_millis(5));
        }
        let handle = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if self.dropped() > 0 {
            tracing::warn!(dropped = self.dropped(), "audit events were lost while the program ran");
        }
        if let Some(handle) = handle {
            while !handle.is_finished() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

impl AuditLog for AuditWriter {
    fn record(&self, event: &Event) {
        if self.queue.try_send(Order::Write(Box::new(event.clone()))).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

struct Worker {
    sink: Box<dyn Write + Send>,
    target: Target,
    dropped: Arc<AtomicU64>,
    is_broken: bool,
}

impl Worker {
    fn run(mut self, orders: &Receiver<Order>) {
        let mut reported = 0;
        loop {
            match orders.recv_timeout(Duration::from_secs(1)) {
                Ok(Order::Write(event)) => self.write(&line(&event)),
                Ok(Order::Reopen(target)) => self.reopen(target),
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let dropped = self.dropped.load(Ordering::Relaxed);
            if dropped > reported && !self.is_broken {
                tracing::error!(dropped, "audit events were lost since the start");
                reported = dropped;
            }
        }
    }

    fn write(&mut self, line: &str) {
        // One call for one line, so that lines of several writers do not mix.
        match self.sink.write_all(line.as_bytes()).and_then(|()| self.sink.flush()) {
            Ok(()) => self.is_broken = false,
            Err(error) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                if !self.is_broken {
                    tracing::error!(%error, "cannot write the audit log; requests go on, events are lost");
                }
                self.is_broken = true;
            }
        }
    }

    fn reopen(&mut self, target: Target) {
        match open(&target) {
            Ok(sink) => (self.sink, self.target) = (sink, target),
            Err(error) => {
                let kept = &self.target;
                tracing::error!(?kept, "cannot reopen the audit log: {error:#}");
            }
        }
    }
}

fn open(target: &Target) -> anyhow::Result<Box<dyn Write + Send>> {
    match target {
        Target::Stdout => Ok(Box::new(io::stdout())),
        Target::File(path) => Ok(Box::new(open_file(path)?)),
    }
}

fn open_file(path: &Path) -> anyhow::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot open the audit log {}", path.display()))
}

/// An event as one line with its line feed.
pub fn line(event: &Event) -> String {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("ts", format!("{:.6}", event.at).into());
    put("event", event.kind.as_str().into());
    if let Some((id, name)) = &event.user {
        put("user_id", id.0.into());
        put("user", bounded(name).into());
    }
    match event.kind {
        EventKind::TokenCreate(token)
        | EventKind::TokenUse(token)
        | EventKind::TokenUpdate(token)
        | EventKind::TokenRevoke(token) => put("token_id", token.0.into()),
        EventKind::SessionElsewhere(session)
        | EventKind::SessionEvict(session)
        | EventKind::SessionExpire(session) => {
            put("session_id", session.0.into());
        }
        EventKind::SignIn
        | EventKind::SignOut
        | EventKind::SignInFailure
        | EventKind::Lock
        | EventKind::Unlock
        | EventKind::PasswordChange
        | EventKind::SettingChange
        | EventKind::ObjectChange
        | EventKind::Grant
        | EventKind::Replay
        | EventKind::Refusal
        | EventKind::UpstreamChange => {}
    }
    put("door", event.door.into());
    put("address", bounded(&event.address).into());
    put("request_id", bounded(&event.request_id).into());
    put("detail", bounded(&event.detail).into());
    let mut line = escaped(&Value::Object(fields).to_string());
    line.push('\n');
    line
}

fn bounded(text: &str) -> String {
    match text.char_indices().nth(FIELD_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// JSON lets some characters through that other readers take for the end of a line or obey. They can stand
/// only inside of strings, where an escape means the same.
fn escaped(json: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(json.len());
    for it in json.chars() {
        let is_odd = matches!(it, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}')
            || matches!(it, '\u{2066}'..='\u{2069}' | '\u{feff}');
        if is_odd {
            let _ = write!(text, "\\u{:04x}", u32::from(it));
        } else {
            text.push(it);
        }
    }
    text
}

#[cfg(test)]
mod tests;
