//! A small blocking HTTP/1.1 client: it sends exactly what it is told and reads exactly one answer, so that
//! a test sees every header in the order it came. It follows nothing, retries nothing and keeps no cookie.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::tls::{Rest, connect_tls};

/// How long a test waits for any one read or write before it fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// One request being put together.
#[derive(Clone, Debug)]
pub struct Request {
    address: SocketAddr,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The reason phrase behind it.
    pub reason: String,
    /// Every header field, in the order received.
    pub headers: Vec<(String, String)>,
    /// The body, with its framing taken off.
    pub body: Vec<u8>,
}

impl Request {
    /// A request to this address; `Host` is the address itself.
    pub fn new(address: SocketAddr, method: &str, target: &str) -> Self {
        Self {
            address,
            method: method.to_owned(),
            target: target.to_owned(),
            headers: vec![("Host".to_owned(), address.to_string())],
            body: Vec::new(),
        }
    }

    /// Adds a header field.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Replaces the `Host` field.
    pub fn host(mut self, host: &str) -> Self {
        self.headers[0].1 = host.to_owned();
        self
    }

    /// Shows a user name and a password.
    pub fn basic(self, username: &str, password: &str) -> Self {
        self.header("Authorization", basic(username, password))
    }

    /// Shows a token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    /// Carries a JSON body.
    pub fn json(self, value: &serde_json::Value) -> Self {
        self.body("application/json", value.to_string())
    }

    /// Carries a form, its values percent-encoded.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.body("application/x-www-form-urlencoded", pairs.join("&"))
    }

    /// Carries any body.
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", content_type)
    }

    /// Sends it on a connection of its own and reads the answer.
    ///
    /// # Panics
    /// If there is no answer.
    pub fn send(&self) -> Response {
        self.try_send().unwrap_or_else(|error| panic!("{} {}: {error}", self.method, self.target))
    }

    /// Sends it on a connection of its own and reads the answer, if there is one.
    pub fn try_send(&self) -> io::Result<Response> {
        let mut stream = connect(self.address)?;
        // A server may answer and close before it has read a body that it refuses: read what it said.
        let sent = stream.write_all(&self.bytes());
        match Response::read(&mut BufReader::new(&stream), &self.method) {
            Ok(response) => Ok(response),
            Err(error) => Err(sent.err().unwrap_or(error)),
        }
    }

    /// Sends it on an encrypted connection of its own and reads the answer.
    ///
    /// # Panics
    /// If there is no answer.
    pub fn send_encrypted(&self) -> Response {
        let answer = self.try_send_encrypted();
        answer.unwrap_or_else(|error| panic!("{} {}: {error}", self.method, self.target))
    }

    /// Sends it on an encrypted connection of its own and reads the answer, if there is one.
    pub fn try_send_encrypted(&self) -> io::Result<Response> {
        let mut stream = connect_tls(self.address, "http/1.1")?;
        if stream.write_all(&self.bytes()).is_ok() {
            Response::read(&mut BufReader::new(stream), &self.method)
        } else {
            // A server may answer and close before it has read a body that it refuses: read what it said.
            Response::read(&mut BufReader::new(Rest(stream)), &self.method)
        }
    }

    /// The bytes on the wire.
    pub fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if !self.body.is_empty() || matches!(&*self.method, "POST" | "PUT" | "PATCH") {
            head.extend(["Content-Length: ", &self.body.len().to_string(), "\r\n"]);
        }
        head.push_str("Connection: close\r\n\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

impl Response {
    /// Reads one final answer to a request of this method; interim answers are skipped.
    pub fn read(reader: &mut impl BufRead, method: &str) -> io::Result<Self> {
        loop {
            let response = Self::read_any(reader, method)?;
            if response.status >= 200 || response.status == 101 {
                return Ok(response);
            }
        }
    }

    fn read_any(reader: &mut impl BufRead, method: &str) -> io::Result<Self> {
        let line = read_line(reader)?;
        let mut words = line.splitn(3, ' ').skip(1);
        let status = words.next().and_then(|code| code.parse().ok());
        let reason = words.next().unwrap_or_default().to_owned();
        let status = status.ok_or_else(|| io::Error::other(format!("no status line: {line:?}")))?;
        let mut headers = Vec::new();
        loop {
            let line = read_line(reader)?;
            if line.is_empty() {
                break;
            }
            let (name, value) =
                line.split_once(':').ok_or_else(|| io::Error::other(format!("no header: {line:?}")))?;
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let mut response = Self { status, reason, headers, body: Vec::new() };
        if method != "HEAD" && status >= 200 && status != 204 && status != 304 {
            response.read_body(reader)?;
        }
        Ok(response)
    }

    fn read_body(&mut self, reader: &mut impl BufRead) -> io::Result<()> {
        if self.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            loop {
                let line = read_line(reader)?;
                let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
                let mut chunk = vec![0; size];
                reader.read_exact(&mut chunk)?;
                read_line(reader)?;
                if size == 0 {
                    return Ok(());
                }
                self.body.append(&mut chunk);
            }
        }
        match self.header("content-length").map(str::parse::<usize>) {
            Some(Ok(length)) => {
                self.body = vec![0; length];
                reader.read_exact(&mut self.body)
            }
            Some(Err(error)) => Err(io::Error::other(error)),
            None => reader.read_to_end(&mut self.body).map(|_| ()),
        }
    }

    /// The first header field of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// All header fields of this name.
    pub fn header_all(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(it, _)| it.eq_ignore_ascii_case(name))
            .map(|(_, value)| &**value)
            .collect()
    }

    /// The `Set-Cookie` line of this cookie.
    pub fn set_cookie(&self, name: &str) -> Option<&str> {
        self.header_all("set-cookie")
            .into_iter()
            .find(|line| line.split_once('=').is_some_and(|(it, _)| it == name))
    }

    /// The value that this cookie is set to.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let line = self.set_cookie(name)?;
        Some(line.split(';').next()?.split_once('=')?.1)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in the body of a {}: {}", self.status, self.text()))
    }

    /// Itself, if its status is this one.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:#?}\n{}", self.headers, self.text());
        self
    }
}

/// A connection on which every wait has a limit.
pub fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Sends these bytes and returns all that comes back until the other side closes or says nothing for a while.
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

/// The value of an `Authorization` field with a name and a password.
pub fn basic(username: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{username}:{password}")))
}

/// A value as forms and queries carry it.
pub fn encode(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.extend(["%", &format!("{byte:02X}")]);
        }
    }
    text
}

fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    if reader.read_until(b'\n', &mut line)? == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection was closed"));
    }
    while line.last().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
        line.pop();
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}
