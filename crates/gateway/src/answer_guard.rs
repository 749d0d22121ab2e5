//! Counts the interim answers of a service (RFC 9110 section 15.2) and ends a connection that sends too many
//! of them: the HTTP library would read them for as long as they come, and nothing else on its thread would
//! be done meanwhile.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::limits::write_together;

#[cfg(test)]
mod tests;

/// Interim answers before the final one.
const INTERIM_MAX: u32 = 32;
/// Bytes of a status line up to its code: `HTTP/1.1 100`.
const STATUS_LENGTH: usize = 12;

/// A connection to a service.
#[derive(Debug)]
pub struct Guarded<S> {
    io: S,
    state: State,
    count: u32,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Behind the head of a final answer, or before a request.
    Blind,
    /// Inside the head of an answer.
    Head {
        /// How its status line begins.
        status: [u8; STATUS_LENGTH],
        /// Bytes of that which are known.
        known: usize,
        /// Bytes in the current line, without its end.
        line: usize,
    },
}

impl State {
    const HEAD: Self = Self::Head { status: [0; STATUS_LENGTH], known: 0, line: 0 };
}

impl<S> Guarded<S> {
    /// Guards a connection.
    pub fn new(io: S) -> Self {
        Self { io, state: State::Blind, count: 0 }
    }

    /// A request, or more of it, is on its way: the next head is that of an answer.
    fn has_written(&mut self) {
        if matches!(self.state, State::Blind) {
            self.state = State::HEAD;
            self.count = 0;
        }
    }

    /// Looks at what was read; whether it may go on.
    fn looks_fine(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            let State::Head { status, known, line } = &mut self.state else { return true };
            let is_line_end = matches!(byte, b'\r' | b'\n');
            if *known == 0 && is_line_end {
                // Parsers skip empty lines before a status line.
                continue;
            }
            if *known < STATUS_LENGTH {
                status[*known] = *byte;
                *known += 1;
                if *known == STATUS_LENGTH && !is_interim(status) {
                    self.state = State::Blind;
                    return true;
                }
            }
            if !is_line_end {
                *line += 1;
            } else if *byte == b'\n' {
                if *line > 0 {
                    *line = 0;
                    continue;
                }
                self.state = State::HEAD;
                self.count += 1;
                if self.count > INTERIM_MAX {
                    return false;
                }
            }
        }
        true
    }
}

/// Whether a status line is that of an answer which another one follows on the same connection.
fn is_interim(status: &[u8; STATUS_LENGTH]) -> bool {
    status.starts_with(b"HTTP/1.") && status[8] == b' ' && status[9] == b'1' && status[10..] != *b"01"
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(context, buffer))?;
        if self.looks_fine(&buffer.filled()[before..]) {
            return Poll::Ready(Ok(()));
        }
        Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "too many interim answers")))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.has_written();
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.has_written();
        write_together(Pin::new(&mut self.io), context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
