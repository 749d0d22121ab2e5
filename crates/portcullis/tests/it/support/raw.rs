//! Bytes as an attacker would send them: nothing is put right on the way, and everything that comes back is
//! kept.

use std::io::{BufReader, ErrorKind, Write};
use std::net::SocketAddr;
use std::time::Duration;

use super::http::{Response, connect};

/// How long the first answer may take.
const FIRST: Duration = Duration::from_secs(20);
/// How long nothing must come before the server counts as quiet.
const QUIET: Duration = Duration::from_millis(600);

/// What came back.
#[derive(Debug, Default)]
pub struct Talk {
    /// Every answer, in order.
    pub answers: Vec<Response>,
    /// Whether the server closed the connection.
    pub is_closed: bool,
    /// Whether something came that is no HTTP.
    pub is_garbled: bool,
}

impl Talk {
    /// The statuses, in order.
    pub fn statuses(&self) -> Vec<u16> {
        self.answers.iter().map(|answer| answer.status).collect()
    }

    /// The first status; 0 if the connection was closed without one.
    pub fn status(&self) -> u16 {
        self.answers.first().map_or(0, |answer| answer.status)
    }
}

/// Sends these bytes on one connection and reads what comes until the server closes it or is quiet.
pub fn talk(address: SocketAddr, bytes: &[u8]) -> Talk {
    talk_within(address, bytes, FIRST)
}

/// The same, giving up on the first answer after that long: for requests that have no end.
pub fn talk_within(address: SocketAddr, bytes: &[u8], first: Duration) -> Talk {
    let mut stream = connect(address).unwrap();
    stream.set_read_timeout(Some(first)).unwrap();
    // A server may refuse before it has read everything: then writing fails, and reading does not.
    let _ = stream.write_all(bytes);
    let mut reader = BufReader::new(&stream);
    let mut talk = Talk::default();
    loop {
        match Response::read(&mut reader, "GET") {
            Ok(answer) => talk.answers.push(answer),
            Err(error) => {
                talk.is_closed = matches!(
                    error.kind(),
                    ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
                );
                talk.is_garbled =
                    !talk.is_closed && !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
                return talk;
            }
        }
        stream.set_read_timeout(Some(QUIET)).unwrap();
    }
}

/// Runs this for every item at once, a thread each, and keeps the order.
pub fn all_at_once<T: Sync, R: Send>(items: &[T], job: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
    std::thread::scope(|scope| {
        let job = &job;
        let threads: Vec<_> =
            items.iter().enumerate().map(|(index, item)| scope.spawn(move || job(index, item))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Numbers that look random and are the same in every run.
pub struct Dice(u64);

impl Dice {
    /// Dice that begin here.
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below this one.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % limit
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}
