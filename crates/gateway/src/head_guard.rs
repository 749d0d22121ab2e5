//! Looks at HTTP/1 requests before the parser does, and spoils those that could be read in two ways.
//!
//! The parser that we use follows RFC 9112, but forgives what another may read otherwise, and hides it from
//! us: both a length and a transfer encoding, a fragment in the target, bare line feeds, folded lines. This
//! module follows the framing of a connection and answers one question: may these bytes go on? If not, a
//! byte that no parser takes goes on in their place; the parser then answers 400, in its turn, and closes.
//! Nothing is ever let through that the parser would not read itself.

#[cfg(test)]
mod tests;

/// A byte that ends every parser's patience.
const POISON: u8 = 0;

/// Follows the framing of one connection.
#[derive(Debug, Default)]
pub struct HeadGuard {
    state: State,
}

#[derive(Debug, Default)]
enum State {
    /// Before the first byte of a request.
    #[default]
    Between,
    /// Inside a head; what there is of the line, and what the lines before said.
    Head(Head),
    /// Inside a body, with so many bytes left.
    Sized(u64),
    /// Inside a chunked body.
    Chunked(Chunked),
    /// No longer HTTP.
    Blind,
    /// Nothing may go on any more.
    Spoiled,
}

#[derive(Debug, Default)]
struct Head {
    line: Vec<u8>,
    lines: usize,
    length: Option<u64>,
    lengths: usize,
    encodings: usize,
    is_upgrade: bool,
}

#[derive(Debug)]
enum Chunked {
    /// Inside a line with a chunk's size.
    Size(Vec<u8>),
    /// Inside a chunk, with so many bytes left, its line end included.
    Data(u64),
    /// Inside the trailers, with so many bytes in the current line.
    Trailer(Vec<u8>),
}

/// Longest line with a chunk's size, its extensions included.
const CHUNK_LINE_MAX: usize = 256;
/// Longest line of a head that is kept here; the parser has the real limit.
const LINE_MAX: usize = 1024 * 1024;

/// The request is to be spoiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spoil;

impl HeadGuard {
    /// Looks at the next bytes of the connection and spoils what may not go on: from the beginning of the head
    /// or chunk line that is wrong, so that complete requests and bodies before it stay as they are. After
    /// that nothing goes on any more.
    pub fn filter(&mut self, bytes: &mut [u8]) {
        let length = bytes.len();
        let mut rest = &*bytes;
        let mut fine = 0;
        let mut is_spoiled = false;
        while !rest.is_empty() {
            let Ok(left) = self.step(rest) else {
                self.state = State::Spoiled;
                is_spoiled = true;
                break;
            };
            rest = left;
            if self.state.is_at_beginning() {
                fine = length - rest.len();
            }
        }
        if is_spoiled {
            bytes[fine..].fill(POISON);
        }
    }

    /// Whether a head has begun and not ended.
    pub fn is_in_head(&self) -> bool {
        matches!(self.state, State::Head(_) | State::Spoiled)
    }

    fn step<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Spoil> {
        match &mut self.state {
            State::Blind => Ok(&[]),
            State::Spoiled => Err(Spoil),
            State::Between => {
                // RFC 9112 section 2.2: empty lines before a request line are skipped, as the parser does.
                let skipped = bytes.iter().take_while(|it| matches!(it, b'\r' | b'\n')).count();
                let rest = &bytes[skipped..];
                if !rest.is_empty() {
                    self.state = State::Head(Head::default());
                }
                Ok(rest)
            }
            State::Head(head) => {
                if head.line.is_empty()
                    && let Some(end) = bytes.iter().position(|it| *it == b'\n')
                {
                    // The usual case: the whole line is here, and nothing needs to be kept.
                    let line = whole_line(&bytes[..end], LINE_MAX)?;
                    if line.is_empty() {
                        self.state = head.end()?;
                    } else {
                        head.take(line)?;
                    }
                    return Ok(&bytes[end + 1..]);
                }
                let (is_line, rest) = take_line(&mut head.line, bytes, LINE_MAX)?;
                if is_line {
                    let line = std::mem::take(&mut head.line);
                    if line.is_empty() {
                        self.state = head.end()?;
                    } else {
                        head.take(&line)?;
                        // The allocation serves the next line.
                        head.line = line;
                        head.line.clear();
                    }
                }
                Ok(rest)
            }
            State::Sized(left) => {
                let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= count as u64;
                if *left == 0 {
                    self.state = State::Between;
                }
                Ok(&bytes[count..])
            }
            State::Chunked(chunked) => {
                let (next, rest) = chunked.step(bytes)?;
                if let Some(next) = next {
                    self.state = next;
                }
                Ok(rest)
            }
        }
    }
}

impl State {
    /// Whether everything so far means what it means, whatever comes.
    fn is_at_beginning(&self) -> bool {
        match self {
            Self::Between | Self::Sized(_) | Self::Chunked(Chunked::Data(_)) | Self::Blind => true,
            Self::Head(head) => head.lines == 0 && head.line.is_empty(),
            Self::Chunked(Chunked::Size(line)) => line.is_empty(),
            Self::Chunked(Chunked::Trailer(_)) | Self::Spoiled => false,
        }
    }
}

/// Adds bytes to a line up to its end; whether the end is there, and what comes after it.
fn take_line<'a>(line: &mut Vec<u8>, bytes: &'a [u8], length_max: usize) -> Result<(bool, &'a [u8]), Spoil> {
    let Some(end) = bytes.iter().position(|it| *it == b'\n') else {
        if line.len() + bytes.len() > length_max {
            return Err(Spoil);
        }
        line.extend_from_slice(bytes);
        return Ok((false, &[]));
    };
    line.extend_from_slice(&bytes[..end]);
    let length = whole_line(line, length_max)?.len();
    line.truncate(length);
    Ok((true, &bytes[end + 1..]))
}

/// A line up to its line feed, without its end. A line feed without a carriage return ends a line for some
/// and not for others.
fn whole_line(bytes: &[u8], length_max: usize) -> Result<&[u8], Spoil> {
    match bytes.split_last() {
        Some((b'\r', line)) if !line.contains(&b'\r') && line.len() <= length_max => Ok(line),
        _ => Err(Spoil),
    }
}

impl Head {
    fn take(&mut self, line: &[u8]) -> Result<(), Spoil> {
        self.lines += 1;
        if self.lines == 1 {
            return check_request_line(line);
        }
        let colon = line.iter().position(|it| *it == b':').ok_or(Spoil)?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        // A space before the colon, or at the beginning of the line: folding, which RFC 9112 section 5.2
        // tells us to refuse.
        if name.is_empty() || name.iter().any(u8::is_ascii_whitespace) {
            return Err(Spoil);
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            self.lengths += 1;
            self.length = Some(decimal(value).ok_or(Spoil)?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.encodings += 1;
            if !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Spoil);
            }
        } else if name.eq_ignore_ascii_case(b"upgrade") {
            self.is_upgrade = true;
        }
        Ok(())
    }

    fn end(&self) -> Result<State, Spoil> {
        match (self.encodings, self.lengths) {
            // Bytes behind an upgrade belong to the new protocol if it is agreed to; if not, the pipeline
            // closes the connection, and nothing is read from it any more.
            (0, 0) if self.is_upgrade => Ok(State::Blind),
            (0, 0) => Ok(State::Between),
            (0, 1) => Ok(match self.length {
                Some(0) | None => State::Between,
                Some(length) => State::Sized(length),
            }),
            (1, 0) => Ok(State::Chunked(Chunked::Size(Vec::new()))),
            _ => Err(Spoil),
        }
    }
}

/// Exactly two spaces, a target without fragment, a version.
fn check_request_line(line: &[u8]) -> Result<(), Spoil> {
    let mut parts = line.split(|it| *it == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Spoil);
    };
    let is_fine = !method.is_empty()
        && !target.is_empty()
        && !target.contains(&b'#')
        && !target.contains(&b'\t')
        && matches!(version, b"HTTP/1.1" | b"HTTP/1.0");
    if is_fine { Ok(()) } else { Err(Spoil) }
}

fn decimal(text: &[u8]) -> Option<u64> {
    let is_number = !text.is_empty() && text.len() <= 19 && text.iter().all(u8::is_ascii_digit);
    is_number.then(|| text.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
}

impl Chunked {
    fn step<'a>(&mut self, bytes: &'a [u8]) -> Result<(Option<State>, &'a [u8]), Spoil> {
        match self {
            Self::Size(line) => {
                let (is_line, rest) = take_line(line, bytes, CHUNK_LINE_MAX)?;
                if !is_line {
                    return Ok((None, rest));
                }
                let next = match chunk_size(line)? {
                    0 => Self::Trailer(Vec::new()),
                    size => Self::Data(size + 2),
                };
                Ok((Some(State::Chunked(next)), rest))
            }
            Self::Data(left) => {
                let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= count as u64;
                let next = (*left == 0).then(|| State::Chunked(Self::Size(Vec::new())));
                Ok((next, &bytes[count..]))
            }
            Self::Trailer(line) => {
                let (is_line, rest) = take_line(line, bytes, LINE_MAX)?;
                if !is_line {
                    return Ok((None, rest));
                }
                let is_last = line.is_empty();
                line.clear();
                Ok((is_last.then_some(State::Between), rest))
            }
        }
    }
}

/// The size at the beginning of a chunk: hexadecimal digits, then perhaps an extension.
fn chunk_size(line: &[u8]) -> Result<u64, Spoil> {
    let digits = line.split(|it| *it == b';').next().unwrap_or_default();
    if digits.is_empty() || digits.len() > 15 {
        return Err(Spoil);
    }
    digits.iter().try_fold(0_u64, |sum, digit| {
        let value = char::from(*digit).to_digit(16).ok_or(Spoil)?;
        Ok(sum << 4 | u64::from(value))
    })
}
