//! A service to stand behind the gateway: it keeps every request byte by byte and plays the answers that a
//! test wrote.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// One request as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// The method.
    pub method: String,
    /// The target, as it stood in the request line.
    pub target: String,
    /// Every header field, in the order received.
    pub headers: Vec<(String, String)>,
    /// The body, with its framing taken off.
    pub body: Vec<u8>,
}

impl Received {
    /// All values of the header fields of this name.
    pub fn header_all(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(it, _)| it.eq_ignore_ascii_case(name))
            .map(|(_, value)| &**value)
            .collect()
    }

    /// The first value of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header_all(name).first().copied()
    }
}

/// What the upstream answers: these bytes, and then it may close.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether the connection is closed behind them.
    pub closes: bool,
}

impl Answer {
    /// An ordinary answer of this status with a short text.
    pub fn status(status: u16, body: &str) -> Self {
        Self::raw(format!(
            "HTTP/1.1 {status} Scripted\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Exactly these bytes.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), closes: false }
    }

    /// The same, with the connection closed behind it.
    pub fn then_close(mut self) -> Self {
        self.closes = true;
        self
    }
}

type Script = Arc<dyn Fn(&Received) -> Answer + Send + Sync>;

/// A running upstream. It ends with the test's process.
#[derive(Clone)]
pub struct Upstream {
    /// Where it listens.
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Upstream {
    /// Starts one that answers 200 to everything.
    pub fn start() -> Self {
        Self::scripted(|_| Answer::status(200, "upstream"))
    }

    /// Starts one that answers as the script says.
    pub fn scripted(script: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let script: Script = Arc::new(script);
        let kept = Arc::clone(&received);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, kept) = (Arc::clone(&script), Arc::clone(&kept));
                std::thread::spawn(move || serve(&stream, &script, &kept));
            }
        });
        Self { address, received }
    }

    /// Its address as a configuration names it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The last request.
    ///
    /// # Panics
    /// If there was none.
    pub fn last(&self) -> Received {
        self.received.lock().unwrap().last().expect("the upstream received nothing").clone()
    }
}

fn serve(stream: &TcpStream, script: &Script, kept: &Mutex<Vec<Received>>) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read_request(&mut reader, stream) {
        kept.lock().unwrap().push(request.clone());
        let answer = script(&request);
        let mut writer = stream;
        if writer.write_all(&answer.bytes).is_err() || answer.closes {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn read_request(reader: &mut BufReader<&TcpStream>, mut writer: &TcpStream) -> Option<Received> {
    let line = read_line(reader)?;
    let mut words = line.split(' ');
    let mut request = Received {
        method: words.next()?.to_owned(),
        target: words.next()?.to_owned(),
        ..Received::default()
    };
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        request.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    if request.header("expect").is_some() {
        writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    if request.header("transfer-encoding").is_some() {
        loop {
            let size = usize::from_str_radix(&read_line(reader)?, 16).ok()?;
            let mut chunk = vec![0; size];
            reader.read_exact(&mut chunk).ok()?;
            read_line(reader)?;
            if size == 0 {
                break;
            }
            request.body.append(&mut chunk);
        }
    } else if let Some(length) = request.header("content-length").and_then(|it| it.parse().ok()) {
        request.body = vec![0; length];
        reader.read_exact(&mut request.body).ok()?;
    }
    Some(request)
}

fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    if reader.read_until(b'\n', &mut line).ok()? == 0 {
        return None;
    }
    Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
}
