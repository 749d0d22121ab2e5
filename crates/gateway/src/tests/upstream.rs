//! A service made of bytes: it records what reaches it and answers what the test says.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What to do with a request.
#[derive(Clone)]
pub enum Reply {
    /// Send these bytes and keep the connection.
    Bytes(Vec<u8>),
    /// Send these bytes and close.
    Last(Vec<u8>),
    /// Say nothing.
    Hang,
    /// Send these bytes, then say nothing.
    Stall(Vec<u8>),
    /// Close without a word.
    Close,
    /// Send these bytes, then send back whatever comes.
    Loop(Vec<u8>),
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub head: String,
    pub body: Vec<u8>,
    /// The number of the connection.
    pub connection: usize,
}

impl Seen {
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// All values of a header.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .filter(|(it, _)| it.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .collect()
    }

    /// The value of a header that occurs once.
    pub fn one(&self, name: &str) -> &str {
        let all = self.all(name);
        assert_eq!(all.len(), 1, "{name} in {}", self.head);
        all[0]
    }
}

pub struct Upstream {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

type Script = Arc<dyn Fn(&Seen, usize) -> Reply + Send + Sync>;

impl Upstream {
    /// Starts one that answers every request with 200 and `ok`.
    pub async fn ok() -> Self {
        Self::start(|_, _| Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec())).await
    }

    /// Starts one that answers with the same bytes always.
    pub async fn fixed(bytes: &str) -> Self {
        let bytes = bytes.as_bytes().to_vec();
        Self::start(move |_, _| Reply::Bytes(bytes.clone())).await
    }

    /// Starts one; the script is given each request and how many came before it.
    pub async fn start(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (record, script): (_, Script) = (Arc::clone(&seen), Arc::new(script));
        tokio::spawn(async move {
            let mut connection = 0;
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, connection, Arc::clone(&record), Arc::clone(&script)));
                connection += 1;
            }
        });
        Self { address, seen }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request so far.
    pub fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.into_iter().next().unwrap()
    }
}

async fn talk(mut stream: TcpStream, connection: usize, record: Arc<Mutex<Vec<Seen>>>, script: Script) {
    let mut buffer = Vec::new();
    while let Some(seen) = read(&mut stream, &mut buffer, connection).await {
        let before = {
            let mut all = record.lock().unwrap();
            all.push(seen.clone());
            all.len() - 1
        };
        match script(&seen, before) {
            Reply::Bytes(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Reply::Last(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Reply::Close => return,
            Reply::Hang => std::future::pending::<()>().await,
            Reply::Stall(bytes) => {
                let _ = stream.write_all(&bytes).await;
                std::future::pending::<()>().await;
            }
            Reply::Loop(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
                return;
            }
        }
    }
}

async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>, connection: usize) -> Option<Seen> {
    let end = fill(stream, buffer, b"\r\n\r\n").await?;
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    buffer.drain(..end);
    let mut seen = Seen { head, body: Vec::new(), connection };
    if seen.all("transfer-encoding").is_empty() {
        let length = seen.all("content-length").first().map_or(0, |it| it.parse().unwrap());
        while buffer.len() < length {
            if stream.read_buf(buffer).await.ok()? == 0 {
                return None;
            }
        }
        seen.body = buffer.drain(..length).collect();
    } else {
        let end = fill(stream, buffer, b"0\r\n\r\n").await?;
        seen.body = buffer.drain(..end).collect();
    }
    Some(seen)
}

async fn fill(stream: &mut TcpStream, buffer: &mut Vec<u8>, until: &[u8]) -> Option<usize> {
    loop {
        if let Some(at) = buffer.windows(until.len()).position(|it| it == until) {
            return Some(at + until.len());
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}
