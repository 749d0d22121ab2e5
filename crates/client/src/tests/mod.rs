//! Tests against servers of a few lines on loopback ports.

mod agent;
mod base;
mod caller;
mod doctor;
mod rotation;
#[cfg(unix)]
mod saved;
mod stub;
mod tls;
mod transport;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dialects::{Holding, Login};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use identity::port::Clock;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::Transport;

/// A server that answers each request as a function has it, and remembers what it was asked.
#[derive(Clone)]
struct Server {
    base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// The function is given the whole request as text, and gives the whole answer.
    async fn start(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, noted) = (Arc::new(answer), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, noted) = (Arc::clone(&answer), Arc::clone(&noted));
                tokio::spawn(async move {
                    let Some(request) = request(&mut stream).await else { return };
                    noted.lock().unwrap().push(request.clone());
                    let _ = stream.write_all(answer(&request).as_bytes()).await;
                });
            }
        });
        Self { base, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// One request as text, its body included; none if the connection ends before.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = stream.read(&mut buffer).await.ok().filter(|it| *it > 0)?;
        text.push_str(&String::from_utf8_lossy(&buffer[..count]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_ascii_lowercase();
        let length: usize =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        let is_chunked = head.contains("transfer-encoding: chunked");
        if if is_chunked { body.ends_with("0\r\n\r\n") } else { body.len() >= length } {
            return Some(text);
        }
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
}

fn transport() -> Transport {
    Transport::new(None, true, Duration::from_secs(20)).unwrap()
}

/// A bearer token won at a base, with another to renew it by.
fn holding(base: &str, token: &str, renewal: Option<&str>) -> Holding {
    let login = Login::new(base, "ann", Secret::new("unused"), now());
    let mut holding = Holding::new(&login, Proof::Bearer(Secret::new(token)));
    holding.renewal = renewal.map(Secret::new);
    holding
}

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// It is always noon.
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        now()
    }
}

/// A folder of one test, away when it is dropped.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("portcullis-client-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
