//! Accepts connections: never waits for a handshake, counts what it accepts, and holds back when the
//! operating system has nothing left.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use identity::{Fault, Origin};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::gateway::Scheme;
use crate::limits::{Counted, Watch};
use crate::server::{Connection, Thread, serve};

/// Connections that may wait to be accepted, per listener.
const BACKLOG: i32 = 4096;
/// How long to hold back when there are no more file descriptors or buffers.
const HOLD_BACK: Duration = Duration::from_millis(100);

/// Fails if somebody listens on this address already: sockets that share their port would let two gateways
/// take half of the connections each.
pub fn check_free(address: SocketAddr) -> Result<(), Fault> {
    StdListener::bind(address)
        .map(drop)
        .map_err(|cause| Fault::caused(Origin::Internal, format!("cannot listen on {address}"), cause))
}

/// A bound socket that shares its port with those of the other threads.
pub fn bind(address: SocketAddr) -> Result<StdListener, Fault> {
    let fault = |cause| Fault::caused(Origin::Internal, format!("cannot listen on {address}"), cause);
    let socket =
        Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP)).map_err(fault)?;
    if address.is_ipv6() {
        socket.set_only_v6(true).map_err(fault)?;
    }
    socket.set_reuse_address(true).map_err(fault)?;
    socket.set_reuse_port(true).map_err(fault)?;
    socket.set_nonblocking(true).map_err(fault)?;
    socket.bind(&address.into()).map_err(fault)?;
    socket.listen(BACKLOG).map_err(fault)?;
    Ok(socket.into())
}

/// Accepts until the gateway stops.
pub async fn accept(listener: TcpListener, scheme: Scheme, thread: Arc<Thread>) {
    let stop = thread.shared.stop.clone();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let live = thread.shared.live.load();
                let address = peer.ip().to_canonical();
                // Dropping the stream is the only answer that costs nothing.
                let Some(counted) = thread.shared.connections.enter(address, &live.limits) else { continue };
                thread.tasks.spawn(begin(stream, peer, counted, scheme, Arc::clone(&thread)));
            }
            Err(cause) if is_of_the_connection(&cause) => {}
            Err(cause) => {
                tracing::warn!("cannot accept: {cause}");
                tokio::time::sleep(HOLD_BACK).await;
            }
        }
    }
}

/// Whether only the connection is broken that was to be accepted.
fn is_of_the_connection(cause: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        cause.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}

async fn begin(stream: TcpStream, peer: SocketAddr, counted: Counted, scheme: Scheme, thread: Arc<Thread>) {
    let _ = stream.set_nodelay(true);
    let connection = |thread| {
        Arc::new(Connection {
            thread,
            peer,
            is_tls: scheme == Scheme::Https,
            watch: Watch::new(),
            counted: Arc::new(counted),
        })
    };
    match scheme {
        Scheme::Http => serve(stream, connection(thread), false).await,
        Scheme::Https => {
            let Some(config) = thread.shared.tls.current() else { return };
            let timeout = thread.shared.live.load().limits.handshake_timeout;
            let handshake = TlsAcceptor::from(config).accept(stream);
            match tokio::time::timeout(timeout, handshake).await {
                Ok(Ok(stream)) => {
                    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                    serve(stream, connection(thread), is_http2).await;
                }
                Ok(Err(cause)) => tracing::debug!(address = %peer.ip(), "no handshake: {cause}"),
                Err(_) => tracing::debug!(address = %peer.ip(), "no handshake in time"),
            }
        }
    }
}
