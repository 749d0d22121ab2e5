//! The command's end of the control socket.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::server::Reachable;
use super::{RESPONSE_MAX, Request, Response};

/// How much longer than the server may take a command waits for it.
const ANSWER_DELAY: Duration = Duration::from_secs(5);

/// What asking brought.
#[derive(Debug)]
pub enum Asked {
    /// The server's answer.
    Answer(Box<Response>),
    /// No server listens on the socket.
    NoServer,
}

/// Asks the running server. An error means that there is one, but that it did not answer.
pub fn ask(folder: &Path, request: &Request) -> io::Result<Asked> {
    let reachable = Reachable::new(folder)?;
    let mut stream = match UnixStream::connect(reachable.path()) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(Asked::NoServer);
        }
        Err(error) => return Err(error),
    };
    let most = request.timeout() + ANSWER_DELAY;
    stream.set_read_timeout(Some(most))?;
    stream.set_write_timeout(Some(most))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = Vec::new();
    BufReader::new(stream).take(RESPONSE_MAX).read_until(b'\n', &mut answer)?;
    if answer.last() != Some(&b'\n') {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the answer is incomplete"));
    }
    Ok(Asked::Answer(Box::new(serde_json::from_slice(&answer)?)))
}

/// Whether a server listens in this data directory.
pub fn is_served(folder: &Path) -> bool {
    Reachable::new(folder).and_then(|reachable| UnixStream::connect(reachable.path())).is_ok()
}
