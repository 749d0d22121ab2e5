//! The server's end of the control socket: a few connections at once, one request each, only from the user
//! that the server runs as or from root.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use identity::Authority;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{REQUEST_MAX, Request, Response, SOCKET, execute};
use crate::data_dir::own_uid;

/// Requests carried out at once.
const CONNECTIONS_MAX: usize = 8;
/// How long a request may take to arrive, and an answer to leave.
const TRANSFER_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest path of a socket that the system takes, with some room.
const PATH_MAX: usize = 100;

/// Listens for commands. Ends when dropped.
pub struct ControlServer {
    task: JoinHandle<()>,
    socket: PathBuf,
}

impl ControlServer {
    /// Begins to listen in a data directory that this process holds.
    pub fn start(folder: &Path, authority: Arc<Authority>) -> io::Result<Self> {
        let socket = folder.join(SOCKET);
        // What lies there is the socket of a server that was killed: nobody else holds the directory.
        match fs::remove_file(&socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let reachable = Reachable::new(folder)?;
        let listener = UnixListener::bind(reachable.path())?;
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o600))?;
        let task = tokio::spawn(listen(listener, authority));
        Ok(Self { task, socket })
    }
}

impl Drop for ControlServer {
    fn drop(&mut self) {
        self.task.abort();
        let _ = fs::remove_file(&self.socket);
    }
}

/// The socket under a path short enough for the system, however deep the data directory lies.
pub struct Reachable {
    path: PathBuf,
    _folder: Option<File>,
}

impl Reachable {
    /// The socket of this data directory.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let path = folder.join(SOCKET);
        if path.as_os_str().len() <= PATH_MAX {
            return Ok(Self { path, _folder: None });
        }
        let folder = File::open(folder)?;
        let path = PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd()));
        Ok(Self { path, _folder: Some(folder) })
    }

    /// Where to find it.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

async fn listen(listener: UnixListener, authority: Arc<Authority>) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, most likely: the shell can wait until some are free.
                tracing::warn!(%error, "cannot accept a command of the shell");
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        let authority = Arc::clone(&authority);
        tokio::spawn(async move {
            let _permit = permit;
            match serve(stream, &authority).await {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    tracing::warn!("a command of the shell took too long");
                }
                Err(error) => tracing::warn!(%error, "a command of the shell broke off"),
            }
        });
    }
}

async fn serve(stream: UnixStream, authority: &Authority) -> io::Result<()> {
    let peer = stream.peer_cred()?.uid();
    let (read, mut write) = stream.into_split();
    let response = if peer == 0 || own_uid().is_none_or(|own| own == peer) {
        let limit = u64::try_from(REQUEST_MAX).unwrap_or(u64::MAX);
        let mut line = Vec::new();
        timeout(TRANSFER_TIMEOUT, BufReader::new(read.take(limit)).read_until(b'\n', &mut line)).await??;
        if line.is_empty() {
            // Somebody only wanted to know whether a server is here.
            return Ok(());
        }
        answer(authority, &line).await?
    } else {
        Response::Refused { message: "only the user that the server runs as may command it".to_owned() }
    };
    let mut line = serde_json::to_vec(&response)?;
    line.push(b'\n');
    timeout(TRANSFER_TIMEOUT, write.write_all(&line)).await??;
    write.shutdown().await
}

async fn answer(authority: &Authority, line: &[u8]) -> io::Result<Response> {
    if line.last() != Some(&b'\n') {
        return Ok(Response::Failed {
            message: format!("a command must be one line of at most {REQUEST_MAX} bytes"),
        });
    }
    Ok(match serde_json::from_slice::<Request>(line) {
        Ok(request) => timeout(request.timeout(), execute(authority, request)).await?,
        Err(_) => Response::Failed {
            // The parser's own words could repeat a password.
            message: format!(
                "the running server (version {}) does not understand this command; restart it",
                env!("CARGO_PKG_VERSION")
            ),
        },
    })
}
